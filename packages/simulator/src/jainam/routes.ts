import type { Operation } from '../server/operations.js';
import type { Reply, WireCall, WireRoute } from '../wire.js';
import { dailyCandles, intradayCandles } from './charts.js';
import type { JainamContext, JainamUserCall } from './context.js';
import type { JainamFamily } from './options.js';
import * as orders from './orders.js';
import * as portfolio from './portfolio.js';
import { quotes, subscribe, subscriptionList, unsubscribe } from './quotes.js';
import * as search from './search.js';
import * as session from './session.js';
import type { XtsProduct } from './sessions.js';

/** Jainam's retail host; both products and the look-up stand behind it. */
const HOST = 'https://jtrade.jainam.in:5000';

type UserHandler = (context: JainamContext, call: JainamUserCall) => Reply;
type OpenHandler = (context: JainamContext, call: WireCall) => Reply;

/** Needs a living token of its product, and is counted in a family of the rate limits. */
export interface UserRoute extends WireRoute {
  readonly product: XtsProduct;
  readonly family: JainamFamily;
  readonly user: UserHandler;
}

/** Open to anyone. */
export interface OpenRoute extends WireRoute {
  readonly open: OpenHandler;
}

export type Route = UserRoute | OpenRoute;

type Entry = readonly [Operation, WireRoute['method'], string, JainamFamily, UserHandler];

const INTERACTIVE: readonly Entry[] = [
  ['placeOrder', 'post', '/orders', 'order', orders.placeOrder],
  ['modifyOrder', 'put', '/orders', 'order', orders.modifyOrder],
  ['cancelOrder', 'delete', '/orders', 'order', orders.cancelOrder],
  ['cancelOrder', 'delete', '/orders/one', 'order', orders.cancelOrder],
  ['cancelAll', 'post', '/orders/cancelall', 'order', orders.cancelAll],
  ['orderBook', 'get', '/orders', 'order-book', orders.orderBook],
  ['orderBook', 'get', '/orders/dealerorderbook', 'order-book', orders.dealerOrderBook],
  ['orderHistory', 'get', '/orders/one', 'other', orders.orderHistory],
  ['trades', 'get', '/orders/trades', 'trades', portfolio.trades],
  ['trades', 'get', '/orders/dealertradebook', 'trades', portfolio.dealerTrades],
  ['unknown', 'post', '/orders/cover', 'order', orders.specialOrder],
  ['unknown', 'put', '/orders/cover', 'order', orders.specialOrder],
  ['unknown', 'post', '/orders/bracket', 'order', orders.specialOrder],
  ['unknown', 'put', '/orders/bracket', 'order', orders.specialOrder],
  ['unknown', 'delete', '/orders/bracket', 'order', orders.specialOrder],
  ['margin', 'post', '/orders/margindetails', 'other', portfolio.margin],
  ['positions', 'get', '/portfolio/positions', 'positions', portfolio.positions],
  ['positions', 'get', '/portfolio/dealerpositions', 'positions', portfolio.dealerPositions],
  ['holdings', 'get', '/portfolio/holdings', 'other', portfolio.holdings],
  ['convertPosition', 'put', '/portfolio/positions/convert', 'order', portfolio.convertPosition],
  ['squareOff', 'put', '/portfolio/squareoff', 'order', portfolio.squareOff],
  ['funds', 'get', '/user/balance', 'other', portfolio.balance],
  ['profile', 'get', '/user/profile', 'other', session.profile],
  ['enums', 'get', '/user/enums', 'other', session.enums],
  ['exchangeStatus', 'get', '/status/exchange', 'other', session.exchangeStatus],
  ['exchangeStatus', 'get', '/messages/exchange', 'other', session.exchangeMessages],
  ['logout', 'delete', '/user/session', 'other', session.logout],
];

/** The two market data products answer alike, but for the subscription. */
const marketEntries = (product: 'json' | 'binary'): readonly Entry[] => [
  ['quote', 'post', '/instruments/quotes', 'quote', quotes],
  ['intradayCandles', 'get', '/instruments/ohlc', 'other', intradayCandles],
  ['dailyCandles', 'get', '/instruments/ohlc/daily', 'other', dailyCandles],
  ['subscribe', 'post', '/instruments/subscription', 'other', subscribe(product)],
  ['unsubscribe', 'put', '/instruments/subscription', 'other', unsubscribe],
  ['subscribe', 'get', '/instruments/subscription', 'other', subscriptionList],
  ['search', 'get', '/instruments/indexlist', 'other', search.indexList],
  ['search', 'get', '/instruments/instrument/series', 'other', search.findByParts('series')],
  ['search', 'get', '/instruments/instrument/symbol', 'other', search.findByParts('symbol')],
  ['search', 'get', '/instruments/instrument/expiryDate', 'other', search.findByParts('expiryDate')],
  ['search', 'get', '/instruments/instrument/futureSymbol', 'other', search.findByParts('futureSymbol')],
  ['search', 'get', '/instruments/instrument/optionsymbol', 'other', search.findByParts('optionsymbol')],
  ['search', 'get', '/instruments/instrument/optionType', 'other', search.findByParts('optionType')],
  ['search', 'get', '/instruments/instrument/strikePrice', 'other', search.findByParts('strikePrice')],
  ['search', 'get', '/search/instruments', 'other', search.searchByText],
  ['search', 'post', '/search/instrumentsbyid', 'other', search.searchById],
  ['search', 'post', '/search/instrumentsbyisin', 'other', search.searchByIsin],
  ['enums', 'get', '/config/clientConfig', 'other', search.clientConfig],
  ['logout', 'delete', '/auth/logout', 'other', session.logout],
];

const routesOf = (product: XtsProduct, prefix: string, entries: readonly Entry[]): readonly UserRoute[] =>
  entries.map(([operation, method, path, family, user]) => {
    return { operation, method, url: HOST + prefix + path, product, family, user };
  });

const openRoute = (operation: Operation, path: string, open: OpenHandler): OpenRoute => {
  return { operation, method: 'post', url: HOST + path, open };
};

const marketRoutes = (prefix: string, product: 'json' | 'binary'): readonly Route[] => [
  openRoute('login', `${prefix}/auth/login`, session.marketLogin),
  openRoute('instruments', `${prefix}/instruments/master`, search.instrumentMaster),
  ...routesOf('market', prefix, marketEntries(product)),
];

/** Every call that is pretended. */
export const ROUTES: readonly Route[] = [
  openRoute('hostLookup', '/hostlookup', session.hostLookup),
  openRoute('login', '/interactive/user/session', session.interactiveLogin),
  ...routesOf('interactive', '/interactive', INTERACTIVE),
  ...marketRoutes('/apimarketdata', 'json'),
  ...marketRoutes('/apibinarymarketdata', 'binary'),
];

/**
 * The broker's real address for a path that came to the simulator.
 *
 * Where the query alone tells one call from another it becomes part of the path: the book from one order's history, and
 * daily bars from shorter ones. `undefined` is how the official clients spell a value that they were not given.
 */
export function realUrl(received: string): URL {
  const { pathname, search, searchParams } = new URL(received.replace(/^\/{2,}/, '/'), 'http://simulator');
  const path = pathname.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
  const appOrderId = searchParams.get('appOrderID') ?? '';
  const isOne = path === '/interactive/orders' && !['', 'undefined'].includes(appOrderId);
  const isDaily = path.endsWith('/instruments/ohlc') && searchParams.get('compressionValue') === 'D';
  return new URL(`${HOST}${path}${isOne ? '/one' : ''}${isDaily ? '/daily' : ''}${search}`);
}
