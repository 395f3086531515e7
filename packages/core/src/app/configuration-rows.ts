import type { ConfigurationRecord, ConfigurationStore } from '../contract/configuration-store.js';
import type { Clock } from '../runtime/clock.js';
import { nextVersion } from '../vault/record-version.js';
import { auditEntry } from './audit-entry.js';
import type { ChangedBy } from './audit-entry.js';

/** One user's configuration records, read past any cache and written with their audit entries. */
export interface ConfigurationRows {
  get(name: string): Promise<ConfigurationRecord | null>;
  list(): Promise<readonly ConfigurationRecord[]>;
  /** Null on a conflict: somebody wrote it meanwhile. */
  put(change: ConfigurationChange, by?: ChangedBy): Promise<ConfigurationRecord | null>;
  /** False when there was none. */
  delete(name: string, action: string, by?: ChangedBy): Promise<boolean>;
}

export interface ConfigurationChange {
  readonly name: string;
  /** Canonical JSON. */
  readonly value: string;
  /** The record it was made from. */
  readonly over: ConfigurationRecord | null;
  /** What the audit calls it. */
  readonly action: string;
}

export interface ConfigurationRowsOptions {
  readonly userId: string;
  readonly store: () => Promise<ConfigurationStore>;
  readonly clock: Clock;
  /** Whoever holds a copy of it drops it. */
  readonly onChange: (name: string) => void;
}

export function createConfigurationRows(options: ConfigurationRowsOptions): ConfigurationRows {
  const { userId, store, clock, onChange } = options;

  const get = async (name: string): Promise<ConfigurationRecord | null> => (await store()).get(userId, name);

  return {
    get,
    list: async () => (await store()).list(userId),
    async put({ name, value, over, action }, by) {
      const atMs = clock.now();
      const change = { userId, atMs, action, subject: name, before: over?.value ?? null, after: value };
      const audit = auditEntry(change, by);
      const record = { userId, name, version: nextVersion(over?.version ?? null, atMs), value, updatedAtMs: atMs };
      const isWritten = await (await store()).put(record, over?.version ?? null, audit);
      onChange(name); // after a conflict as well: what is held of it is old
      return isWritten ? record : null;
    },
    async delete(name, action, by) {
      const known = await get(name);
      const change = { userId, atMs: clock.now(), action, subject: name, before: known?.value ?? null, after: null };
      const isDeleted = await (await store()).delete(userId, name, auditEntry(change, by));
      onChange(name);
      return isDeleted;
    },
  };
}
