import type { Account } from '../exchange/account.js';
import type { BookSnapshot, FrontEnd, OutgoingReply } from '../server/front-end.js';
import type { Operation } from '../server/operations.js';
import { createWire, plainReply } from '../wire.js';
import type { Reply, WireCall } from '../wire.js';
import { bookReply } from './books.js';
import { isDaily } from './candles.js';
import type { KotakContext, KotakLogin } from './context.js';
import { sessionHeaders } from './login.js';
import { json, noData, refused, refusedLive, serverError, tooManyRequests, unknownAccessToken } from './replies.js';
import { ROUTES, realUrl } from './routes.js';
import type { Route, SessionRoute, TokenRoute } from './routes.js';
import type { Row } from './rows.js';
import { orderRow } from './rows.js';

/** Kotak Neo's wire over the exchange. */
export function createKotakFrontEnd(context: KotakContext): FrontEnd {
  const now = (): number => context.exchange.now();
  const wire = createWire<Route>({
    routes: ROUTES,
    realUrl,
    answer: (route, call) => answer(context, route, call),
    notFound: () => refused(404, 'Not Found', 404),
    now,
    gzip: false,
  });

  return {
    broker: 'kotak',
    operationOf(request) {
      const operation = wire.operationOf(request);
      const isOfDays = operation === 'intradayCandles' && isDaily(realUrl(request.url).searchParams);
      return isOfDays ? 'dailyCandles' : operation;
    },
    respond: wire.respond,
    snapshotBooks: () => snapshotBooks(context),
    async respondFromSnapshot(request, snapshot) {
      const reply = await wire.respond(request, { hiddenForMs: 0 });
      const headers = new Headers(request.headers);
      const { token, sid } = sessionHeaders({ headers });
      const ucc = context.sessions.check('Trade', token, sid, now())?.ucc;
      const isRead = reply.status === 200 && ucc !== undefined;
      const rows = isRead ? staleRows(wire.operationOf(request), request.url, snapshot.get(ucc) ?? []) : undefined;
      return rows === undefined ? reply : plainReply(bookReply(rows));
    },
    emptyListReply,
    rateLimitedReply: () => plainReply(tooManyRequests()),
    expiredTokenReply: () => plainReply(sessionOver(context, 'placeOrder')),
    serverErrorReply: (status) => plainReply(serverError(status)),
  };
}

/** Who calls is known first; then the rate limit, then the call. */
function answer(context: KotakContext, route: Route, call: WireCall): Reply {
  if ('open' in route) return route.open(context, call);
  const login = 'session' in route ? sessionLogin(context, call) : tokenLogin(context, call);
  const account = login && context.exchange.account('kotak', login.ucc);
  if (account === undefined) return 'session' in route ? sessionOver(context, route.operation) : unknownAccessToken();
  if (!context.rateLimits.admit(account.terms.clientId, route.family, call.atMs)) return tooManyRequests();
  return handlerOf(route)(context, { ...call, account });
}

const handlerOf = (route: SessionRoute | TokenRoute) => ('session' in route ? route.session : route.token);

/** The headers of a trade session are enough: neither an access token nor a `neo-fin-key` is asked for after the log-in. */
function sessionLogin({ sessions, logins }: KotakContext, call: WireCall): KotakLogin | undefined {
  const { token, sid } = sessionHeaders(call);
  const login = logins.get(sessions.check('Trade', token, sid, call.atMs)?.ucc ?? '');
  return login !== undefined && isAtHome(login, call) ? login : undefined;
}

function tokenLogin({ logins }: KotakContext, call: WireCall): KotakLogin | undefined {
  const token = call.headers.get('authorization') ?? '';
  const login = [...logins.values()].find(({ accessToken }) => accessToken === token);
  return login !== undefined && isAtHome(login, call) ? login : undefined;
}

/** Calls belong to the base URL that the log-in told. The log-in host itself has no data centre. */
function isAtHome({ dataCenter }: KotakLogin, { params }: WireCall): boolean {
  return params['dataCenter'] === undefined || params['dataCenter'] === dataCenter.toLowerCase();
}

/** Recorded 2025-02 with two kinds of `stat`: reads carry a sentence there. */
function sessionOver({ options }: KotakContext, operation: Operation): Reply {
  const isCommand = operation === 'placeOrder' || operation === 'modifyOrder' || operation === 'cancelOrder';
  const stat = isCommand ? 'Not_Ok' : 'error in neo-login-check-api';
  return refusedLive(100_022, 'invalid session token', stat, options.sessionOverStatus);
}

function snapshotBooks(context: KotakContext): BookSnapshot {
  const accounts = context.exchange.accounts().filter(({ terms }) => terms.broker === 'kotak');
  const bookOf = (account: Account) => context.exchange.visibleOrders(account).map((order) => orderRow(context, order));
  return new Map(accounts.map((account) => [account.terms.clientId, bookOf(account)]));
}

/** The rows of a snapshot that a read of orders asks for; `undefined` for any other operation. */
function staleRows(operation: Operation, url: string, book: readonly Row[]): readonly Row[] | undefined {
  if (operation === 'orderBook') return book;
  if (operation !== 'orderById') return undefined;
  const asked = decodeURIComponent(realUrl(url).pathname.split('/').at(-1) ?? '');
  return book.filter((row) => row['nOrdNo'] === asked);
}

/** Books say 5203; what is a bare list, or wraps one, is empty. */
function emptyListReply(operation: Operation): OutgoingReply {
  switch (operation) {
    case 'holdings':
      return plainReply(json(200, { data: [] }));
    case 'ltp':
    case 'ohlc':
    case 'quote':
      return plainReply(json(200, []));
    case 'dailyCandles':
    case 'intradayCandles':
      return plainReply(json(200, { status: 'success', interval: '1min', data: { candles: [] } }));
    default:
      return plainReply(noData());
  }
}
