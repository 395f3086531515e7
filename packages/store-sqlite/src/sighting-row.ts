import type { BrokerOrder, OrderSighting } from '@algo/core/store';
import type { Row } from './row.js';
import { asRow, integer, json, misread, text, textOrNull } from './row.js';

/** The columns that `sightingFrom` reads. */
export const SIGHTING_COLUMNS = 'client_order_id, user_id, broker, account, broker_order, seen_at_ms';

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
    product: row['product'] === null ? null : word(row, 'product', PRODUCTS),
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

/** The words of each field, spelled out as keys so that the compiler misses none of them. */
type Words<Word extends string> = Readonly<Record<Word, true>>;

const SIDES: Words<BrokerOrder['side']> = { BUY: true, SELL: true };
const TYPES: Words<BrokerOrder['type']> = { MARKET: true, LIMIT: true, SL: true, 'SL-M': true };
const PRODUCTS: Words<NonNullable<BrokerOrder['product']>> = { CNC: true, MIS: true, NRML: true, MTF: true };
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

function word<Word extends string>(row: Row, field: string, words: Words<Word>): Word {
  const value = text(row, field);
  if (isOneOf(value, words)) return value;
  throw misread(field);
}

const isOneOf = <Word extends string>(value: string, words: Words<Word>): value is Word => Object.hasOwn(words, value);

function decimal(row: Row, field: string): number {
  const value = row[field];
  if (typeof value === 'number') return value;
  throw misread(field);
}

const decimalOrNull = (row: Row, field: string): number | null => (row[field] === null ? null : decimal(row, field));
