import type { AttemptRow } from '../contract/order-journal.js';
import { readDetail, writeDetail } from './attempt-detail.js';
import { readAskedOrder } from './command-text.js';

/** When a place that waits in the queue may not go any more, epoch milliseconds; null for every other row. */
export function expiryOf({ kind, state, detail }: AttemptRow): number | null {
  if (kind !== 'place' || state !== 'INTENT') return null;
  const read = readDetail(detail);
  return read?.kind === 'queued' ? read.expiresAtMs : null;
}

/** The same attempt, to wait in the queue instead of going at once. */
export const asQueued = (row: AttemptRow, expiresAtMs: number): AttemptRow => ({
  ...row,
  detail: writeDetail({ kind: 'queued', expiresAtMs }),
});

/** The order in which queued rows go: exits first, then the oldest. */
export function inTurn(rows: readonly AttemptRow[]): readonly AttemptRow[] {
  const ranked = rows.map((row) => ({ row, rank: readAskedOrder(row.request)?.reduceOnly === true ? 0 : 1 }));
  ranked.sort((a, b) => a.rank - b.rank || a.row.createdAtMs - b.row.createdAtMs);
  return ranked.map(({ row }) => row);
}
