import { AlgoError, Secret, isAlgoError } from '@algo/core/adapter';
import type {
  AlgoErrorCode,
  BrokerCall,
  BrokerReply,
  BrokerSession,
  Clock,
  Credentials,
  Logger,
  Root,
} from '@algo/core/adapter';
import type { ResolvedXtsConfig } from './config.js';
import { rootFromLookup } from './hosts.js';
import { faultOf } from './map/errors.js';
import { clockOffsetMs, claimTimeMs, offsetFrom, sameText } from './map/from-wire/account.js';
import { jsonOrUndefined } from './transport.js';
import type { Transport } from './transport.js';
import { readHostLookup, readLogin, readToken } from './wire/account.js';
import type { LoginResult } from './wire/account.js';
import { readEnvelope } from './wire/errors.js';
import type { XtsReader } from './wire/read.js';

/**
 * The life of an XTS session: two tokens, one for each product, that end about 24 hours after the log-in and cannot be
 * renewed. A second log-in with a key ends the first.
 *
 * @see Symphony XTS docs and clients as collected 2026-11-20
 */
export interface Sessions {
  /**
   * Logs in to the interactive product, and to market data where its keys are stored. Refused market data keys refuse the
   * log-in; any other failure there leaves a session that trades and has no market data.
   *
   * @throws {AlgoError} `ALGO_LOGIN_REFUSED` when the broker says no, `ALGO_HOST_NOT_ALLOWED` for a host lookup that leads
   * astray
   */
  logIn(credentials: Credentials, call: BrokerCall): Promise<BrokerSession>;
  /** @returns whether the interactive session is over now */
  logOut(call: BrokerCall): Promise<boolean>;
}

export interface SessionParts {
  readonly transport: Transport;
  readonly config: ResolvedXtsConfig;
  readonly read: XtsReader;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createSessions(parts: SessionParts): Sessions {
  const { transport, config, read, clock } = parts;
  const { broker } = config;

  return {
    async logIn(credentials, call) {
      const { method } = credentials;
      if (method !== 'keys' && method !== 'trading-keys')
        throw new AlgoError('ALGO_NOT_SUPPORTED', { broker, what: `log-in method "${method}"` });
      const asked = clientIdOf(credentials);
      const trading = keysOf(credentials, 'interactive');
      const market = method === 'keys' ? keysOf(credentials, 'market') : null;

      const reply = await interactiveLogIn(parts, trading, call);
      const login = readLogin(read, reply.result);
      const data = market === null ? NO_MARKET_DATA : await marketLogIn(parts, market, call);
      const offsetMs = clockOffsetMs(reply.date, clock.now());
      return {
        clientId: [login.userID, ...login.clientCodes].find((code) => sameText(code, asked)) ?? asked,
        secrets: { interactiveToken: new Secret(login.token), ...data.secrets },
        facts: {
          ...factsOf(login, reply.root),
          ...data.facts,
          ...(offsetMs === 0 ? {} : { clockOffsetMs: String(offsetMs) }),
        },
        issuedAtMs: clock.now(),
        expiresAtMs: await endOf([login.token, ...Object.values(data.secrets).map((one) => one.reveal())], {
          nowMs: clock.now(),
          offsetMs,
        }),
        renewable: false,
      };
    },

    async logOut(call) {
      const isOver = await endedBy(transport, await transport.logOut('interactive', '/user/session', call));
      if ('marketToken' in call.session.secrets) {
        try {
          await transport.logOut('market-data', '/auth/logout', call);
        } catch (error) {
          if (!isAlgoError(error)) throw error; // that it still lives there endangers no order
        }
      }
      return isOver;
    },
  };
}

interface Keys {
  readonly appKey: Secret;
  readonly secretKey: Secret;
}

function keysOf({ secrets }: Credentials, product: 'interactive' | 'market'): Keys {
  const named = (name: string): Secret => {
    const value = secrets[name];
    if (value !== undefined) return value;
    throw missing(name);
  };
  return { appKey: named(`${product}ApiKey`), secretKey: named(`${product}ApiSecret`) };
}

function clientIdOf({ fields }: Credentials): string {
  const value = fields['clientId'];
  if (value !== undefined && value !== '') return value;
  throw missing('clientId');
}

const missing = (field: string): AlgoError<'ALGO_INVALID_INPUT'> =>
  new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem: 'is missing' }] });

interface InteractiveLogIn {
  readonly result: unknown;
  readonly date: string | null;
  /** Where the host lookup put the product; null without one. */
  readonly root: Root | null;
}

async function interactiveLogIn(parts: SessionParts, keys: Keys, call: BrokerCall): Promise<InteractiveLogIn> {
  const { transport, config } = parts;
  const found = config.hostLookup === null ? null : await lookUpHost(parts, config.hostLookup, call);
  // With a host lookup the official client sends its key and no source.
  const extra = found === null ? { source: config.source } : { uniqueKey: found.uniqueKey };
  const reply = await transport.unsigned(
    {
      purpose: 'command', // it ends the session before
      family: 'auth',
      root: found?.root ?? config.interactive,
      path: '/user/session',
      body: loginBody(keys, extra),
    },
    call,
  );
  return {
    result: loginResult(parts, reply, { family: 'auth', prefix: '' }),
    date: reply.header('date'),
    root: found?.root ?? null,
  };
}

/** The password is fixed and published in Symphony's own client. */
const HOST_LOOKUP_BODY = JSON.stringify({ accesspassword: '2021HostLookUpAccess', version: 'interactive_1.0.1' });

