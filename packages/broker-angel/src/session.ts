import { AlgoError, Secret } from '@algo/core/adapter';
import type { BrokerCall, BrokerReply, BrokerSession, Clock, Credentials } from '@algo/core/adapter';
import { readFault } from './map/errors.js';
import { sessionEndsAtMs } from './map/from-wire/account.js';
import { CODE_WINDOW_MS, clockOffsetMs, codeWindow, correctedMs, oneTimeCode } from './one-time-code.js';
import { answerOf } from './transport.js';
import type { Identity, Transport } from './transport.js';
import { pause } from './waiting.js';
import { readTokens } from './wire/account.js';
import type { LoginBody, TokenSet } from './wire/account.js';
import { readEnvelope, saidIn, saysSuccess } from './wire/errors.js';
import { BROKER } from './wire/read.js';

/**
 * The life of an Angel session: from a log-in with MPIN and TOTP until midnight in India, or until its token says. What a
 * second log-in does to the first is not certain.
 *
 * @see SmartAPI docs, "User", copy of 2024 and review of 2026-08
 */
export interface Sessions {
  /** @throws {AlgoError} `ALGO_LOGIN_REFUSED` when Angel says no, `ALGO_NOT_SUPPORTED` for a method that needs a person */
  logIn(credentials: Credentials, call: BrokerCall): Promise<BrokerSession>;
  /**
   * New tokens for the refresh token; null where the session has none.
   *
   * @throws {AlgoError} `ALGO_SESSION_EXPIRED` when that one has ended as well
   */
  renew(call: BrokerCall): Promise<BrokerSession | null>;
  /** @throws {AlgoError} by the fault table; a session that had ended before among them */
  logOut(call: BrokerCall): Promise<boolean>;
}

export function createSessions(transport: Transport, clock: Clock): Sessions {
  const tryLogIn = async (
    credentials: Credentials,
    atMs: number,
    spoken: Secret[],
    call: BrokerCall,
  ): Promise<BrokerReply> => {
    const code = await oneTimeCode(secretOf(credentials, 'totpSecret'), atMs);
    spoken.push(code, secretOf(credentials, 'mpin'));
    const body: LoginBody = {
      clientcode: fieldOf(credentials, 'clientCode'),
      password: secretOf(credentials, 'mpin').reveal(),
      totp: code.reveal(),
    };
    return transport.logIn(identityOf(credentials), JSON.stringify(body), call);
  };

  return {
    async logIn(credentials, call) {
      if (credentials.method !== 'totp') {
        const what = `log-in method "${credentials.method}" without a person`;
        throw new AlgoError('ALGO_NOT_SUPPORTED', { broker: BROKER, what });
      }
      const sentAtMs = clock.now();
      // What went out readable in a body, of which core knows nothing: no refusal may repeat it.
      const spoken: Secret[] = [];
      let reply = await tryLogIn(credentials, sentAtMs, spoken, call);
      if (refusesCode(reply)) {
        const againAtMs = await momentOfNextCode(sentAtMs, clockOffsetMs(reply, clock.now()), clock, call);
        if (againAtMs !== null) reply = await tryLogIn(credentials, againAtMs, spoken, call);
      }
      const tokens = readTokens(loggedIn(reply, spoken));
      const offsetMs = clockOffsetMs(reply, clock.now());
      const facts = { ...factsOf(credentials), ...(offsetMs === null ? {} : { clockOffsetMs: String(offsetMs) }) };
      return openSession(
        { clientId: fieldOf(credentials, 'clientCode'), apiKey: secretOf(credentials, 'apiKey'), facts, tokens },
        clock,
      );
    },

    async renew(call) {
      const { clientId, secrets, facts, renewable } = call.session;
      const { refreshToken, apiKey } = secrets;
      if (!renewable || refreshToken === undefined || apiKey === undefined) return null;
      const reply = await transport.renew(JSON.stringify({ refreshToken: refreshToken.reveal() }), call);
      const tokens = readTokens(answerOf(reply, 'renew'));
      const kept = { ...tokens, refreshToken: tokens.refreshToken ?? refreshToken.reveal() };
      return openSession({ clientId, apiKey, facts, tokens: kept }, clock);
    },

    async logOut(call) {
      const reply = await transport.logOut(JSON.stringify({ clientcode: call.session.clientId }), call);
      answerOf(reply, 'logout');
      return true;
    },
  };
}

export interface NewSession {
  readonly clientId: string;
  readonly apiKey: Secret;
  readonly facts: Readonly<Record<string, string>>;
  readonly tokens: TokenSet;
}

/** A session of these tokens, as core keeps it. */
export async function openSession(
  { clientId, apiKey, facts, tokens }: NewSession,
  clock: Clock,
): Promise<BrokerSession> {
  const { jwtToken, refreshToken, feedToken } = tokens;
  const issuedAtMs = clock.now();
  return {
    clientId,
    secrets: {
      apiKey,
      jwtToken: new Secret(jwtToken),
      ...(refreshToken === null ? {} : { refreshToken: new Secret(refreshToken) }),
      ...(feedToken === null ? {} : { feedToken: new Secret(feedToken) }),
    },
    facts,
    issuedAtMs,
    expiresAtMs: sessionEndsAtMs(issuedAtMs, await expiryClaim(jwtToken)),
    renewable: refreshToken !== null,
  };
}

