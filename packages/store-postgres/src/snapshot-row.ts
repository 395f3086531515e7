import { storedHoldings, storedPositions } from '@algo/core/store';
import type { PortfolioKind, PortfolioSnapshot } from '@algo/core/store';
import { accountValues, idText, storedText } from './keys.js';
import { integer, json, text, textOrNull } from './row.js';
import type { Row } from './row.js';

/** The columns that `snapshotFrom` reads. */
export const SNAPSHOT_COLUMNS = 'user_id, broker, account, taken_at_ms, rows, import_id';

/** The columns that `snapshotValues` gives, each with the type of an array of them. */
export const SNAPSHOT_TYPES = {
  user_key: 'bytea[]',
  broker: 'text[]',
  account: 'text[]',
  user_id: 'text[]',
  kind: 'text[]',
  taken_at_ms: 'bigint[]',
  rows: 'json[]',
  import_id: 'text[]',
} as const;

/** @throws {AlgoError} `ALGO_INVALID_INPUT` */
export const snapshotValues = (snapshot: PortfolioSnapshot): readonly unknown[] => [
  ...accountValues(snapshot),
  storedText(snapshot.userId),
  snapshot.kind,
  snapshot.takenAtMs,
  JSON.stringify(snapshot.rows),
  snapshot.importId === null ? null : idText('importId', snapshot.importId),
];

/** @throws {AlgoError} `ALGO_STORE_FAILED` for a row that this package did not write. */
export function snapshotFrom(row: Row, kind: PortfolioKind): PortfolioSnapshot {
  const snapshot = {
    userId: text(row, 'user_id'),
    broker: text(row, 'broker'),
    account: text(row, 'account'),
    takenAtMs: integer(row, 'taken_at_ms'),
    importId: textOrNull(row, 'import_id'),
  };
  const rows = json(row, 'rows');
  return kind === 'positions'
    ? { ...snapshot, kind, rows: storedPositions(rows) }
    : { ...snapshot, kind, rows: storedHoldings(rows) };
}
