import { parseBody, textOf } from '../body.js';
import type { Body } from '../body.js';
import { rupees } from '../exchange/instrument.js';
import type { Market } from '../exchange/market.js';
import { bandOf } from '../exchange/market.js';
import type { Order } from '../exchange/order.js';
import { remainingOf } from '../exchange/order.js';
import type { Operation } from '../server/operations.js';
import type { Reply } from '../wire.js';
import type { AngelContext, AngelUserCall } from './context.js';
import { marketOf } from './context.js';
import type { Listing } from './masters/catalogue.js';
import { ok, serviceError } from './replies.js';
import type { Row } from './rows.js';
import { moneyText, percentOf } from './rows.js';
import { wordyTime } from './times.js';

const MOST_TOKENS = 50;

/** `POST market/v1/quote` with `{mode, exchangeTokens: {NSE: ["3045"]}}`. Unknown tokens are told apart, not refused. */
export function quote(context: AngelContext, call: AngelUserCall): Reply {
  const body = parseBody(call.bodyText);
  const fieldsOf = MODES[body === undefined ? '' : (textOf(body, 'mode') ?? '')];
  const asked = body === undefined ? undefined : readAsked(body);
  if (fieldsOf === undefined || asked === undefined) return serviceError('AB1007');
  const fetched: Row[] = [];
  const unfetched: Row[] = [];
  for (const [exchange, symbolToken] of asked) {
    const listing = context.catalogue.find(exchange, symbolToken, call.atMs);
    if (listing === undefined) unfetched.push({ exchange, symbolToken, ...notFetched(symbolToken) });
    else fetched.push(quoteRow(context, listing, fieldsOf, call.atMs));
  }
  return ok({ fetched, unfetched });
}

/** One path serves three operations; the mode in the body says which. */
export function quoteOperation(bodyText: string): Operation {
  const mode = parseBody(bodyText)?.['mode'];
  if (mode === 'LTP') return 'ltp';
  return mode === 'OHLC' ? 'ohlc' : 'quote';
}

/** `POST getLtpData`: one instrument; live numbers where the documents print texts. */
export function ltpData(context: AngelContext, call: AngelUserCall): Reply {
  const body = parseBody(call.bodyText);
  const exchange = body === undefined ? '' : (textOf(body, 'exchange') ?? '');
  const token = body === undefined ? '' : (textOf(body, 'symboltoken') ?? '');
  if (token === '') return serviceError('AB4018');
  const listing = context.catalogue.find(exchange, token, call.atMs);
  if (listing === undefined) return serviceError('AB1009');
  const market = marketOf(context, listing.instrument.id);
  const { open, high, low, close, ltp } = ohlcOf(market);
  const shown = context.options.ltpData === 'texts' ? moneyText : (price: number) => price;
  return ok({
    exchange,
    tradingsymbol: listing.row.symbol,
    symboltoken: token,
    open: shown(open),
    high: shown(high),
    low: shown(low),
    close: shown(close),
    ltp: shown(ltp),
  });
}

/** `POST searchScrip`: what is listed on the exchange and begins with the text. No match is an empty list. */
export function searchScrip({ catalogue }: AngelContext, call: AngelUserCall): Reply {
  const body = parseBody(call.bodyText);
  const exchange = body === undefined ? '' : (textOf(body, 'exchange') ?? '');
  const text = body === undefined ? '' : (textOf(body, 'searchscrip') ?? '').toUpperCase();
  if (exchange === '' || text === '') return serviceError('AB1007');
  const found = catalogue
    .listedAt(call.atMs)
    .filter(({ row }) => row.exch_seg === exchange && row.symbol.toUpperCase().startsWith(text))
    .map(({ row }) => ({ exchange, tradingsymbol: row.symbol, symboltoken: row.token }));
  return ok(found);
}

type FieldsOf = (market: Market, atMs: number) => Row;

const MODES: Readonly<Record<string, FieldsOf>> = {
  LTP: ({ last }) => ({ ltp: last }),
  OHLC: (market) => ohlcOf(market),
  FULL: fullFields,
};

function quoteRow(context: AngelContext, { row, instrument }: Listing, fieldsOf: FieldsOf, atMs: number): Row {
  const market = marketOf(context, instrument.id);
  return {
    exchange: row.exch_seg,
    tradingSymbol: row.symbol,
    symbolToken: row.token,
    ...fieldsOf(market, atMs),
  };
}

function notFetched(symbolToken: string): Row {
  return symbolToken === ''
    ? { message: 'Symbol token cannot be empty', errorCode: 'AB4018' }
    : { message: 'Symbol Not Found', errorCode: 'AB1009' };
}

/** Pairs of exchange and token; `undefined` when the body is no such table, names nothing or too much. */
function readAsked(body: Body): readonly (readonly [string, string])[] | undefined {
  const table = parseBody(JSON.stringify(body['exchangeTokens'] ?? null));
  if (table === undefined) return undefined;
  const asked: [string, string][] = [];
  for (const [exchange, tokens] of Object.entries(table)) {
    if (!Array.isArray(tokens)) return undefined;
    for (const token of tokens) asked.push([exchange, String(token)]);
  }
  return asked.length === 0 || asked.length > MOST_TOKENS ? undefined : asked;
}

/** `close` is the previous day's. Nothing has been printed before the first trade of the day: 0. */
function ohlcOf(market: Market) {
  const hasTraded = market.lastTradeAtMs !== null;
  return {
    ltp: market.last,
    open: hasTraded ? market.open : 0,
    high: hasTraded ? market.high : 0,
    low: hasTraded ? market.low : 0,
    close: market.previousClose,
  };
}

function fullFields(market: Market, atMs: number): Row {
  const { last, previousClose, instrument } = market;
  const band = bandOf(market);
  return {
    ...ohlcOf(market),
    lastTradeQty: market.lastQuantity,
    exchFeedTime: wordyTime(atMs),
    exchTradeTime: wordyTime(market.lastTradeAtMs ?? 0), // how a zero reads that was never set
    netChange: rupees(last - previousClose),
    percentChange: percentOf(last - previousClose, previousClose),
    avgPrice: market.volume === 0 ? 0 : rupees(market.turnover / market.volume),
    tradeVolume: market.volume,
    opnInterest: 0,
    lowerCircuit: band.low,
    upperCircuit: Number.isFinite(band.high) ? band.high : 0,
    totBuyQuan: quantityOf(market.book.buys),
    totSellQuan: quantityOf(market.book.sells),
    '52WeekLow': Math.min(last, rupees(instrument.startPrice * 0.75)), // invented, like every past price here
    '52WeekHigh': Math.max(last, rupees(instrument.startPrice * 1.25)),
    depth: { buy: depthOf(market.book.buys), sell: depthOf(market.book.sells) },
  };
}

function quantityOf(queue: readonly Order[]): number {
  return queue.reduce((sum, order) => sum + remainingOf(order), 0);
}

/** The five best prices, padded with zeros. */
function depthOf(queue: readonly Order[]): readonly Row[] {
  const levels = new Map<number, { price: number; quantity: number; orders: number }>();
  for (const order of queue) {
    const level = levels.get(order.price) ?? { price: order.price, quantity: 0, orders: 0 };
    if (!levels.has(order.price) && levels.size === 5) break;
    level.quantity += remainingOf(order);
    level.orders += 1;
    levels.set(order.price, level);
  }
  const empty = Array.from({ length: 5 - levels.size }, () => ({ price: 0, quantity: 0, orders: 0 }));
  return [...levels.values(), ...empty];
}
