import type { InstrumentId } from './instrument.js';

/** `ltp` is the last price alone; `full` adds the day's range, volume and five levels of depth. */
export type QuoteDetail = 'ltp' | 'full';

/** Prices are rupees; `asOfMs` is when it was read. */
export interface Quote {
  readonly instrument: InstrumentId;
  /** Null when it never traded. */
  readonly lastPrice: number | null;
  readonly asOfMs: number;
  readonly full: FullQuote | null;
}

export interface FullQuote {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  /** The previous day's close. */
  readonly previousClose: number;
  readonly volume: number;
  readonly averagePrice: number;
  readonly openInterest: number | null;
  readonly lowerCircuit: number | null;
  readonly upperCircuit: number | null;
  readonly lastTradedAtMs: number | null;
  readonly bids: readonly DepthLevel[];
  readonly asks: readonly DepthLevel[];
}

export interface DepthLevel {
  readonly price: number;
  readonly quantity: number;
  readonly orders: number;
}

export type CandleInterval = '1m' | '2m' | '3m' | '5m' | '10m' | '15m' | '25m' | '30m' | '60m' | '1d' | '1w';

/** One bar; `startMs` is its first instant, prices are rupees. */
export interface Candle {
  readonly startMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly openInterest: number | null;
}

/** From is included, to is not; both epoch milliseconds. */
export interface CandleRequest {
  readonly instrument: InstrumentId;
  readonly interval: CandleInterval;
  readonly fromMs: number;
  readonly toMs: number;
}
