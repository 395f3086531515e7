import { storedTrade } from '@algo/core/store';
import type { FillRecord } from '@algo/core/store';
import { asRow, json, text, textOrNull } from './row.js';

/** The columns that `fillFrom` reads. */
export const FILL_COLUMNS = 'user_id, broker, account, client_order_id, trade, import_id';

/** @throws {AlgoError} `ALGO_STORE_FAILED` for a row that this package did not write. */
export function fillFrom(value: unknown): FillRecord {
  const row = asRow(value);
  return {
    userId: text(row, 'user_id'),
    broker: text(row, 'broker'),
    account: text(row, 'account'),
    clientOrderId: textOrNull(row, 'client_order_id'),
    trade: storedTrade(json(row, 'trade')),
    importId: textOrNull(row, 'import_id'),
  };
}
