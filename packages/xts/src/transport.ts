import { AlgoError } from '@algo/core/adapter';
import type {
  BrokerCall,
  BrokerHttp,
  BrokerReply,
  BrokerRequest,
  BrokerSession,
  Root,
  Secret,
} from '@algo/core/adapter';
import type { ResolvedXtsConfig, XtsFamily } from './config.js';
import { saysNone } from './map/errors.js';
import type { Faults, NoneAnswer } from './map/errors.js';
import { field, isFields } from './wire/read.js';
import { readEnvelope } from './wire/errors.js';

export type Method = BrokerRequest['method'];
type Writable<Shape> = { -readonly [Name in keyof Shape]: Shape[Name] };

/** XTS is two products with a token each. */
export type ProductName = 'interactive' | 'market-data';

/** Which product, which waiting line and which rate windows a request belongs to. */
export interface Route {
  readonly product: ProductName;
  readonly lane: BrokerRequest['lane'];
  readonly family: XtsFamily;
  /** Signed when there is a token, sent without one otherwise. */
  readonly tokenIsOptional?: boolean;
  readonly maxBytes?: number;
}

/** One segment of the master was about 16 MB in 2026. */
const MASTER_MAX_BYTES = 96 * 1024 * 1024;

export const ROUTES = {
  orders: { product: 'interactive', lane: 'orders', family: 'orders' },
  book: { product: 'interactive', lane: 'reads', family: 'book' },
  trades: { product: 'interactive', lane: 'reads', family: 'trades' },
  positions: { product: 'interactive', lane: 'reads', family: 'positions' },
  reads: { product: 'interactive', lane: 'reads', family: 'reads' },
  quotes: { product: 'market-data', lane: 'data', family: 'quotes' },
  candles: { product: 'market-data', lane: 'data', family: 'candles' },
  master: { product: 'market-data', lane: 'data', family: 'instruments', maxBytes: MASTER_MAX_BYTES },
} as const satisfies Readonly<Record<string, Route>>;

/** How XTS is spoken to: hosts, headers, envelope, and from an error reply to an error. Nothing here knows what a call means. */
export interface Transport {
  readonly faults: Faults;
  /** Sends something that may change the account. The reply comes back as it is: only the caller can say what it proves. */
  command(method: Method, path: string, body: string | null, call: BrokerCall): Promise<BrokerReply>;
  /**
   * The `result` of a read; an empty list for an error that means none, where such are named.
   *
   * @throws {AlgoError} by the fault table
   */
  get(route: Route, path: string, call: BrokerCall, nones?: readonly NoneAnswer[]): Promise<unknown>;
  /** Reads where XTS wants the question in a body. Throws as {@link get} does. */
  post(route: Route, path: string, body: string, call: BrokerCall): Promise<unknown>;
  /** Sends what the host wrote and gives the reply as it is. */
  raw(request: RawHttp, call: BrokerCall): Promise<BrokerReply>;
  /** A request of the log-in: nothing signs it. */
  unsigned(request: UnsignedHttp, call: BrokerCall): Promise<BrokerReply>;
  /** Ends the session of one product. */
  logOut(product: ProductName, path: string, call: BrokerCall): Promise<BrokerReply>;
  /**
   * The `result` of a good reply.
   *
   * @throws {AlgoError} by the fault table, `ALGO_REPLY_UNREADABLE` for a good status over something else
   */
  resultOf(reply: BrokerReply, family: string): unknown;
}

export interface RawHttp {
  readonly purpose: BrokerRequest['purpose'];
  readonly route: Route;
  readonly method: Method;
  /** Below the product's root. */
  readonly path: string;
  readonly body: string | null;
}

export interface UnsignedHttp {
  readonly purpose: BrokerRequest['purpose'];
  readonly family: XtsFamily;
  readonly root: Root;
  readonly path: string;
  readonly body: string;
}

