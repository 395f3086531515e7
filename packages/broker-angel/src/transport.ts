import { AlgoError, Secret, streamReply } from '@algo/core/adapter';
import type { BrokerCall, BrokerHttp, BrokerReply, BrokerRequest, BrokerSession } from '@algo/core/adapter';
import type { AngelFamily, ResolvedAngelConfig } from './config.js';
import { readFault } from './map/errors.js';
import { saidIn, saysSuccess } from './wire/errors.js';
import { BROKER } from './wire/read.js';

type Method = BrokerRequest['method'];
type Lane = BrokerRequest['lane'];
type Writable<Shape> = { -readonly [Name in keyof Shape]: Shape[Name] };

/** Which waiting line and which rate windows a request belongs to. */
export interface Route {
  readonly lane: Lane;
  readonly family: AngelFamily;
}

/** SmartAPI's rate limit page as of 2026-11: what counts together. */
export const ROUTES = {
  orders: { lane: 'orders', family: 'orders' },
  book: { lane: 'reads', family: 'book' },
  trades: { lane: 'reads', family: 'trades' },
  positions: { lane: 'reads', family: 'positions' },
  holdings: { lane: 'reads', family: 'holdings' },
  funds: { lane: 'reads', family: 'funds' },
  margin: { lane: 'reads', family: 'margin' },
  profile: { lane: 'reads', family: 'profile' },
  quotes: { lane: 'data', family: 'quotes' },
  candles: { lane: 'data', family: 'candles' },
  reads: { lane: 'reads', family: 'reads' },
  login: { lane: 'auth', family: 'login' },
  renew: { lane: 'auth', family: 'renew' },
  logout: { lane: 'auth', family: 'logout' },
} as const satisfies Readonly<Record<string, Route>>;

/** What signs a call besides the token, and the words of the machine it comes from. */
export interface Identity {
  readonly apiKey: Secret;
  readonly publicIp: string | undefined;
  readonly localIp: string | undefined;
  readonly macAddress: string | undefined;
}

/** Everything that counts for an account is below this path. */
const API = '/rest/secure/angelbroking';

/** The file was about 35 MB in 2026. */
const MASTER_MAX_BYTES = 128 * 1024 * 1024;

/** How Angel is spoken to: hosts, headers, and from an error reply to an error. Nothing here knows what a call means. */
export interface Transport {
  /** Sends something that may change the account. The reply comes back as it is: only the caller can say what it proves. */
  command(path: string, body: string, call: BrokerCall): Promise<BrokerReply>;
  /**
   * Reads JSON, the envelope with it.
   *
   * @throws {AlgoError} by the fault table, for an error reply and for an error in a reply of status 200
   */
  get(route: Route, path: string, call: BrokerCall): Promise<unknown>;
  /** Reads JSON where Angel wants the question in a body. Throws as {@link get} does. */
  post(route: Route, path: string, body: string, call: BrokerCall): Promise<unknown>;
  /** Sends what the host wrote and gives the reply as it is. */
  raw(request: RawHttp, call: BrokerCall): Promise<BrokerReply>;
  /** Asks for the first token of a session, signed with the API key alone. */
  logIn(identity: Identity, body: string, call: BrokerCall): Promise<BrokerReply>;
  /** Trades the session's refresh token for a new session. */
  renew(body: string, call: BrokerCall): Promise<BrokerReply>;
  /** Ends the session. */
  logOut(body: string, call: BrokerCall): Promise<BrokerReply>;
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

export function createTransport(http: BrokerHttp, { api, master }: ResolvedAngelConfig): Transport {
  const send = (
    { purpose, route, method, path, body }: RawHttp,
    headers: readonly (string | Secret)[],
    call: BrokerCall,
  ): Promise<BrokerReply> => {
    const request: Writable<BrokerRequest> = {
      purpose,
      lane: route.lane,
      family: route.family,
      method,
      origin: api.origin,
      path: api.path + path,
      headers,
    };
    if (body !== null) request.body = body;
    return http.send(request, call);
  };

  const signed = (request: RawHttp, call: BrokerCall): Promise<BrokerReply> =>
    send(request, signedHeaders(call.session), call);

  const toApi = (request: RawHttp, call: BrokerCall): Promise<BrokerReply> =>
    signed({ ...request, path: API + request.path }, call);

  const post = (path: string, body: string, route: Route): RawHttp => ({
    purpose: 'command',
    route,
    method: 'POST',
    path,
    body,
  });

  return {
    command: (path, body, call) => toApi(post(path, body, ROUTES.orders), call),

    async get(route, path, call) {
      const reply = await toApi({ purpose: 'read', route, method: 'GET', path, body: null }, call);
      return answerOf(reply, route.family);
    },

    async post(route, path, body, call) {
      const reply = await toApi({ purpose: 'read', route, method: 'POST', path, body }, call);
      return answerOf(reply, route.family);
    },

    raw: toApi,

    // All three are commands: they make or end sessions.
    logIn: (identity, body, call) =>
      send(
        post('/rest/auth/angelbroking/user/v1/loginByPassword', body, ROUTES.login),
        identityHeaders(identity),
        call,
      ),
    renew: (body, call) => signed(post('/rest/auth/angelbroking/jwt/v1/generateTokens', body, ROUTES.renew), call),
    logOut: (body, call) => toApi(post('/user/v1/logout', body, ROUTES.logout), call),

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
          headers: ['accept', 'application/json', 'accept-encoding', 'gzip'],
          maxBytes: MASTER_MAX_BYTES,
        },
        call,
      );
      if (reply.status === 200) return reply.chunks;
      reply.cancel();
      throw reply.status >= 500
        ? readFault(reply.status, { kind: 'empty' }, 'instruments')
        : new AlgoError('ALGO_REPLY_UNREADABLE', { broker: BROKER, status: reply.status, why: 'it is no master' });
    },
  };
}

