import { brokerConformance } from '@algo/testkit';
import { describe, test } from 'vitest';
import { DHAN } from './support/conformance.js';

brokerConformance({ describe, test }, DHAN);
