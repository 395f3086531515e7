import type { Listing, Trade } from '@algo/core/adapter';
import { readOrderRow, readTradeRow } from '../../wire/orders.js';
import type { OrderRow, TradeRow } from '../../wire/orders.js';
import { listOf } from '../../wire/read.js';
import { unitsPerWireUnit } from '../quantity.js';
import { timeOfDayMs } from '../time.js';
import { SIDE_OF } from '../words.js';
import { instrumentOf, listingOf } from './find-listing.js';
import type { Named } from './find-listing.js';
import { known, productOf } from './orders.js';
import type { Reading } from './reading.js';

/** The rows of the trade book that are asked for, in the broker's order. */
export interface TradeRows {
  readonly rows: readonly TradeRow[];
  /** True when a row is of something that its symbol does not tell: the order book has to name it then. */
  readonly needsBook: boolean;
}

/**
 * @param orderId the order they are asked for, null for all of the day
 * @throws {AlgoError} `ALGO_REPLY_UNREADABLE`: a fill that cannot be read must not vanish
 */
export function readTrades(body: unknown, orderId: string | null, { instruments }: Reading): TradeRows {
  const all = listOf(body, 'the trade book').map(readTradeRow);
  const rows = orderId === null ? all : all.filter(({ orderid }) => orderid === orderId);
  return { rows, needsBook: rows.some((row) => instrumentOf(named(row), instruments) === null) };
}

/** The trade book has no token. */
const named = (row: TradeRow): Named => ({ ...row, symboltoken: null });

/**
 * Fills, named by their symbol or else by the order they are of. One of an order that the book does not name keeps its
 * symbol and has no instrument.
 *
 * @param book the reply of the order book, null where none was needed
 * @param nowMs gives the day, which the trade book leaves out
 */
export function fromTrades({ rows }: TradeRows, book: unknown, nowMs: number, reading: Reading): readonly Trade[] {
  const { instruments } = reading;
  const orders = book === null ? new Map<string, OrderRow>() : ordersById(book);
  const seen = new Map<string, number>();
  return rows.map((row) => {
    const byName = named(row);
    const order = orders.get(row.orderid) ?? byName;
    const listing = listingOf(byName, instruments) ?? listingOf(order, instruments);
    const instrument = instrumentOf(byName, instruments) ?? instrumentOf(order, instruments);
    return fromTradeRow(row, { instrument, listing, tradeId: row.fillid ?? madeTradeId(row, seen), nowMs });
  });
}

interface Joined {
  readonly instrument: Trade['instrument'];
  readonly listing: Listing | null;
  readonly tradeId: string;
  readonly nowMs: number;
}

const fromTradeRow = (row: TradeRow, { instrument, listing, tradeId, nowMs }: Joined): Trade => ({
  tradeId,
  brokerOrderId: row.orderid,
  exchangeOrderId: null,
  instrument,
  symbol: row.tradingsymbol,
  side: known(SIDE_OF, row.transactiontype, 'transactiontype'),
  product: productOf(row.producttype),
  quantity: row.fillsize * unitsPerWireUnit(listing),
  price: row.fillprice,
  tradedAtMs: timeOfDayMs(row.filltime, nowMs),
});

/** The rows of the order book that can be read, by their id. */
function ordersById(book: unknown): ReadonlyMap<string, OrderRow> {
  const orders = new Map<string, OrderRow>();
  for (const value of listOf(book, 'the order book')) {
    try {
      const row = readOrderRow(value);
      orders.set(row.orderid, row);
    } catch {
      // The book itself says so when it is asked for; a fill of that order goes without its instrument.
    }
  }
  return orders;
}

/** A trade without an id is known by what happened; equal ones are counted, so that no fill hides behind another. */
function madeTradeId(row: TradeRow, seen: Map<string, number>): string {
  const facts = `${row.orderid}/${row.filltime ?? ''}/${row.fillsize}/${row.fillprice}`;
  const count = (seen.get(facts) ?? 0) + 1;
  seen.set(facts, count);
  return `${facts}/${count}`;
}
