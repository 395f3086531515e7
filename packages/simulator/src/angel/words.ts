import type { Shortfall } from './context.js';
import type { Order, OrderType, Product } from '../exchange/order.js';
import { isWorking } from '../exchange/order.js';
import type { Segment } from '../exchange/instrument.js';

/** What Angel One calls things: one table per field of the wire. */

export type AngelExchange = 'NSE' | 'BSE' | 'NFO' | 'BFO' | 'CDS' | 'MCX';

/** BSE currency is not offered; indices are listed under their exchange. */
export const EXCHANGES: Readonly<Partial<Record<Segment, AngelExchange>>> = {
  NSE_EQ: 'NSE',
  BSE_EQ: 'BSE',
  NSE_FNO: 'NFO',
  BSE_FNO: 'BFO',
  NSE_CURRENCY: 'CDS',
  MCX_COMM: 'MCX',
};

export const ORDER_TYPES: Readonly<Record<string, OrderType>> = {
  MARKET: 'MARKET',
  LIMIT: 'LIMIT',
  STOPLOSS_LIMIT: 'SL',
  STOPLOSS_MARKET: 'SL-M',
};

export const ORDER_TYPE_WORDS: Readonly<Record<OrderType, string>> = {
  MARKET: 'MARKET',
  LIMIT: 'LIMIT',
  SL: 'STOPLOSS_LIMIT',
  'SL-M': 'STOPLOSS_MARKET',
};

/** BO goes with the blocked ROBO variety; AMO_DELIVERY and AMO_INTRADAY are names of an older API. */
export const PRODUCTS: Readonly<Record<string, Product>> = {
  DELIVERY: 'CNC',
  INTRADAY: 'MIS',
  CARRYFORWARD: 'NRML',
  MARGIN: 'MTF',
};

export const PRODUCT_WORDS: Readonly<Record<Product, string>> = {
  CNC: 'DELIVERY',
  MIS: 'INTRADAY',
  NRML: 'CARRYFORWARD',
  MTF: 'MARGIN',
};

export function isStopType(type: OrderType): boolean {
  return type === 'SL' || type === 'SL-M';
}

/** Stops go under STOPLOSS whatever the hour; anything that waits for the opening under AMO. */
export function varietyWord({ type, ticket }: Order): string {
  if (isStopType(type)) return 'STOPLOSS';
  return ticket.afterMarket ? 'AMO' : 'NORMAL';
}

export interface StatusWords {
  readonly status: string;
  readonly orderstatus: string;
}

/** `orderstatus` says where the order is; `status` also tells that it was modified. */
export function statusWords(order: Order, unfilledAtClose: 'cancelled' | 'rejected'): StatusWords {
  const orderstatus = stateWord(order, unfilledAtClose);
  if (order.modifications === 0 || !isWorking(order)) return { status: orderstatus, orderstatus };
  const status = order.status === 'waiting' ? 'modify after market order req received' : 'modified';
  return { status, orderstatus };
}

function stateWord({ status, exchangeOrderId }: Order, unfilledAtClose: string): string {
  switch (status) {
    case 'waiting':
      return 'after market order req received';
    case 'trigger-pending':
      return 'trigger pending';
    case 'open':
      return 'open';
    case 'filled':
      return 'complete';
    case 'cancelled':
      return exchangeOrderId === null ? 'cancelled after market order' : 'cancelled';
    case 'rejected':
      return 'rejected';
    case 'expired':
      return unfilledAtClose;
  }
}

/** Why the order stands where it stands. Only the words about funds are recorded; the others are ours, of their kind. */
export function reasonText({ rejection, status, validity }: Order, shortfall: Shortfall | undefined): string {
  switch (rejection) {
    case null:
      return status === 'expired' ? 'Order validity ended at the close of the market' : '';
    case 'insufficient-margin':
      return fundsText(shortfall ?? { available: 0, required: 0 });
    case 'insufficient-holdings':
      return 'RMS:Insufficient holdings to sell';
    case 'above-freeze-quantity':
      return 'RMS:Quantity is above the freeze quantity';
    case 'off-lot':
      return 'RMS:Quantity is not a multiple of the market lot';
    case 'off-tick':
      return 'The order price is not multiple of the tick size';
    case 'outside-price-band':
      return 'The order price is outside the circuit range (LPP)';
    case 'order-type-not-allowed':
      return `RMS:${validity === 'IOC' ? 'IOC' : 'MARKET'} orders are not allowed for algo orders`;
  }
}

/** With a blank in front of the stop, as recorded. */
function fundsText({ available, required }: Shortfall): string {
  return `Insufficient Funds. Available funds - Rs. ${available.toFixed(2)} . You require Rs. ${required.toFixed(2)} funds`;
}
