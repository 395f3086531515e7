import type { AttemptRow } from '../contract/order-journal.js';
import type { OrderOutcome, Unknown } from '../domain/order-outcome.js';
import { endOfDay } from '../domain/time.js';
import { UNSETTLED } from './attempt.js';
import { readDetail } from './attempt-detail.js';

/**
 * What a journal row says became of its command.
 *
 * @param settled what an `unknown` outcome resolves to; asked for only when the row is one
 */
export function outcomeOfRow(row: AttemptRow, settled: () => Promise<OrderOutcome>): OrderOutcome {
  const { clientOrderId, tag } = row;
  const detail = readDetail(row.detail);
  switch (row.state) {
    case 'INTENT':
      return { kind: 'queued', clientOrderId, expiresAtMs: endOfDay(row.createdAtMs) };
    case 'ACKNOWLEDGED':
    case 'FOUND':
    case 'REJECTED':
      if (detail?.kind === 'rejected') {
        return { kind: 'rejected', clientOrderId, reason: detail.reason, brokerText: detail.brokerText };
      }
      return { kind: 'accepted', clientOrderId, brokerOrderId: row.brokerOrderId ?? '' };
    case 'NOT_SENT':
    case 'ABSENT':
      return {
        kind: 'not-sent',
        clientOrderId,
        proof: detail?.kind === 'proof' ? detail.proof : { by: 'gate', why: 'process-ended' },
      };
    case 'SUBMITTING':
    case 'AMBIGUOUS':
    case 'UNRESOLVED':
      return { kind: 'unknown', clientOrderId, tag, sentAtMs: sentAtOf(row), settled: settled() };
  }
}

/** The outcome of a row that nobody works on any more: an unknown one settles to itself. */
export function lastWord(row: AttemptRow): OrderOutcome {
  if (!UNSETTLED.includes(row.state)) return outcomeOfRow(row, () => Promise.resolve(lastWord(row)));
  const { clientOrderId, tag } = row;
  const last: Unknown = {
    kind: 'unknown',
    clientOrderId,
    tag,
    sentAtMs: sentAtOf(row),
    get settled() {
      return Promise.resolve(last);
    },
  };
  return last;
}

const sentAtOf = (row: AttemptRow): number => row.sendByMs ?? row.createdAtMs;
