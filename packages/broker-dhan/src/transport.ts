import { AlgoError, streamReply } from '@algo/core/adapter';
import type { BrokerCall, BrokerHttp, BrokerReply, BrokerRequest, BrokerSession, Secret } from '@algo/core/adapter';
import type { DhanFamily, ResolvedDhanConfig } from './config.js';
import { readFault, saysNone } from './map/errors.js';
import type { NoneAnswer } from './map/errors.js';
import { BROKER } from './wire/read.js';
import { readEnvelope } from './wire/errors.js';

type Method = BrokerRequest['method'];
type Writable<Shape> = { -readonly [Name in keyof Shape]: Shape[Name] };

/** Which waiting line and which rate windows a read belongs to. */
export interface Route {
  readonly lane: BrokerRequest['lane'];
  readonly family: DhanFamily;
  /** The market data calls want the client id in a header of its own; no other call does. */
  readonly clientIdHeader?: true;
}

/** DhanHQ v2 docs, "Rate limits", captured 2026-07-15. */
export const ROUTES = {
  orders: { lane: 'orders', family: 'orders' },
  reads: { lane: 'reads', family: 'reads' },
  quotes: { lane: 'data', family: 'quotes', clientIdHeader: true },
  optionChain: { lane: 'data', family: 'option-chain', clientIdHeader: true },
  charts: { lane: 'data', family: 'data' },
} as const satisfies Readonly<Record<string, Route>>;

/** The detailed master was about 60 MB in 2026. */
const MASTER_MAX_BYTES = 192 * 1024 * 1024;

/** How Dhan is spoken to: hosts, headers, and from an error reply to an error. Nothing here knows what a call means. */
export interface Transport {
  /** Sends something that may change the account. The reply comes back as it is: only the caller can say what it proves. */
  command(method: Method, path: string, body: string | null, call: BrokerCall): Promise<BrokerReply>;
  /**
   * Reads JSON; an empty list for the error that means none, where one is named.
   *
   * @throws {AlgoError} by the fault table, for an error reply and for an error in a reply of status 200
   */
  get(route: Route, path: string, call: BrokerCall, none?: NoneAnswer): Promise<unknown>;
  /** Reads JSON where Dhan wants the question in a body. Throws as {@link get} does. */
  post(route: Route, path: string, body: string, call: BrokerCall): Promise<unknown>;
  /** Sends what the host wrote and gives the reply as it is. */
  raw(request: RawHttp, call: BrokerCall): Promise<BrokerReply>;
  /** Asks the token service for a new token. */
  mint(query: Readonly<Record<string, string | Secret>>, call: BrokerCall): Promise<BrokerReply>;
  /** Calls of the consent log-in, on the token service, signed with the app's own key pair. */
  consent(request: ConsentHttp, call: BrokerCall): Promise<BrokerReply>;
  /** Trades the session's token for a new one. */
  renew(call: BrokerCall): Promise<BrokerReply>;
  /**
   * Fetches the instrument master, piece by piece.
   *
   * @throws {AlgoError} by status
   */
  master(call: BrokerCall): Promise<AsyncIterable<Uint8Array>>;
}

export interface RawHttp {
  readonly purpose: BrokerRequest['purpose'];
  readonly route: Route;
  readonly method: Method;
  /** Below the API root. */
  readonly path: string;
  readonly body: string | null;
}

export interface ConsentHttp {
  readonly method: Method;
  readonly path: string;
  readonly keys: { readonly apiKey: Secret; readonly apiSecret: Secret };
  readonly secretQuery: Readonly<Record<string, string | Secret>>;
}

