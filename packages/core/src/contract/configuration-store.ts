import type { AuditEntry } from './audit-store.js';

/** One named piece of a user's configuration, as canonical JSON. Holds no secret. */
export interface ConfigurationRecord {
  readonly userId: string;
  /** For example `broker/dhan`; 1 to 200 characters. */
  readonly name: string;
  /** Grows by one with every write. */
  readonly version: number;
  readonly value: string;
  readonly updatedAtMs: number;
}

export interface ConfigurationStore {
  get(userId: string, name: string): Promise<ConfigurationRecord | null>;
  /** Writes only over the version it was made from; `over` is null when there was none. False on a conflict. */
  put(record: ConfigurationRecord, over: number | null, audit?: AuditEntry): Promise<boolean>;
  /** In the order of names. */
  list(userId: string): Promise<readonly ConfigurationRecord[]>;
  /** False when there was none. */
  delete(userId: string, name: string, audit?: AuditEntry): Promise<boolean>;
}
