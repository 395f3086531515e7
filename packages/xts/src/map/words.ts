import type { Exchange, OrderStatus, OrderType, Product, Side, Validity } from '@algo/core/adapter';

/**
 * XTS's words beside ours. Symphony XTS docs and clients as collected 2026-11-20.
 *
 * What goes out is looked up in a record that is complete by its type; what comes in, in a `Map`, since an unknown word
 * must find nothing. Old servers write `StopLimit` where new ones write `STOPLIMIT`: what comes in goes through
 * {@link wordOf} first.
 */

/** The interactive product's text for a segment. Indices sit in the cash segments. */
export const SEGMENTS = {
  NSE: 'NSECM',
  BSE: 'BSECM',
  NFO: 'NSEFO',
  BFO: 'BSEFO',
  CDS: 'NSECD',
  BCD: 'BSECD',
  MCX: 'MCXFO',
} as const satisfies Readonly<Record<Exchange, string>>;

export type Segment = (typeof SEGMENTS)[Exchange];

/** The market data product's number for the same. */
export const SEGMENT_NUMBERS: Readonly<Record<Segment, number>> = {
  NSECM: 1,
  NSEFO: 2,
  NSECD: 3,
  BSECM: 11,
  BSEFO: 12,
  BSECD: 13,
  MCXFO: 51,
};

const SEGMENT_OF: ReadonlyMap<string, Segment> = new Map(
  Object.values(SEGMENTS).flatMap((segment) => [
    [segment, segment] as const,
    [String(SEGMENT_NUMBERS[segment]), segment] as const,
  ]),
);

/** The text of a segment that came as text or as a number; as sent where it is none we know. */
export const segmentWord = (sent: string): string => SEGMENT_OF.get(sent.toUpperCase()) ?? sent;

/** Null for a segment that the market data product would not know. */
export function segmentNumber(segment: string): number | null {
  const known = SEGMENT_OF.get(segment);
  return known === undefined ? null : SEGMENT_NUMBERS[known];
}

export const ORDER_TYPE_WORDS: Readonly<Record<OrderType, string>> = {
  MARKET: 'MARKET',
  LIMIT: 'LIMIT',
  SL: 'STOPLIMIT',
  'SL-M': 'STOPMARKET',
};

/** MTF has no entry: whether it is offered is not certain. */
export const PRODUCT_WORDS: Readonly<Record<Exclude<Product, 'MTF'>, string>> = {
  CNC: 'CNC',
  MIS: 'MIS',
  NRML: 'NRML',
};

/** A word as the maps below hold it: `Trigger Pending`, `TriggerPending` and `TRIGGERPENDING` are one. */
export const wordOf = (sent: string): string => sent.replaceAll(/[\s_]/g, '').toUpperCase();

export const SIDE_OF: ReadonlyMap<string, Side> = new Map([
  ['BUY', 'BUY'],
  ['SELL', 'SELL'],
]);

export const ORDER_TYPE_OF: ReadonlyMap<string, OrderType> = new Map([
  ['MARKET', 'MARKET'],
  ['LIMIT', 'LIMIT'],
  ['STOPLIMIT', 'SL'],
  ['STOPMARKET', 'SL-M'],
]);

/** CO and BO have no word of ours. */
export const PRODUCT_OF: ReadonlyMap<string, Product> = new Map([
  ['CNC', 'CNC'],
  ['MIS', 'MIS'],
  ['NRML', 'NRML'],
  ['MTF', 'MTF'],
]);

export const VALIDITY_OF: ReadonlyMap<string, Validity> = new Map([
  ['DAY', 'DAY'],
  ['IOC', 'IOC'],
]);

/** An order that is at the exchange says too little by its word alone: see `statusOf` in `from-wire/orders`. */
export type WireStatus = OrderStatus | 'live';

/**
 * Order states: the words of the docs, then the FIX characters that some gateways are reported to send as numbers (third
 * parties, not certain). A word that is not here never ends an order.
 */
export const STATUS_OF: ReadonlyMap<string, WireStatus> = new Map([
  ['PENDINGNEW', 'PENDING'],
  ['NEW', 'live'],
  ['OPEN', 'live'],
  ['PENDINGREPLACE', 'live'],
  ['REPLACED', 'live'],
  ['PENDINGCANCEL', 'live'],
  ['TRIGGERPENDING', 'TRIGGER_PENDING'],
  ['PARTIALLYFILLED', 'PARTIALLY_FILLED'],
  ['FILLED', 'FILLED'],
  ['CANCELLED', 'CANCELLED'],
  ['CANCELED', 'CANCELLED'],
  ['REJECTED', 'REJECTED'],
  ['EXPIRED', 'EXPIRED'],
  ['48', 'live'],
  ['49', 'PARTIALLY_FILLED'],
  ['50', 'FILLED'],
  ['52', 'CANCELLED'],
  ['53', 'live'],
  ['54', 'live'],
  ['56', 'REJECTED'],
  ['65', 'PENDING'],
  ['67', 'EXPIRED'],
  ['69', 'live'],
]);
