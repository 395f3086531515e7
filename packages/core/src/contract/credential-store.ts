import type { AuditEntry } from './audit-store.js';
import type { AccountKey } from './store.js';

/** Credentials as a store sees them: what is not secret in clear, the rest as the vault's sealed bytes. */
export interface CredentialRecord extends AccountKey {
  /** From 1 to 4294967295; grows with every write, deletes included, and is bound into the seal: an older row put back stays shut. */
  readonly version: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly sealed: Uint8Array;
  readonly updatedAtMs: number;
}

/** A credential without anything secret or sealed. */
export type CredentialSummary = Omit<CredentialRecord, 'sealed'>;

export interface CredentialStore {
  get(key: AccountKey): Promise<CredentialRecord | null>;
  /**
   * Writes only over the version it was made from; `over` is null when there was none. False on a conflict. The audit
   * entry is written in the same transaction, or not at all.
   */
  put(record: CredentialRecord, over: number | null, audit?: AuditEntry): Promise<boolean>;
  /** In the order of brokers and accounts. */
  list(userId: string): Promise<readonly CredentialSummary[]>;
  /** False when there was none; then no audit entry is written either. */
  delete(key: AccountKey, audit?: AuditEntry): Promise<boolean>;
}
