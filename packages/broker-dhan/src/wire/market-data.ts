import { field, fieldsOf, numberOf, numbersOf, optionalNumber, optionalText, rowsOf, unreadable } from './read.js';
import type { Fields } from './read.js';

/** `POST /marketfeed/ltp` and `/quote`: integer ids by segment. DhanHQ v2 docs, "Market Quote", captured 2026-07-15. */
export type QuoteBody = Readonly<Record<string, readonly number[]>>;

export interface QuoteRow {
  /** 0 when it never traded. */
  readonly lastPrice: number;
  /** The rest of the row, read only where it was asked for. */
  readonly fields: Fields;
}

/** Quotes by segment and id (text, although they are asked for as integers); null where the broker left one out. */
export function quoteReader(value: unknown): (segment: string, securityId: string) => QuoteRow | null {
  const data = fieldsOf(field(fieldsOf(value, 'the quotes'), 'data'), 'data');
  return (segment, securityId) => {
    const rows = field(data, segment);
    if (rows === undefined || rows === null) return null;
    const row = field(fieldsOf(rows, segment), securityId);
    if (row === undefined || row === null) return null;
    const fields = fieldsOf(row, 'a quote');
    return { lastPrice: numberOf(fields, 'last_price'), fields };
  };
}

export interface DepthRow {
  readonly price: number;
  readonly quantity: number;
  readonly orders: number;
}

/** What `/marketfeed/quote` adds. Same source. */
export interface FullQuoteRow {
  readonly ohlc: { readonly open: number; readonly high: number; readonly low: number; readonly close: number };
  readonly volume: number;
  readonly averagePrice: number;
  readonly oi: number | null;
  readonly lowerCircuitLimit: number | null;
  readonly upperCircuitLimit: number | null;
  /** `DD/MM/YYYY HH:MM:SS`, IST. */
  readonly lastTradeTime: string | null;
  readonly buy: readonly DepthRow[];
  readonly sell: readonly DepthRow[];
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readFullQuote(fields: Fields): FullQuoteRow {
  const ohlc = fieldsOf(field(fields, 'ohlc'), 'ohlc');
  const depth = field(fields, 'depth');
  return {
    ohlc: {
      open: numberOf(ohlc, 'open'),
      high: numberOf(ohlc, 'high'),
      low: numberOf(ohlc, 'low'),
      close: numberOf(ohlc, 'close'),
    },
    volume: numberOf(fields, 'volume'),
    averagePrice: numberOf(fields, 'average_price'),
    oi: optionalNumber(fields, 'oi'),
    lowerCircuitLimit: optionalNumber(fields, 'lower_circuit_limit'),
    upperCircuitLimit: optionalNumber(fields, 'upper_circuit_limit'),
    lastTradeTime: optionalText(fields, 'last_trade_time'),
    buy: depth === undefined || depth === null ? [] : readSide(fieldsOf(depth, 'depth'), 'buy'),
    sell: depth === undefined || depth === null ? [] : readSide(fieldsOf(depth, 'depth'), 'sell'),
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
 * `POST /charts/historical` and `/charts/intraday`. Dates are IST; `toDate` is not included.
 *
 * @see DhanHQ v2 docs, "Historical Data", captured 2026-07-15
 */
export interface ChartBody {
  readonly securityId: string;
  readonly exchangeSegment: string;
  readonly instrument: string;
  /** Minutes, for `/charts/intraday`. */
  readonly interval?: string;
  readonly oi: boolean;
  readonly fromDate: string;
  readonly toDate: string;
}

/** Candles in columns of one length. Timestamps are epoch seconds, sometimes printed as floats. */
export interface ChartColumns {
  readonly open: readonly number[];
  readonly high: readonly number[];
  readonly low: readonly number[];
  readonly close: readonly number[];
  readonly volume: readonly number[];
  readonly timestamp: readonly number[];
  readonly openInterest: readonly number[] | null;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readChart(value: unknown): ChartColumns {
  const body = fieldsOf(value, 'the chart');
  const interest = field(body, 'open_interest');
  const columns: ChartColumns = {
    open: numbersOf(body, 'open'),
    high: numbersOf(body, 'high'),
    low: numbersOf(body, 'low'),
    close: numbersOf(body, 'close'),
    volume: numbersOf(body, 'volume'),
    timestamp: numbersOf(body, 'timestamp'),
    openInterest: interest === undefined || interest === null ? null : numbersOf(body, 'open_interest'),
  };
  const rows = columns.timestamp.length;
  const { open, high, low, close, volume, openInterest } = columns;
  if ([open, high, low, close, volume].some((column) => column.length !== rows)) {
    throw unreadable('the columns of the chart differ in length');
  }
  // Without open interest Dhan was seen to send an empty column.
  return openInterest?.length === rows ? columns : { ...columns, openInterest: null };
}
