import { isAlgoError } from '@algo/core/adapter';
import type { BrokerOrder, OrderBookReading, OrderStatus, Trade } from '@algo/core/adapter';
import { readOrderRow, readTradeRow } from '../../wire/orders.js';
import type { OrderRow, TradeRow } from '../../wire/orders.js';
import type { XtsReader } from '../../wire/read.js';
import { unitsPerWireUnit } from '../quantity.js';
import { rowTimeMs } from '../time.js';
import { ORDER_TYPE_OF, PRODUCT_OF, SIDE_OF, STATUS_OF, VALIDITY_OF, segmentWord, wordOf } from '../words.js';
import type { Reading } from './reading.js';

/**
 * The day's book. A row that cannot be read is left out, logged, and makes the reading incomplete.
 *
 * So does a row without an identifier that the terminal did not make: it may be one of ours whose tag got lost, and a book
 * that lists it proves the absence of none. (Descriptions of XTS say that ended orders lose theirs; the recorded book
 * shows it on filled ones.)
 */
export function fromOrderBook(body: unknown, reading: Reading): OrderBookReading {
  const orders: BrokerOrder[] = [];
  let complete = true;
  for (const value of reading.read.rowsOf(body, 'the order book')) {
    try {
      const row = readOrderRow(reading.read, value);
      orders.push(fromOrderRow(row, reading));
      if (row.OrderUniqueIdentifier === null && row.GeneratedBy?.toUpperCase() !== TERMINAL) complete = false;
    } catch (error) {
      if (!isAlgoError(error) || error.code !== 'ALGO_REPLY_UNREADABLE') throw error;
      complete = false;
      reading.logger.warn(`${reading.read.broker}.order-row-unreadable`, { why: error.details.why });
    }
  }
  return { orders, complete };
}

const TERMINAL = 'TWS';

/**
 * One order from its history; null for an empty one. The latest row counts: by its time, and the last of equal ones.
 *
 * @throws {AlgoError} `ALGO_REPLY_UNREADABLE`, also for a row of another order than the one asked for
 */
export function fromOrderHistory(body: unknown, brokerOrderId: string, reading: Reading): BrokerOrder | null {
  const rows = reading.read.rowsOf(body, 'the history of an order').map((row) => readOrderRow(reading.read, row));
  if (rows.some(({ AppOrderID }) => AppOrderID !== brokerOrderId))
    throw reading.read.unreadable('it shows another order than the one asked for');
  const latest = rows.reduce<OrderRow | null>((best, row) => (isBefore(row, best) ? best : row), null);
  return latest === null ? null : fromOrderRow(latest, reading);
}

function isBefore(row: OrderRow, best: OrderRow | null): boolean {
  const at = rowTimeMs(row.LastUpdateDateTime);
  const bestAt = best === null ? null : rowTimeMs(best.LastUpdateDateTime);
  return at !== null && bestAt !== null && at < bestAt;
}

function fromOrderRow(row: OrderRow, { read, instruments, logger }: Reading): BrokerOrder {
  const listing = instruments.byToken(segmentWord(row.ExchangeSegment), row.ExchangeInstrumentID);
  const units = unitsPerWireUnit(listing);
  const type = known(read, ORDER_TYPE_OF, row.OrderType, 'OrderType');
  const status = statusOf(row);
  if (status === null)
    logger.warn(`${read.broker}.order-status-unknown`, {
      orderId: row.AppOrderID,
      status: row.OrderStatus.slice(0, 40),
    });
  return {
    brokerOrderId: row.AppOrderID,
    exchangeOrderId: row.ExchangeOrderID,
    tag: row.OrderUniqueIdentifier,
    instrument: listing?.instrument ?? null,
    symbol: listing?.symbol ?? '', // the row has none
    side: known(read, SIDE_OF, row.OrderSide, 'OrderSide'),
    type,
    product: productOf(row.ProductType),
    validity: known(read, VALIDITY_OF, row.TimeInForce, 'TimeInForce'),
    quantity: row.OrderQuantity * units,
    filledQuantity: row.CumulativeQuantity * units,
    price: orNull(row.OrderPrice),
    triggerPrice: orNull(row.OrderStopPrice),
    averagePrice: orNull(row.OrderAverageTradedPrice),
    status: status ?? 'PENDING',
    brokerStatus: row.OrderStatus,
    reason: status === 'REJECTED' ? row.CancelRejectReason : null,
    placedAtMs: rowTimeMs(row.OrderGeneratedDateTime),
    updatedAtMs: rowTimeMs(row.LastUpdateDateTime),
  };
}

