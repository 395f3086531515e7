import { brokerConformance } from '@algo/testkit';
import { describe, test } from 'vitest';
import { ANGEL } from './support/conformance.js';

brokerConformance({ describe, test }, ANGEL);
