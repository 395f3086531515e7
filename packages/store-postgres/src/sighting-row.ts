import type { BrokerOrder, OrderSighting } from '@algo/core/store';
import { asRecord, number, numberOrNull, string, stringOrNull, word, wordOrNull } from './json-record.js';
import type { Words } from './json-record.js';
import { idText, storedText, userKey } from './keys.js';
import { integer, json, text, textOrNull } from './row.js';
import type { Row } from './row.js';

/** The columns that `sightingFrom` reads. */
export const SIGHTING_COLUMNS = 'user_id, broker, account, client_order_id, broker_order, seen_at_ms, import_id';

/** The columns that `sightingValues` gives, each with the type of an array of them. */
export const SIGHTING_TYPES = {
  user_key: 'bytea[]',
  user_id: 'text[]',
  broker: 'text[]',
  account: 'text[]',
  client_order_id: 'text[]',
  broker_order: 'json[]',
  seen_at_ms: 'bigint[]',
  import_id: 'text[]',
} as const;

/** @throws {AlgoError} `ALGO_INVALID_INPUT` */
export const sightingValues = (sighting: OrderSighting): readonly unknown[] => [
  userKey(sighting.userId),
  storedText(sighting.userId),
  idText('broker', sighting.broker),
  idText('account', sighting.account),
  idText('clientOrderId', sighting.clientOrderId),
  JSON.stringify(sighting.order),
  sighting.seenAtMs,
  sighting.importId === null ? null : idText('importId', sighting.importId),
];

/** @throws {AlgoError} `ALGO_STORE_FAILED` for a row that this package did not write. */
export const sightingFrom = (row: Row): OrderSighting => ({
  userId: text(row, 'user_id'),
  broker: text(row, 'broker'),
  account: text(row, 'account'),
  clientOrderId: text(row, 'client_order_id'),
  order: orderFrom(asRecord(json(row, 'broker_order'), 'broker_order')),
  seenAtMs: integer(row, 'seen_at_ms'),
  importId: textOrNull(row, 'import_id'),
});

const orderFrom = (order: Row): BrokerOrder => ({
  brokerOrderId: string(order, 'brokerOrderId'),
  exchangeOrderId: stringOrNull(order, 'exchangeOrderId'),
  tag: stringOrNull(order, 'tag'),
  instrument: stringOrNull(order, 'instrument'),
  symbol: string(order, 'symbol'),
  side: word(order, 'side', SIDES),
  type: word(order, 'type', TYPES),
  product: wordOrNull(order, 'product', PRODUCTS),
  validity: word(order, 'validity', VALIDITIES),
  quantity: number(order, 'quantity'),
  filledQuantity: number(order, 'filledQuantity'),
  price: numberOrNull(order, 'price'),
  triggerPrice: numberOrNull(order, 'triggerPrice'),
  averagePrice: numberOrNull(order, 'averagePrice'),
  status: word(order, 'status', STATUSES),
  brokerStatus: string(order, 'brokerStatus'),
  reason: stringOrNull(order, 'reason'),
  placedAtMs: numberOrNull(order, 'placedAtMs'),
  updatedAtMs: numberOrNull(order, 'updatedAtMs'),
});

export const SIDES: Words<BrokerOrder['side']> = { BUY: true, SELL: true };
export const PRODUCTS: Words<NonNullable<BrokerOrder['product']>> = { CNC: true, MIS: true, NRML: true, MTF: true };
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
