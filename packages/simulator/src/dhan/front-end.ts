import type { Account } from '../exchange/account.js';
import type { BookSnapshot, FrontEnd } from '../server/front-end.js';
import type { Operation } from '../server/operations.js';
import { createWire, jsonReply, plainReply } from '../wire.js';
import type { Reply, WireCall } from '../wire.js';
import type { DhanContext } from './context.js';
import { marketOf } from './context.js';
import { dataError, notFound, tradingError } from './replies.js';
import { ROUTES, realUrl } from './routes.js';
import type { Route, UserRoute } from './routes.js';
import { orderRow } from './rows.js';

/** Dhan's wire over the exchange. */
export function createDhanFrontEnd(context: DhanContext): FrontEnd {
  const now = (): number => context.exchange.now();
  const wire = createWire<Route>({
    routes: ROUTES,
    realUrl,
    answer: (route, call) => ('open' in route ? route.open(context, call) : answerUser(context, route, call)),
    notFound: (path) => notFound(path, now()),
    now,
    gzip: context.options.gzip,
  });

  return {
    broker: 'dhan',
    operationOf: wire.operationOf,
    respond: wire.respond,
    snapshotBooks: () => snapshotBooks(context),
    async respondFromSnapshot(request, snapshot) {
      const reply = await wire.respond(request, { hiddenForMs: 0 });
      const clientId = context.tokens.check(request.headers['access-token'] ?? '', now())?.clientId;
      if (reply.status !== 200 || clientId === undefined) return reply;
      const rows = staleRows(wire.operationOf(request), realUrl(request.url), snapshot.get(clientId) ?? []);
      return rows === undefined ? reply : wire.outgoing(request, jsonReply(200, rows));
    },
    emptyListReply: () => plainReply(jsonReply(200, [])),
    rateLimitedReply: () => plainReply(tradingError('DH-904')),
    expiredTokenReply: () => plainReply(tradingError('DH-901')),
    serverErrorReply: (status) => plainReply(tradingError('DH-908', undefined, status)),
  };
}

/** Token check and rate limit stand in front of every call of a user. */
function answerUser(context: DhanContext, route: UserRoute, call: WireCall): Reply {
  const token = call.headers.get('access-token') ?? '';
  const clientId = context.tokens.check(token, call.atMs)?.clientId;
  const account = clientId === undefined ? undefined : context.exchange.account('dhan', clientId);
  if (clientId === undefined || account === undefined) return tradingError('DH-901');
  if (!context.rateLimits.admit(clientId, route.family, call.atMs)) {
    return route.family === 'quote' ? dataError('805') : tradingError('DH-904');
  }
  return route.user(context, { ...call, token, account });
}

function snapshotBooks(context: DhanContext): BookSnapshot {
  const { exchange, options } = context;
  const accounts = exchange.accounts().filter(({ terms }) => terms.broker === 'dhan');
  const bookOf = (account: Account) =>
    exchange
      .visibleOrders(account)
      .map((order) => orderRow(order, marketOf(context, order.ticket.instrumentId).instrument, options));
  return new Map(accounts.map((account) => [account.terms.clientId, bookOf(account)]));
}

/** The rows of a snapshot that a read of orders asks for; `undefined` for any other operation. */
function staleRows(operation: Operation, url: URL, book: readonly Row[]): readonly Row[] | undefined {
  const asked = decodeURIComponent(url.pathname.split('/').at(-1) ?? '');
  switch (operation) {
    case 'orderBook':
      return book;
    case 'orderById':
      return book.filter((row) => row['orderId'] === asked);
    case 'orderByTag':
      return book.filter((row) => row['correlationId'] === asked);
    default:
      return undefined;
  }
}

type Row = Readonly<Record<string, unknown>>;