export const identityOf = (credentials: Credentials): Identity => ({
  apiKey: secretOf(credentials, 'apiKey'),
  publicIp: credentials.fields['publicIp'],
  localIp: credentials.fields['localIp'],
  macAddress: credentials.fields['macAddress'],
});

/** What the later calls need of the credentials and what is no secret. */
export function factsOf({ method, fields }: Credentials): Readonly<Record<string, string>> {
  const facts: Record<string, string> = { method };
  for (const name of ['publicIp', 'localIp', 'macAddress']) {
    const value = fields[name];
    if (value !== undefined && value !== '') facts[name] = value;
  }
  return facts;
}

export function fieldOf({ fields }: Credentials, name: string): string {
  const value = fields[name];
  if (value !== undefined && value !== '') return value;
  throw missing(name);
}

export function secretOf({ secrets }: Credentials, name: string): Secret {
  const value = secrets[name];
  if (value !== undefined) return value;
  throw missing(name);
}

const missing = (field: string): AlgoError<'ALGO_INVALID_INPUT'> =>
  new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem: 'is missing' }] });

/** The `exp` claim as it stands; undefined where the token is no JWT. Nothing is verified: the key is Angel's alone. */
async function expiryClaim(token: string): Promise<unknown> {
  const { decodeJwt } = await import('jose');
  try {
    return decodeJwt(token).exp;
  } catch {
    return undefined;
  }
}

/** Angel's word for a code it does not take. */
const BAD_CODE = 'AB1050';

function refusesCode(reply: BrokerReply): boolean {
  const said = saidIn(reply);
  return reply.status < 500 && said.kind === 'json' && readEnvelope(said.body)?.code === BAD_CODE;
}

/** What a log-in still needs once its code is made. */
const LOGIN_TAKES_MS = 2_000;
/** A little into the next window, since the broker's clock is known to half a second. */
const INTO_WINDOW_MS = 750;

/**
 * The moment to make the second and last code for: now, if a right clock gives another code than the one that was
 * refused, else the next window. Null where the deadline comes first. No code is ever sent twice.
 */
async function momentOfNextCode(
  sentForMs: number,
  offsetMs: number | null,
  clock: Clock,
  call: BrokerCall,
): Promise<number | null> {
  const nowMs = correctedMs(clock.now(), offsetMs);
  if (codeWindow(nowMs) !== codeWindow(sentForMs)) return nowMs;
  const waitMs = CODE_WINDOW_MS - (nowMs % CODE_WINDOW_MS) + INTO_WINDOW_MS;
  if (call.remainingMs() < waitMs + LOGIN_TAKES_MS) return null;
  return (await pause(waitMs, clock, call.signal)) ? correctedMs(clock.now(), offsetMs) : null;
}

/**
 * The answer to a log-in. What Angel refuses comes with status 200 as well as with an error status.
 *
 * @throws {AlgoError} `ALGO_LOGIN_REFUSED`, `ALGO_RATE_LIMITED`, `ALGO_BROKER_UNAVAILABLE`, `ALGO_REPLY_UNREADABLE`
 */
function loggedIn(reply: BrokerReply, spoken: readonly Secret[]): unknown {
  const said = saidIn(reply);
  const isGood = reply.status >= 200 && reply.status <= 299;
  if (isGood && said.kind === 'json' && saysSuccess(said.body)) return said.body;

  const fault = readFault(reply.status, said, 'login');
  const envelope = said.kind === 'json' ? readEnvelope(said.body) : null;
  if (reply.status >= 500 || PASSING.has(fault.code)) throw fault;
  // A code that the table does not know is taken for a refusal: repeated log-ins can lock the account.
  if (envelope !== null) {
    throw refusedLogin(envelope.code === null ? null : without(spoken, envelope.code), without(spoken, envelope.text));
  }
  // So is everything but a reply that cannot be read: nothing else may carry away what it repeats.
  throw fault.code === 'ALGO_REPLY_UNREADABLE' ? fault : refusedLogin(null, `HTTP ${reply.status}`);
}

const without = (spoken: readonly Secret[], text: string): string =>
  spoken.reduce((left, secret) => (secret.reveal() === '' ? left : left.replaceAll(secret.reveal(), '[secret]')), text);

/** What the credentials have nothing to do with. */
const PASSING: ReadonlySet<string> = new Set([
  'ALGO_RATE_LIMITED',
  'ALGO_BROKER_UNAVAILABLE',
  'ALGO_STATIC_IP_REFUSED',
]);

export const refusedLogin = (brokerCode: string | null, brokerText: string): AlgoError<'ALGO_LOGIN_REFUSED'> =>
  new AlgoError('ALGO_LOGIN_REFUSED', { broker: BROKER, brokerCode, brokerText });