async function lookUpHost(
  { transport, config, read }: SessionParts,
  lookup: Root,
  call: BrokerCall,
): Promise<{ readonly uniqueKey: string; readonly root: Root }> {
  const reply = await transport.unsigned(
    { purpose: 'read', family: 'auth-data', root: lookup, path: '', body: HOST_LOOKUP_BODY },
    call,
  );
  const { uniqueKey, connectionString } = readHostLookup(read, transport.resultOf(reply, 'auth-data'));
  const root = rootFromLookup(connectionString, lookup.origin, config.hosts);
  return { uniqueKey, root: root.path === '' ? { ...root, path: config.interactive.path } : root };
}

interface MarketDataLogIn {
  readonly secrets: Readonly<Record<string, Secret>>;
  readonly facts: Readonly<Record<string, string>>;
}

const NO_MARKET_DATA: MarketDataLogIn = { secrets: {}, facts: {} };

/** Time kept back, so that a market data product that hangs does not take the trading session with it. */
const KEPT_MS = 1_000;

/** What a market data product that is down looks like; a bot can still trade without it. */
const PASSING: ReadonlySet<AlgoErrorCode> = new Set<AlgoErrorCode>([
  'ALGO_BROKER_UNREACHABLE',
  'ALGO_BROKER_UNAVAILABLE',
  'ALGO_REPLY_UNREADABLE',
  'ALGO_RATE_LIMITED',
  'ALGO_CIRCUIT_OPEN',
  'ALGO_DEADLINE',
]);

async function marketLogIn(parts: SessionParts, keys: Keys, call: BrokerCall): Promise<MarketDataLogIn> {
  const { transport, config, clock, logger, read } = parts;
  const answer = async (): Promise<MarketDataLogIn> => {
    const reply = await transport.unsigned(
      {
        purpose: 'command', // it ends the session before
        family: 'auth-data',
        root: config.marketData,
        path: '/auth/login',
        body: loginBody(keys, { source: config.source }),
      },
      call,
    );
    const token = readToken(read, loginResult(parts, reply, { family: 'auth-data', prefix: 'market data: ' }));
    return { secrets: { marketToken: new Secret(token) }, facts: {} };
  };
  try {
    return await within(answer(), Math.max(0, call.remainingMs() - KEPT_MS), clock);
  } catch (error) {
    if (!isAlgoError(error) || !PASSING.has(error.code)) throw error;
    logger.warn(`${config.broker}.market-data-login-failed`, { code: error.code });
    return { secrets: {}, facts: { marketDataFailure: error.code } };
  }
}

function within<Value>(work: Promise<Value>, deadlineMs: number, clock: Clock): Promise<Value> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(deadlineMs, () => reject(new AlgoError('ALGO_DEADLINE', { deadlineMs })));
    work.then(resolve, reject).finally(cancel);
  });
}

const loginBody = ({ appKey, secretKey }: Keys, extra: Readonly<Record<string, string>>): string =>
  JSON.stringify({ appKey: appKey.reveal(), secretKey: secretKey.reveal(), ...extra });

/**
 * @throws {AlgoError} `ALGO_LOGIN_REFUSED` for the broker's own word under a status from 400 to 499, else by the fault
 * table
 */
function loginResult(
  { transport, config }: SessionParts,
  reply: BrokerReply,
  { family, prefix }: { readonly family: string; readonly prefix: string },
): unknown {
  const envelope = readEnvelope(jsonOrUndefined(reply));
  const isPassing = reply.status >= 500 || reply.status === 429;
  if (envelope === null || isPassing || faultOf(envelope)?.code === 'ALGO_RATE_LIMITED')
    return transport.resultOf(reply, family);
  const brokerText = `${prefix}${envelope.text}`;
  throw new AlgoError('ALGO_LOGIN_REFUSED', { broker: config.broker, brokerCode: envelope.code, brokerText });
}

const factsOf = (login: LoginResult, root: Root | null): Readonly<Record<string, string>> => ({
  userId: login.userID,
  dealer: login.isInvestorClient ? 'no' : 'yes',
  ...(root === null ? {} : { interactiveOrigin: root.origin, interactivePath: root.path }),
});

interface OurClock {
  readonly nowMs: number;
  /** How far the broker's clock runs ahead of it, by the `Date` header. */
  readonly offsetMs: number;
}

/** The first end of the tokens, on our clock; null where none says when it ends. */
async function endOf(tokens: readonly string[], ours: OurClock): Promise<number | null> {
  const ends: number[] = [];
  for (const token of tokens) {
    const { iat, exp } = await claimsOf(token);
    const end = claimTimeMs(exp);
    const made = claimTimeMs(iat);
    // The token was made just now: when it says it was shows the broker's clock better than any header.
    if (end !== null) ends.push(end - (made === null ? ours.offsetMs : offsetFrom(made, ours.nowMs)));
  }
  return ends.length === 0 ? null : Math.min(...ends);
}

/** The claims as they stand; none where the token is no JWT. Nothing is verified: the key is the broker's alone. */
async function claimsOf(token: string): Promise<{ readonly iat?: unknown; readonly exp?: unknown }> {
  const { decodeJwt } = await import('jose');
  try {
    return decodeJwt(token);
  } catch {
    return {};
  }
}

/** A session that the broker does not know any more is over as well. */
async function endedBy(transport: Transport, reply: BrokerReply): Promise<boolean> {
  try {
    transport.resultOf(reply, 'reads');
    return true;
  } catch (error) {
    if (isAlgoError(error) && error.code === 'ALGO_SESSION_EXPIRED') return true;
    throw error;
  }
}
