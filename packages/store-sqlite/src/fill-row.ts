import type { FillRecord, Trade } from '@algo/core/store';
import type { Row } from './row.js';
import { asRow, decimal, decimalOrNull, json, text, textOrNull, word } from './row.js';
import { SIDES, productOrNull } from './trading-words.js';

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
    trade: tradeFrom(json(row, 'trade')),
    importId: textOrNull(row, 'import_id'),
  };
}

const tradeFrom = (row: Row): Trade => ({
  tradeId: text(row, 'tradeId'),
  brokerOrderId: text(row, 'brokerOrderId'),
  exchangeOrderId: textOrNull(row, 'exchangeOrderId'),
  instrument: textOrNull(row, 'instrument'),
  symbol: text(row, 'symbol'),
  side: word(row, 'side', SIDES),
  product: productOrNull(row),
  quantity: decimal(row, 'quantity'),
  price: decimal(row, 'price'),
  tradedAtMs: decimalOrNull(row, 'tradedAtMs'),
});
