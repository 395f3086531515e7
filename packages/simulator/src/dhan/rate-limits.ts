import { DAY_MS } from '../ist.js';
import type { RateWindows } from '../rate-limits.js';
import type { RateFamily } from './options.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Per account, from Dhan's documents of 2026-07-15. */
export const DOCUMENTED_LIMITS: RateWindows<RateFamily> = {
  order: [
    { calls: 10, perMs: SECOND_MS },
    { calls: 250, perMs: MINUTE_MS },
    { calls: 1_000, perMs: HOUR_MS },
    { calls: 7_000, perMs: DAY_MS },
  ],
  data: [
    { calls: 5, perMs: SECOND_MS },
    { calls: 100_000, perMs: DAY_MS },
  ],
  quote: [{ calls: 1, perMs: SECOND_MS }],
  'non-trading': [{ calls: 20, perMs: SECOND_MS }],
};
