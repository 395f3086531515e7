import { AlgoError, streamReply } from '@algo/core/adapter';
import type {
  BrokerCall,
  BrokerHttp,
  BrokerReply,
  BrokerRequest,
  BrokerSession,
  Root,
  Secret,
} from '@algo/core/adapter';
import type { KotakFamily, ResolvedKotakConfig } from './config.js';
import { trustedUrl } from './hosts.js';
import { readFault, saysNone } from './map/errors.js';
import { readEnvelope, saysOk } from './wire/errors.js';
import { BROKER, field, fieldsOf, unreadable } from './wire/read.js';

type Method = 'GET' | 'POST';

/** Which waiting line and which rate windows a read belongs to, and by what it is signed. */
export interface Route {
  readonly lane: BrokerRequest['lane'];
  readonly family: KotakFamily;
  /** Market data and file lists need the access token alone, so the session is not sent along. */
  readonly signedBy: 'session' | 'access-token';
}

export const ROUTES = {
  orders: { lane: 'orders', family: 'orders', signedBy: 'session' },
  reads: { lane: 'reads', family: 'reads', signedBy: 'session' },
  quotes: { lane: 'data', family: 'quotes', signedBy: 'access-token' },
  candles: { lane: 'data', family: 'candles', signedBy: 'access-token' },
  instruments: { lane: 'data', family: 'instruments', signedBy: 'access-token' },
} as const satisfies Readonly<Record<string, Route>>;

/** The largest master, NSE derivatives, is some tens of megabytes. */
const MASTER_MAX_BYTES = 128 * 1024 * 1024;

/** How Kotak is spoken to: hosts, headers, forms, and from an error reply to an error. Nothing here knows what a call means. */
export interface Transport {
  /** Sends something that may change the account. The reply comes back as it is: only the caller can say what it proves. */
  command(path: string, jData: object, call: BrokerCall): Promise<BrokerReply>;
  /**
   * Reads JSON.
   *
   * @throws {AlgoError} by the fault table, for an error reply and for an error in a reply of status 200
   */
  get(route: Route, path: string, call: BrokerCall): Promise<unknown>;
  /**
   * Reads the `data` of a list; an empty list where Kotak says that there is none. Throws as {@link get} does.
   *
   * @param says whether the reply must say yes in words, which holdings do not
   */
  list(path: string, says: 'ok' | 'nothing', call: BrokerCall): Promise<unknown>;
  /** Reads a flat answer that Kotak wants asked by a form. Throws as {@link get} does. */
  ask(path: string, jData: object, call: BrokerCall): Promise<unknown>;
  /** Sends what the host wrote and gives the reply as it is. */
  raw(request: RawHttp, call: BrokerCall): Promise<BrokerReply>;
  /** One of the two steps of a log-in. */
  logIn(step: LoginStep, call: BrokerCall): Promise<BrokerReply>;
  /**
   * Fetches one file of the instrument master, piece by piece.
   *
   * @throws {AlgoError} `ALGO_HOST_NOT_ALLOWED`, `ALGO_BROKER_UNAVAILABLE`, `ALGO_INSTRUMENTS_REFUSED`
   */
  master(url: string, call: BrokerCall): Promise<AsyncIterable<Uint8Array>>;
}

export interface RawHttp {
  readonly purpose: BrokerRequest['purpose'];
  readonly route: Route;
  readonly method: BrokerRequest['method'];
  /** Below the session's base URL. */
  readonly path: string;
  /** Sent as a form; null for none. */
  readonly jData: unknown;
}

export interface LoginStep {
  readonly path: '/login/1.0/tradeApiLogin' | '/login/1.0/tradeApiValidate';
  readonly accessToken: Secret;
  readonly body: string;
  /** What the first step gave, for the second. */
  readonly view: { readonly token: Secret; readonly sid: Secret } | null;
}

const APPLICATION = ['neo-fin-key', 'neotradeapi', 'accept', 'application/json'] as const;
const FORM = ['content-type', 'application/x-www-form-urlencoded'] as const;

