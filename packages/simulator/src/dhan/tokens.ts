import { DAY_MS } from '../ist.js';
import { signToken } from '../json-web-token.js';

/** Tokens made on Dhan Web can be renewed; those made by PIN and TOTP cannot. */
export type TokenOrigin = 'web' | 'totp';

export interface IssuedToken {
  readonly clientId: string;
  readonly token: string;
  readonly origin: TokenOrigin;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** What has to be remembered over a restart. */
export type TokenEvent =
  | { readonly kind: 'token-issued'; readonly issued: IssuedToken }
  | { readonly kind: 'tokens-killed'; readonly clientId: string };

const LIFETIME_MS = DAY_MS;

/** Every access token of the front end, the dead ones left out. */
export interface TokenBook {
  issue(clientId: string, origin: TokenOrigin, atMs: number): IssuedToken;
  killAll(clientId: string): void;
  /** The token if it is known, alive and not over. */
  check(token: string, atMs: number): IssuedToken | undefined;
  /** The newest living token of the client. */
  latest(clientId: string): IssuedToken | undefined;
  /** When the client last got a token by PIN and TOTP. */
  lastTotpAtMs(clientId: string): number | undefined;
}

/**
 * @param key signs the tokens; anything secret
 * @param history what an earlier run reported
 * @param onEvent called before the call that caused it returns
 */
export function createTokenBook(
  key: string,
  history: readonly TokenEvent[],
  onEvent: (event: TokenEvent) => void,
): TokenBook {
  const living = new Map<string, IssuedToken>();
  const lastTotp = new Map<string, number>();
  let count = 0;

  const apply = (event: TokenEvent): void => {
    switch (event.kind) {
      case 'token-issued':
        count += 1;
        living.set(event.issued.token, event.issued);
        if (event.issued.origin === 'totp') lastTotp.set(event.issued.clientId, event.issued.issuedAtMs);
        return;
      case 'tokens-killed':
        for (const [token, { clientId }] of living) if (clientId === event.clientId) living.delete(token);
    }
  };
  const record = (event: TokenEvent): void => {
    apply(event);
    onEvent(event);
  };
  history.forEach(apply);

  return {
    issue(clientId, origin, issuedAtMs) {
      const expiresAtMs = issuedAtMs + LIFETIME_MS;
      const token = signToken(key, claimsOf(clientId, issuedAtMs, expiresAtMs, count + 1));
      const issued = { clientId, token, origin, issuedAtMs, expiresAtMs };
      record({ kind: 'token-issued', issued });
      return issued;
    },
    killAll: (clientId) => record({ kind: 'tokens-killed', clientId }),
    check(token, atMs) {
      const issued = living.get(token);
      return issued !== undefined && atMs < issued.expiresAtMs ? issued : undefined;
    },
    latest: (clientId) => [...living.values()].filter((issued) => issued.clientId === clientId).at(-1),
    lastTotpAtMs: (clientId) => lastTotp.get(clientId),
  };
}

/** The claims of Dhan's own tokens. */
function claimsOf(clientId: string, issuedAtMs: number, expiresAtMs: number, id: number): Record<string, unknown> {
  return {
    iss: 'dhan',
    partnerId: '',
    exp: Math.floor(expiresAtMs / 1000),
    iat: Math.floor(issuedAtMs / 1000),
    tokenConsumerType: 'SELF',
    webhookUrl: '',
    dhanClientId: clientId,
    jti: String(id),
  };
}
