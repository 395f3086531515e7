import type { AuditEntry, AuditStore } from './audit-store.js';
import type { BudgetStore } from './budget-store.js';
import type { ConfigurationStore } from './configuration-store.js';
import type { CredentialStore } from './credential-store.js';
import type { InstrumentStore } from './instrument-store.js';
import type { LeaseStore } from './lease-store.js';
import type { OrderJournal } from './order-journal.js';
import type { PortfolioStore } from './portfolio-store.js';
import type { SealedRecords } from './sealed-records.js';
import type { SessionStore } from './session-store.js';
import type { StoreChange } from './store-change.js';
import type { TransferStore } from './transfer-store.js';

/**
 * The facets a host's data lives in. Every call carries the user whose data it is about, and finds nothing of anybody
 * else's. Two cross users: `sealed`, for the operator who changes keys, which sees nothing in clear; and `budgets`, which
 * counts for whole egress addresses, and holds names and times.
 *
 * Any call may reject with `ALGO_STORE_FAILED` when the store does not answer, with `ALGO_CLOSED` after `close()`, and
 * with `ALGO_INVALID_INPUT` for an id that the store could not tell from another one.
 */
export interface Store {
  readonly credentials: CredentialStore;
  readonly sessions: SessionStore;
  readonly configuration: ConfigurationStore;
  readonly journal: OrderJournal;
  readonly portfolio: PortfolioStore;
  readonly instruments: InstrumentStore;
  readonly audit: AuditStore;
  readonly leases: LeaseStore;
  readonly budgets: BudgetStore;
  readonly transfers: TransferStore;
  readonly sealed: SealedRecords;
  /** Whether other processes may have the same data open at the same time. */
  readonly shared: boolean;
  /** Names this opened store among all that ever had the same data open: written beside what it claims. */
  readonly owner: string;
  /** Whether whoever carries that name may still be at work, frozen or cut off included. True for this one itself. */
  isOwnerAlive(owner: string): Promise<boolean>;
  /**
   * Takes away a user's credentials and sessions at one broker, in one transaction, and the broker's instruments unless
   * another user has credentials there. The journal stays.
   */
  removeBroker(userId: string, broker: string, options: RemoveBrokerOptions): Promise<BrokerRemoval>;
  /** Tells what others changed, and what it cannot know about any more. Returns what unsubscribes. */
  onChange(listener: (change: StoreChange) => void): () => void;
  /** Writes what is waiting and lets go of the data. */
  close(): Promise<void>;
}

export interface RemoveBrokerOptions {
  /** Counts what would go and takes nothing away. */
  readonly dryRun: boolean;
  readonly audit?: AuditEntry;
}

/** What went, or in a dry run would go. */
export interface BrokerRemoval {
  readonly credentials: number;
  readonly sessions: number;
  readonly instruments: number;
  /** True when another user has credentials at that broker: then its instruments stay, if there are any. */
  readonly instrumentsShared: boolean;
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
