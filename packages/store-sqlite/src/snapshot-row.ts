import type { Holding, PortfolioKind, PortfolioSnapshot, Position } from '@algo/core/store';
import type { Row, Words } from './row.js';
import { asRow, decimal, decimalOrNull, integer, jsonList, text, textOrNull, word } from './row.js';
import { productOrNull } from './trading-words.js';

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
    ? { ...snapshot, kind: 'positions', rows: rows.map(positionFrom) }
    : { ...snapshot, kind: 'holdings', rows: rows.map(holdingFrom) };
}

const KINDS: Words<PortfolioKind> = { positions: true, holdings: true };

const positionFrom = (row: Row): Position => ({
  instrument: textOrNull(row, 'instrument'),
  symbol: text(row, 'symbol'),
  product: productOrNull(row),
  quantity: decimal(row, 'quantity'),
  boughtQuantity: decimal(row, 'boughtQuantity'),
  soldQuantity: decimal(row, 'soldQuantity'),
  averageBuyPrice: decimal(row, 'averageBuyPrice'),
  averageSellPrice: decimal(row, 'averageSellPrice'),
  realizedProfit: decimal(row, 'realizedProfit'),
  unrealizedProfit: decimal(row, 'unrealizedProfit'),
});

const holdingFrom = (row: Row): Holding => ({
  instrument: textOrNull(row, 'instrument'),
  symbol: text(row, 'symbol'),
  isin: textOrNull(row, 'isin'),
  quantity: decimal(row, 'quantity'),
  availableQuantity: decimal(row, 'availableQuantity'),
  pledgedQuantity: decimal(row, 'pledgedQuantity'),
  averagePrice: decimal(row, 'averagePrice'),
  lastPrice: decimalOrNull(row, 'lastPrice'),
});
