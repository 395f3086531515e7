import type { Body } from '../body.js';
import { numberOf, parseBody, textOf } from '../body.js';
import { candleAt } from '../exchange/candles.js';
import { rupees } from '../exchange/instrument.js';
import type { Market } from '../exchange/market.js';
import { isOpen } from '../exchange/market-hours.js';
import type { Order } from '../exchange/order.js';
import { remainingOf } from '../exchange/order.js';
import type { Reply } from '../wire.js';
import type { JainamContext, JainamUserCall } from './context.js';
import { marketOf } from './context.js';
import type { Listing } from './masters/catalogue.js';
import type { Problem } from './replies.js';
import { badRequest, failure, required, success, unknownInstrument } from './replies.js';
import type { Row } from './rows.js';
import { candleSeconds, feedSeconds } from './times.js';
import { SEGMENTS_BY_NUMBER } from './words.js';

export const MESSAGE_CODES = {
  touchlineEvent: 1501,
  marketDataEvent: 1502,
  candleDataEvent: 1505,
  openInterestEvent: 1510,
  ltpEvent: 1512,
} as const;

type MessageCode = (typeof MESSAGE_CODES)[keyof typeof MESSAGE_CODES];

const MOST_INSTRUMENTS = 50;

/** `POST /apimarketdata/instruments/quotes {instruments, xtsMessageCode, publishFormat}`: a list of JSON texts. */
export function quotes(context: JainamContext, call: JainamUserCall): Reply {
  const body = parseBody(call.bodyText) ?? {};
  if ((textOf(body, 'publishFormat') ?? '') === '') return badRequest([required('publishFormat', 'body')]);
  const asked = readAsked(context, body);
  if ('problems' in asked) return badRequest(asked.problems);
  if (asked.listings.length === 0) return unknownInstrument();
  return success('s-quotes-0001', 'Get quotes successfully!', {
    mdp: asked.code,
    quotesList: asked.listings.map(pairOf),
    listQuotes: quoteTexts(context, asked.listings, asked.code, call.atMs),
  });
}

/** `POST .../instruments/subscription`. The JSON product sends first values, the binary one the count alone. */
export function subscribe(product: 'json' | 'binary'): (context: JainamContext, call: JainamUserCall) => Reply {
  return (context, call) => {
    const asked = readAsked(context, parseBody(call.bodyText) ?? {});
    if ('problems' in asked) return badRequest(asked.problems);
    if (asked.listings.length === 0) return unknownInstrument();
    const { subscriptions } = context;
    const { token } = call.session;
    const before = new Set(subscriptions.of(token));
    const added = asked.listings.filter((listing) => !before.has(keyOf(listing, asked.code)));
    const outcome = subscriptions.add(
      token,
      added.map((listing) => keyOf(listing, asked.code)),
    );
    const count = { Remaining_Subscription_Count: subscriptions.remaining(token) };
    if (outcome === 'nothing-new') return failure('e-session-0002', 'Instrument Already Subscribed !', count);
    if (outcome === 'too-many') return failure('e-session-0004', 'Subscription limit exceeded', count);
    const values = {
      mdp: asked.code,
      quotesList: asked.listings.map(pairOf),
      listQuotes: quoteTexts(context, added, asked.code, call.atMs),
    };
    const result = product === 'json' ? { ...values, ...count } : count;
    return success('s-session-0001', 'Instrument subscribed successfully!', result);
  };
}

/** `PUT .../instruments/subscription`. */
export function unsubscribe(context: JainamContext, call: JainamUserCall): Reply {
  const asked = readAsked(context, parseBody(call.bodyText) ?? {});
  if ('problems' in asked) return badRequest(asked.problems);
  const { token } = call.session;
  context.subscriptions.remove(
    token,
    asked.listings.map((listing) => keyOf(listing, asked.code)),
  );
  return success('s-session-0001', 'Instrument unsubscribed successfully!', {
    mdp: asked.code,
    unsubList: asked.listings.map(pairOf),
    Remaining_Subscription_Count: context.subscriptions.remaining(token),
  });
}

