import { field, fieldsOf, isFields, moneyOf, optionalMoney, optionalText, rowsOf, textOf, unreadable } from './read.js';
import type { Fields } from './read.js';

export interface QuoteRow {
  /** 0 when it never traded. */
  readonly lastPrice: number;
  /** The rest of the row, read only where it was asked for. */
  readonly fields: Fields;
}

/**
 * The rows of `GET /script-details/1.0/quotes/neosymbol/…`, found by segment and by what was asked for: a token, or the
 * name of an index. Null where the broker left one out.
 *
 * @see Kotak Neo Trade API docs, "Quotes", as of 2026-09
 */
export function quoteReader(value: unknown): (segment: string, key: string) => QuoteRow | null {
  const found = new Map<string, Fields>();
  for (const row of rowsOf(value, 'the quotes')) {
    const fields = fieldsOf(row, 'a quote');
    found.set(`${textOf(fields, 'exchange').trim()}|${textOf(fields, 'exchange_token').trim()}`, fields);
  }
  return (segment, key) => {
    const fields = found.get(`${segment}|${key}`);
    return fields === undefined ? null : { lastPrice: moneyOf(fields, 'ltp'), fields };
  };
}

export interface DepthRow {
  readonly price: number;
  readonly quantity: number;
  readonly orders: number;
}

/** What the filter `all` adds. Same source; several fields are absent for an index. */
export interface FullQuoteRow {
  readonly ohlc: { readonly open: number; readonly high: number; readonly low: number; readonly close: number };
  readonly volume: number;
  readonly averagePrice: number;
  readonly openInterest: number | null;
  readonly lowPriceRange: number | null;
  readonly highPriceRange: number | null;
  /** Unix seconds. */
  readonly updatedAt: number | null;
  readonly buy: readonly DepthRow[];
  readonly sell: readonly DepthRow[];
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readFullQuote(fields: Fields): FullQuoteRow {
  const ohlc = fieldsOf(field(fields, 'ohlc'), 'ohlc');
  const depth = field(fields, 'depth');
  return {
    ohlc: {
      open: moneyOf(ohlc, 'open'),
      high: moneyOf(ohlc, 'high'),
      low: moneyOf(ohlc, 'low'),
      close: moneyOf(ohlc, 'close'),
    },
    volume: optionalMoney(fields, 'last_volume') ?? 0,
    averagePrice: optionalMoney(fields, 'avg_cost') ?? 0,
    openInterest: optionalMoney(fields, 'open_int'),
    lowPriceRange: optionalMoney(fields, 'low_price_range'),
    highPriceRange: optionalMoney(fields, 'high_price_range'),
    updatedAt: optionalMoney(fields, 'lstup_time'),
    buy: readSide(depth, 'buy'),
    sell: readSide(depth, 'sell'),
  };
}

function readSide(depth: unknown, side: 'buy' | 'sell'): readonly DepthRow[] {
  const levels = isFields(depth) ? field(depth, side) : undefined;
  if (levels === undefined || levels === null) return [];
  return rowsOf(levels, side).map((value) => {
    const level = fieldsOf(value, 'a depth level');
    return {
      price: moneyOf(level, 'price'),
      quantity: moneyOf(level, 'quantity'),
      orders: optionalMoney(level, 'orders') ?? 0,
    };
  });
}

/** What is asked of `GET /market-data/1.0/historical/details`; dates are IST days, both included. */
export interface CandleQuery {
  readonly neosymbol: string;
  readonly fromdate: string;
  readonly todate: string;
  readonly interval: string;
}

export interface CandleRow {
  /** `2026-08-20T09:15:00+0530` */
  readonly start: string;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  /** Not filled in yet, says the documentation of 2026-09; the recorded reply has numbers. */
  readonly openInterest: number | null;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readCandles(value: unknown): readonly CandleRow[] {
  const body = fieldsOf(value, 'the candles');
  if (optionalText(body, 'status')?.toLowerCase() !== 'success') throw unreadable('the candles do not say success');
  return rowsOf(field(fieldsOf(field(body, 'data'), 'data'), 'candles'), 'candles').map((row) => {
    const [start, ...numbers] = rowsOf(row, 'a candle');
    if (typeof start !== 'string') throw unreadable('a candle has no time');
    const at = (index: number): number => {
      const number = numbers[index];
      if (typeof number === 'number' && Number.isFinite(number)) return number;
      throw unreadable('a candle holds something else than numbers');
    };
    const openInterest = numbers[5];
    return {
      start,
      open: at(0),
      high: at(1),
      low: at(2),
      close: at(3),
      volume: at(4),
      openInterest: typeof openInterest === 'number' ? openInterest : null,
    };
  });
}
