import type { Segment } from '../exchange/instrument.js';
import type { Order, OrderType, Product, Rejection, Side, Validity } from '../exchange/order.js';
import { isWorking } from '../exchange/order.js';

/** XTS's words for the exchange's, one table per field of the wire. Names are for orders, numbers for market data. */

export const SEGMENT_NUMBERS = {
  NSECM: 1,
  NSEFO: 2,
  NSECD: 3,
  BSECM: 11,
  BSEFO: 12,
  BSECD: 13,
  NCDEX: 21,
  MSEICM: 41,
  MSEIFO: 42,
  MSEICD: 43,
  MCXFO: 51,
} as const;

export type SegmentName = keyof typeof SEGMENT_NUMBERS;

/** The same as text, for reading what a client sent. */
export const SEGMENT_NAMES: Readonly<Record<string, SegmentName>> = Object.fromEntries(
  segmentNames().map((name) => [name, name]),
);

export const SEGMENTS_BY_NUMBER: Readonly<Record<string, SegmentName>> = Object.fromEntries(
  segmentNames().map((name) => [String(SEGMENT_NUMBERS[name]), name]),
);

/** The home of each segment of the exchange; indices sit in the cash segment of their exchange. */
export const SEGMENT_WORDS: Readonly<Record<Exclude<Segment, 'INDEX'>, SegmentName>> = {
  NSE_EQ: 'NSECM',
  NSE_FNO: 'NSEFO',
  NSE_CURRENCY: 'NSECD',
  BSE_EQ: 'BSECM',
  BSE_FNO: 'BSEFO',
  BSE_CURRENCY: 'BSECD',
  MCX_COMM: 'MCXFO',
};

export const SIDES: Readonly<Record<string, Side>> = { BUY: 'BUY', SELL: 'SELL' };

export const ORDER_TYPES: Readonly<Record<string, OrderType>> = {
  MARKET: 'MARKET',
  LIMIT: 'LIMIT',
  STOPLIMIT: 'SL',
  STOPMARKET: 'SL-M',
};

const ORDER_TYPE_WORDS: Readonly<Record<OrderType, string>> = {
  MARKET: 'Market',
  LIMIT: 'Limit',
  SL: 'StopLimit',
  'SL-M': 'StopMarket',
};

export const VALIDITIES: Readonly<Record<string, Validity>> = { DAY: 'DAY', IOC: 'IOC' };

/** CO and BO are products of calls of their own, which many brokers switch off. */
export function productsOf(mtf: 'refuse' | 'accept'): Readonly<Record<string, Product>> {
  return { MIS: 'MIS', NRML: 'NRML', CNC: 'CNC', ...(mtf === 'accept' ? { MTF: 'MTF' } : {}) };
}

/** Delivery is for shares. NRML is not refused there: the official client's own example buys shares with it. */
export function fitsSegment(product: Product, segment: Segment): boolean {
  const isCash = segment === 'NSE_EQ' || segment === 'BSE_EQ';
  return isCash || product === 'MIS' || product === 'NRML';
}

/** A stop that has fired reads as what it became; its stop price stays (seen in a real row). */
export function orderTypeWord(order: Order): string {
  const hasFired = order.status === 'open' || order.status === 'filled' || order.filledQuantity > 0;
  if (hasFired && order.type === 'SL') return ORDER_TYPE_WORDS.LIMIT;
  if (hasFired && order.type === 'SL-M') return ORDER_TYPE_WORDS.MARKET;
  return ORDER_TYPE_WORDS[order.type];
}

export type StatusWord =
  'PendingNew' | 'New' | 'Replaced' | 'PartiallyFilled' | 'Filled' | 'Cancelled' | 'Rejected' | 'Expired';

/** A stop that waits reads New like any other; a modified order reads Replaced and is as alive as before. */
export function statusWord(order: Order): StatusWord {
  if (isWorking(order) && order.filledQuantity > 0) return 'PartiallyFilled';
  switch (order.status) {
    case 'waiting':
      return 'PendingNew';
    case 'trigger-pending':
    case 'open':
      return order.modifications > 0 ? 'Replaced' : 'New';
    case 'filled':
      return 'Filled';
    case 'cancelled':
      return 'Cancelled';
    case 'rejected':
      return 'Rejected';
    case 'expired':
      return 'Expired';
  }
}

/** The character codes of FIX's order states, as third parties report them of some gateways. */
export const STATUS_NUMBERS: Readonly<Record<StatusWord, number>> = {
  PendingNew: 65,
  New: 48,
  PartiallyFilled: 49,
  Filled: 50,
  Cancelled: 52,
  Replaced: 53,
  Rejected: 56,
  Expired: 67,
};

/** CancelRejectReason. "Margin Exceeds" and "Margin Shortfall" are XTS's own words, the others ours of the same kind. */
const REJECTION_WORDS: Readonly<Record<Exclude<Rejection, 'order-type-not-allowed'>, string>> = {
  'insufficient-margin': 'OEMS:RMS : Margin Exceeds : Margin Shortfall on the available margin of the account',
  'insufficient-holdings': 'OEMS:RMS : Quantity exceeds the holdings available to sell',
  'above-freeze-quantity': 'EXCH : Quantity exceeds the freeze quantity',
  'off-lot': 'EXCH : Quantity is not a multiple of the lot size',
  'off-tick': 'EXCH : Price is not a multiple of the tick size',
  'outside-price-band': 'EXCH : Price is outside the price range (circuit limit) of the day',
};

/** Why a row reads Rejected; `''` for every other row. */
export function rejectionText(order: Order, segment: Segment): string {
  const { rejection, ticket } = order;
  if (rejection === null) return '';
  if (rejection !== 'order-type-not-allowed') return REJECTION_WORDS[rejection];
  // The front end sends an order for the next day only to have it thrown out: nothing else makes a rejected row.
  if (ticket.afterMarket) return 'EXCH : Market is closed, session not open';
  if (!fitsSegment(ticket.product, segment)) return 'OEMS:RMS : Product type is not allowed in this segment';
  return 'OEMS:RMS : Market orders are not allowed, place a limit order';
}

function segmentNames(): readonly SegmentName[] {
  return ['NSECM', 'NSEFO', 'NSECD', 'BSECM', 'BSEFO', 'BSECD', 'NCDEX', 'MSEICM', 'MSEIFO', 'MSEICD', 'MCXFO'];
}
