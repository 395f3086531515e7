import { gzipSync } from 'node:zlib';
import { getResponse } from 'msw';
import type { HttpHandler } from 'msw';
import type { Account } from '../exchange/account.js';
import type { BookSnapshot, FrontEnd, IncomingRequest, OutgoingReply } from '../server/front-end.js';
import type { Operation } from '../server/operations.js';
import type { DhanContext } from './context.js';
import { marketOf } from './context.js';
import { HIDDEN_FOR_HEADER, createHandler } from './handlers.js';
import type { Reply } from './replies.js';
import { notFound, tradingError } from './replies.js';
import { ROUTES, realUrl } from './routes.js';
import type { Route } from './routes.js';
import { orderRow } from './rows.js';

/** Dhan's wire over the exchange: finds the route by the broker's real address and lets its msw handler answer. */
export function createDhanFrontEnd(context: DhanContext): FrontEnd {
  const table = ROUTES.map((route) => ({ route, pattern: patternOf(route), handler: createHandler(context, route) }));

  const find = (request: IncomingRequest): { readonly route: Route; readonly handler: HttpHandler } | undefined => {
    const { origin, pathname } = realUrl(request.url);
    const method = request.method.toLowerCase();
    return table.find(({ route, pattern }) => route.method === method && pattern.test(origin + pathname));
  };

  const respond: FrontEnd['respond'] = async (request, steering) => {
    const found = find(request);
    const url = realUrl(request.url);
    if (found === undefined) return outgoing(context, request, notFound(url.pathname, context.exchange.now()));
    const response = await getResponse([found.handler], toFetchRequest(request, url, steering.hiddenForMs));
    if (response === undefined) throw new Error(`The handler of ${request.method} ${url.pathname} did not answer`);
    return outgoing(context, request, {
      status: response.status,
      contentType: response.headers.get('content-type') ?? 'application/json',
      body: await response.text(),
    });
  };

  return {
    broker: 'dhan',
    operationOf: (request) => find(request)?.route.operation ?? 'unknown',
    respond,
    snapshotBooks: () => snapshotBooks(context),
    async respondFromSnapshot(request, snapshot) {
      const reply = await respond(request, { hiddenForMs: 0 });
      const operation = find(request)?.route.operation;
      const clientId = context.tokens.check(request.headers['access-token'] ?? '', context.exchange.now())?.clientId;
      if (reply.status !== 200 || clientId === undefined || operation === undefined) return reply;
      const rows = staleRows(operation, realUrl(request.url), snapshot.get(clientId) ?? []);
      if (rows === undefined) return reply;
      return outgoing(context, request, { status: 200, contentType: 'application/json', body: JSON.stringify(rows) });
    },
    rateLimitedReply: () => plain(tradingError('DH-904')),
    expiredTokenReply: () => plain(tradingError('DH-901')),
    serverErrorReply: (status) => plain(tradingError('DH-908', undefined, status)),
  };
}

function patternOf({ url }: Route): RegExp {
  const [scheme = '', rest = ''] = url.split('://');
  const source = rest.replaceAll('.', '\\.').replace(/:[a-zA-Z]+/g, '[^/]+');
  return new RegExp(`^${scheme}://${source}$`);
}

function toFetchRequest(request: IncomingRequest, url: URL, hiddenForMs: number): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) if (isCarried(name)) headers.set(name, value);
  if (hiddenForMs > 0) headers.set(HIDDEN_FOR_HEADER, String(hiddenForMs));
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD' && request.body !== '';
  return new Request(url, { method: request.method, headers, ...(hasBody ? { body: request.body } : {}) });
}

/** Headers about the connection mean nothing to a handler. */
function isCarried(name: string): boolean {
  return !['connection', 'content-length', 'expect', 'host', 'transfer-encoding', HIDDEN_FOR_HEADER].includes(name);
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

function outgoing({ options }: DhanContext, request: IncomingRequest, reply: Reply): OutgoingReply {
  const isZipped = options.gzip && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  if (!isZipped) return plain(reply);
  return {
    status: reply.status,
    headers: { 'content-type': reply.contentType, 'content-encoding': 'gzip' },
    body: gzipSync(reply.body),
  };
}

function plain({ status, contentType, body }: Reply): OutgoingReply {
  return { status, headers: { 'content-type': contentType }, body: Buffer.from(body) };
}
