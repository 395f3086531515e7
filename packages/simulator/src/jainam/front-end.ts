import type { BookSnapshot, FrontEnd, IncomingRequest } from '../server/front-end.js';
import { createWire, plainReply } from '../wire.js';
import type { Reply, WireCall } from '../wire.js';
import type { JainamContext, JainamUserCall } from './context.js';
import { bookReply, bookRows } from './orders.js';
import {
  emptyList,
  invalidToken,
  missingToken,
  pageNotFound,
  rateLimited,
  serverError,
  success,
  unknownOrder,
} from './replies.js';
import { ROUTES, realUrl } from './routes.js';
import type { Route, UserRoute } from './routes.js';
import type { Row } from './rows.js';

/** XTS's wire over the exchange. */
export function createJainamFrontEnd(context: JainamContext): FrontEnd {
  const now = (): number => context.exchange.now();
  const wire = createWire<Route>({
    routes: ROUTES,
    realUrl,
    answer: (route, call) => ('open' in route ? route.open(context, call) : answerUser(context, route, call)),
    notFound: pageNotFound,
    now,
    gzip: false,
  });

  return {
    broker: 'jainam',
    operationOf: wire.operationOf,
    respond: wire.respond,
    snapshotBooks: () => snapshotBooks(context),
    async respondFromSnapshot(request, snapshot) {
      const reply = await wire.respond(request, { hiddenForMs: 0 });
      if (reply.status !== 200) return reply;
      const book = snapshot.get(clientCodeOf(context, request)) ?? [];
      switch (wire.operationOf(request)) {
        case 'orderBook':
          return wire.outgoing(request, bookReply(book));
        case 'orderHistory':
          return wire.outgoing(request, staleHistory(book, realUrl(request.url).searchParams.get('appOrderID') ?? ''));
        default:
          return reply;
      }
    },
    emptyListReply: (operation) => plainReply(emptyList(operation)),
    rateLimitedReply: () => plainReply(rateLimited(context.options)),
    expiredTokenReply: () => plainReply(invalidToken('interactive', context.options)),
    serverErrorReply: (status) => plainReply(serverError(status)),
  };
}

/** The token is checked before the rate. */
function answerUser(context: JainamContext, route: UserRoute, call: WireCall): Reply {
  const { options } = context;
  const token = call.headers.get('authorization') ?? '';
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return missingToken(token !== '', options);
  const session = context.sessions.check(route.product, token, call.atMs);
  const login = session === undefined ? undefined : context.logins.get(session.userId);
  if (session === undefined || login === undefined) return invalidToken(route.product, options);
  const userCall: JainamUserCall = { ...call, session, login };
  if (context.rateLimits.admit(login.userId, route.family, call.atMs)) return route.user(context, userCall);
  if (route.operation === 'placeOrder' && options.rateLimitedPlace === 'taken') route.user(context, userCall);
  return rateLimited(options);
}

function snapshotBooks(context: JainamContext): BookSnapshot {
  const { exchange } = context;
  const accounts = exchange.accounts().filter(({ terms }) => terms.broker === 'jainam');
  return new Map(accounts.map((account) => [account.terms.clientId, bookRows(context, account, exchange.now())]));
}

/** The latest row alone: a snapshot has no more of an order than the book had. */
function staleHistory(book: readonly Row[], appOrderId: string): Reply {
  const rows = book.filter((row) => String(row['AppOrderID']) === appOrderId);
  return rows.length === 0 ? unknownOrder() : success('s-orders-0001', 'Success order history', rows);
}

/** Whose book a request that was answered well had asked for. */
function clientCodeOf({ exchange, sessions, logins }: JainamContext, request: IncomingRequest): string {
  const session = sessions.check('interactive', request.headers['authorization'] ?? '', exchange.now());
  const codes = logins.get(session?.userId ?? '')?.clientCodes ?? [];
  const asked = realUrl(request.url).searchParams.get('clientID') ?? '';
  return codes.includes(asked) ? asked : (codes[0] ?? '');
}
