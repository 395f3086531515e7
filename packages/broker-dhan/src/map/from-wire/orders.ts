import { isAlgoError } from '@algo/core/adapter';
import type { BrokerOrder, OrderBookReading, OrderStatus, Trade } from '@algo/core/adapter';
import { isFields, rowsOf, unreadable } from '../../wire/read.js';
import { readOrderRow, readTradeRow } from '../../wire/orders.js';
import type { OrderRow, TradeRow } from '../../wire/orders.js';
import { unitsPerWireUnit } from '../quantity.js';
import { wallClockMs } from '../time.js';
import { ORDER_TYPE_OF, PRODUCT_OF, SIDE_OF, VALIDITY_OF } from '../words.js';
import type { Reading } from './reading.js';

/** The day's book. A row that cannot be read is left out, logged, and makes the reading incomplete. */
export function fromOrderBook(body: unknown, reading: Reading): OrderBookReading {
  const orders: BrokerOrder[] = [];
  let complete = true;
  for (const row of rowsOf(body, 'the order book')) {
    try {
      orders.push(fromOrderRow(readOrderRow(row), reading));
    } catch (error) {
      if (!isAlgoError(error) || error.code !== 'ALGO_REPLY_UNREADABLE') throw error;
      complete = false;
      reading.logger.warn('dhan.order-row-unreadable', { why: error.details.why });
    }
  }
  return { orders, complete };
}

/**
 * One order: an object by the docs, a list of one by recorded replies, an empty list for none.
 *
 * @throws {AlgoError} `ALGO_REPLY_UNREADABLE`, also when the order is not the one asked for
 */
export function fromOneOrder(body: unknown, brokerOrderId: string, reading: Reading): BrokerOrder | null {
  const orders = oneOrMany(body).map((row) => fromOrderRow(readOrderRow(row), reading));
  if (orders.length === 0) return null;
  const order = orders.find((candidate) => candidate.brokerOrderId === brokerOrderId);
  if (order === undefined) throw unreadable('it shows another order than the one asked for');
  return order;
}

/**
 * The orders carrying a tag: an object or a list, empty for none. Several when an order was sliced.
 *
 * @throws {AlgoError} `ALGO_REPLY_UNREADABLE`, also for a row that does not carry the tag: leaving it out could pass for
 * proof that our order is not there, taking it for proof that it is
 */
export function fromTaggedOrders(body: unknown, tag: string, reading: Reading): readonly BrokerOrder[] {
  const orders = oneOrMany(body).map((row) => fromOrderRow(readOrderRow(row), reading));
  if (orders.some((order) => order.tag !== tag)) throw unreadable('it shows an order without the tag asked for');
  return orders;
}

const oneOrMany = (body: unknown): readonly unknown[] => (isFields(body) ? [body] : rowsOf(body, 'the reply'));

function fromOrderRow(row: OrderRow, reading: Reading): BrokerOrder {
  const listing = reading.instruments.byToken(row.exchangeSegment, row.securityId);
  const units = unitsPerWireUnit(listing);
  const status = statusOf(row);
  if (status === null)
    reading.logger.warn('dhan.order-status-unknown', { orderId: row.orderId, status: row.orderStatus.slice(0, 40) });
  return {
    brokerOrderId: row.orderId,
    exchangeOrderId: row.exchangeOrderId,
    tag: row.correlationId,
    instrument: listing?.instrument ?? null,
    symbol: row.tradingSymbol ?? listing?.symbol ?? '',
    side: known(SIDE_OF, row.transactionType, 'transactionType'),
    type: known(ORDER_TYPE_OF, row.orderType, 'orderType'),
    product: productOf(row.productType),
    validity: known(VALIDITY_OF, row.validity, 'validity'),
    quantity: row.quantity * units,
    filledQuantity: row.filledQty * units,
    price: orNull(row.price),
    triggerPrice: orNull(row.triggerPrice),
    averagePrice: orNull(row.averageTradedPrice),
    status: status ?? 'PENDING',
    brokerStatus: row.orderStatus,
    reason: status === 'REJECTED' && row.omsErrorDescription !== null ? row.omsErrorDescription : null,
    placedAtMs: wallClockMs(row.createTime, reading.wallClock),
    updatedAtMs: wallClockMs(row.updateTime, reading.wallClock),
  };
}

