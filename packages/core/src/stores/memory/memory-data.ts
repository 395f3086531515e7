import type { AuditRow } from '../../contract/audit-store.js';
import type { ConfigurationRecord } from '../../contract/configuration-store.js';
import type { CredentialRecord } from '../../contract/credential-store.js';
import type { StoredMaster, SymbolToken } from '../../contract/instrument-store.js';
import type { AttemptRow, FillRecord, OrderSighting } from '../../contract/order-journal.js';
import type { PortfolioSnapshot } from '../../contract/portfolio-store.js';
import type { SessionRecord } from '../../contract/session-store.js';
import type { StoreChange } from '../../contract/store-change.js';
import type { StoredImport } from '../../contract/transfer-store.js';
import type { Clock } from '../../runtime/clock.js';
import type { BudgetRecord } from '../budget-record.js';

/** All that the opened stores of one definition share. */
export interface MemoryData {
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Wall time when the monotonic clock stood at 0: the two together tell the day, and never jump. */
  readonly startedAtMs: number;
  /** By user id: a call for one user has nothing of another's in its hands. */
  readonly users: Map<string, UserRows>;
  /** Tags of all users, because one broker account may be shared by several. */
  readonly tags: Set<string>;
  readonly masters: Map<string, BrokerMaster>;
  /** By scope. */
  readonly budgets: Map<string, BudgetRecord>;
  /** Listeners of every opened store, by its owner id. */
  readonly links: Map<string, Set<(change: StoreChange) => void>>;
  lastAuditSeq: number;
}

/** Rows of one user. The maps keep the order in which rows were first stored. */
export interface UserRows {
  /** By `accountKey`. */
  readonly credentials: Map<string, CredentialRecord>;
  readonly sessions: Map<string, SessionRecord>;
  /** By name. */
  readonly configuration: Map<string, ConfigurationRecord>;
  readonly leases: Map<string, LeaseState>;
  /** By tag. */
  readonly attempts: Map<string, AttemptRow>;
  /** By client order id, oldest first. */
  readonly tagsOfOrder: Map<string, string[]>;
  /** By client order id. */
  readonly sightings: Map<string, OrderSighting>;
  /** By `fillKey`. */
  readonly fills: Map<string, FillRecord>;
  /** By `snapshotKey`. */
  readonly snapshots: Map<string, PortfolioSnapshot>;
  /** By import id. */
  readonly imports: Map<string, StoredImport>;
  /** Oldest first. */
  readonly audit: AuditRow[];
}

/** What is known of a lease's name; stays when nobody holds it, so that the epoch only grows. */
export interface LeaseState {
  readonly epoch: number;
  /** Null once it was released. */
  readonly holder: { readonly owner: string; readonly expiresAtMs: number } | null;
}

export interface BrokerMaster {
  readonly stored: StoredMaster;
  readonly rows: readonly SymbolToken[];
  readonly byInstrument: ReadonlyMap<string, SymbolToken>;
  /** By `tokenKey`. */
  readonly byToken: ReadonlyMap<string, SymbolToken>;
}

export const createMemoryData = (clock: MemoryData['clock'], startedAtMs: number): MemoryData => ({
  clock,
  startedAtMs,
  users: new Map(),
  tags: new Set(),
  masters: new Map(),
  budgets: new Map(),
  links: new Map(),
  lastAuditSeq: 0,
});

export const emptyRows = (): UserRows => ({
  credentials: new Map(),
  sessions: new Map(),
  configuration: new Map(),
  leases: new Map(),
  attempts: new Map(),
  tagsOfOrder: new Map(),
  sightings: new Map(),
  fills: new Map(),
  snapshots: new Map(),
  imports: new Map(),
  audit: [],
});

// JSON keeps `a:b` + `c` apart from `a` + `b:c`, which no separator would.

export const accountKey = ({ broker, account }: { readonly broker: string; readonly account: string }): string =>
  JSON.stringify([broker, account]);

export const fillKey = ({ broker, account, trade }: FillRecord): string =>
  JSON.stringify([broker, account, trade.tradeId]);

export const snapshotKey = ({ broker, account, kind, takenAtMs }: PortfolioSnapshot): string =>
  JSON.stringify([broker, account, kind, takenAtMs]);

export const tokenKey = (segment: string, token: string): string => JSON.stringify([segment, token]);
