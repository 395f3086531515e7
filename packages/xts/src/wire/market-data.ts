import { field, isFields } from './read.js';
import type { Fields, XtsReader } from './read.js';

/** One instrument as the market data product names it: the segment is a number here. */
export interface InstrumentKey {
  readonly exchangeSegment: number;
  readonly exchangeInstrumentID: number;
}

/** `POST {marketData}/instruments/quotes`. Without `publishFormat` it answers HTTP 400 (a live test of 2024-25). */
export interface QuoteBody {
  readonly instruments: readonly InstrumentKey[];
  readonly xtsMessageCode: 1501 | 1502;
  readonly publishFormat: 'JSON';
}

/** Query of `GET {marketData}/instruments/ohlc`; times are IST, `Jan 27 2025 090000`. */
export interface OhlcQuery {
  readonly exchangeSegment: string;
  readonly exchangeInstrumentID: string;
  readonly startTime: string;
  readonly endTime: string;
  readonly compressionValue: string;
}

export interface QuoteRow {
  readonly exchangeSegment: number;
  readonly exchangeInstrumentID: string;
  /** 0 when it never traded. */
  readonly lastTradedPrice: number;
  /** The whole quote, and its touchline, read only where they were asked for. */
  readonly quote: Fields;
  readonly touchline: Fields;
}

/**
 * Quotes come as a list of JSON texts; empty ones were seen after hours for derivatives.
 *
 * @see quotes_1502_200.SYNTHETIC (built from the documented layout, 2026-11-20)
 * @throws {AlgoError} `ALGO_REPLY_UNREADABLE`
 */
export function readQuotes(read: XtsReader, value: unknown): readonly QuoteRow[] {
  const list = read.rowsOf(field(read.fieldsOf(value, 'the quotes'), 'listQuotes'), 'listQuotes');
  return list.filter((quote) => quote !== '' && quote !== null).map((quote) => readQuote(read, quote));
}

function readQuote(read: XtsReader, value: unknown): QuoteRow {
  const quote = read.fieldsOf(typeof value === 'string' ? parsed(read, value) : value, 'a quote');
  const nested = field(quote, 'Touchline');
  const touchline = isFields(nested) ? nested : quote;
  return {
    exchangeSegment: read.wholeOf(quote, 'ExchangeSegment'),
    exchangeInstrumentID: read.idOf(quote, 'ExchangeInstrumentID'),
    lastTradedPrice: read.amountOf(touchline, 'LastTradedPrice'),
    quote,
    touchline,
  };
}

function parsed(read: XtsReader, text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    throw read.unreadable('a quote in listQuotes is not JSON');
  }
}

export interface DepthRow {
  readonly Price: number;
  readonly Size: number;
  readonly TotalOrders: number;
}

/** What message 1502 adds to the last price. `Close` is the previous day's. */
export interface FullQuoteRow {
  readonly Open: number;
  readonly High: number;
  readonly Low: number;
  readonly Close: number;
  readonly TotalTradedQuantity: number;
  readonly AverageTradedPrice: number;
  /** Seconds since 1980 in IST wall clock for NSE's segments. */
  readonly LastTradedTime: number | null;
  readonly Bids: readonly DepthRow[];
  readonly Asks: readonly DepthRow[];
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readFullQuote(read: XtsReader, { quote, touchline }: QuoteRow): FullQuoteRow {
  const amount = (name: string): number => read.optionalAmount(touchline, name) ?? 0;
  return {
    Open: amount('Open'),
    High: amount('High'),
    Low: amount('Low'),
    Close: amount('Close'),
    TotalTradedQuantity: amount('TotalTradedQuantity'),
    AverageTradedPrice: amount('AverageTradedPrice'),
    LastTradedTime: read.optionalAmount(touchline, 'LastTradedTime'),
    Bids: readSide(read, quote, 'Bids'),
    Asks: readSide(read, quote, 'Asks'),
  };
}

function readSide(read: XtsReader, quote: Fields, side: 'Bids' | 'Asks'): readonly DepthRow[] {
  const levels = field(quote, side);
  if (levels === undefined || levels === null) return [];
  return read.rowsOf(levels, side).map((value) => {
    const level = read.fieldsOf(value, 'a depth level');
    return {
      Price: read.amountOf(level, 'Price'),
      Size: read.amountOf(level, 'Size'),
      TotalOrders: read.optionalAmount(level, 'TotalOrders') ?? 0,
    };
  });
}

/** One bar. `timestamp` is the IST wall clock at the bar's last second, encoded as if it were UTC. */
export interface OhlcRow {
  readonly timestamp: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly openInterest: number;
}

/**
 * `dataReponse` (the misspelling is XTS's): one text, rows split by commas, fields by bars, one empty at the end.
 *
 * @see ohlc_200.SYNTHETIC (built from the documented layout, 2026-11-20)
 * @throws {AlgoError} `ALGO_REPLY_UNREADABLE`
 */
export function readOhlc(read: XtsReader, value: unknown): readonly OhlcRow[] {
  const text = field(read.fieldsOf(value, 'the candles'), 'dataReponse');
  if (typeof text !== 'string') throw read.unreadable('dataReponse is not a text');
  return text
    .split(',')
    .map((row) => row.trim())
    .filter((row) => row !== '')
    .map((row) => readBar(read, row));
}

function readBar(read: XtsReader, row: string): OhlcRow {
  const [timestamp = '', open = '', high = '', low = '', close = '', volume = '', openInterest = ''] = row.split('|');
  const number = (name: string, printed: string): number => read.numberOf({ [name]: printed }, name);
  return {
    timestamp: read.wholeOf({ timestamp }, 'timestamp'),
    open: number('open', open),
    high: number('high', high),
    low: number('low', low),
    close: number('close', close),
    volume: number('volume', volume),
    openInterest: openInterest === '' ? 0 : number('openInterest', openInterest),
  };
}
