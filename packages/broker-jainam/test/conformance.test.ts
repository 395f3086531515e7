import { brokerConformance } from '@algo/testkit';
import { describe, test } from 'vitest';
import { JAINAM } from './support/conformance.js';

brokerConformance({ describe, test }, JAINAM);