export function createTransport(http: BrokerHttp, { api, auth, master }: ResolvedDhanConfig): Transport {
  const toApi = ({ purpose, route, method, path, body }: RawHttp, call: BrokerCall): Promise<BrokerReply> => {
    const { lane, family, clientIdHeader } = route;
    const { session } = call;
    const headers = [
      'access-token',
      tokenOf(session),
      'content-type',
      'application/json',
      'accept',
      'application/json',
    ];
    if (clientIdHeader) headers.push('client-id', session.clientId);
    const request: Writable<BrokerRequest> = {
      purpose,
      lane,
      family,
      method,
      origin: api.origin,
      path: api.path + path,
      headers,
    };
    if (body !== null) request.body = body;
    return http.send(request, call);
  };

  return {
    command: (method, path, body, call) =>
      toApi({ purpose: 'command', route: ROUTES.orders, method, path, body }, call),

    async get(route, path, call, none) {
      const reply = await toApi({ purpose: 'read', route, method: 'GET', path, body: null }, call);
      if (none !== undefined && reply.status >= 400 && saysNone(none, reply.status, jsonOrUndefined(reply))) return [];
      return answerOf(reply, route.family);
    },

    async post(route, path, body, call) {
      const reply = await toApi({ purpose: 'read', route, method: 'POST', path, body }, call);
      return answerOf(reply, route.family);
    },

    raw: toApi,

    mint: (secretQuery, call) =>
      http.send(
        {
          purpose: 'command', // a new token may end the one before
          lane: 'auth',
          family: 'auth',
          method: 'POST',
          origin: auth.origin,
          path: `${auth.path}/app/generateAccessToken`,
          secretQuery,
          headers: ['accept', 'application/json'],
        },
        call,
      ),

    consent: ({ method, path, keys, secretQuery }, call) =>
      http.send(
        {
          purpose: 'command', // what it ends in may end the session before
          lane: 'auth',
          family: 'reads', // counts with the non-trading calls
          method,
          origin: auth.origin,
          path: auth.path + path,
          secretQuery,
          headers: ['app_id', keys.apiKey, 'app_secret', keys.apiSecret, 'accept', 'application/json'],
        },
        call,
      ),

    renew: (call) =>
      http.send(
        {
          purpose: 'command', // it ends the token it is signed with
          lane: 'auth',
          family: 'reads', // counts with the non-trading calls
          method: 'GET',
          origin: api.origin,
          path: `${api.path}/RenewToken`,
          headers: [
            'access-token',
            tokenOf(call.session),
            'dhanClientId',
            call.session.clientId,
            'accept',
            'application/json',
          ],
        },
        call,
      ),

    async master(call) {
      const reply = await streamReply(
        http,
        {
          purpose: 'read',
          lane: 'data',
          family: 'instruments',
          method: 'GET',
          origin: master.origin,
          path: master.path,
          headers: ['accept', 'text/csv', 'accept-encoding', 'gzip'],
          maxBytes: MASTER_MAX_BYTES,
        },
        call,
      );
      if (reply.status === 200) return reply.chunks;
      reply.cancel();
      throw readFault(reply.status, undefined, 'instruments');
    },
  };
}

/** A session from elsewhere may lack the token; without it there is nothing to sign with. */
function tokenOf(session: BrokerSession): Secret {
  const token = session.secrets['accessToken'];
  if (token === undefined) throw new AlgoError('ALGO_SESSION_EXPIRED', { broker: BROKER, brokerCode: null });
  return token;
}

/**
 * The JSON of a good reply. Market data answers some errors with status 200, so the body has to say so as well.
 *
 * @throws {AlgoError} by the fault table, `ALGO_REPLY_UNREADABLE` for a good status over something that is not JSON
 */
export function answerOf(reply: BrokerReply, family: string): unknown {
  if (reply.status >= 200 && reply.status <= 299) {
    const body = reply.json();
    if (readEnvelope(body) === null) return body;
    throw readFault(reply.status, body, family);
  }
  throw readFault(reply.status, jsonOrUndefined(reply), family);
}

export function jsonOrUndefined(reply: Pick<BrokerReply, 'json'>): unknown {
  try {
    return reply.json();
  } catch {
    return undefined;
  }
}