export function createTransport(http: BrokerHttp, config: ResolvedXtsConfig, faults: Faults): Transport {
  const { broker } = config;

  const toProduct = async (request: RawHttp, call: BrokerCall): Promise<BrokerReply> => {
    const { route, purpose, method, path, body } = request;
    const { origin, path: rootPath } = rootOfProduct(route.product, call.session, config);
    const token = tokenOf(route, call.session, broker);
    const sent: Writable<BrokerRequest> = {
      purpose,
      lane: route.lane,
      family: route.family,
      method,
      origin,
      path: rootPath + path,
      headers: [...(token === null ? [] : ['authorization', token]), ...headersFor(body)],
    };
    if (body !== null) sent.body = body;
    if (route.maxBytes !== undefined) sent.maxBytes = route.maxBytes;
    return http.send(sent, call);
  };

  const resultOf = (reply: BrokerReply, family: string): unknown => {
    const isGood = reply.status >= 200 && reply.status <= 299;
    const body = isGood ? reply.json() : jsonOrUndefined(reply);
    // Tested by type, not by code: houses differ in the codes of success. The host lookup says `true`.
    const type = isFields(body) ? field(body, 'type') : undefined;
    const isSuccess = isGood && isFields(body) && (type === 'success' || type === true);
    if (isSuccess && readEnvelope(body) === null) return field(body, 'result');
    throw faults.read(reply.status, body, family);
  };

  return {
    faults,
    resultOf,

    command: (method, path, body, call) =>
      toProduct({ purpose: 'command', route: ROUTES.orders, method, path, body }, call),

    async get(route, path, call, nones = []) {
      const reply = await toProduct({ purpose: 'read', route, method: 'GET', path, body: null }, call);
      const isNone = (none: NoneAnswer): boolean => saysNone(none, reply.status, jsonOrUndefined(reply));
      if (reply.status === 400 && nones.some(isNone)) return [];
      return resultOf(reply, route.family);
    },

    async post(route, path, body, call) {
      return resultOf(await toProduct({ purpose: 'read', route, method: 'POST', path, body }, call), route.family);
    },

    raw: toProduct,

    unsigned: ({ purpose, family, root, path, body }, call) =>
      http.send(
        {
          purpose,
          lane: 'auth',
          family,
          method: 'POST',
          origin: root.origin,
          path: root.path + path,
          headers: headersFor(body),
          body,
        },
        call,
      ),

    logOut: (product, path, call) =>
      toProduct(
        {
          purpose: 'command',
          route: { product, lane: 'auth', family: 'reads' },
          method: 'DELETE',
          path,
          body: null,
        },
        call,
      ),
  };
}

const headersFor = (body: string | null): readonly string[] =>
  body === null ? ['accept', 'application/json'] : ['content-type', 'application/json', 'accept', 'application/json'];

/** The interactive product is where the host lookup of the log-in put it, if there was one. */
function rootOfProduct(product: ProductName, { facts }: BrokerSession, config: ResolvedXtsConfig): Root {
  if (product === 'market-data') return config.marketData;
  const origin = facts['interactiveOrigin'];
  const path = facts['interactivePath'];
  return origin === undefined || path === undefined ? config.interactive : { origin, path };
}

function tokenOf({ product, tokenIsOptional }: Route, session: BrokerSession, broker: string): Secret | null {
  if (product === 'market-data') {
    const token = session.secrets['marketToken'];
    if (token !== undefined) return token;
    if (tokenIsOptional === true) return null;
    throw noMarketData(session, broker);
  }
  const token = session.secrets['interactiveToken'];
  // A session from elsewhere may lack the token; without it there is nothing to sign with.
  if (token === undefined) throw new AlgoError('ALGO_SESSION_EXPIRED', { broker, brokerCode: null });
  return token;
}

function noMarketData({ facts, clientId }: BrokerSession, broker: string): AlgoError {
  const failed = facts['marketDataFailure'];
  const why =
    failed === undefined
      ? 'quotes, candles and instruments need marketApiKey and marketApiSecret, which are not stored'
      : `its market data log-in failed (${failed}) when the session was made`;
  return new AlgoError('ALGO_LOGIN_NEEDED', { broker, account: clientId, why });
}

/** The client that a dealer's calls must name; null for an investor. */
export const dealtFor = ({ facts, clientId }: BrokerSession): string | null =>
  facts['dealer'] === 'yes' ? clientId : null;

export function jsonOrUndefined(reply: Pick<BrokerReply, 'json'>): unknown {
  try {
    return reply.json();
  } catch {
    return undefined;
  }
}
