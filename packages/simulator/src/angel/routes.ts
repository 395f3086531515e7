import type { Reply, WireCall, WireRoute } from '../wire.js';
import { jsonReply } from '../wire.js';
import { candles, openInterest } from './charts.js';
import type { AngelContext, AngelUserCall } from './context.js';
import { estimateCharges, marginBatch } from './margin.js';
import type { AngelFamily } from './options.js';
import { cancelOrder, modifyOrder, orderBook, orderDetails, placeOrder } from './orders.js';
import { allHoldings, funds, holdings, positions, tradeBook } from './portfolio.js';
import { ltpData, quote, searchScrip } from './quotes.js';
import { generateTokens, loginByPassword, logout, profile, publisherLogin } from './session.js';

/** Angel One's hosts; the simulator serves all three from one port, told apart by the first part of the path. */
export const API = 'https://apiconnect.angelone.in';
export const LOGIN_SITE = 'https://smartapi.angelone.in';
export const FILES = 'https://margincalculator.angelbroking.com';

const AUTH = `${API}/rest/auth/angelbroking`;
const SECURE = `${API}/rest/secure/angelbroking`;

/** Needs a living token and the API key, and is counted in a family of the rate limits. */
export interface UserRoute extends WireRoute {
  readonly family: AngelFamily;
  readonly user: (context: AngelContext, call: AngelUserCall) => Reply;
}

/** Looks after its own tokens, but carries the headers of every REST call. */
export interface AuthRoute extends WireRoute {
  readonly auth: (context: AngelContext, call: WireCall) => Reply;
}

/** Open to anyone. */
export interface OpenRoute extends WireRoute {
  readonly open: (context: AngelContext, call: WireCall) => Reply;
}

export type Route = UserRoute | AuthRoute | OpenRoute;

const get = (
  operation: WireRoute['operation'],
  path: string,
  family: AngelFamily,
  user: UserRoute['user'],
): UserRoute => ({ operation, method: 'get', url: `${SECURE}/${path}`, family, user });

const post = (
  operation: WireRoute['operation'],
  path: string,
  family: AngelFamily,
  user: UserRoute['user'],
): UserRoute => ({ operation, method: 'post', url: `${SECURE}/${path}`, family, user });

/** Every call that is pretended. */
export const ROUTES: readonly Route[] = [
  { operation: 'login', method: 'post', url: `${AUTH}/user/v1/loginByPassword`, auth: loginByPassword },
  { operation: 'renew', method: 'post', url: `${AUTH}/jwt/v1/generateTokens`, auth: generateTokens },
  { operation: 'beginLogin', method: 'get', url: `${LOGIN_SITE}/publisher-login`, open: publisherLogin },
  get('profile', 'user/v1/getProfile', 'profile', profile),
  post('logout', 'user/v1/logout', 'logout', logout),
  get('funds', 'user/v1/getRMS', 'funds', funds),
  post('placeOrder', 'order/v1/placeOrder', 'order', placeOrder),
  post('modifyOrder', 'order/v1/modifyOrder', 'order', modifyOrder),
  post('cancelOrder', 'order/v1/cancelOrder', 'order', cancelOrder),
  get('orderBook', 'order/v1/getOrderBook', 'order-book', orderBook),
  get('orderById', 'order/v1/details/:uniqueOrderId', 'order-details', orderDetails),
  get('trades', 'order/v1/getTradeBook', 'trade-book', tradeBook),
  get('positions', 'order/v1/getPosition', 'positions', positions),
  get('holdings', 'portfolio/v1/getHolding', 'holdings', holdings),
  get('holdings', 'portfolio/v1/getAllHolding', 'all-holdings', allHoldings),
  post('margin', 'margin/v1/batch', 'margin', marginBatch),
  post('charges', 'brokerage/v1/estimateCharges', 'charges', estimateCharges),
  post('ltp', 'order/v1/getLtpData', 'ltp', ltpData),
  post('search', 'order/v1/searchScrip', 'search', searchScrip),
  post('quote', 'market/v1/quote', 'quote', quote),
  post('intradayCandles', 'historical/v1/getCandleData', 'candles', candles),
  post('unknown', 'historical/v1/getOIData', 'open-interest', openInterest),
  {
    operation: 'instruments',
    method: 'get',
    url: `${FILES}/OpenAPI_File/files/OpenAPIScripMaster.json`,
    open: ({ catalogue }, { atMs }) =>
      jsonReply(
        200,
        catalogue.listedAt(atMs).map(({ row }) => row),
      ),
  },
];

/**
 * The broker's real address for a path that came to the simulator.
 *
 * Documents print some calls behind `/order-service`, which the JS client does not send.
 */
export function realUrl(received: string): URL {
  const { pathname, search } = new URL(received.replace(/^\/{2,}/, '/'), 'http://simulator');
  const path = pathname.replace(/\/{2,}/g, '/').replace(/^\/order-service(?=\/)/, '');
  if (path.startsWith('/OpenAPI_File/')) return new URL(FILES + path + search);
  if (path === '/publisher-login') return new URL(LOGIN_SITE + path + search);
  return new URL(API + path + search);
}
