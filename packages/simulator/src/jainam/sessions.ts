import { createHash } from 'node:crypto';
import { signToken } from '../json-web-token.js';

/** XTS is two products behind one host, each with keys, log-ins and tokens of its own. */
export type XtsProduct = 'interactive' | 'market';

export interface Session {
  readonly product: XtsProduct;
  readonly userId: string;
  readonly token: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** What has to be remembered over a restart. */
export type SessionEvent =
  | { readonly kind: 'session-opened'; readonly session: Session }
  | { readonly kind: 'session-closed'; readonly token: string };

/** 86,400 s in both tokens ever looked into (2023 and 2025): a day from the log-in, not midnight. */
const LIFETIME_S = 86_400;

/** The one living session of each key pair. */
export interface SessionBook {
  /** Opens a session; the one before it on the same keys is over. */
  open(product: XtsProduct, userId: string, appKey: string, atMs: number): Session;
  close(token: string): void;
  /** The session if it lives. */
  check(product: XtsProduct, token: string, atMs: number): Session | undefined;
}

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
  const living = new Map<string, Session>();
  let count = 0;

  const apply = (event: SessionEvent): void => {
    switch (event.kind) {
      case 'session-opened':
        count += 1;
        living.set(`${event.session.product}/${event.session.userId}`, event.session);
        return;
      case 'session-closed':
        for (const [owner, { token }] of living) if (token === event.token) living.delete(owner);
    }
  };
  const record = (event: SessionEvent): void => {
    apply(event);
    onEvent(event);
  };
  history.forEach(apply);

  return {
    open(product, userId, appKey, issuedAtMs) {
      const iat = Math.floor(issuedAtMs / 1000);
      const exp = iat + LIFETIME_S;
      // Changes with every log-in, so that two within one second are told apart.
      const publicKey = createHash('sha256').update(`${key}/${count}`).digest('hex');
      const token = signToken(key, { userID: `${userId}_${appKey}`, publicKey, iat, exp });
      const session = { product, userId, token, issuedAtMs, expiresAtMs: exp * 1000 };
      record({ kind: 'session-opened', session });
      return session;
    },
    close: (token) => record({ kind: 'session-closed', token }),
    check(product, token, atMs) {
      for (const session of living.values()) {
        if (session.product === product && session.token === token) {
          return atMs < session.expiresAtMs ? session : undefined;
        }
      }
      return undefined;
    },
  };
}
