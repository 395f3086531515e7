import { isAlgoError } from '@algo/core/adapter';
import type { BrokerOrder, OrderBookReading, OrderStatus, Product } from '@algo/core/adapter';
import { readOrderRow, varietyIn } from '../../wire/orders.js';
import type { OrderRow } from '../../wire/orders.js';
import { listOf, unreadable } from '../../wire/read.js';
import { unitsPerWireUnit } from '../quantity.js';
import { dayMonthMs } from '../time.js';
import { ORDER_TYPE_OF, PRODUCT_OF, SIDE_OF, VALIDITY_OF } from '../words.js';
import { instrumentOf, listingOf } from './find-listing.js';
import type { Reading } from './reading.js';

/** The day's book. A row that cannot be read is left out, logged, and makes the reading incomplete. */
export function fromOrderBook(body: unknown, reading: Reading): OrderBookReading {
  const orders: BrokerOrder[] = [];
  let complete = true;
  for (const row of listOf(body, 'the order book')) {
    try {
      orders.push(fromOrderRow(readOrderRow(row), reading));
    } catch (error) {
      if (!isAlgoError(error) || error.code !== 'ALGO_REPLY_UNREADABLE') throw error;
      complete = false;
      reading.logger.warn('angel.order-row-unreadable', { why: error.details.why });
    }
  }
  return { orders, complete };
}

/**
 * One order, picked from the book: Angel's own look-up wants an id that the answer to a lost command would have told.
 *
 * @throws {AlgoError} `ALGO_REPLY_UNREADABLE` when it is not among the rows that could be read, but may be in the others
 */
export function pickOrder({ orders, complete }: OrderBookReading, brokerOrderId: string): BrokerOrder | null {
  const order = orders.find((candidate) => candidate.brokerOrderId === brokerOrderId);
  if (order === undefined && !complete) throw unreadable('the order may be in a row of the book that cannot be read');
  return order ?? null;
}

/** The variety the book names for an order; null where the order, or the word, is not in it. */
export function varietyOf(body: unknown, brokerOrderId: string): string | null {
  for (const row of listOf(body, 'the order book')) {
    const named = varietyIn(row);
    if (named?.orderid === brokerOrderId) return named.variety;
  }
  return null;
}

function fromOrderRow(row: OrderRow, reading: Reading): BrokerOrder {
  const { logger, instruments } = reading;
  const units = unitsPerWireUnit(listingOf(row, instruments));
  const word = row.orderstatus ?? row.status;
  const status = word === null ? null : statusOf(word, row);
  if (status === null)
    logger.warn('angel.order-status-unknown', { orderId: row.orderid, status: (word ?? '').slice(0, 40) });
  return {
    brokerOrderId: row.orderid,
    exchangeOrderId: row.exchangeorderid,
    tag: row.ordertag,
    instrument: instrumentOf(row, instruments),
    symbol: row.tradingsymbol,
    side: known(SIDE_OF, row.transactiontype, 'transactiontype'),
    type: known(ORDER_TYPE_OF, row.ordertype, 'ordertype'),
    product: productOf(row.producttype),
    validity: known(VALIDITY_OF, row.duration, 'duration'),
    quantity: row.quantity * units,
    filledQuantity: row.filledshares * units,
    price: orNull(row.price),
    triggerPrice: orNull(row.triggerprice),
    averagePrice: orNull(row.averageprice),
    status: status ?? 'PENDING',
    brokerStatus: word ?? '',
    reason: status === 'REJECTED' ? row.text : null,
    placedAtMs: dayMonthMs(row.exchtime),
    updatedAtMs: dayMonthMs(row.updatetime),
  };
}

/**
 * Angel's status words, in lower case as they are compared. Its own list has the words of the order socket; "put order
 * req received", "validation pending" and the "not …" words are known from the same back office at other houses.
 *
 * There is no word for an order that expired, nor for one partly filled.
 *
 * @see SmartAPI docs, "Order status WebSocket", copy of 2024
 */
const STATUS_OF: ReadonlyMap<string, OrderStatus> = new Map([
  ['put order req received', 'PENDING'],
  ['validation pending', 'PENDING'],
  ['open pending', 'PENDING'],
  ['after market order req received', 'PENDING'],
  ['modify after market order req received', 'PENDING'],
  ['amo submitted', 'PENDING'],
  ['open', 'OPEN'],
  ['modified', 'OPEN'],
  ['modify pending', 'OPEN'],
  ['modify validation pending', 'OPEN'],
  ['not modified', 'OPEN'],
  ['cancel pending', 'OPEN'],
  ['not cancelled', 'OPEN'],
  ['trigger pending', 'TRIGGER_PENDING'],
  ['complete', 'FILLED'],
  ['cancelled', 'CANCELLED'],
  ['cancelled after market order', 'CANCELLED'],
  ['rejected', 'REJECTED'],
]);

/** Our word for an order's state; null when Angel's is not known, which must never end an order. */
function statusOf(word: string, { filledshares, unfilledshares, quantity }: OrderRow): OrderStatus | null {
  const status = STATUS_OF.get(word.trim().toLowerCase()) ?? null;
  const left = unfilledshares ?? quantity - filledshares;
  return status === 'OPEN' && filledshares > 0 && left > 0 ? 'PARTIALLY_FILLED' : status;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` for a word that is not in the table */
export function known<Word>(words: ReadonlyMap<string, Word>, word: string, name: string): Word {
  const found = words.get(word.trim().toUpperCase());
  if (found === undefined) throw unreadable(`${name} is not a known word`);
  return found;
}

export const productOf = (word: string | null): Product | null =>
  word === null ? null : (PRODUCT_OF.get(word.toUpperCase()) ?? null);

const orNull = (price: number): number | null => (price === 0 ? null : price);
