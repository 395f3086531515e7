import {
  dataOf,
  field,
  fieldsOf,
  idOf,
  listOf,
  numberOf,
  optionalNumber,
  optionalText,
  rowsOf,
  textOf,
  unreadable,
} from './read.js';
import type { Fields } from './read.js';

/**
 * `POST market/v1/quote`: tokens by exchange, at most 50 in all.
 *
 * @see SmartAPI docs, "Market data", copy of 2024
 */
export interface QuoteBody {
  readonly mode: 'LTP' | 'FULL';
  readonly exchangeTokens: Readonly<Record<string, readonly string[]>>;
}

export interface QuoteRow {
  /** 0 when it never traded. */
  readonly ltp: number;
  /** The rest of the row, read only where it was asked for. */
  readonly fields: Fields;
}

/** Quotes by exchange and token; null where the broker has none (it lists those under `unfetched`). */
export function quoteReader(body: unknown): (exchange: string, token: string) => QuoteRow | null {
  const data = fieldsOf(dataOf(body), 'the quotes');
  const fetched = field(data, 'fetched');
  const rows = new Map<string, QuoteRow>();
  for (const value of fetched === null ? [] : rowsOf(fetched, 'fetched')) {
    const fields = fieldsOf(value, 'a quote');
    rows.set(`${textOf(fields, 'exchange')} ${idOf(fields, 'symbolToken')}`, { ltp: numberOf(fields, 'ltp'), fields });
  }
  return (exchange, token) => rows.get(`${exchange} ${token}`) ?? null;
}

export interface DepthRow {
  readonly price: number;
  readonly quantity: number;
  readonly orders: number;
}

/** What mode FULL adds, in rupees. Same source. */
export interface FullQuoteRow {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  /** The previous day's close. */
  readonly close: number;
  readonly avgPrice: number;
  readonly tradeVolume: number;
  readonly opnInterest: number | null;
  readonly lowerCircuit: number | null;
  readonly upperCircuit: number | null;
  /** `21-Jun-2023 10:46:09`, IST. */
  readonly exchTradeTime: string | null;
  readonly buy: readonly DepthRow[];
  readonly sell: readonly DepthRow[];
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readFullQuote(fields: Fields): FullQuoteRow {
  const depth = field(fields, 'depth');
  const sides = depth === undefined || depth === null ? null : fieldsOf(depth, 'depth');
  return {
    open: numberOf(fields, 'open'),
    high: numberOf(fields, 'high'),
    low: numberOf(fields, 'low'),
    close: numberOf(fields, 'close'),
    avgPrice: numberOf(fields, 'avgPrice'),
    tradeVolume: numberOf(fields, 'tradeVolume'),
    opnInterest: optionalNumber(fields, 'opnInterest'),
    lowerCircuit: optionalNumber(fields, 'lowerCircuit'),
    upperCircuit: optionalNumber(fields, 'upperCircuit'),
    exchTradeTime: optionalText(fields, 'exchTradeTime'),
    buy: sides === null ? [] : readSide(sides, 'buy'),
    sell: sides === null ? [] : readSide(sides, 'sell'),
  };
}

const readSide = (depth: Fields, side: 'buy' | 'sell'): readonly DepthRow[] =>
  rowsOf(field(depth, side), side).map((value) => {
    const level = fieldsOf(value, 'a depth level');
    return {
      price: numberOf(level, 'price'),
      quantity: numberOf(level, 'quantity'),
      orders: numberOf(level, 'orders'),
    };
  });

/**
 * `POST historical/v1/getCandleData`. Times are `YYYY-MM-DD HH:MM`, IST.
 *
 * @see SmartAPI docs, "Historical", copy of 2024
 */
export interface CandleBody {
  readonly exchange: string;
  readonly symboltoken: string;
  readonly interval: string;
  readonly fromdate: string;
  readonly todate: string;
}

/** One bar, with the time as printed: `2023-09-06T11:15:00+05:30`. */
export interface CandleRow {
  readonly time: string;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export const readCandles = (body: unknown): readonly CandleRow[] =>
  listOf(body, 'the candles').map((value) => {
    const row = rowsOf(value, 'a candle');
    const [time] = row;
    if (typeof time !== 'string') throw unreadable('the time of a candle is not a text');
    const [open, high, low, close, volume] = row.slice(1, 6).map(finite);
    if (open === undefined || high === undefined || low === undefined || close === undefined || volume === undefined)
      throw unreadable('a candle is too short');
    return { time, open, high, low, close, volume };
  });

function finite(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw unreadable('a candle holds something else than numbers');
}
