import { randomUUID } from 'node:crypto';
import { DAY_MS, istMidnight } from '../ist.js';
import { signToken } from '../json-web-token.js';

/** The first log-in step gives a View session, the second a Trade session. Only the latter may call. */
export type SessionKind = 'View' | 'Trade';

export interface KotakSession {
  readonly ucc: string;
  readonly kind: SessionKind;
  readonly token: string;
  readonly sid: string;
  readonly rid: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** The code a View session was opened with. */
  readonly totp: string | null;
}

/** What has to be remembered over a restart. */
export interface SessionEvent {
  readonly kind: 'session-opened';
  readonly session: KotakSession;
}

/** Every session of the front end. They coexist, and none can be ended before midnight. */
export interface SessionBook {
  open(ucc: string, kind: SessionKind, totp: string | null, atMs: number): KotakSession;
  /** The session of these two headers, if it is of this kind and not over. */
  check(kind: SessionKind, token: string, sid: string, atMs: number): KotakSession | undefined;
  /** Whether the client logged in with this code already, within the time it could still be right. */
  isUsed(ucc: string, totp: string, atMs: number): boolean;
}

const LONGEST_CODE_MS = 90_000;

/**
 * @param key signs the tokens; anything secret
 * @param history what an earlier run reported
 * @param onEvent called before the call that caused it returns
 */
export function createSessionBook(
  key: string,
  history: readonly SessionEvent[],
  onEvent: (event: SessionEvent) => void,
): SessionBook {
  const sessions = new Map<string, KotakSession>();
  for (const { session } of history) sessions.set(session.token, session);

  return {
    open(ucc, kind, totp, issuedAtMs) {
      const expiresAtMs = istMidnight(issuedAtMs) + DAY_MS; // as the documents' sample token says
      const token = signToken(key, claimsOf(ucc, kind, issuedAtMs, expiresAtMs));
      const session = { ucc, kind, token, sid: randomUUID(), rid: randomUUID(), issuedAtMs, expiresAtMs, totp };
      sessions.set(token, session);
      onEvent({ kind: 'session-opened', session });
      return session;
    },
    check(kind, token, sid, atMs) {
      const session = sessions.get(token);
      const isGood = session?.kind === kind && session.sid === sid && atMs < session.expiresAtMs;
      return isGood ? session : undefined;
    },
    isUsed: (ucc, totp, atMs) =>
      [...sessions.values()].some(
        (session) => session.ucc === ucc && session.totp === totp && atMs - session.issuedAtMs < LONGEST_CODE_MS,
      ),
  };
}

function claimsOf(ucc: string, kind: SessionKind, issuedAtMs: number, expiresAtMs: number): Record<string, unknown> {
  return {
    scope: [kind],
    exp: Math.floor(expiresAtMs / 1_000),
    jti: randomUUID(),
    iat: Math.floor(issuedAtMs / 1_000),
    iss: 'login-service',
    sub: randomUUID(),
    ucc,
    nbf: Math.floor(issuedAtMs / 1_000),
  };
}
