import { storedHoldings, storedPositions } from '@algo/core/store';
import type { PortfolioKind, PortfolioSnapshot } from '@algo/core/store';
import type { Words } from './row.js';
import { asRow, integer, jsonList, text, textOrNull, word } from './row.js';

/** The columns that `snapshotFrom` reads. */
export const SNAPSHOT_COLUMNS = 'user_id, broker, account, kind, taken_at_ms, rows, import_id';

/** @throws {AlgoError} `ALGO_STORE_FAILED` for a row that this package did not write. */
export function snapshotFrom(value: unknown): PortfolioSnapshot {
  const row = asRow(value);
  const snapshot = {
    userId: text(row, 'user_id'),
    broker: text(row, 'broker'),
    account: text(row, 'account'),
    takenAtMs: integer(row, 'taken_at_ms'),
    importId: textOrNull(row, 'import_id'),
  };
  const rows = jsonList(row, 'rows');
  return word(row, 'kind', KINDS) === 'positions'
    ? { ...snapshot, kind: 'positions', rows: storedPositions(rows) }
    : { ...snapshot, kind: 'holdings', rows: storedHoldings(rows) };
}

const KINDS: Words<PortfolioKind> = { positions: true, holdings: true };
