import { isAlgoError } from '@algo/core/adapter';
import type { BrokerOrder, Listing, OrderBookReading, OrderStatus, Trade } from '@algo/core/adapter';
import { readOrderRow, readTradeRow } from '../../wire/orders.js';
import type { OrderRow, TradeRow } from '../../wire/orders.js';
import { isFields, optionalId, rowsOf, unreadable } from '../../wire/read.js';
import { unitsPerWireUnit } from '../quantity.js';
import { tagOf } from '../tag.js';
import { monthNameMs, slashedMs } from '../time.js';
import { ORDER_TYPE_OF, PRODUCT_OF, SIDE_OF, STATUS_OF, VALIDITY_OF } from '../words.js';
import type { Reading } from './reading.js';

/** The day's book. A row that cannot be read is left out, logged, and makes the reading incomplete. */
export function fromOrderBook(data: unknown, reading: Reading): OrderBookReading {
  const orders: BrokerOrder[] = [];
  let complete = true;
  for (const row of rowsOf(data, 'the order book')) {
    try {
      orders.push(fromOrderRow(readOrderRow(row), reading));
    } catch (error) {
      if (!isAlgoError(error) || error.code !== 'ALGO_REPLY_UNREADABLE') throw error;
      complete = false;
      reading.logger.warn('kotak.order-row-unreadable', { why: error.details.why });
    }
  }
  return { orders, complete };
}

/**
 * One order; null for none.
 *
 * @throws {AlgoError} `ALGO_REPLY_UNREADABLE`, also when only other orders are shown
 */
export function fromOneOrder(data: unknown, brokerOrderId: string, reading: Reading): BrokerOrder | null {
  const rows = rowsOf(data, 'the order');
  if (rows.length === 0) return null;
  const row = rows.find((candidate) => orderNumberIn(candidate) === brokerOrderId);
  if (row === undefined) throw unreadable('it shows another order than the one asked for');
  return fromOrderRow(readOrderRow(row), reading);
}

function fromOrderRow(row: OrderRow, reading: Reading): BrokerOrder {
  const listing = listingOf(row, reading);
  const units = unitsPerWireUnit(listing);
  const status = statusOf(row);
  if (status === null)
    reading.logger.warn('kotak.order-status-unknown', { orderId: row.nOrdNo, status: row.ordSt.slice(0, 40) });
  return {
    brokerOrderId: row.nOrdNo,
    exchangeOrderId: row.exOrdId,
    tag: tagOf(row.guiOrdId),
    instrument: listing?.instrument ?? null,
    symbol: row.trdSym ?? listing?.symbol ?? '',
    side: known(SIDE_OF, row.trnsTp, 'trnsTp'),
    type: known(ORDER_TYPE_OF, row.prcTp, 'prcTp'),
    product: productOf(row.prod),
    validity: known(VALIDITY_OF, row.vldt, 'vldt'),
    quantity: row.qty * units,
    filledQuantity: row.fldQty * units,
    price: orNull(row.prc),
    triggerPrice: orNull(row.trgPrc),
    averagePrice: orNull(row.avgPrc),
    status: status ?? 'PENDING',
    brokerStatus: row.ordSt,
    reason: status === 'REJECTED' ? row.rejRsn : null,
    placedAtMs: monthNameMs(row.ordDtTm),
    updatedAtMs: slashedMs(row.hsUpTm),
  };
}

/** Our word for an order's state; null when Kotak's is not known, which must never end an order. */
function statusOf({ ordSt, fldQty }: OrderRow): OrderStatus | null {
  const status = STATUS_OF.get(ordSt.trim().toLowerCase()) ?? null;
  return status === 'OPEN' && fldQty > 0 ? 'PARTIALLY_FILLED' : status;
}

function orderNumberIn(row: unknown): string | null {
  try {
    return isFields(row) ? optionalId(row, 'nOrdNo') : null;
  } catch {
    return null;
  }
}

/**
 * Fills, in the broker's order.
 *
 * @param orderId the order they were asked for, null for all of the day
 * @throws {AlgoError} `ALGO_REPLY_UNREADABLE` for a row that cannot be read: a fill must not vanish
 */
export function fromTrades(data: unknown, orderId: string | null, reading: Reading): readonly Trade[] {
  const seen = new Map<string, number>();
  const rows = rowsOf(data, 'the trades').map(readTradeRow);
  const wanted = orderId === null ? rows : rows.filter(({ nOrdNo }) => nOrdNo === orderId);
  return wanted.map((row) => fromTradeRow(row, row.flId ?? madeTradeId(row, seen), reading));
}

function fromTradeRow(row: TradeRow, tradeId: string, reading: Reading): Trade {
  const listing = listingOf(row, reading);
  return {
    tradeId,
    brokerOrderId: row.nOrdNo,
    exchangeOrderId: row.exOrdId,
    instrument: listing?.instrument ?? null,
    symbol: row.trdSym ?? listing?.symbol ?? '',
    side: known(SIDE_OF, row.trnsTp, 'trnsTp'),
    product: productOf(row.prod),
    quantity: row.fldQty * unitsPerWireUnit(listing),
    price: row.avgPrc,
    tradedAtMs: filledAtMs(row),
  };
}

const filledAtMs = ({ flDt, flTm, exTm }: TradeRow): number | null =>
  (flDt !== null && flTm !== null ? monthNameMs(`${flDt} ${flTm}`) : null) ?? monthNameMs(exTm);

/** A trade without an id is known by what happened; equal ones are counted, so that no fill hides behind another. */
function madeTradeId({ nOrdNo, flDt, flTm, fldQty, avgPrc }: TradeRow, seen: Map<string, number>): string {
  const facts = [nOrdNo, flDt ?? '', flTm ?? '', fldQty, avgPrc].join('/');
  const count = (seen.get(facts) ?? 0) + 1;
  seen.set(facts, count);
  return `${facts}/${count}`;
}

/** By token, else by the trading symbol: trades leave the token out. */
function listingOf(
  { exSeg, tok, trdSym }: Pick<OrderRow, 'exSeg' | 'tok' | 'trdSym'>,
  reading: Reading,
): Listing | null {
  if (exSeg === null) return null;
  if (tok !== null) return reading.instruments.byToken(exSeg, tok);
  return trdSym === null ? null : (reading.instruments.bySymbol?.(exSeg, trdSym) ?? null);
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
