import type { BrokerOrder, OrderSighting } from '@algo/core/store';
import type { Row, Words } from './row.js';
import { asRow, decimal, decimalOrNull, integer, json, text, textOrNull, word } from './row.js';
import { SIDES, productOrNull } from './trading-words.js';

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
    order: orderFrom(json(row, 'broker_order')),
    seenAtMs: integer(row, 'seen_at_ms'),
    importId: textOrNull(row, 'import_id'),
  };
}

function orderFrom(row: Row): BrokerOrder {
  return {
    brokerOrderId: text(row, 'brokerOrderId'),
    exchangeOrderId: textOrNull(row, 'exchangeOrderId'),
    tag: textOrNull(row, 'tag'),
    instrument: textOrNull(row, 'instrument'),
    symbol: text(row, 'symbol'),
    side: word(row, 'side', SIDES),
    type: word(row, 'type', TYPES),
    product: productOrNull(row),
    validity: word(row, 'validity', VALIDITIES),
    quantity: decimal(row, 'quantity'),
    filledQuantity: decimal(row, 'filledQuantity'),
    price: decimalOrNull(row, 'price'),
    triggerPrice: decimalOrNull(row, 'triggerPrice'),
    averagePrice: decimalOrNull(row, 'averagePrice'),
    status: word(row, 'status', STATUSES),
    brokerStatus: text(row, 'brokerStatus'),
    reason: textOrNull(row, 'reason'),
    placedAtMs: decimalOrNull(row, 'placedAtMs'),
    updatedAtMs: decimalOrNull(row, 'updatedAtMs'),
  };
}

const TYPES: Words<BrokerOrder['type']> = { MARKET: true, LIMIT: true, SL: true, 'SL-M': true };
const VALIDITIES: Words<BrokerOrder['validity']> = { DAY: true, IOC: true };
const STATUSES: Words<BrokerOrder['status']> = {
  PENDING: true,
  OPEN: true,
  TRIGGER_PENDING: true,
  PARTIALLY_FILLED: true,
  FILLED: true,
  CANCELLED: true,
  REJECTED: true,
  EXPIRED: true,
};
