import type { CandleInterval, Exchange, OrderType, Product, Side, Validity } from '@algo/core/adapter';

/**
 * Angel's words beside ours. SmartAPI docs, "Orders" and "Historical", copy of 2024.
 *
 * What goes out is looked up in a record that is complete by its type; what comes in, in a `Map`, since an unknown word
 * must find nothing.
 */

/** Angel names exchanges as we do, and indices stand among the shares. It has NCDEX besides, which we do not. */
export const EXCHANGE_OF: ReadonlyMap<string, Exchange> = new Map([
  ['NSE', 'NSE'],
  ['BSE', 'BSE'],
  ['NFO', 'NFO'],
  ['BFO', 'BFO'],
  ['CDS', 'CDS'],
  ['MCX', 'MCX'],
]);

export const ORDER_TYPE_WORDS: Readonly<Record<OrderType, string>> = {
  MARKET: 'MARKET',
  LIMIT: 'LIMIT',
  SL: 'STOPLOSS_LIMIT',
  'SL-M': 'STOPLOSS_MARKET',
};

/** A stop order has to name variety STOPLOSS in every command about it, any other NORMAL. */
export type Variety = 'NORMAL' | 'STOPLOSS';

export const VARIETY_WORDS: Readonly<Record<OrderType, Variety>> = {
  MARKET: 'NORMAL',
  LIMIT: 'NORMAL',
  SL: 'STOPLOSS',
  'SL-M': 'STOPLOSS',
};

export const PRODUCT_WORDS: Readonly<Record<Product, string>> = {
  CNC: 'DELIVERY',
  MIS: 'INTRADAY',
  NRML: 'CARRYFORWARD',
  MTF: 'MARGIN',
};

export const SIDE_OF: ReadonlyMap<string, Side> = new Map([
  ['BUY', 'BUY'],
  ['SELL', 'SELL'],
]);

export const ORDER_TYPE_OF: ReadonlyMap<string, OrderType> = new Map([
  ['MARKET', 'MARKET'],
  ['LIMIT', 'LIMIT'],
  ['STOPLOSS_LIMIT', 'SL'],
  ['STOPLOSS_MARKET', 'SL-M'],
]);

/** BO, the product of the bracket orders of the past, has no word of ours. */
export const PRODUCT_OF: ReadonlyMap<string, Product> = new Map([
  ['DELIVERY', 'CNC'],
  ['INTRADAY', 'MIS'],
  ['CARRYFORWARD', 'NRML'],
  ['MARGIN', 'MTF'],
]);

export const VALIDITY_OF: ReadonlyMap<string, Validity> = new Map([
  ['DAY', 'DAY'],
  ['IOC', 'IOC'],
]);

export interface CandleWord {
  readonly word: string;
  /** Longest stretch of one call. */
  readonly days: number;
}

/** Intervals that Angel has; the others are not made up from these. */
export const CANDLE_WORDS: ReadonlyMap<CandleInterval, CandleWord> = new Map([
  ['1m', { word: 'ONE_MINUTE', days: 30 }],
  ['3m', { word: 'THREE_MINUTE', days: 60 }],
  ['5m', { word: 'FIVE_MINUTE', days: 100 }],
  ['10m', { word: 'TEN_MINUTE', days: 100 }],
  ['15m', { word: 'FIFTEEN_MINUTE', days: 200 }],
  ['30m', { word: 'THIRTY_MINUTE', days: 200 }],
  ['60m', { word: 'ONE_HOUR', days: 400 }],
  ['1d', { word: 'ONE_DAY', days: 2_000 }],
]);