/** `GET .../instruments/subscription?xtsMessageCode=`. No source shows the result: its shape is ours. */
export function subscriptionList(context: JainamContext, call: JainamUserCall): Reply {
  const code = call.query.get('xtsMessageCode') ?? '';
  const quotesList = context.subscriptions.of(call.session.token).flatMap((key) => {
    const [of = '', exchangeSegment, exchangeInstrumentID] = key.split(/[/_]/);
    if (code !== '' && of !== code) return [];
    return [{ exchangeSegment: Number(exchangeSegment), exchangeInstrumentID: Number(exchangeInstrumentID) }];
  });
  return success('s-session-0001', 'Subscription list', { quotesList });
}

/** Reads `[{exchangeSegment: number, exchangeInstrumentID}]`; numbers may come as text. */
export function readPairs(value: unknown): readonly { readonly segment: string; readonly token: string }[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const pairs = value.map((item: unknown) => {
    const body = parseBody(JSON.stringify(item)) ?? {};
    return {
      segment: SEGMENTS_BY_NUMBER[textOf(body, 'exchangeSegment') ?? ''] ?? '',
      token: textOf(body, 'exchangeInstrumentID') ?? '',
    };
  });
  return pairs.every(({ segment, token }) => segment !== '' && /^\d+$/.test(token)) ? pairs : undefined;
}

interface Asked {
  readonly code: MessageCode;
  /** The known ones; the others are left out in silence. */
  readonly listings: readonly Listing[];
}

function readAsked(context: JainamContext, body: Body): Asked | { readonly problems: readonly Problem[] } {
  const number = numberOf(body, 'xtsMessageCode');
  const code = Object.values(MESSAGE_CODES).find((known) => known === number);
  const pairs = readPairs(body['instruments']);
  const problems: Problem[] = [];
  if (pairs === undefined) problems.push(required('instruments', 'body'));
  if (pairs !== undefined && pairs.length > MOST_INSTRUMENTS) {
    const message = `must contain less than or equal to ${MOST_INSTRUMENTS} items`;
    problems.push({ field: 'instruments', location: 'body', message, type: 'array.max' });
  }
  if (code === undefined) problems.push(required('xtsMessageCode', 'body'));
  if (pairs === undefined || code === undefined || problems.length > 0) return { problems };
  const wanted = new Set(pairs.map(({ segment, token }) => `${segment}|${token}`));
  const known = context.catalogue.listings.filter(({ segment, token, instrument }) => {
    return instrument !== undefined && wanted.has(`${segment}|${token}`);
  });
  return { code, listings: known };
}

function pairOf({ segmentNumber, token }: Listing) {
  return { exchangeSegment: segmentNumber, exchangeInstrumentID: Number(token) };
}

function keyOf({ segmentNumber, token }: Listing, code: MessageCode): string {
  return `${code}/${segmentNumber}_${token}`;
}

function quoteTexts(
  context: JainamContext,
  listings: readonly Listing[],
  code: MessageCode,
  atMs: number,
): readonly string[] {
  const { closedQuotes } = context.options;
  return listings.flatMap((listing) => {
    if (listing.instrument === undefined) return [];
    const isContract = listing.instrument.contract !== null;
    if (closedQuotes !== 'usual' && isContract && !isOpen(listing.instrument.segment, atMs)) {
      return closedQuotes === 'empty' ? [''] : [];
    }
    const market = marketOf(context, listing.instrument.id);
    return [JSON.stringify(quoteOf(context, listing, market, code, atMs))];
  });
}

