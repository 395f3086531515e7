import { storedOrder } from '@algo/core/store';
import type { OrderSighting } from '@algo/core/store';
import { asRow, integer, json, text, textOrNull } from './row.js';

/** The columns that `sightingFrom` reads. */
export const SIGHTING_COLUMNS = 'client_order_id, user_id, broker, account, broker_order, seen_at_ms, import_id';

/** @throws {AlgoError} `ALGO_STORE_FAILED` for a row that this package did not write. */
export function sightingFrom(value: unknown): OrderSighting {
  const row = asRow(value);
  return {
    userId: text(row, 'user_id'),
    broker: text(row, 'broker'),
    account: text(row, 'account'),
    clientOrderId: text(row, 'client_order_id'),
    order: storedOrder(json(row, 'broker_order')),
    seenAtMs: integer(row, 'seen_at_ms'),
    importId: textOrNull(row, 'import_id'),
  };
}
