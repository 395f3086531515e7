import type { ConnectionRef } from '../domain/order.js';
import { AlgoError } from '../errors/algo-error.js';

/**
 * Which of a user's connections serves a call where there is no strategy: the one named, or the only one there is.
 * Nothing is guessed.
 *
 * @throws {AlgoError} `ALGO_NOT_CONNECTED`, `ALGO_CONNECTION_UNCLEAR`
 */
export function chooseConnection<Candidate extends ConnectionRef>(
  candidates: readonly Candidate[],
  wanted: ConnectionRef | undefined,
): Candidate {
  if (wanted !== undefined) {
    const named = candidates.find((candidate) => isSameConnection(candidate, wanted));
    if (named !== undefined) return named;
    throw new AlgoError('ALGO_NOT_CONNECTED', { broker: String(wanted.broker), account: String(wanted.account) });
  }
  const [only, second] = candidates;
  if (only === undefined) throw new AlgoError('ALGO_NOT_CONNECTED', { broker: null, account: null });
  if (second === undefined) return only;
  const connections = candidates.map(({ broker, account }) => `${broker}/${account}`);
  throw new AlgoError('ALGO_CONNECTION_UNCLEAR', { connections });
}

export const isSameConnection = (a: ConnectionRef, b: ConnectionRef): boolean =>
  a.broker === b.broker && a.account === b.account;
