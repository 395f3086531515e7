import { totalsOf } from '../exchange/account.js';
import type { Holding, Position } from '../exchange/account.js';
import type { Instrument } from '../exchange/instrument.js';
import { rupees } from '../exchange/instrument.js';
import type { Market } from '../exchange/market.js';
import type { Order, Trade } from '../exchange/order.js';
import { averageOf, isWorking, remainingOf } from '../exchange/order.js';
import { istText } from '../ist.js';
import { ORDER_TYPE_WORDS, PRODUCT_WORDS, REJECTION_WORDS, STATUS_WORDS } from './words.js';

export interface RowOptions {
  readonly marketOrderRow: 'limit' | 'market';
}

const UNSET_DATE = '0001-01-01';
const UNSET_TIME = '0001-01-01 00:00:00';

/** One row of `GET /orders`, keys in the order of a live recording of 2025-02-16. Prices are rupees, times IST text. */
export function orderRow(order: Order, instrument: Instrument, options: RowOptions): Readonly<Record<string, unknown>> {
  const { ticket, rejection } = order;
  const [errorCode, errorText] = rejection === null ? ['0', ''] : REJECTION_WORDS[rejection];
  return {
    dhanClientId: ticket.clientId,
    orderId: ticket.brokerOrderId,
    exchangeOrderId: order.exchangeOrderId ?? '0',
    correlationId: ticket.tag === '' ? 'NA' : ticket.tag,
    orderStatus: statusWord(order),
    transactionType: ticket.side,
    exchangeSegment: instrument.segment,
    productType: PRODUCT_WORDS[ticket.product],
    orderType: orderTypeWord(order, options),
    validity: order.validity,
    tradingSymbol: instrument.symbol,
    securityId: instrument.token,
    quantity: order.quantity,
    disclosedQuantity: order.disclosedQuantity,
    price: order.price,
    triggerPrice: order.triggerPrice,
    afterMarketOrder: ticket.afterMarket,
    boProfitValue: 0,
    boStopLossValue: 0,
    legName: 'NA',
    createTime: istText(order.createdAtMs),
    updateTime: istText(order.updatedAtMs),
    exchangeTime: order.exchangeAtMs === null ? UNSET_TIME : istText(order.exchangeAtMs),
    drvExpiryDate: instrument.contract?.expiry ?? UNSET_DATE,
    drvOptionType: optionWord(instrument) ?? 'NA',
    drvStrikePrice: instrument.contract?.strike ?? 0,
    omsErrorCode: errorCode,
    omsErrorDescription: errorText,
    algoId: '0',
    remainingQuantity: remainingOf(order),
    averageTradedPrice: averageOf(order),
    filledQty: order.filledQuantity,
  };
}

/** One fill in `GET /trades`. Live rows carried drvOptionType "NA" even for options. */
export function tradeRow(trade: Trade, instrument: Instrument, options: RowOptions): Readonly<Record<string, unknown>> {
  const { order } = trade;
  const { ticket } = order;
  return {
    dhanClientId: ticket.clientId,
    orderId: ticket.brokerOrderId,
    exchangeOrderId: order.exchangeOrderId ?? '0',
    exchangeTradeId: trade.tradeId,
    transactionType: ticket.side,
    exchangeSegment: instrument.segment,
    productType: PRODUCT_WORDS[ticket.product],
    orderType: orderTypeWord(order, options),
    tradingSymbol: instrument.symbol,
    securityId: instrument.token,
    tradedQuantity: trade.quantity,
    tradedPrice: trade.price,
    createTime: istText(order.createdAtMs),
    updateTime: istText(trade.atMs),
    exchangeTime: istText(trade.atMs),
    drvExpiryDate: instrument.contract?.expiry ?? null,
    drvOptionType: 'NA',
    drvStrikePrice: instrument.contract?.strike ?? 0,
  };
}

