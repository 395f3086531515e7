import { AlgoError, Secret, isAlgoError } from '@algo/core/adapter';
import type { BrokerCall, BrokerReply, BrokerSession, Clock, Credentials, Logger } from '@algo/core/adapter';
import { trustedUrl } from './hosts.js';
import type { HostRules } from './hosts.js';
import { sessionEndsAtMs } from './map/from-wire/account.js';
import { faultOf, readFault } from './map/errors.js';
import { clockOffsetMs, createCodes, nextTry, pause } from './one-time-code.js';
import { isBlank, jsonOrUndefined } from './transport.js';
import type { LoginStep, Transport } from './transport.js';
import { readBaseUrl, readLogin } from './wire/account.js';
import type { LoginBody, LoginData } from './wire/account.js';
import { readEnvelope } from './wire/errors.js';
import { BROKER } from './wire/read.js';

/**
 * The life of a Kotak session: two steps make it, mobile number and TOTP, then the MPIN. It ends at midnight in India, is
 * neither renewed nor closed, and a second one leaves the first alive. The reply names the host of all calls to come.
 *
 * @see Kotak Neo Trade API docs, "Authentication", as of 2026-09
 */
export interface Sessions {
  /**
   * @throws {AlgoError} `ALGO_LOGIN_REFUSED` when Kotak says no, `ALGO_HOST_NOT_ALLOWED` when it names a host that is not
   * known to be its own, `ALGO_STATIC_IP_REFUSED`
   */
  logIn(credentials: Credentials, call: BrokerCall): Promise<BrokerSession>;
}

export interface SessionParts {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly hosts: HostRules;
}

/** Whom a log-in is for, and by what. */
interface Account {
  readonly ucc: string;
  readonly mobileNumber: string;
  readonly accessToken: Secret;
  readonly mpin: Secret;
  /** What went out readable in a body, of which core knows nothing: no refusal may repeat it. */
  readonly spoken: Secret[];
}

/** How Kotak answered a step; `offsetMs` is what the reply showed of its clock. */
type Answer = Granted | { readonly kind: 'refused'; readonly refusal: Refusal; readonly offsetMs: number | null };

interface Granted {
  readonly kind: 'granted';
  readonly body: unknown;
  readonly data: LoginData;
  readonly offsetMs: number | null;
}

type Refusal = AlgoError<'ALGO_LOGIN_REFUSED'>;

export function createSessions({ transport, clock, logger, hosts }: SessionParts): Sessions {
  const take = async (step: LoginStep, spoken: readonly Secret[], call: BrokerCall): Promise<Answer> => {
    const sentAtMs = clock.now();
    const reply = await transport.logIn(step, call);
    const offsetMs = clockOffsetMs(reply.header('date'), sentAtMs, clock.now());
    const answer = stepAnswer(reply, spoken);
    if (answer instanceof AlgoError) return { kind: 'refused', refusal: answer, offsetMs };
    return { kind: 'granted', body: answer, data: readLogin(answer), offsetMs };
  };

  const identify = (account: Account, code: Secret, call: BrokerCall): Promise<Answer> => {
    const { mobileNumber, ucc, accessToken, spoken } = account;
    spoken.push(code);
    const body: LoginBody = { mobileNumber, ucc, totp: code.reveal() };
    const step = { path: '/login/1.0/tradeApiLogin', accessToken, body: JSON.stringify(body), view: null } as const;
    return take(step, spoken, call);
  };

  /** With one more try where the refused code may have been of another half minute, and never more: Kotak locks accounts. */
  const identifyBySeed = async (account: Account, seed: Secret, call: BrokerCall): Promise<Answer> => {
    const codeAt = await createCodes(seed);
    const triedAtMs = clock.now();
    const answer = await identify(account, codeAt(triedAtMs), call);
    if (answer.kind === 'granted' || !ABOUT_THE_CODE.test(answer.refusal.details.brokerText)) return answer;
    const next = nextTry(triedAtMs, clock.now(), answer.offsetMs, call.remainingMs());
    if (next === null) return answer;
    logger.warn('kotak.totp-tried-again', { waitMs: next.waitMs, clockOffsetMs: answer.offsetMs });
    if (next.waitMs > 0) await pause(next.waitMs, clock, call.signal);
    return identify(account, codeAt(next.atMs), call);
  };

  return {
    async logIn(credentials, call) {
      const account = accountOf(credentials);
      if (!UUID.test(account.accessToken.reveal())) logger.warn('kotak.access-token-unusual', {});
      const first = granted(
        credentials.method === 'totp'
          ? await identifyBySeed(account, secretOf(credentials, 'totpSecret'), call)
          : await identify(account, secretOf(credentials, 'totp'), call),
      );
      const view = { token: new Secret(first.data.token), sid: new Secret(first.data.sid) };
      const { accessToken, mpin } = account;
      const body = JSON.stringify({ mpin: mpin.reveal() });
      const step = { path: '/login/1.0/tradeApiValidate', accessToken, body, view } as const;
      return sessionOf(account, first, granted(await take(step, account.spoken, call)));
    },
  };

  async function sessionOf(account: Account, first: Granted, second: Granted): Promise<BrokerSession> {
    const { token, sid, kind, ucc } = second.data;
    if (kind?.toLowerCase() !== 'trade') throw refusedLogin(null, 'the session is not one that may trade');
    const { origin, path } = trustedUrl(readBaseUrl(second.body), hosts);
    const offsetMs = second.offsetMs ?? first.offsetMs;
    const issuedAtMs = clock.now();
    return {
      clientId: account.ucc,
      secrets: { accessToken: account.accessToken, tradeToken: new Secret(token), sid: new Secret(sid) },
      facts: {
        baseUrl: origin + path,
        ucc: ucc ?? first.data.ucc ?? account.ucc,
        ...(offsetMs === null ? {} : { clockOffsetMs: String(offsetMs) }),
      },
      issuedAtMs,
      expiresAtMs: sessionEndsAtMs(await expiryClaim(token), issuedAtMs, offsetMs),
      renewable: false,
    };
  }
}

