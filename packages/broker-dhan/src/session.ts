import { AlgoError, Secret } from '@algo/core/adapter';
import type { BrokerCall, BrokerReply, BrokerSession, Clock, Credentials } from '@algo/core/adapter';
import type { DhanEnvironment } from './config.js';
import { tokenEndsAtMs } from './map/from-wire/account.js';
import { faultOf, readFault } from './map/errors.js';
import type { Fault } from './map/errors.js';
import { answerOf, jsonOrUndefined } from './transport.js';
import type { Transport } from './transport.js';
import { readToken } from './wire/account.js';
import { readEnvelope } from './wire/errors.js';
import { BROKER } from './wire/read.js';

/**
 * The life of a Dhan token: 24 hours from when it was made. A new one is reported to end the one before, and there is no
 * way to log out.
 *
 * @see DhanHQ v2 docs, "Authentication", captured 2026-07-15
 */
export interface Sessions {
  /**
   * @throws {AlgoError} `ALGO_LOGIN_REFUSED` when Dhan says no or the token has ended, `ALGO_RATE_LIMITED` within two
   * minutes of the last new token
   */
  logIn(credentials: Credentials, call: BrokerCall): Promise<BrokerSession>;
  /**
   * A new token for one made on web.dhan.co; null for any other, which Dhan does not renew.
   *
   * @throws {AlgoError} `ALGO_SESSION_EXPIRED` when the old token has ended already
   */
  renew(call: BrokerCall): Promise<BrokerSession | null>;
  /** A session from what the token service answered. */
  minted(method: Method, clientId: string, reply: BrokerReply): Promise<BrokerSession>;
}

export function createSessions(transport: Transport, clock: Clock, environment: DhanEnvironment): Sessions {
  const withToken = async (
    method: Method,
    clientId: string,
    token: string,
    expiryTime: string | null,
  ): Promise<BrokerSession> => ({
    clientId,
    secrets: { accessToken: new Secret(token) },
    facts: { method },
    issuedAtMs: clock.now(),
    expiresAtMs: tokenEndsAtMs(expiryTime, await expiryClaim(token)),
    // Dhan renews what was made on its web page, and only there: the sandbox has no RenewToken.
    renewable: method === 'token' && environment === 'live',
  });

  const minted: Sessions['minted'] = (method, clientId, reply) => {
    const { accessToken, expiryTime } = readToken(mintedOf(reply));
    return withToken(method, clientId, accessToken, expiryTime);
  };

  return {
    minted,

    async logIn(credentials, call) {
      const clientId = fieldOf(credentials, 'clientId');
      if (credentials.method === 'token') {
        const session = await withToken('token', clientId, secretOf(credentials, 'accessToken').reveal(), null);
        if (session.expiresAtMs === null || session.expiresAtMs > clock.now()) return session;
        throw refusedLogin(null, 'the access token has expired');
      }
      if (credentials.method === 'totp' && environment === 'live') {
        const pin = secretOf(credentials, 'pin');
        const totp = await oneTimeCode(secretOf(credentials, 'totpSecret'), clock.now());
        const reply = await transport.mint({ dhanClientId: clientId, pin, totp }, call);
        return minted('totp', clientId, reply);
      }
      throw new AlgoError('ALGO_NOT_SUPPORTED', { broker: BROKER, what: `log-in method "${credentials.method}"` });
    },

    async renew(call) {
      const { session } = call;
      if (!session.renewable) return null;
      const { accessToken, expiryTime } = readToken(answerOf(await transport.renew(call), 'reads'));
      return withToken('token', session.clientId, accessToken, expiryTime);
    },
  };
}

type Method = 'token' | 'totp' | 'consent';

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

/** The `exp` claim as it stands; undefined where the token is no JWT. Nothing is verified: the key is Dhan's alone. */
async function expiryClaim(token: string): Promise<unknown> {
  const { decodeJwt } = await import('jose');
  try {
    return decodeJwt(token).exp;
  } catch {
    return undefined;
  }
}

/** Six digits for this moment, by RFC 6238. */
async function oneTimeCode(seed: Secret, timestamp: number): Promise<Secret> {
  const otpauth = await import('otpauth');
  try {
    const base32 = seed.reveal().replace(/[\s=-]/g, '');
    const secret = otpauth.Secret.fromBase32(base32.toUpperCase());
    return new Secret(new otpauth.TOTP({ secret, digits: 6, period: 30 }).generate({ timestamp }));
  } catch {
    throw new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field: 'totpSecret', problem: 'is not base32' }] });
  }
}

/**
 * The token service's answer. What it refuses comes as a message, with status 200 as well as with an error status.
 *
 * @throws {AlgoError} `ALGO_LOGIN_REFUSED`, `ALGO_RATE_LIMITED`, `ALGO_BROKER_UNAVAILABLE`, `ALGO_REPLY_UNREADABLE`
 */
function mintedOf(reply: BrokerReply): unknown {
  const body = jsonOrUndefined(reply);
  const envelope = readEnvelope(body);
  if (envelope === null && reply.status >= 200 && reply.status <= 299) return reply.json();

  const isRefusal = envelope !== null && reply.status < 500 && reply.status !== 429 && !isPassing(faultOf(envelope));
  throw isRefusal ? refusedLogin(envelope.code, envelope.text) : readFault(reply.status, body, 'auth');
}

/** True for what the credentials have nothing to do with. */
const isPassing = (fault: Fault | null): boolean =>
  fault?.code === 'ALGO_RATE_LIMITED' ||
  fault?.code === 'ALGO_BROKER_UNAVAILABLE' ||
  fault?.code === 'ALGO_STATIC_IP_REFUSED';

export const refusedLogin = (brokerCode: string | null, brokerText: string): AlgoError<'ALGO_LOGIN_REFUSED'> =>
  new AlgoError('ALGO_LOGIN_REFUSED', { broker: BROKER, brokerCode, brokerText });
