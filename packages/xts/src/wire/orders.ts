import type { Fields, XtsReader } from './read.js';

/**
 * `POST {interactive}/orders`. Fields that are undefined are left out of the JSON.
 *
 * @see Symphony XTS docs and clients as collected 2026-11-20
 */
export interface PlaceOrderBody {
  readonly exchangeSegment: string;
  readonly exchangeInstrumentID: number;
  readonly productType: string;
  readonly orderType: string;
  readonly orderSide: string;
  readonly timeInForce: string;
  readonly disclosedQuantity: 0;
  readonly orderQuantity: number;
  readonly limitPrice: number;
  readonly stopPrice: number;
  readonly orderUniqueIdentifier: string;
  /** Dealers only. */
  readonly clientID: string | undefined;
}

/** `PUT {interactive}/orders`. Same source. */
export interface ModifyOrderBody {
  readonly appOrderID: number;
  readonly modifiedProductType: string;
  readonly modifiedOrderType: string;
  readonly modifiedOrderQuantity: number;
  readonly modifiedDisclosedQuantity: 0;
  readonly modifiedLimitPrice: number;
  readonly modifiedStopPrice: number;
  readonly modifiedTimeInForce: string;
  readonly orderUniqueIdentifier: string;
  readonly clientID: string | undefined;
}

/**
 * One row of the order book, of an order's history, and of the trade book: the part we use.
 *
 * @see order_book_200 (a real account of an XTS house, 2020-12-21); newer servers as of 2026-06 write enums in upper case
 * and dates as `Jun 18 2026 09:20:15`
 */
export interface OrderRow {
  /** Digits: a number in most answers, text in some. */
  readonly AppOrderID: string;
  readonly ExchangeOrderID: string | null;
  /** Our tag. Rows without one exist. */
  readonly OrderUniqueIdentifier: string | null;
  /** `TWSAPI` for the API, `TWS` for the terminal. */
  readonly GeneratedBy: string | null;
  readonly ExchangeSegment: string;
  readonly ExchangeInstrumentID: string;
  readonly OrderSide: string;
  readonly OrderType: string;
  readonly ProductType: string | null;
  readonly TimeInForce: string;
  readonly OrderStatus: string;
  readonly OrderQuantity: number;
  readonly CumulativeQuantity: number;
  readonly OrderPrice: number;
  readonly OrderStopPrice: number;
  /** Text, empty when nothing is filled. */
  readonly OrderAverageTradedPrice: number;
  readonly OrderGeneratedDateTime: string | null;
  readonly LastUpdateDateTime: string | null;
  readonly CancelRejectReason: string | null;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readOrderRow(read: XtsReader, value: unknown): OrderRow {
  const row = read.fieldsOf(value, 'an order');
  return {
    AppOrderID: appOrderId(read, row),
    ExchangeOrderID: read.optionalId(row, 'ExchangeOrderID'),
    OrderUniqueIdentifier: read.optionalId(row, 'OrderUniqueIdentifier'),
    GeneratedBy: read.optionalText(row, 'GeneratedBy'),
    ExchangeSegment: segmentIn(read, row),
    ExchangeInstrumentID: read.idOf(row, 'ExchangeInstrumentID'),
    OrderSide: read.textOf(row, 'OrderSide'),
    OrderType: read.textOf(row, 'OrderType'),
    ProductType: read.optionalText(row, 'ProductType'),
    TimeInForce: read.textOf(row, 'TimeInForce'),
    OrderStatus: statusIn(read, row),
    OrderQuantity: read.quantityOf(row, 'OrderQuantity'),
    CumulativeQuantity: read.quantityOf(row, 'CumulativeQuantity'),
    OrderPrice: read.optionalAmount(row, 'OrderPrice') ?? 0,
    OrderStopPrice: read.optionalAmount(row, 'OrderStopPrice') ?? 0,
    OrderAverageTradedPrice: read.optionalAmount(row, 'OrderAverageTradedPrice') ?? 0,
    OrderGeneratedDateTime: read.optionalText(row, 'OrderGeneratedDateTime'),
    LastUpdateDateTime: read.optionalText(row, 'LastUpdateDateTime'),
    CancelRejectReason: read.optionalText(row, 'CancelRejectReason'),
  };
}

/** One fill of the trade book: an order row with these beside it. Same source; ids of fills were not recorded. */
export interface TradeRow {
  readonly AppOrderID: string;
  readonly ExchangeOrderID: string | null;
  readonly ExecutionID: string | null;
  readonly ExchangeSegment: string;
  readonly ExchangeInstrumentID: string;
  readonly OrderSide: string;
  readonly ProductType: string | null;
  readonly LastTradedQuantity: number;
  readonly LastTradedPrice: number;
  readonly LastExecutionTransactTime: string | null;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readTradeRow(read: XtsReader, value: unknown): TradeRow {
  const row = read.fieldsOf(value, 'a trade');
  return {
    AppOrderID: appOrderId(read, row),
    ExchangeOrderID: read.optionalId(row, 'ExchangeOrderID'),
    ExecutionID: read.optionalId(row, 'ExecutionID'),
    ExchangeSegment: segmentIn(read, row),
    ExchangeInstrumentID: read.idOf(row, 'ExchangeInstrumentID'),
    OrderSide: read.textOf(row, 'OrderSide'),
    ProductType: read.optionalText(row, 'ProductType'),
    LastTradedQuantity: read.quantityOf(row, 'LastTradedQuantity'),
    LastTradedPrice: read.amountOf(row, 'LastTradedPrice'),
    LastExecutionTransactTime: read.optionalText(row, 'LastExecutionTransactTime'),
  };
}

/**
 * The broker's id of an order. It goes back as a number, so that one which no number can carry is none.
 *
 * @throws {AlgoError} `ALGO_REPLY_UNREADABLE`
 */
export function appOrderId(read: XtsReader, row: Fields): string {
  const id = read.idOf(row, 'AppOrderID');
  if (isAppOrderId(id)) return id;
  throw read.unreadable('AppOrderID is not a whole number');
}

export const isAppOrderId = (text: string): boolean =>
  /^[1-9]\d{0,15}$/.test(text) && Number.isSafeInteger(Number(text));

/** Text in orders, but some gateways answer with the number of the market data product. */
const segmentIn = (read: XtsReader, row: Fields): string => read.idOf(row, 'ExchangeSegment');

/** A word; some gateways are reported to send the FIX character as a number. */
const statusIn = (read: XtsReader, row: Fields): string => read.idOf(row, 'OrderStatus');