/**
 * Dhan's status words, all but PENDING, which says too little by itself.
 *
 * @see DhanHQ v2 docs, "Annexure", captured 2026-07-15; MODIFIED and INACTIVE from the portal alone, 2026-07
 */
const STATUS_OF: ReadonlyMap<string, OrderStatus> = new Map([
  ['TRANSIT', 'PENDING'],
  ['PART_TRADED', 'PARTIALLY_FILLED'],
  ['TRADED', 'FILLED'],
  ['REJECTED', 'REJECTED'],
  ['CANCELLED', 'CANCELLED'],
  ['EXPIRED', 'EXPIRED'],
  ['TRIGGERED', 'OPEN'], // leg of a super order
  ['CLOSED', 'FILLED'], // super order
  ['CONFIRM', 'TRIGGER_PENDING'], // forever order
  ['MODIFIED', 'OPEN'],
  ['INACTIVE', 'OPEN'],
]);

type StatusFacts = Pick<OrderRow, 'orderStatus' | 'orderType' | 'filledQty' | 'afterMarketOrder' | 'exchangeOrderId'>;

/** Our word for an order's state; null when Dhan's is not known, which must never end an order. */
function statusOf(row: StatusFacts): OrderStatus | null {
  const word = row.orderStatus.trim().toUpperCase();
  return word === 'PENDING' ? pendingStatus(row) : (STATUS_OF.get(word) ?? null);
}

function pendingStatus({ filledQty, afterMarketOrder, exchangeOrderId, orderType }: StatusFacts): OrderStatus {
  if (filledQty > 0) return 'PARTIALLY_FILLED';
  if (afterMarketOrder && exchangeOrderId === null) return 'PENDING'; // waits at Dhan for the market to open
  // A heuristic: Dhan does not say whether the stop has fired.
  return orderType.startsWith('STOP_LOSS') ? 'TRIGGER_PENDING' : 'OPEN';
}

/**
 * Fills, in the broker's order.
 *
 * @param orderId the order they were asked for, null for all of the day
 * @throws {AlgoError} `ALGO_REPLY_UNREADABLE` for a row that cannot be read or belongs to another order
 */
export function fromTrades(body: unknown, orderId: string | null, reading: Reading): readonly Trade[] {
  const seen = new Map<string, number>();
  return oneOrMany(body).map((value) => {
    const row = readTradeRow(value);
    if (orderId !== null && row.orderId !== orderId) throw unreadable('it shows a trade of another order');
    return fromTradeRow(row, row.exchangeTradeId ?? madeTradeId(row, seen), reading);
  });
}

function fromTradeRow(row: TradeRow, tradeId: string, reading: Reading): Trade {
  const listing = reading.instruments.byToken(row.exchangeSegment, row.securityId);
  return {
    tradeId,
    brokerOrderId: row.orderId,
    exchangeOrderId: row.exchangeOrderId,
    instrument: listing?.instrument ?? null,
    symbol: row.tradingSymbol ?? listing?.symbol ?? '',
    side: known(SIDE_OF, row.transactionType, 'transactionType'),
    product: productOf(row.productType),
    quantity: row.tradedQuantity * unitsPerWireUnit(listing),
    price: row.tradedPrice,
    tradedAtMs: wallClockMs(row.exchangeTime ?? row.updateTime ?? row.createTime, reading.wallClock),
  };
}

/** A trade without an id is known by what happened; equal ones are counted, so that no fill hides behind another. */
function madeTradeId(row: TradeRow, seen: Map<string, number>): string {
  const facts = `${row.orderId}/${row.exchangeTime ?? ''}/${row.tradedQuantity}/${row.tradedPrice}`;
  const count = (seen.get(facts) ?? 0) + 1;
  seen.set(facts, count);
  return `${facts}/${count}`;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` for a word that is not in the table */
function known<Word>(words: ReadonlyMap<string, Word>, word: string, name: string): Word {
  const found = words.get(word);
  if (found === undefined) throw unreadable(`${name} is not a known word`);
  return found;
}

const productOf = (word: string | null): BrokerOrder['product'] =>
  word === null ? null : (PRODUCT_OF.get(word) ?? null);

const orNull = (price: number): number | null => (price === 0 ? null : price);
