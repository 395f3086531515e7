import type { BookSnapshot, FrontEnd, IncomingRequest, OutgoingReply } from '../server/front-end.js';
import type { Operation } from '../server/operations.js';
import { createWire, jsonReply, plainReply } from '../wire.js';
import type { Reply, WireCall } from '../wire.js';
import { candleOperation } from './charts.js';
import type { AngelContext } from './context.js';
import { bearerOf, headerProblem } from './headers.js';
import { rowOf } from './orders.js';
import { quoteOperation } from './quotes.js';
import { list, notFound, ok, rateLimited, serverError, serviceError, tokenError } from './replies.js';
import { ROUTES, realUrl } from './routes.js';
import type { Route, UserRoute } from './routes.js';
import type { Row } from './rows.js';

/** Angel One's wire over the exchange. */
export function createAngelFrontEnd(context: AngelContext): FrontEnd {
  const { options } = context;
  const now = (): number => context.exchange.now();
  const wire = createWire<Route>({
    routes: ROUTES,
    realUrl,
    answer: (route, call) => answer(context, route, call),
    notFound,
    now,
    gzip: false,
  });
  const operationOf = (request: IncomingRequest): Operation => narrowed(wire.operationOf(request), request.body);

  return {
    broker: 'angel',
    operationOf,
    respond: wire.respond,
    snapshotBooks: () => snapshotBooks(context),
    async respondFromSnapshot(request, snapshot) {
      const reply = await wire.respond(request, { hiddenForMs: 0 });
      const standing = context.sessions.byJwt(bearerOf(request.headers['authorization']), now());
      if (reply.status !== 200 || standing.kind !== 'living' || isRefusal(reply, operationOf(request))) return reply;
      const book = snapshot.get(standing.session.clientId) ?? [];
      const stale = staleReply(operationOf(request), realUrl(request.url), book);
      return stale === undefined ? reply : plainReply(stale);
    },
    emptyListReply: (operation) => plainReply(emptyList(operation)),
    rateLimitedReply: () => plainReply(rateLimited(options)),
    expiredTokenReply: () => plainReply(tokenError('AG8002', options)),
    serverErrorReply: (status) => plainReply(serverError(status)),
  };
}

function answer(context: AngelContext, route: Route, call: WireCall): Reply {
  if ('open' in route) return route.open(context, call);
  const problem = headerProblem(call.headers);
  if (problem !== undefined) return problem;
  return 'auth' in route ? route.auth(context, call) : answerUser(context, route, call);
}

/** Token, API key and rate limit stand in front of every call of a user. */
function answerUser(context: AngelContext, route: UserRoute, call: WireCall): Reply {
  const { sessions, exchange, logins, rateLimits, options } = context;
  const token = bearerOf(call.headers.get('authorization'));
  if (token === '') return tokenError('AG8003', options);
  const standing = sessions.byJwt(token, call.atMs);
  if (standing.kind === 'unknown') return tokenError('AG8001', options);
  if (standing.kind === 'over') return tokenError('AG8002', options);
  const { clientId } = standing.session;
  const account = exchange.account('angel', clientId);
  if (account === undefined) return tokenError('AG8001', options);
  if (call.headers.get('x-privatekey') !== logins.get(clientId)?.apiKey) return serviceError('AB1053');
  if (!rateLimits.admit(clientId, route.family, call.atMs)) return rateLimited(options);
  return route.user(context, { ...call, account });
}

/** Two paths serve several operations, told apart by their bodies. */
function narrowed(operation: Operation, body: string): Operation {
  if (operation === 'quote') return quoteOperation(body);
  return operation === 'intradayCandles' ? candleOperation(body) : operation;
}

function emptyList(operation: Operation): Reply {
  switch (operation) {
    case 'search':
      return ok([]);
    case 'instruments':
      return jsonReply(200, []);
    default:
      return ok(null);
  }
}

function snapshotBooks(context: AngelContext): BookSnapshot {
  const { exchange } = context;
  const accounts = exchange.accounts().filter(({ terms }) => terms.broker === 'angel');
  return new Map(
    accounts.map((account) => [
      account.terms.clientId,
      exchange.visibleOrders(account).map((order) => rowOf(context, order)),
    ]),
  );
}

/** What a read of orders would have said; `undefined` for any other operation. */
function staleReply(operation: Operation, url: URL, book: readonly Row[]): Reply | undefined {
  switch (operation) {
    case 'orderBook':
      return list(book);
    case 'orderById': {
      const asked = url.pathname.split('/').at(-1) ?? '';
      const row = book.find(({ uniqueorderid }) => uniqueorderid === asked);
      return row === undefined ? serviceError('AB1013') : ok(row);
    }
    default:
      return undefined;
  }
}

/** Refusals come with 200 too. An order that is not there is no refusal: the snapshot may know it. */
function isRefusal({ body }: OutgoingReply, operation: Operation): boolean {
  const text = body.toString();
  if (operation === 'orderById' && text.includes('"errorcode":"AB1013"')) return false;
  return text.includes('"status":false') || text.includes('"success":false');
}
