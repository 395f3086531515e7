import type { RateWindows } from '../rate-limits.js';
import type { KotakFamily } from './options.js';

const SECOND_MS = 1_000;

/** Per account, from Kotak's documents of 2026-08; the candle limit was measured by one user and is unsure. */
export const DOCUMENTED_LIMITS: RateWindows<KotakFamily> = {
  order: [{ calls: 10, perMs: SECOND_MS }],
  quote: [{ calls: 25, perMs: SECOND_MS }],
  candle: [{ calls: 5, perMs: SECOND_MS }],
  read: [],
};
