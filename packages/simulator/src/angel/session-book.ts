import { DAY_MS, istMidnight } from '../ist.js';
import { signToken } from '../json-web-token.js';

/** Three tokens that came from one login or one refresh. */
export interface AngelSession {
  readonly clientId: string;
  readonly jwtToken: string;
  readonly refreshToken: string;
  readonly feedToken: string;
  readonly startedAtMs: number;
  /** From here on calls with the JWT are answered "Token Expired", whatever its own `exp` says. */
  readonly endsAtMs: number;
  /** The `exp` of all three. */
  readonly tokensEndAtMs: number;
}

/** What has to be remembered over a restart. */
export type SessionEvent =
  | { readonly kind: 'session-started'; readonly session: AngelSession }
  | { readonly kind: 'sessions-ended'; readonly clientId: string; readonly atMs: number };

/** What a token is worth now. */
export type Standing =
  | { readonly kind: 'living'; readonly session: AngelSession }
  | { readonly kind: 'over'; readonly session: AngelSession }
  | { readonly kind: 'unknown' };

export interface SessionBook {
  start(clientId: string, atMs: number): AngelSession;
  /** Every token of the client is unknown from here on. */
  end(clientId: string, atMs: number): void;
  byJwt(token: string, atMs: number): Standing;
  byRefreshToken(token: string, atMs: number): Standing;
  /** When the client's newest session started. */
  lastStartMs(clientId: string): number | undefined;
}

export interface SessionBookOptions {
  /** Signs the tokens; anything secret. */
  readonly key: string;
  readonly sessionEnds: 'midnight' | 'token';
  /** What an earlier run reported. */
  readonly history: readonly SessionEvent[];
  /** Called before the call that caused it returns. */
  readonly onEvent: (event: SessionEvent) => void;
}

/** The documents of 2024 say up to 28 h; users read 24 to 28 h from `exp`. */
const TOKEN_LIFETIME_MS = 28 * 3_600_000;

export function createSessionBook({ key, sessionEnds, history, onEvent }: SessionBookOptions): SessionBook {
  const byJwt = new Map<string, AngelSession>();
  const byRefreshToken = new Map<string, AngelSession>();
  const lastStart = new Map<string, number>();
  let count = 0;

  const apply = (event: SessionEvent): void => {
    switch (event.kind) {
      case 'session-started': {
        const { session } = event;
        count += 1;
        byJwt.set(session.jwtToken, session);
        byRefreshToken.set(session.refreshToken, session);
        lastStart.set(session.clientId, session.startedAtMs);
        return;
      }
      case 'sessions-ended':
        for (const [token, { clientId }] of byJwt) if (clientId === event.clientId) byJwt.delete(token);
        for (const [token, { clientId }] of byRefreshToken) {
          if (clientId === event.clientId) byRefreshToken.delete(token);
        }
    }
  };
  const record = (event: SessionEvent): void => {
    apply(event);
    onEvent(event);
  };
  history.forEach(apply);

  return {
    start(clientId, startedAtMs) {
      const tokensEndAtMs = startedAtMs + TOKEN_LIFETIME_MS;
      const endsAtMs = sessionEnds === 'token' ? tokensEndAtMs : istMidnight(startedAtMs) + DAY_MS;
      const iat = Math.floor(startedAtMs / 1000);
      const exp = Math.floor(tokensEndAtMs / 1000);
      const jti = String(count + 1);
      const session = {
        clientId,
        jwtToken: signToken(key, { sub: clientId, iat, exp, jti, tokenType: 'trade_access_token' }),
        refreshToken: signToken(key, { iat, exp, sub: clientId, jti, tokenType: 'trade_refresh_token' }),
        feedToken: signToken(key, { username: clientId, iat, exp, jti }),
        startedAtMs,
        endsAtMs,
        tokensEndAtMs,
      };
      record({ kind: 'session-started', session });
      return session;
    },
    end: (clientId, atMs) => record({ kind: 'sessions-ended', clientId, atMs }),
    byJwt: (token, atMs) => standingOf(byJwt.get(token), (session) => atMs < session.endsAtMs),
    byRefreshToken: (token, atMs) => standingOf(byRefreshToken.get(token), (found) => atMs < found.tokensEndAtMs),
    lastStartMs: (clientId) => lastStart.get(clientId),
  };
}

function standingOf(session: AngelSession | undefined, isLiving: (session: AngelSession) => boolean): Standing {
  if (session === undefined) return { kind: 'unknown' };
  return { kind: isLiving(session) ? 'living' : 'over', session };
}
