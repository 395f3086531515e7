import type { Reply, WireCall, WireRoute } from '../wire.js';
import { dailyCandles, intradayCandles } from './charts.js';
import type { DhanContext, DhanUserCall } from './context.js';
import type { RateFamily } from './options.js';
import { cancelOrder, modifyOrder, orderBook, orderById, orderByTag, placeOrder, placeSliced } from './orders.js';
import { funds, holdings, margin, positions, tradeHistory, trades, tradesOfOrder } from './portfolio.js';
import { ltp, ohlc, quote } from './quotes.js';
import { csv } from './replies.js';
import { consentPage, consumeConsent, generateConsent } from './consent.js';
import { generateAccessToken, profile, renewToken, renewTokenByPost, staticIp } from './session.js';

/** Dhan's hosts; the simulator serves all three from one port, told apart by the first part of the path. */
export const API = 'https://api.dhan.co/v2';
export const AUTH = 'https://auth.dhan.co';
export const IMAGES = 'https://images.dhan.co';

/** Needs a living access token, and is counted in a family of the rate limits. */
export interface UserRoute extends WireRoute {
  readonly family: RateFamily;
  readonly user: (context: DhanContext, call: DhanUserCall) => Reply;
}

/** Open to anyone. */
export interface OpenRoute extends WireRoute {
  readonly open: (context: DhanContext, call: WireCall) => Reply;
}

export type Route = UserRoute | OpenRoute;

/** Every call that is pretended. The first match wins, so fixed paths stand before those with a variable. */
export const ROUTES: readonly Route[] = [
  { operation: 'placeOrder', method: 'post', url: `${API}/orders`, family: 'order', user: placeOrder },
  { operation: 'placeSlicedOrder', method: 'post', url: `${API}/orders/slicing`, family: 'order', user: placeSliced },
  { operation: 'modifyOrder', method: 'put', url: `${API}/orders/:orderId`, family: 'order', user: modifyOrder },
  { operation: 'cancelOrder', method: 'delete', url: `${API}/orders/:orderId`, family: 'order', user: cancelOrder },
  { operation: 'orderBook', method: 'get', url: `${API}/orders`, family: 'non-trading', user: orderBook },
  {
    operation: 'orderByTag',
    method: 'get',
    url: `${API}/orders/external/:correlationId`,
    family: 'non-trading',
    user: orderByTag,
  },
  { operation: 'orderById', method: 'get', url: `${API}/orders/:orderId`, family: 'non-trading', user: orderById },
  { operation: 'trades', method: 'get', url: `${API}/trades`, family: 'non-trading', user: trades },
  {
    operation: 'tradesOfOrder',
    method: 'get',
    url: `${API}/trades/:orderId`,
    family: 'non-trading',
    user: tradesOfOrder,
  },
  {
    operation: 'tradeHistory',
    method: 'get',
    url: `${API}/trades/:from/:to/:page`,
    family: 'non-trading',
    user: tradeHistory,
  },
  { operation: 'positions', method: 'get', url: `${API}/positions`, family: 'non-trading', user: positions },
  { operation: 'holdings', method: 'get', url: `${API}/holdings`, family: 'non-trading', user: holdings },
  { operation: 'funds', method: 'get', url: `${API}/fundlimit`, family: 'non-trading', user: funds },
  { operation: 'margin', method: 'post', url: `${API}/margincalculator`, family: 'non-trading', user: margin },
  { operation: 'ltp', method: 'post', url: `${API}/marketfeed/ltp`, family: 'quote', user: ltp },
  { operation: 'ohlc', method: 'post', url: `${API}/marketfeed/ohlc`, family: 'quote', user: ohlc },
  { operation: 'quote', method: 'post', url: `${API}/marketfeed/quote`, family: 'quote', user: quote },
  { operation: 'dailyCandles', method: 'post', url: `${API}/charts/historical`, family: 'data', user: dailyCandles },
  {
    operation: 'intradayCandles',
    method: 'post',
    url: `${API}/charts/intraday`,
    family: 'data',
    user: intradayCandles,
  },
  { operation: 'profile', method: 'get', url: `${API}/profile`, family: 'non-trading', user: profile },
  { operation: 'staticIp', method: 'get', url: `${API}/ip/getIP`, family: 'non-trading', user: staticIp },
  { operation: 'renew', method: 'get', url: `${API}/RenewToken`, family: 'non-trading', user: renewToken },
  { operation: 'renew', method: 'post', url: `${API}/RenewToken`, family: 'non-trading', user: renewTokenByPost },
  { operation: 'login', method: 'post', url: `${AUTH}/app/generateAccessToken`, open: generateAccessToken },
  { operation: 'beginLogin', method: 'post', url: `${AUTH}/app/generate-consent`, open: generateConsent },
  { operation: 'beginLogin', method: 'get', url: `${AUTH}/login/consentApp-login`, open: consentPage },
  { operation: 'login', method: 'get', url: `${AUTH}/app/consumeApp-consent`, open: consumeConsent },
  {
    operation: 'instruments',
    method: 'get',
    url: `${IMAGES}/api-data/api-scrip-master.csv`,
    open: ({ catalogue }) => csv(catalogue.compactCsv),
  },
  {
    operation: 'instruments',
    method: 'get',
    url: `${IMAGES}/api-data/api-scrip-master-detailed.csv`,
    open: ({ catalogue }) => csv(catalogue.detailedCsv),
  },
];

/**
 * The broker's real address for a path that came to the simulator.
 *
 * The JS client sends `//orders` and no version; others repeat `/v2`; the Python client ends `/trades/` with a slash.
 */
export function realUrl(received: string): URL {
  const { pathname, search } = new URL(received.replace(/^\/{2,}/, '/'), 'http://simulator');
  const path = pathname.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
  if (path.startsWith('/app/') || path.startsWith('/login/')) return new URL(AUTH + path + search);
  if (path.startsWith('/api-data/')) return new URL(IMAGES + path + search);
  return new URL(API + path.replace(/^(?:\/v2(?=\/|$))+/, '') + search);
}
