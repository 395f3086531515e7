import { isAlgoError } from '../errors/algo-error.js';
import type { AlgoErrorCode } from '../errors/codes.js';

/** The caller's own doing: no broker would answer otherwise. */
const OF_THE_CALLER: ReadonlySet<AlgoErrorCode> = new Set<AlgoErrorCode>([
  'ALGO_INVALID_INPUT',
  'ALGO_TOO_MANY',
  'ALGO_USER_STOPPED',
  'ALGO_CONNECTION_UNCLEAR',
]);

/** A broker that is there and does not give it. Another one may. */
const ANSWERS: ReadonlySet<AlgoErrorCode> = new Set<AlgoErrorCode>([
  'ALGO_UNKNOWN_INSTRUMENT',
  'ALGO_NOT_SUPPORTED',
  'ALGO_NO_DATA',
  'ALGO_NOT_ENTITLED',
  'ALGO_BROKER_REFUSED',
  'ALGO_WRONG_ACCOUNT',
]);

/** What a failed read says: nothing new elsewhere, this broker's word, or that this broker cannot be read just now. */
export type ReadFailure = 'final' | 'answer' | 'outage';

export function readFailureOf(error: unknown): ReadFailure {
  if (!isAlgoError(error) || OF_THE_CALLER.has(error.code)) return 'final';
  if (error.code === 'ALGO_CLOSED' && error.details.what !== 'connection') return 'final';
  return ANSWERS.has(error.code) ? 'answer' : 'outage';
}
