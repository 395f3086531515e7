import type { AccountKey } from './store.js';

/** Credentials as a store sees them: what is not secret in clear, the rest as the vault's sealed bytes. */
export interface CredentialRecord extends AccountKey {
  /** Grows by one with every write and is bound into the seal: an older row put back cannot be opened. */
  readonly version: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly sealed: Uint8Array;
  readonly updatedAtMs: number;
}

/** A credential without anything secret or sealed. */
export type CredentialSummary = Omit<CredentialRecord, 'sealed'>;

export interface CredentialStore {
  get(key: AccountKey): Promise<CredentialRecord | null>;
  /** Writes only over the version it was made from: `record.version - 1`, or nothing for version 1. False on a conflict. */
  put(record: CredentialRecord): Promise<boolean>;
  list(userId: string): Promise<readonly CredentialSummary[]>;
  /** False when there was none. */
  delete(key: AccountKey): Promise<boolean>;
}