type StatusFacts = Pick<OrderRow, 'OrderStatus' | 'OrderType' | 'CumulativeQuantity'>;

/** Our word for an order's state; null when the broker's is not known, which must never end an order. */
function statusOf({ OrderStatus, OrderType, CumulativeQuantity }: StatusFacts): OrderStatus | null {
  const status = STATUS_OF.get(wordOf(OrderStatus));
  if (status === undefined) return null;
  if (status !== 'live') return status;
  if (CumulativeQuantity > 0) return 'PARTIALLY_FILLED';
  // Once its stop has fired, an order reads as a plain Limit or Market one (seen in recorded books).
  return wordOf(OrderType).startsWith('STOP') ? 'TRIGGER_PENDING' : 'OPEN';
}

/**
 * Fills, in the broker's order. XTS has no call for those of one order.
 *
 * @param orderId the order whose fills are wanted, null for all of the day
 * @throws {AlgoError} `ALGO_REPLY_UNREADABLE` for a row that cannot be read: a fill must not vanish
 */
export function fromTrades(body: unknown, orderId: string | null, reading: Reading): readonly Trade[] {
  const seen = new Map<string, number>();
  const rows = reading.read.rowsOf(body, 'the trades').map((value) => readTradeRow(reading.read, value));
  return rows
    .filter(({ AppOrderID }) => orderId === null || AppOrderID === orderId)
    .map((row) => fromTradeRow(row, row.ExecutionID ?? madeTradeId(row, seen), reading));
}

function fromTradeRow(row: TradeRow, tradeId: string, { read, instruments }: Reading): Trade {
  const listing = instruments.byToken(segmentWord(row.ExchangeSegment), row.ExchangeInstrumentID);
  return {
    tradeId,
    brokerOrderId: row.AppOrderID,
    exchangeOrderId: row.ExchangeOrderID,
    instrument: listing?.instrument ?? null,
    symbol: listing?.symbol ?? '',
    side: known(read, SIDE_OF, row.OrderSide, 'OrderSide'),
    product: productOf(row.ProductType),
    quantity: row.LastTradedQuantity * unitsPerWireUnit(listing),
    price: row.LastTradedPrice,
    tradedAtMs: rowTimeMs(row.LastExecutionTransactTime),
  };
}

/** A trade without an id is known by what happened; equal ones are counted, so that no fill hides behind another. */
function madeTradeId(row: TradeRow, seen: Map<string, number>): string {
  const when = row.LastExecutionTransactTime ?? '';
  const facts = `${row.AppOrderID}/${when}/${row.LastTradedQuantity}/${row.LastTradedPrice}`;
  const count = (seen.get(facts) ?? 0) + 1;
  seen.set(facts, count);
  return `${facts}/${count}`;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` for a word that is not in the table */
function known<Word>(read: XtsReader, words: ReadonlyMap<string, Word>, sent: string, name: string): Word {
  const found = words.get(wordOf(sent));
  if (found === undefined) throw read.unreadable(`${name} is not a known word`);
  return found;
}

const productOf = (sent: string | null): BrokerOrder['product'] =>
  sent === null ? null : (PRODUCT_OF.get(wordOf(sent)) ?? null);

const orNull = (price: number): number | null => (price === 0 ? null : price);