export function createTransport(http: BrokerHttp, config: ResolvedKotakConfig): Transport {
  const rootOf = createRoots(config);

  const toApi = (request: RawHttp, call: BrokerCall): Promise<BrokerReply> => {
    const { purpose, route, method, path, jData } = request;
    const { session } = call;
    const root = rootOf(session);
    const headers = headersOf(session, route.signedBy);
    const target = { purpose, lane: route.lane, family: route.family, method, origin: root.origin };
    const sent = { ...target, path: root.path + path };
    if (jData === null) return http.send({ ...sent, headers }, call);
    return http.send({ ...sent, headers: [...headers, ...FORM], body: formOf(jData) }, call);
  };

  return {
    command: (path, jData, call) =>
      toApi({ purpose: 'command', route: ROUTES.orders, method: 'POST', path, jData }, call),

    async get(route, path, call) {
      return answerOf(await toApi(reading('GET', route, path, null), call), route);
    },

    async list(path, says, call) {
      const reply = await toApi(reading('GET', ROUTES.reads, path, null), call);
      if (saysNone(reply.status, jsonOrUndefined(reply))) return [];
      const body = answerOf(reply, ROUTES.reads);
      return field(says === 'ok' ? affirmed(body) : fieldsOf(body, 'the list'), 'data');
    },

    async ask(path, jData, call) {
      const reply = await toApi(reading('POST', ROUTES.reads, path, jData), call);
      return affirmed(answerOf(reply, ROUTES.reads));
    },

    raw: toApi,

    logIn({ path, accessToken, body, view }, call) {
      const headers = ['authorization', accessToken, ...APPLICATION, 'content-type', 'application/json'];
      if (view !== null) headers.push('sid', view.sid, 'auth', view.token);
      const { origin, path: root } = config.login;
      // A command, since a log-in uses up the code and counts towards a lock.
      const request = { purpose: 'command', lane: 'auth', family: 'auth', method: 'POST' } as const;
      return http.send({ ...request, origin, path: root + path, headers, body }, call);
    },

    async master(url, call) {
      const { origin, path } = trustedUrl(url, config);
      const request = { purpose: 'read', lane: 'data', family: 'instruments', method: 'GET' } as const;
      const headers = ['accept', 'text/csv'];
      const target = { ...request, origin, path, headers, maxBytes: MASTER_MAX_BYTES };
      const stream = await streamReply(http, target, call);
      const { status } = stream;
      if (status >= 200 && status <= 299) return stream.chunks;
      stream.cancel();
      if (status >= 500) throw new AlgoError('ALGO_BROKER_UNAVAILABLE', { broker: BROKER, status, brokerCode: null });
      const why = `HTTP ${status} for ${path.slice(path.lastIndexOf('/') + 1)}`;
      throw new AlgoError('ALGO_INSTRUMENTS_REFUSED', { broker: BROKER, why });
    },
  };
}

const reading = (method: Method, route: Route, path: string, jData: object | null): RawHttp => ({
  purpose: 'read',
  route,
  method,
  path,
  jData,
});

const formOf = (jData: unknown): string => `jData=${encodeURIComponent(JSON.stringify(jData))}`;

/** Sessions to roots. A session is checked once, not with every order. */
function createRoots(config: ResolvedKotakConfig): (session: BrokerSession) => Root {
  const known = new WeakMap<BrokerSession, Root>();
  return (session) => {
    const found = known.get(session);
    if (found !== undefined) return found;
    const { baseUrl } = session.facts;
    if (baseUrl === undefined) throw lost(); // not one of ours, or of a version that named it otherwise
    const root = trustedUrl(baseUrl, config);
    known.set(session, root);
    return root;
  };
}

function headersOf({ secrets }: BrokerSession, signedBy: Route['signedBy']): (string | Secret)[] {
  const { accessToken, tradeToken, sid } = secrets;
  if (accessToken === undefined || tradeToken === undefined || sid === undefined) throw lost();
  return signedBy === 'session'
    ? ['authorization', accessToken, 'auth', tradeToken, 'sid', sid, ...APPLICATION]
    : ['authorization', accessToken, 'accept', 'application/json'];
}

const lost = (): AlgoError => new AlgoError('ALGO_SESSION_EXPIRED', { broker: BROKER, brokerCode: null });

/**
 * The JSON of a reply that is no error.
 *
 * @throws {AlgoError} by the fault table, `ALGO_REPLY_UNREADABLE` for a good status over something that is not JSON
 */
function answerOf(reply: BrokerReply, route: Route): unknown {
  if (reply.status >= 200 && reply.status <= 299) {
    const body = reply.json();
    if (readEnvelope(body) === null) return body;
    throw readFault(reply.status, body, false, route);
  }
  throw readFault(reply.status, jsonOrUndefined(reply), isBlank(reply), route);
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` for a reply that is no error and no yes either */
function affirmed(body: unknown): Readonly<Record<string, unknown>> {
  if (saysOk(body)) return fieldsOf(body, 'the reply');
  throw unreadable('the reply does not say Ok with 200');
}

export const isBlank = (reply: Pick<BrokerReply, 'text'>): boolean => reply.text().trim() === '';

export function jsonOrUndefined(reply: Pick<BrokerReply, 'json'>): unknown {
  try {
    return reply.json();
  } catch {
    return undefined;
  }
}
