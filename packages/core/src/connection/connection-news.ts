import type { AnyAlgoError, AlgoError } from '../errors/algo-error.js';
import { isAlgoError } from '../errors/algo-error.js';
import type { AlgoErrorCode } from '../errors/codes.js';
import type { Takeover } from './takeovers.js';

/** What a connection tells besides its state. Times are epoch milliseconds. */
export type ConnectionNews =
  | { readonly kind: 'reconnect-scheduled'; readonly attempt: number; readonly atMs: number }
  /** `endsAtMs` null: there is no session any more. */
  | { readonly kind: 'login-needed'; readonly endsAtMs: number | null; readonly why: string }
  | ({ readonly kind: 'session-taken-over' } & Takeover)
  | { readonly kind: 'egress-not-registered'; readonly address: string; readonly registered: readonly string[] };

/** Failures that a person mends by logging in. */
const LOGIN: ReadonlySet<AlgoErrorCode> = new Set<AlgoErrorCode>(['ALGO_LOGIN_NEEDED', 'ALGO_LOGIN_REFUSED']);

/** Why a person has to log in; null when that is not what failed. */
export function loginNeededBy(error: AnyAlgoError | AlgoError): string | null {
  if (!LOGIN.has(error.code)) return null;
  return isAlgoError(error) && error.code === 'ALGO_LOGIN_NEEDED' ? error.details.why : error.message;
}
