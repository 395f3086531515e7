import {
  dataOf,
  fieldsOf,
  idOf,
  isFields,
  numberOf,
  optionalId,
  optionalNumber,
  optionalText,
  quantityOf,
  quantityOrZero,
  textOf,
} from './read.js';

/**
 * `POST order/v1/placeOrder`. Every number goes out as text, prices in rupees, `"0"` where there is none.
 *
 * @see SmartAPI docs, "Orders", copy of 2024
 */
export interface PlaceOrderBody {
  readonly variety: string;
  readonly tradingsymbol: string;
  readonly symboltoken: string;
  readonly transactiontype: string;
  readonly exchange: string;
  readonly ordertype: string;
  readonly producttype: string;
  readonly duration: string;
  readonly price: string;
  readonly triggerprice: string;
  readonly squareoff: '0';
  readonly stoploss: '0';
  readonly quantity: string;
  readonly ordertag: string;
  /** For a scrip on the cautionary list; left out where the host did not give its consent. */
  readonly scripconsent: 'yes' | undefined;
}

/** `POST order/v1/modifyOrder`. Same source. */
export interface ModifyOrderBody {
  readonly variety: string;
  readonly orderid: string;
  readonly ordertype: string;
  readonly producttype: string;
  readonly duration: string;
  readonly price: string;
  readonly triggerprice: string;
  readonly quantity: string;
  readonly tradingsymbol: string;
  readonly symboltoken: string;
  readonly exchange: string;
}

/** `POST order/v1/cancelOrder`. Same source. */
export interface CancelOrderBody {
  readonly variety: string;
  readonly orderid: string;
}

/** The id in the answer to a command; null when there is none. Never throws. */
export function orderIdIn(body: unknown): string | null {
  try {
    const data = dataOf(body);
    return isFields(data) ? optionalId(data, 'orderid') : null;
  } catch {
    return null;
  }
}

/**
 * One row of `GET order/v1/getOrderBook`: the part we use. Prices are mostly numbers and quantities text; both are taken
 * both ways.
 *
 * @see SmartAPI docs, "Orders", copy of 2024, and the row of a postback of 2023-10-09, which carries `ordertag`
 */
export interface OrderRow {
  readonly orderid: string;
  readonly exchangeorderid: string | null;
  readonly ordertag: string | null;
  readonly variety: string | null;
  readonly ordertype: string;
  readonly producttype: string | null;
  readonly duration: string;
  readonly transactiontype: string;
  readonly exchange: string;
  readonly tradingsymbol: string;
  /** Null was seen. */
  readonly symboltoken: string | null;
  readonly instrumenttype: string | null;
  readonly quantity: number;
  readonly filledshares: number;
  readonly unfilledshares: number | null;
  readonly price: number;
  readonly triggerprice: number;
  readonly averageprice: number;
  /** The state; `status` may lag behind it. */
  readonly orderstatus: string | null;
  readonly status: string | null;
  readonly text: string | null;
  /** `29-Dec-2023 09:01:02`, IST. */
  readonly updatetime: string | null;
  readonly exchtime: string | null;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readOrderRow(value: unknown): OrderRow {
  const row = fieldsOf(value, 'an order');
  return {
    orderid: idOf(row, 'orderid'),
    exchangeorderid: optionalId(row, 'exchangeorderid'),
    ordertag: optionalText(row, 'ordertag'),
    variety: optionalText(row, 'variety'),
    ordertype: textOf(row, 'ordertype'),
    producttype: optionalText(row, 'producttype'),
    duration: textOf(row, 'duration'),
    transactiontype: textOf(row, 'transactiontype'),
    exchange: textOf(row, 'exchange'),
    tradingsymbol: textOf(row, 'tradingsymbol'),
    symboltoken: optionalId(row, 'symboltoken'),
    instrumenttype: optionalText(row, 'instrumenttype'),
    quantity: quantityOf(row, 'quantity'),
    filledshares: quantityOrZero(row, 'filledshares'),
    unfilledshares: optionalNumber(row, 'unfilledshares'),
    price: optionalNumber(row, 'price') ?? 0,
    triggerprice: optionalNumber(row, 'triggerprice') ?? 0,
    averageprice: optionalNumber(row, 'averageprice') ?? 0,
    orderstatus: optionalText(row, 'orderstatus'),
    status: optionalText(row, 'status'),
    text: optionalText(row, 'text'),
    updatetime: optionalText(row, 'updatetime'),
    exchtime: optionalText(row, 'exchtime'),
  };
}

/** What a row of the book says of one order's kind; null for a row that cannot be read. Never throws. */
export function varietyIn(value: unknown): { readonly orderid: string; readonly variety: string | null } | null {
  try {
    const row = fieldsOf(value, 'an order');
    return { orderid: idOf(row, 'orderid'), variety: optionalText(row, 'variety') };
  } catch {
    return null;
  }
}

/**
 * One fill of `GET order/v1/getTradeBook`: the part we use. There is no token, and the time has no date.
 *
 * @see SmartAPI docs, "Orders", copy of 2024
 */
export interface TradeRow {
  readonly orderid: string;
  readonly fillid: string | null;
  readonly transactiontype: string;
  readonly exchange: string;
  readonly producttype: string | null;
  readonly tradingsymbol: string;
  readonly instrumenttype: string | null;
  readonly fillsize: number;
  readonly fillprice: number;
  /** `13:27:53`, IST. */
  readonly filltime: string | null;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readTradeRow(value: unknown): TradeRow {
  const row = fieldsOf(value, 'a trade');
  return {
    orderid: idOf(row, 'orderid'),
    fillid: optionalId(row, 'fillid'),
    transactiontype: textOf(row, 'transactiontype'),
    exchange: textOf(row, 'exchange'),
    producttype: optionalText(row, 'producttype'),
    tradingsymbol: textOf(row, 'tradingsymbol'),
    instrumenttype: optionalText(row, 'instrumenttype'),
    fillsize: quantityOf(row, 'fillsize'),
    fillprice: numberOf(row, 'fillprice'),
    filltime: optionalText(row, 'filltime'),
  };
}
