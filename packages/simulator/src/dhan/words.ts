import type { Segment } from '../exchange/instrument.js';
import type { OrderStatus, OrderType, Product, Rejection } from '../exchange/order.js';

/** Dhan's words for the exchange's, one table per field of the wire. */

export const ORDER_TYPES: Readonly<Record<string, OrderType>> = {
  MARKET: 'MARKET',
  LIMIT: 'LIMIT',
  STOP_LOSS: 'SL',
  STOP_LOSS_MARKET: 'SL-M',
};

export const ORDER_TYPE_WORDS: Readonly<Record<OrderType, string>> = {
  MARKET: 'MARKET',
  LIMIT: 'LIMIT',
  SL: 'STOP_LOSS',
  'SL-M': 'STOP_LOSS_MARKET',
};

/** CO and BO are legacy and not pretended. */
export const PRODUCTS: Readonly<Record<string, Product>> = {
  CNC: 'CNC',
  INTRADAY: 'MIS',
  MARGIN: 'NRML',
  MTF: 'MTF',
};

export const PRODUCT_WORDS: Readonly<Record<Product, string>> = {
  CNC: 'CNC',
  MIS: 'INTRADAY',
  NRML: 'MARGIN',
  MTF: 'MTF',
};

/** The index segment is quoted only. */
export const SEGMENTS: Readonly<Record<string, Segment>> = {
  NSE_EQ: 'NSE_EQ',
  BSE_EQ: 'BSE_EQ',
  NSE_FNO: 'NSE_FNO',
  BSE_FNO: 'BSE_FNO',
  NSE_CURRENCY: 'NSE_CURRENCY',
  BSE_CURRENCY: 'BSE_CURRENCY',
  MCX_COMM: 'MCX_COMM',
  IDX_I: 'INDEX',
};

/** A partly filled open order has a word of its own; see `rows`. */
export const STATUS_WORDS: Readonly<Record<OrderStatus, string>> = {
  waiting: 'PENDING',
  'trigger-pending': 'PENDING',
  open: 'PENDING',
  filled: 'TRADED',
  cancelled: 'CANCELLED',
  rejected: 'REJECTED',
  expired: 'EXPIRED',
};

/** Code and text of a rejected row. Dhan publishes neither: the words are ours, of the kind seen in its app. */
export const REJECTION_WORDS: Readonly<Record<Rejection, readonly [string, string]>> = {
  'insufficient-margin': ['1001', 'RMS: Insufficient funds: the margin required is more than the margin available'],
  'insufficient-holdings': ['1002', 'RMS: There are not enough holdings to sell'],
  'above-freeze-quantity': ['1003', 'EXCH: Quantity is above the freeze quantity'],
  'off-lot': ['1004', 'EXCH: Quantity is not a multiple of the lot size'],
  'off-tick': ['1005', 'EXCH: Price is not a multiple of the tick size'],
  'outside-price-band': ['1006', 'EXCH: Price is outside the circuit limits'],
  'order-type-not-allowed': ['1007', 'RMS: Order type STOP_LOSS_MARKET is not allowed'],
};
