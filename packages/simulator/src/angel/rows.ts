import { totalsOf } from '../exchange/account.js';
import type { Holding, Position } from '../exchange/account.js';
import { rupees } from '../exchange/instrument.js';
import type { Market } from '../exchange/market.js';
import type { Order, Trade } from '../exchange/order.js';
import { averageOf, remainingOf } from '../exchange/order.js';
import type { Listing } from './masters/catalogue.js';
import type { ResolvedAngelOptions } from './options.js';
import { timeOfDay, wordyTime } from './times.js';
import { ORDER_TYPE_WORDS, PRODUCT_WORDS, statusWords, varietyWord } from './words.js';

export type Row = Readonly<Record<string, unknown>>;

export interface OrderRowParts {
  readonly order: Order;
  readonly listing: Listing;
  readonly uniqueorderid: string;
  /** Why the order stands where it stands. */
  readonly text: string;
  readonly options: Pick<ResolvedAngelOptions, 'orderRows' | 'unfilledAtClose'>;
}

/**
 * One order, in the book and in `details`: prices are numbers, quantities texts, as in the postback of 2023-10.
 *
 * The older row of the documents has texts throughout but for a number as `orderid`, no token and no tag.
 */
export function orderRow(parts: OrderRowParts): Row {
  const row = recordedRow(parts);
  return parts.options.orderRows === 'recorded' ? row : documentedRow(row, parts.order);
}

function recordedRow({ order, listing, uniqueorderid, text, options }: OrderRowParts) {
  const { ticket } = order;
  const updated = wordyTime(order.updatedAtMs);
  const atExchange = order.exchangeAtMs === null ? '' : wordyTime(order.exchangeAtMs);
  return {
    variety: varietyWord(order),
    ordertype: ORDER_TYPE_WORDS[order.type],
    ordertag: ticket.tag,
    producttype: PRODUCT_WORDS[ticket.product],
    price: order.price,
    triggerprice: order.triggerPrice,
    quantity: String(order.quantity),
    disclosedquantity: String(order.disclosedQuantity),
    duration: order.validity,
    squareoff: 0,
    stoploss: 0,
    trailingstoploss: 0,
    tradingsymbol: listing.row.symbol,
    transactiontype: ticket.side,
    exchange: listing.row.exch_seg,
    symboltoken: listing.row.token,
    instrumenttype: listing.row.instrumenttype,
    strikeprice: strikeOf(listing),
    optiontype: optionOf(listing),
    expirydate: listing.row.expiry,
    lotsize: listing.row.lotsize,
    cancelsize: order.status === 'cancelled' || order.status === 'expired' ? String(remainingOf(order)) : '0',
    averageprice: averageOf(order),
    filledshares: String(order.filledQuantity),
    unfilledshares: String(remainingOf(order)),
    orderid: ticket.brokerOrderId,
    text,
    ...statusWords(order, options.unfilledAtClose),
    updatetime: updated,
    exchtime: atExchange,
    exchorderupdatetime: atExchange === '' ? '' : updated,
    fillid: '',
    filltime: '',
    parentorderid: '',
    uniqueorderid,
    exchangeorderid: order.exchangeOrderId ?? '',
  };
}

function documentedRow(recorded: ReturnType<typeof recordedRow>, order: Order): Row {
  const { ordertag: _missing, ...row } = recorded;
  return {
    ...row,
    price: moneyText(order.price),
    triggerprice: moneyText(order.triggerPrice),
    squareoff: '0',
    stoploss: '0',
    trailingstoploss: '0',
    strikeprice: String(row.strikeprice),
    averageprice: moneyText(row.averageprice),
    symboltoken: null,
    orderid: Number(row.orderid),
  };
}

/** One fill in `getTradeBook`: all texts, no token, and a time without its date. */
export function tradeRow({ order, quantity, price, tradeId, atMs }: Trade, { row, instrument }: Listing): Row {
  return {
    exchange: row.exch_seg,
    producttype: PRODUCT_WORDS[order.ticket.product],
    tradingsymbol: row.symbol,
    instrumenttype: row.instrumenttype,
    symbolgroup: groupOf(row.symbol),
    strikeprice: String(strikeOf({ row, instrument })),
    optiontype: optionOf({ row, instrument }),
    expirydate: row.expiry,
    marketlot: row.lotsize,
    precision: precisionOf(row.exch_seg),
    multiplier: '-1',
    tradevalue: moneyText(quantity * price),
    transactiontype: order.ticket.side,
    fillprice: moneyText(price),
    fillsize: String(quantity),
    orderid: order.ticket.brokerOrderId,
    fillid: tradeId,
    filltime: timeOfDay(atMs),
  };
}