/** "Invalid credentials or TOTP." */
const ABOUT_THE_CODE = /\bt?otp\b/i;

/** What access tokens look like today; another look is worth a line in the log when a log-in fails. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function accountOf(credentials: Credentials): Account {
  const { method, fields } = credentials;
  if (method !== 'totp' && method !== 'code') {
    throw new AlgoError('ALGO_NOT_SUPPORTED', { broker: BROKER, what: `log-in method "${method}"` });
  }
  const ucc = fields['ucc'];
  if (ucc === undefined || ucc === '') throw invalid('ucc', 'is missing');
  const mpin = secretOf(credentials, 'mpin');
  return {
    ucc,
    mobileNumber: withCountry(secretOf(credentials, 'mobileNumber').reveal()),
    accessToken: secretOf(credentials, 'accessToken'),
    mpin,
    spoken: [mpin],
  };
}

function secretOf({ secrets }: Credentials, name: string): Secret {
  const value = secrets[name];
  if (value !== undefined) return value;
  throw invalid(name, 'is missing');
}

/** `+91` and ten digits, however it was written. */
function withCountry(mobileNumber: string): string {
  const digits = MOBILE.exec(mobileNumber.replace(/[ -]/g, ''))?.[1];
  if (digits !== undefined) return `+91${digits}`;
  throw invalid('mobileNumber', 'must be ten digits, with or without +91');
}

const MOBILE = /^(?:\+?91)?(\d{10})$/;

const invalid = (field: string, problem: string): AlgoError<'ALGO_INVALID_INPUT'> =>
  new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem }] });

function granted(answer: Answer): Granted {
  if (answer.kind === 'granted') return answer;
  throw answer.refusal;
}

/**
 * The body of a step that was taken, or Kotak's refusal.
 *
 * @throws {AlgoError} for what the credentials have nothing to do with
 */
function stepAnswer(reply: BrokerReply, spoken: readonly Secret[]): unknown {
  const { status } = reply;
  const body = jsonOrUndefined(reply);
  const envelope = readEnvelope(body);
  if (envelope === null && status >= 200 && status <= 299) return reply.json();

  const isHere = status < 500 && status !== 429;
  if (envelope !== null && isHere && faultOf(envelope)?.code !== 'ALGO_STATIC_IP_REFUSED') {
    return refusedLogin(envelope.code === null ? null : without(spoken, envelope.code), without(spoken, envelope.text));
  }
  const fault = readFault(status, body, isBlank(reply), { family: 'auth', signedBy: 'access-token' });
  if (isAlgoError(fault) && fault.code === 'ALGO_NOT_ENTITLED')
    return refusedLogin(null, without(spoken, fault.details.brokerText));
  throw fault;
}

const without = (spoken: readonly Secret[], text: string): string =>
  spoken.reduce((left, secret) => (secret.reveal() === '' ? left : left.replaceAll(secret.reveal(), '[secret]')), text);

const refusedLogin = (brokerCode: string | null, brokerText: string): Refusal =>
  new AlgoError('ALGO_LOGIN_REFUSED', { broker: BROKER, brokerCode, brokerText });

/** The `exp` claim as it stands; undefined where the token is no JWT. Nothing is verified: the key is Kotak's alone. */
async function expiryClaim(token: string): Promise<unknown> {
  const { decodeJwt } = await import('jose');
  try {
    return decodeJwt(token).exp;
  } catch {
    return undefined;
  }
}
