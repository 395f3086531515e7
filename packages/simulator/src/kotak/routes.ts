import type { Reply, WireCall, WireRoute } from '../wire.js';
import { orderBook, orderById, orderHistory, trades } from './books.js';
import { candles } from './candles.js';
import type { KotakContext, KotakUserCall } from './context.js';
import { checkMargin, limits } from './funds.js';
import { beginLogin, clientIp, feedConfig, validateLogin } from './login.js';
import { expiries, optionChain } from './option-chain.js';
import type { KotakFamily } from './options.js';
import { cancelOrder, modifyOrder, placeOrder } from './orders.js';
import { holdings, positions, positionsWithPrice } from './portfolio.js';
import { quotes } from './quotes.js';
import { SCRIP_FOLDER, filePaths, scripFile } from './scrip-files.js';

const LOGIN_HOST = 'https://mis.kotaksecurities.com';
const FILES_HOST = 'https://lapi.kotaksecurities.com';

/** Everything after the log-in. The data centre is a host at Kotak, and the first part of the path here. */
const SESSION_HOST = 'https://cis.kotaksecurities.com';
const API = `${SESSION_HOST}/:dataCenter`;

/** Needs the two headers of a living trade session. */
export interface SessionRoute extends WireRoute {
  readonly family: KotakFamily;
  readonly session: (context: KotakContext, call: KotakUserCall) => Reply;
}

/** Needs the access token of an account, and no log-in. */
export interface TokenRoute extends WireRoute {
  readonly family: KotakFamily;
  readonly token: (context: KotakContext, call: KotakUserCall) => Reply;
}

/** Open to anyone. */
export interface OpenRoute extends WireRoute {
  readonly open: (context: KotakContext, call: WireCall) => Reply;
}

export type Route = SessionRoute | TokenRoute | OpenRoute;

const ORDER = `${API}/quick/order`;
const USER = `${API}/quick/user`;
const DATA = `${API}/market-data/1.0`;
const QUOTES = `${API}/script-details/1.0/quotes/neosymbol/:symbols`;

/** Every call that is pretended. The first match wins, so fixed paths stand before those with a variable. */
export const ROUTES: readonly Route[] = [
  { operation: 'beginLogin', method: 'post', url: `${LOGIN_HOST}/login/1.0/tradeApiLogin`, open: beginLogin },
  { operation: 'login', method: 'post', url: `${LOGIN_HOST}/login/1.0/tradeApiValidate`, open: validateLogin },
  {
    operation: 'staticIp',
    method: 'get',
    url: `${LOGIN_HOST}/login/1.0/get-client-ip`,
    family: 'read',
    session: clientIp,
  },
  { operation: 'hostLookup', method: 'get', url: `${FILES_HOST}/5config/config`, open: feedConfig },
  { operation: 'placeOrder', method: 'post', url: `${ORDER}/rule/ms/place`, family: 'order', session: placeOrder },
  { operation: 'modifyOrder', method: 'post', url: `${ORDER}/vr/modify`, family: 'order', session: modifyOrder },
  { operation: 'cancelOrder', method: 'post', url: `${ORDER}/cancel`, family: 'order', session: cancelOrder },
  { operation: 'orderHistory', method: 'post', url: `${ORDER}/history`, family: 'read', session: orderHistory },
  { operation: 'orderBook', method: 'get', url: `${USER}/orders`, family: 'read', session: orderBook },
  { operation: 'orderById', method: 'get', url: `${USER}/orders/:orderNumber`, family: 'read', session: orderById },
  { operation: 'trades', method: 'get', url: `${USER}/trades`, family: 'read', session: trades },
  { operation: 'positions', method: 'get', url: `${USER}/positions`, family: 'read', session: positions },
  {
    operation: 'positions',
    method: 'get',
    url: `${API}/portfolio/v2/positions`,
    family: 'read',
    session: positionsWithPrice,
  },
  { operation: 'holdings', method: 'get', url: `${API}/portfolio/v1/holdings`, family: 'read', session: holdings },
  { operation: 'funds', method: 'post', url: `${USER}/limits`, family: 'read', session: limits },
  { operation: 'margin', method: 'post', url: `${USER}/check-margin`, family: 'read', session: checkMargin },
  {
    operation: 'ltp',
    method: 'get',
    url: `${QUOTES}/ltp`,
    family: 'quote',
    token: (context, call) => quotes(context, call, 'ltp'),
  },
  {
    operation: 'ohlc',
    method: 'get',
    url: `${QUOTES}/ohlc`,
    family: 'quote',
    token: (context, call) => quotes(context, call, 'ohlc'),
  },
  { operation: 'quote', method: 'get', url: `${QUOTES}/:filter`, family: 'quote', token: quotes },
  { operation: 'quote', method: 'get', url: QUOTES, family: 'quote', token: quotes },
  {
    operation: 'instruments',
    method: 'get',
    url: `${API}/script-details/1.0/masterscrip/file-paths`,
    family: 'read',
    token: filePaths,
  },
  { operation: 'intradayCandles', method: 'get', url: `${DATA}/historical/details`, family: 'candle', token: candles },
  { operation: 'search', method: 'get', url: `${DATA}/watchlist/option-chain`, family: 'read', token: optionChain },
  { operation: 'search', method: 'get', url: `${DATA}/watchlist/expiries`, family: 'read', token: expiries },
  {
    operation: 'instruments',
    method: 'get',
    url: `${FILES_HOST}${SCRIP_FOLDER}/:date/:folder/:file`,
    open: scripFile,
  },
];

/** The broker's real address for a path that came to the simulator. Slashes too many at its start would read as a host. */
export function realUrl(received: string): URL {
  const { pathname, search } = new URL(received.replace(/^\/{2,}/, '/'), 'http://simulator');
  if (pathname.startsWith('/login/')) return new URL(LOGIN_HOST + pathname + search);
  if (pathname.startsWith('/5config/') || pathname.startsWith(SCRIP_FOLDER)) {
    return new URL(FILES_HOST + pathname + search);
  }
  return new URL(SESSION_HOST + (isReadable(pathname) ? pathname : '/') + search);
}

/** Whether its percent signs stand for text; where they do not, nothing is served. */
function isReadable(pathname: string): boolean {
  try {
    decodeURIComponent(pathname);
    return true;
  } catch {
    return false;
  }
}
