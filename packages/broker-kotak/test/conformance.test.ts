import { brokerConformance } from '@algo/testkit';
import { describe, test } from 'vitest';
import { KOTAK } from './support/conformance.js';

brokerConformance({ describe, test }, KOTAK);
