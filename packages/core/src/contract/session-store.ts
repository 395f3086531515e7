import type { AccountKey } from './store.js';

/** A broker session as a store sees it. */
export interface SessionRecord extends AccountKey {
  readonly version: number;
  readonly sealed: Uint8Array;
  readonly expiresAtMs: number | null;
  readonly updatedAtMs: number;
}

export interface SessionStore {
  get(key: AccountKey): Promise<SessionRecord | null>;
  /** Writes only over `record.version - 1`, or nothing for version 1. False on a conflict. */
  put(record: SessionRecord): Promise<boolean>;
  delete(key: AccountKey): Promise<boolean>;
}
