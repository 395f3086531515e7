import type { AttemptRow } from '../contract/order-journal.js';
import type { OrderOutcome, Rejected, Unknown } from '../domain/order-outcome.js';
import { endOfDay } from '../domain/time.js';
import { readDetail } from './attempt-detail.js';
import type { AttemptDetail } from './attempt-detail.js';

/**
 * What a journal row says became of its command.
 *
 * @param settled what an `unknown` outcome resolves to; asked for only when the row is one
 */
export function outcomeOfRow(row: AttemptRow, settled: () => Promise<OrderOutcome>): OrderOutcome {
  return knownOutcome(row) ?? { ...unknownOf(row), settled: settled() };
}

/** The outcome of a row that nobody works on any more: an unknown one settles to itself. */
export function lastWord(row: AttemptRow): OrderOutcome {
  const known = knownOutcome(row);
  if (known !== null) return known;
  const last: Unknown = {
    ...unknownOf(row),
    get settled() {
      return Promise.resolve(last);
    },
  };
  return last;
}

/** Null while the order may be at the broker without our knowing. */
function knownOutcome(row: AttemptRow): Exclude<OrderOutcome, Unknown> | null {
  const { clientOrderId, brokerOrderId } = row;
  const detail = readDetail(row.detail);
  const rejected = rejection(detail);
  switch (row.state) {
    case 'INTENT':
      return {
        kind: 'queued',
        clientOrderId,
        expiresAtMs: detail?.kind === 'queued' ? detail.expiresAtMs : endOfDay(row.createdAtMs),
      };
    case 'REJECTED':
      return { kind: 'rejected', clientOrderId, ...(rejected ?? { reason: 'other', brokerText: '' }) };
    case 'ACKNOWLEDGED':
    case 'FOUND':
      if (rejected !== null) return { kind: 'rejected', clientOrderId, ...rejected };
      return brokerOrderId === null ? null : { kind: 'accepted', clientOrderId, brokerOrderId };
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
      return null;
  }
}

const unknownOf = ({ clientOrderId, tag, sendByMs, createdAtMs }: AttemptRow): Omit<Unknown, 'settled'> => ({
  kind: 'unknown',
  clientOrderId,
  tag,
  sentAtMs: sendByMs ?? createdAtMs,
});

/** The broker's own word, for an order it took and turned down. */
function rejection(detail: AttemptDetail | null): Pick<Rejected, 'reason' | 'brokerText'> | null {
  return detail?.kind === 'rejected' ? { reason: detail.reason, brokerText: detail.brokerText } : null;
}
