import {
  field,
  idOf,
  numberOf,
  optionalId,
  optionalNumber,
  optionalText,
  quantityOf,
  textOf,
  fieldsOf,
} from './read.js';

/**
 * `POST /orders`. Fields that are undefined are left out of the JSON.
 *
 * @see DhanHQ v2 docs, "Orders", captured 2026-07-15. Their example prints numbers as text; the OpenAPI file says
 * numbers, and those are sent.
 */
export interface PlaceOrderBody {
  readonly dhanClientId: string;
  readonly correlationId: string;
  readonly transactionType: string;
  readonly exchangeSegment: string;
  readonly productType: string;
  readonly orderType: string;
  readonly validity: string;
  readonly securityId: string;
  readonly quantity: number;
  readonly price: number | undefined;
  readonly triggerPrice: number | undefined;
}

/** `PUT /orders/{orderId}`; `quantity` is the total. Same source; `legName` is empty for an order without legs. */
export interface ModifyOrderBody {
  readonly dhanClientId: string;
  readonly orderId: string;
  readonly orderType: string;
  readonly legName: '';
  readonly quantity: number;
  readonly price: number | undefined;
  readonly triggerPrice: number | undefined;
  readonly validity: string;
}

/**
 * One row of `GET /orders`, `/orders/{orderId}` and `/orders/external/{correlationId}`: the part we use.
 *
 * @see DhanHQ v2 docs, "Order Book", captured 2026-07-15; a live reply recorded 2025-02-16
 */
export interface OrderRow {
  readonly orderId: string;
  /** Null while the broker prints `0` or nothing. */
  readonly exchangeOrderId: string | null;
  readonly correlationId: string | null;
  readonly orderStatus: string;
  readonly transactionType: string;
  readonly exchangeSegment: string;
  readonly productType: string | null;
  readonly orderType: string;
  readonly validity: string;
  readonly tradingSymbol: string | null;
  readonly securityId: string;
  readonly quantity: number;
  readonly filledQty: number;
  readonly price: number;
  readonly triggerPrice: number;
  readonly averageTradedPrice: number;
  readonly afterMarketOrder: boolean;
  readonly createTime: string | null;
  readonly updateTime: string | null;
  readonly omsErrorDescription: string | null;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readOrderRow(value: unknown): OrderRow {
  const row = fieldsOf(value, 'an order');
  return {
    orderId: idOf(row, 'orderId'),
    exchangeOrderId: optionalId(row, 'exchangeOrderId'),
    correlationId: optionalText(row, 'correlationId'),
    orderStatus: textOf(row, 'orderStatus'),
    transactionType: textOf(row, 'transactionType'),
    exchangeSegment: textOf(row, 'exchangeSegment'),
    productType: optionalText(row, 'productType'),
    orderType: textOf(row, 'orderType'),
    validity: textOf(row, 'validity'),
    tradingSymbol: optionalText(row, 'tradingSymbol'),
    securityId: idOf(row, 'securityId'),
    quantity: quantityOf(row, 'quantity'),
    filledQty: quantityOf(row, 'filledQty'),
    price: optionalNumber(row, 'price') ?? 0,
    triggerPrice: optionalNumber(row, 'triggerPrice') ?? 0,
    averageTradedPrice: optionalNumber(row, 'averageTradedPrice') ?? 0,
    afterMarketOrder: field(row, 'afterMarketOrder') === true,
    createTime: optionalText(row, 'createTime'),
    updateTime: optionalText(row, 'updateTime'),
    omsErrorDescription: optionalText(row, 'omsErrorDescription'),
  };
}

/**
 * One fill of `GET /trades` and `/trades/{orderId}`: the part we use.
 *
 * @see DhanHQ v2 docs, "Trade Book", captured 2026-07-15
 */
export interface TradeRow {
  readonly orderId: string;
  readonly exchangeOrderId: string | null;
  /** Null where the broker prints `0`, seen in the trade history. */
  readonly exchangeTradeId: string | null;
  readonly transactionType: string;
  readonly exchangeSegment: string;
  readonly productType: string | null;
  readonly tradingSymbol: string | null;
  readonly securityId: string;
  readonly tradedQuantity: number;
  readonly tradedPrice: number;
  readonly exchangeTime: string | null;
  readonly updateTime: string | null;
  readonly createTime: string | null;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readTradeRow(value: unknown): TradeRow {
  const row = fieldsOf(value, 'a trade');
  return {
    orderId: idOf(row, 'orderId'),
    exchangeOrderId: optionalId(row, 'exchangeOrderId'),
    exchangeTradeId: optionalId(row, 'exchangeTradeId'),
    transactionType: textOf(row, 'transactionType'),
    exchangeSegment: textOf(row, 'exchangeSegment'),
    productType: optionalText(row, 'productType'),
    tradingSymbol: optionalText(row, 'tradingSymbol'),
    securityId: idOf(row, 'securityId'),
    tradedQuantity: quantityOf(row, 'tradedQuantity'),
    tradedPrice: numberOf(row, 'tradedPrice'),
    exchangeTime: optionalText(row, 'exchangeTime'),
    updateTime: optionalText(row, 'updateTime'),
    createTime: optionalText(row, 'createTime'),
  };
}