/** One row of `getPosition`: all texts, and a sign with a blank behind it in `netvalue`. */
export function positionRow(position: Position, listing: Listing): Row {
  const { row } = listing;
  const { bought, buyAverage, sold, sellAverage, net } = totalsOf(position);
  const buyValue = bought * buyAverage;
  const sellValue = sold * sellAverage;
  const netValue = rupees(sellValue - buyValue);
  const netPrice = net === 0 ? 0 : rupees(Math.abs(netValue / net));
  return {
    exchange: row.exch_seg,
    symboltoken: row.token,
    producttype: PRODUCT_WORDS[position.product],
    tradingsymbol: row.symbol,
    symbolname: row.name,
    instrumenttype: row.instrumenttype,
    priceden: '1',
    pricenum: '1',
    genden: '1',
    gennum: '1',
    precision: precisionOf(row.exch_seg),
    multiplier: '-1',
    boardlotsize: row.lotsize,
    buyqty: String(position.dayBuyQuantity),
    sellqty: String(position.daySellQuantity),
    buyamount: moneyText(position.dayBuyValue),
    sellamount: moneyText(position.daySellValue),
    symbolgroup: groupOf(row.symbol),
    strikeprice: String(strikeOf(listing)),
    optiontype: optionOf(listing),
    expirydate: row.expiry,
    lotsize: row.lotsize,
    cfbuyqty: String(position.carriedBuyQuantity),
    cfsellqty: String(position.carriedSellQuantity),
    cfbuyamount: moneyText(position.carriedBuyValue),
    cfsellamount: moneyText(position.carriedSellValue),
    buyavgprice: moneyText(average(position.dayBuyValue, position.dayBuyQuantity)),
    sellavgprice: moneyText(average(position.daySellValue, position.daySellQuantity)),
    avgnetprice: moneyText(netPrice),
    netvalue: netValue < 0 ? `- ${moneyText(-netValue)}` : moneyText(netValue),
    netqty: String(net),
    totalbuyvalue: moneyText(buyValue),
    totalsellvalue: moneyText(sellValue),
    cfbuyavgprice: moneyText(average(position.carriedBuyValue, position.carriedBuyQuantity)),
    cfsellavgprice: moneyText(average(position.carriedSellValue, position.carriedSellQuantity)),
    totalbuyavgprice: moneyText(buyAverage),
    totalsellavgprice: moneyText(sellAverage),
    netprice: moneyText(netPrice),
  };
}

/** One row of `getHolding`: here amounts are numbers. */
export function holdingRow(holding: Holding, { row }: Listing, market: Market) {
  const { instrument, quantity, averagePrice } = holding;
  const profit = quantity * (market.last - averagePrice);
  return {
    tradingsymbol: row.symbol,
    exchange: row.exch_seg,
    isin: instrument.isin ?? '',
    t1quantity: 0,
    realisedquantity: quantity,
    quantity,
    authorisedquantity: 0,
    product: 'DELIVERY',
    collateralquantity: null,
    collateraltype: null,
    haircut: 0,
    averageprice: averagePrice,
    ltp: market.last,
    symboltoken: row.token,
    close: market.previousClose,
    profitandloss: rupees(profit),
    pnlpercentage: percentOf(profit, quantity * averagePrice),
  };
}

export function percentOf(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100;
}

/** `0`, or rupees with two decimals, or as many as a currency price needs. */
export function moneyText(amount: number): string {
  const value = rupees(amount);
  if (value === 0) return '0';
  return Number.isInteger(rupees(value * 100)) ? value.toFixed(2) : String(value);
}

function average(value: number, quantity: number): number {
  return quantity === 0 ? 0 : rupees(value / quantity);
}

/** Rupees, -1 for what has no strike. */
function strikeOf({ instrument }: Listing): number {
  const { contract } = instrument;
  return contract === null || contract.kind === 'FUT' ? -1 : contract.strike;
}

function optionOf({ instrument }: Listing): string {
  const { contract } = instrument;
  return contract === null || contract.kind === 'FUT' ? '' : contract.kind;
}

/** The series behind the dash of an NSE share. */
function groupOf(symbol: string): string {
  return /-([A-Z]{2})$/.exec(symbol)?.[1] ?? '';
}

function precisionOf(exchange: string): string {
  return exchange === 'CDS' ? '4' : '2';
}
