import type { AccountKey } from '../contract/store.js';
import type { SecretFields } from '../vault/sealed-text.js';

/** Which credentials these are, without what is secret in them. */
export interface FoundCredentials {
  /** Equal origins are equal credentials: `store:17`, `environment:3f9a…`. */
  readonly origin: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** The same, opened for one log-in and dropped after it. */
export interface OpenedCredentials extends FoundCredentials {
  readonly secrets: SecretFields;
}

/** Where an account's credentials come from: the first of a chain that has them. */
export interface CredentialSource {
  /** Null when nowhere. */
  find(key: AccountKey): Promise<FoundCredentials | null>;
  /** @throws {AlgoError} `ALGO_UNDECRYPTABLE` when they are there and stay shut: nothing else is tried then */
  open(key: AccountKey): Promise<OpenedCredentials | null>;
}
