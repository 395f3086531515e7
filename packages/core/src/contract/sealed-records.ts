import type { AccountKey } from './store.js';

/** A sealed row of any user, for changing the key it is sealed with. */
export interface SealedRecord extends AccountKey {
  readonly field: 'credential' | 'session';
  readonly version: number;
  readonly sealed: Uint8Array;
}

/** What key rotation needs: every sealed row once, whoever's it is. No user's manager reaches this. */
export interface SealedRecords {
  /** Rows after `after`, in an order that writes do not change; `next` is null after the last one. */
  page(
    after: string | null,
    limit: number,
  ): Promise<{ readonly records: readonly SealedRecord[]; readonly next: string | null }>;
  /** Puts `sealed` in the place of exactly the bytes of `record`, at the same version. False when they changed meanwhile. */
  replace(record: SealedRecord, sealed: Uint8Array): Promise<boolean>;
}