/** One fill in `GET /trades/{from}/{to}/{page}`. Charges are not pretended and read 0. */
export function pastTradeRow(
  trade: Trade,
  instrument: Instrument,
  options: RowOptions,
): Readonly<Record<string, unknown>> {
  return {
    ...tradeRow(trade, instrument, options),
    tradingSymbol: null,
    customSymbol: instrument.name,
    isin: instrument.isin ?? 'NA',
    instrument: instrument.contract === null ? 'EQUITY' : 'DERIVATIVES',
    sebiTax: 0,
    stt: 0,
    brokerageCharges: 0,
    serviceTax: 0,
    exchangeTransactionCharges: 0,
    stampDuty: 0,
    createTime: 'NA',
    updateTime: 'NA',
    drvExpiryDate: 'NA',
  };
}

/** One row of `GET /positions`. It carries no last price. */
export function positionRow(clientId: string, position: Position, market: Market): Readonly<Record<string, unknown>> {
  const { instrument } = position;
  const { bought, buyAverage, sold, sellAverage, net, realized } = totalsOf(position);
  const costPrice = net >= 0 ? buyAverage : sellAverage;
  return {
    dhanClientId: clientId,
    tradingSymbol: instrument.symbol,
    securityId: instrument.token,
    positionType: positionWord(net),
    exchangeSegment: instrument.segment,
    productType: PRODUCT_WORDS[position.product],
    buyAvg: buyAverage,
    buyQty: bought,
    costPrice,
    sellAvg: sellAverage,
    sellQty: sold,
    netQty: net,
    realizedProfit: realized,
    unrealizedProfit: rupees(net * (market.last - costPrice)),
    rbiReferenceRate: 1,
    multiplier: 1,
    carryForwardBuyQty: position.carriedBuyQuantity,
    carryForwardSellQty: position.carriedSellQuantity,
    carryForwardBuyValue: position.carriedBuyValue,
    carryForwardSellValue: position.carriedSellValue,
    dayBuyQty: position.dayBuyQuantity,
    daySellQty: position.daySellQuantity,
    dayBuyValue: position.dayBuyValue,
    daySellValue: position.daySellValue,
    drvExpiryDate: instrument.contract?.expiry ?? UNSET_DATE,
    drvOptionType: optionWord(instrument),
    drvStrikePrice: instrument.contract?.strike ?? 0,
    crossCurrency: false,
  };
}

/** One row of `GET /holdings`, with the three keys that live rows add to the documented ones. */
export function holdingRow(holding: Holding, committed: number, market: Market): Readonly<Record<string, unknown>> {
  const { instrument, quantity, averagePrice } = holding;
  return {
    exchange: 'ALL',
    tradingSymbol: instrument.symbol,
    securityId: instrument.token,
    isin: instrument.isin ?? '',
    totalQty: quantity,
    dpQty: quantity,
    t1Qty: 0,
    availableQty: Math.max(0, quantity - committed),
    collateralQty: 0,
    avgCostPrice: averagePrice,
    lastTradedPrice: market.last,
    mtf_t1_qty: 0,
    mtf_qty: 0,
  };
}

function statusWord(order: Order): string {
  const isPart = order.status === 'open' && order.filledQuantity > 0 && isWorking(order);
  return isPart ? 'PART_TRADED' : STATUS_WORDS[order.status];
}

function orderTypeWord(order: Order, options: RowOptions): string {
  if (order.ticket.wasMarket && options.marketOrderRow === 'market') return 'MARKET';
  return ORDER_TYPE_WORDS[order.type];
}

function optionWord(instrument: Instrument): string | null {
  switch (instrument.contract?.kind) {
    case 'CE':
      return 'CALL';
    case 'PE':
      return 'PUT';
    case 'FUT':
    case undefined:
      return null;
  }
}

function positionWord(net: number): string {
  if (net === 0) return 'CLOSED';
  return net > 0 ? 'LONG' : 'SHORT';
}