/** Keys of 1502 as in the sheet's example; of the other codes the sheet names the values and no whole message. */
function quoteOf(context: JainamContext, listing: Listing, market: Market, code: MessageCode, atMs: number): Row {
  const head = {
    MessageCode: code,
    MessageVersion: 4,
    ApplicationType: 0,
    TokenID: 0,
    ExchangeSegment: listing.segmentNumber,
    ExchangeInstrumentID: Number(listing.token),
    ExchangeTimeStamp: feedSeconds(listing.segmentNumber, atMs),
  };
  const tail = { BookType: 1, XMarketType: 1 };
  const last = { LastTradedPrice: market.last, LastTradedQunatity: market.lastQuantity };
  switch (code) {
    case MESSAGE_CODES.touchlineEvent: {
      const touchline = touchlineOf(listing, market, atMs);
      const isFlat = context.options.touchline === 'flat';
      return { ...head, ...(isFlat ? touchline : { Touchline: touchline }), ...tail };
    }
    case MESSAGE_CODES.marketDataEvent: {
      const depth = { Bids: depthOf(market.book.buys), Asks: depthOf(market.book.sells) };
      return { ...head, ...depth, Touchline: touchlineOf(listing, market, atMs), ...tail };
    }
    case MESSAGE_CODES.candleDataEvent:
      return { ...head, ...minuteOf(market, atMs), ...tail };
    case MESSAGE_CODES.openInterestEvent:
      return { ...head, XTSMarketType: 1, OpenInterest: 0 };
    case MESSAGE_CODES.ltpEvent:
      return { ...head, ...last, LastUpdateTime: feedSeconds(listing.segmentNumber, atMs), ...tail };
  }
}

/** `Close` is the previous day's. The quantity's name is misspelt on the wire. */
function touchlineOf(listing: Listing, market: Market, atMs: number): Row {
  const { last, previousClose, lastTradeAtMs } = market;
  const [bid = EMPTY_LEVEL] = depthOf(market.book.buys);
  const [ask = EMPTY_LEVEL] = depthOf(market.book.sells);
  const seconds = (at: number | null): number => (at === null ? 0 : feedSeconds(listing.segmentNumber, at));
  return {
    BidInfo: bid,
    AskInfo: ask,
    LastTradedPrice: last,
    LastTradedQunatity: market.lastQuantity,
    TotalBuyQuantity: quantityOf(market.book.buys),
    TotalSellQuantity: quantityOf(market.book.sells),
    TotalTradedQuantity: market.volume,
    AverageTradedPrice: market.volume === 0 ? 0 : rupees(market.turnover / market.volume),
    LastTradedTime: seconds(lastTradeAtMs),
    LastUpdateTime: seconds(atMs),
    PercentChange: Math.round((last / previousClose - 1) * 10_000) / 100,
    Open: lastTradeAtMs === null ? 0 : market.open,
    High: lastTradeAtMs === null ? 0 : market.high,
    Low: lastTradeAtMs === null ? 0 : market.low,
    Close: previousClose,
    TotalValueTraded: null,
    BuyBackTotalBuy: 0,
    BuyBackTotalSell: 0,
  };
}

const MINUTE_MS = 60_000;

/** The bar of the running minute. */
function minuteOf({ instrument }: Market, atMs: number): Row {
  const startMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
  const { open, high, low, close, volume } = candleAt(instrument, startMs, MINUTE_MS);
  const barTime = candleSeconds(startMs + MINUTE_MS) - 1;
  return { BarTime: barTime, BarVolume: volume, Open: open, High: high, Low: low, Close: close, OpenInterest: 0 };
}

const EMPTY_LEVEL = { Size: 0, Price: 0, TotalOrders: 0, BuyBackMarketMaker: 0 };

function quantityOf(queue: readonly Order[]): number {
  return queue.reduce((sum, order) => sum + remainingOf(order), 0);
}

/** The five best prices, padded with zeros. */
function depthOf(queue: readonly Order[]): readonly (typeof EMPTY_LEVEL)[] {
  const levels = new Map<number, { size: number; orders: number }>();
  for (const order of queue) {
    const level = levels.get(order.price) ?? { size: 0, orders: 0 };
    if (!levels.has(order.price) && levels.size === 5) break;
    levels.set(order.price, { size: level.size + remainingOf(order), orders: level.orders + 1 });
  }
  const rows = [...levels].map(([Price, { size, orders }]) => ({
    Size: size,
    Price,
    TotalOrders: orders,
    BuyBackMarketMaker: 0,
  }));
  return [...rows, ...Array.from({ length: 5 - rows.length }, () => EMPTY_LEVEL)];
}
