import type { AttemptState } from '../contract/order-journal.js';

/**
 * One try to get one command to one broker.
 *
 * ```
 * INTENT -claimed-> SUBMITTING -acknowledged-> ACKNOWLEDGED
 *    |                   |------rejected-----> REJECTED       the broker's own word
 *    |--proven-unsent--> |---proven-unsent---> NOT_SENT       proof, never a guess
 *                        |----lost-sight-----> AMBIGUOUS -found------> FOUND
 *                                                 |-------absent-----> ABSENT      (seen late after all: FOUND)
 *                                                 |-----unresolved---> UNRESOLVED  (surfaced; still looked for)
 * ```
 *
 * No arrow leads from "maybe sent" to "failed" by time alone.
 */
export type AttemptEvent =
  'claimed' | 'acknowledged' | 'rejected' | 'proven-unsent' | 'lost-sight' | 'found' | 'absent' | 'unresolved';

type Arrows = Readonly<Partial<Record<AttemptEvent, AttemptState>>>;

const NONE: Arrows = {};

const ARROWS: Readonly<Record<AttemptState, Arrows>> = {
  INTENT: { claimed: 'SUBMITTING', 'proven-unsent': 'NOT_SENT' },
  SUBMITTING: {
    acknowledged: 'ACKNOWLEDGED',
    rejected: 'REJECTED',
    'proven-unsent': 'NOT_SENT',
    'lost-sight': 'AMBIGUOUS',
  },
  AMBIGUOUS: { found: 'FOUND', absent: 'ABSENT', unresolved: 'UNRESOLVED' },
  UNRESOLVED: { found: 'FOUND', absent: 'ABSENT' },
  ABSENT: { found: 'FOUND' },
  ACKNOWLEDGED: NONE,
  REJECTED: NONE,
  NOT_SENT: NONE,
  FOUND: NONE,
};

/** Where the event leads; null when there is no such arrow, and then nothing may be written. */
export const nextAttemptState = (state: AttemptState, event: AttemptEvent): AttemptState | null =>
  ARROWS[state][event] ?? null;

/** States in which the order may be at the broker without our knowing. */
export const UNSETTLED: readonly AttemptState[] = ['SUBMITTING', 'AMBIGUOUS', 'UNRESOLVED'];
