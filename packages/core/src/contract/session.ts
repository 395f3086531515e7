import type { Secret } from '../runtime/secret.js';

/** What a log-in yields and every later call is signed with. Core seals it before a store sees it. */
export interface BrokerSession {
  /** The broker's own name for the account; compared with what the broker says later. */
  readonly clientId: string;
  readonly secrets: Readonly<Record<string, Secret>>;
  /** Plain facts the adapter wants to find again, such as a base URL given at log-in. */
  readonly facts: Readonly<Record<string, string>>;
  readonly issuedAtMs: number;
  /** When it ends, epoch milliseconds; null when the broker does not say. */
  readonly expiresAtMs: number | null;
  /** Whether `renew` may extend it without a person. */
  readonly renewable: boolean;
}

/** Stored credentials, opened for one log-in and dropped after it. */
export interface Credentials {
  readonly method: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, Secret>>;
}
