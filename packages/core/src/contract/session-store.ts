import type { Lease } from './lease-store.js';
import type { AccountKey } from './store.js';

/** A broker session as a store sees it. */
export interface SessionRecord extends AccountKey {
  /** From 1 to 4294967295; grows with every write and is bound into the seal. */
  readonly version: number;
  readonly sealed: Uint8Array;
  readonly expiresAtMs: number | null;
  readonly updatedAtMs: number;
}

/** A session without what is sealed. */
export type SessionSummary = Omit<SessionRecord, 'sealed'>;

export interface SessionStore {
  get(key: AccountKey): Promise<SessionRecord | null>;
  /**
   * Writes only over the version it was made from; `over` is null when there was none. With a `fence`, also only while
   * that lease is still the last one given for its name: whoever lost it writes nothing. False on a conflict.
   */
  put(record: SessionRecord, over: number | null, fence?: Lease): Promise<boolean>;
  /** In the order of brokers and accounts. */
  list(userId: string): Promise<readonly SessionSummary[]>;
  /** With `version`, only that one. False when there was none. */
  delete(key: AccountKey, version?: number): Promise<boolean>;
}
