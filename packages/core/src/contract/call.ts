import type { BrokerSession } from './session.js';

/**
 * One call of core into an adapter. The adapter hands it on, untouched, to every `http.send` it makes for it: the
 * deadline, the place in the lane and the record of what was sent travel with it.
 */
export interface BrokerCall {
  /**
   * The session to sign with.
   *
   * @throws {AlgoError} `ALGO_LOGIN_NEEDED` during a log-in, when there is none yet.
   */
  readonly session: BrokerSession;
  /** Wall time when the call began, epoch milliseconds. */
  readonly startedAtMs: number;
  /** Milliseconds until the deadline; 0 when it has passed. */
  remainingMs(): number;
  /** Aborted at the deadline or by the caller; for waits of the adapter's own. */
  readonly signal: AbortSignal;
}
