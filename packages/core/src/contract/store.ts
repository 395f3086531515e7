import type { CredentialStore } from './credential-store.js';
import type { OrderJournal } from './order-journal.js';
import type { SessionStore } from './session-store.js';

/** The facets a host's data lives in. A host may mix facets from several stores. */
export interface Store {
  readonly credentials: CredentialStore;
  readonly sessions: SessionStore;
  readonly journal: OrderJournal;
  /** Writes what is waiting and lets go of the file. */
  close(): Promise<void>;
}

/** A store, described but not open. Made by `sqlite({ path })` and the like. */
export interface StoreDefinition {
  /**
   * Opens it, once per manager.
   *
   * @throws {AlgoError} `ALGO_STORE_IN_USE`, `ALGO_STORE_UNUSABLE`, `ALGO_DRIVER_UNSUITABLE`.
   */
  open(): Promise<Store>;
}

/** Names whose account a record belongs to. Every call carries it; user A cannot name user B's rows. */
export interface AccountKey {
  readonly userId: string;
  readonly broker: string;
  readonly account: string;
}
