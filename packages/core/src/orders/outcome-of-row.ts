import type { AttemptRow } from '../contract/order-journal.js';
import type { OrderOutcome, Rejected, Unknown } from '../domain/order-outcome.js';
import { endOfDay } from '../domain/time.js';
import { UNSETTLED } from './attempt.js';
import { readDetail } from './attempt-detail.js';
import type { AttemptDetail } from './attempt-detail.js';

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
    case 'REJECTED':
      return { kind: 'rejected', clientOrderId, ...(rejection(detail) ?? { reason: 'other', brokerText: '' }) };
    case 'ACKNOWLEDGED':
    case 'FOUND': {
      const rejected = rejection(detail);
      if (rejected !== null) return { kind: 'rejected', clientOrderId, ...rejected };
      const { brokerOrderId } = row;
      if (brokerOrderId !== null) return { kind: 'accepted', clientOrderId, brokerOrderId };
      return { kind: 'unknown', clientOrderId, tag, sentAtMs: sentAtOf(row), settled: settled() };
    }
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

/** The broker's own word, for an order it took and turned down. */
function rejection(detail: AttemptDetail | null): Pick<Rejected, 'reason' | 'brokerText'> | null {
  return detail?.kind === 'rejected' ? { reason: detail.reason, brokerText: detail.brokerText } : null;
}

const sentAtOf = (row: AttemptRow): number => row.sendByMs ?? row.createdAtMs;