/** Where a machine's words are not known: Angel does not check these (openalgo sends the same, 2026-08). */
const UNKNOWN = { publicIp: 'CLIENT_PUBLIC_IP', localIp: 'CLIENT_LOCAL_IP', macAddress: 'MAC_ADDRESS' } as const;

/** @see SmartAPI docs, "User", copy of 2024 */
const identityHeaders = ({ apiKey, publicIp, localIp, macAddress }: Identity): readonly (string | Secret)[] => [
  'content-type',
  'application/json',
  'accept',
  'application/json',
  'x-usertype',
  'USER',
  'x-sourceid',
  'WEB',
  'x-clientlocalip',
  localIp ?? UNKNOWN.localIp,
  'x-clientpublicip',
  publicIp ?? UNKNOWN.publicIp,
  'x-macaddress',
  macAddress ?? UNKNOWN.macAddress,
  'x-privatekey',
  apiKey,
];

function signedHeaders(session: BrokerSession): readonly (string | Secret)[] {
  const { facts } = session;
  const identity: Identity = {
    apiKey: secretOf(session, 'apiKey'),
    publicIp: facts['publicIp'],
    localIp: facts['localIp'],
    macAddress: facts['macAddress'],
  };
  const bearer = new Secret(`Bearer ${secretOf(session, 'jwtToken').reveal()}`);
  return [...identityHeaders(identity), 'authorization', bearer];
}

/** A session from elsewhere may lack a part; without it there is nothing to sign with. */
function secretOf({ secrets }: BrokerSession, name: string): Secret {
  const secret = secrets[name];
  if (secret === undefined) throw new AlgoError('ALGO_SESSION_EXPIRED', { broker: BROKER, brokerCode: null });
  return secret;
}

/**
 * The JSON of a good reply. Angel answers most errors with status 200, so the body has to say that it is one.
 *
 * @throws {AlgoError} by the fault table, `ALGO_REPLY_UNREADABLE` for what is no answer of Angel's
 */
export function answerOf(reply: BrokerReply, family: string): unknown {
  const said = saidIn(reply);
  const isGood = reply.status >= 200 && reply.status <= 299;
  if (isGood && said.kind === 'json' && saysSuccess(said.body)) return said.body;
  throw readFault(reply.status, said, family);
}
