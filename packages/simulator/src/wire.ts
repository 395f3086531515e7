import { gzipSync } from 'node:zlib';
import { HttpResponse, getResponse, http } from 'msw';
import type { HttpHandler } from 'msw';
import type { FrontEnd, IncomingRequest, OutgoingReply } from './server/front-end.js';
import type { Operation } from './server/operations.js';

/** One HTTP reply before it meets a socket. */
export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Where a redirect leads. */
  readonly location?: string;
}

/** One call of a broker's wire that is pretended. */
export interface WireRoute {
  readonly operation: Operation;
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** The broker's real host and path, with `:name` for what varies. */
  readonly url: string;
}

/** One request whose route is known. Path parameters are decoded. */
export interface WireCall {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly bodyText: string;
  /** Simulator time, epoch milliseconds. */
  readonly atMs: number;
  /** How long an order of this call stays out of sight, in milliseconds of simulator time. */
  readonly hiddenForMs: number;
}

export interface WireOptions<Route extends WireRoute> {
  /** The first match wins, so fixed paths stand before those with a variable. */
  readonly routes: readonly Route[];
  /** The broker's real address for a path that came to the simulator. */
  readonly realUrl: (received: string) => URL;
  readonly answer: (route: Route, call: WireCall) => Reply;
  readonly notFound: (path: string) => Reply;
  readonly now: () => number;
  /** Compress replies for clients that accept gzip. */
  readonly gzip: boolean;
}

export interface Wire {
  operationOf(request: IncomingRequest): Operation;
  readonly respond: FrontEnd['respond'];
  /** A reply made elsewhere, compressed like the others. */
  outgoing(request: IncomingRequest, reply: Reply): OutgoingReply;
}

/** Carries the test's steering from the server to the handler; stripped from what clients send. */
const HIDDEN_FOR_HEADER = 'x-simulator-hidden-for-ms';

/** Serves a broker's routes as msw handlers, each found by the broker's real address. */
export function createWire<Route extends WireRoute>(options: WireOptions<Route>): Wire {
  const table = options.routes.map((route) => ({
    route,
    pattern: patternOf(route),
    handler: handlerOf(route, options),
  }));

  const find = (request: IncomingRequest): { readonly route: Route; readonly handler: HttpHandler } | undefined => {
    const { origin, pathname } = options.realUrl(request.url);
    const method = request.method.toLowerCase();
    return table.find(({ route, pattern }) => route.method === method && pattern.test(origin + pathname));
  };

  const outgoing = (request: IncomingRequest, reply: Reply): OutgoingReply => {
    const isZipped = options.gzip && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    if (!isZipped) return plainReply(reply);
    return {
      status: reply.status,
      headers: { ...headersOf(reply), 'content-encoding': 'gzip' },
      body: gzipSync(reply.body),
    };
  };

  return {
    operationOf: (request) => find(request)?.route.operation ?? 'unknown',
    outgoing,
    async respond(request, { hiddenForMs }) {
      const found = find(request);
      const url = options.realUrl(request.url);
      if (found === undefined || !isDecodable(url.pathname)) return outgoing(request, options.notFound(url.pathname));
      const response = await getResponse([found.handler], toFetchRequest(request, url, hiddenForMs));
      if (response === undefined) throw new Error(`The handler of ${request.method} ${url.pathname} did not answer`);
      const location = response.headers.get('location');
      return outgoing(request, {
        status: response.status,
        contentType: response.headers.get('content-type') ?? 'application/json',
        body: await response.text(),
        ...(location === null ? {} : { location }),
      });
    },
  };
}

/** The reply as it goes on the socket, uncompressed. */
export function plainReply(reply: Reply): OutgoingReply {
  return { status: reply.status, headers: headersOf(reply), body: Buffer.from(reply.body) };
}

const headersOf = ({ contentType, location }: Reply): Record<string, string> => ({
  'content-type': contentType,
  ...(location === undefined ? {} : { location }),
});

export function jsonReply(status: number, body: unknown): Reply {
  return { status, contentType: 'application/json', body: JSON.stringify(body) };
}

function handlerOf<Route extends WireRoute>(route: Route, { answer, now }: WireOptions<Route>): HttpHandler {
  return http[route.method](route.url, async ({ request, params }) => {
    const reply = answer(route, {
      params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)])),
      query: new URL(request.url).searchParams,
      headers: request.headers,
      bodyText: await request.text(),
      atMs: now(),
      hiddenForMs: Number(request.headers.get(HIDDEN_FOR_HEADER) ?? 0),
    });
    return new HttpResponse(reply.body, { status: reply.status, headers: headersOf(reply) });
  });
}

function patternOf({ url }: WireRoute): RegExp {
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

/** A path with a broken percent escape names nothing. */
function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** Headers about the connection mean nothing to a handler. */
function isCarried(name: string): boolean {
  return !['connection', 'content-length', 'expect', 'host', 'transfer-encoding', HIDDEN_FOR_HEADER].includes(name);
}
