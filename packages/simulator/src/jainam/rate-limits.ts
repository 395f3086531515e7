import type { RateWindows } from '../rate-limits.js';
import type { JainamFamily } from './options.js';

const SECOND_MS = 1_000;

/** Per log-in. Jainam publishes no numbers: these are the ones that public adapters keep to (sheet of 2026-11-20). */
export const USUAL_LIMITS: RateWindows<JainamFamily> = {
  order: [{ calls: 10, perMs: SECOND_MS }],
  'order-book': [{ calls: 1, perMs: SECOND_MS }],
  trades: [{ calls: 1, perMs: SECOND_MS }],
  positions: [{ calls: 1, perMs: SECOND_MS }],
  quote: [{ calls: 1, perMs: SECOND_MS }],
  other: [],
};
