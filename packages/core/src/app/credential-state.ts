import type { CredentialRecord } from '../contract/credential-store.js';
import { isAlgoError } from '../errors/algo-error.js';
import { errorName } from '../runtime/error-name.js';
import type { CredentialVault } from '../vault/credential-vault.js';
import { readSecrets } from '../vault/sealed-text.js';
import type { SecretFields } from '../vault/sealed-text.js';

/**
 * Whether stored credentials can be used. `undecryptable`: hand over the key it names again, or put them anew.
 * `unchecked`: the provider of the key did not answer, so nobody knows yet.
 */
export type CredentialState =
  | { readonly kind: 'readable' }
  | { readonly kind: 'undecryptable'; readonly keyId: string | null }
  | { readonly kind: 'unchecked'; readonly why: string };

export interface OpenedRecord {
  readonly state: CredentialState;
  /** Null unless it is readable. */
  readonly secrets: SecretFields | null;
}

/** Opens a record as far as it can be: one that stays shut is a state, so that it does not stand in the way of others. */
export async function openRecord(
  vault: Pick<CredentialVault, 'open'>,
  record: CredentialRecord,
): Promise<OpenedRecord> {
  try {
    const text = await vault.open(record, 'credential', record.version, record.sealed);
    return { state: { kind: 'readable' }, secrets: readSecrets(text) };
  } catch (error) {
    return { state: stateAfter(error), secrets: null };
  }
}

const stateAfter = (error: unknown): CredentialState =>
  isAlgoError(error) && error.code === 'ALGO_UNDECRYPTABLE'
    ? { kind: 'undecryptable', keyId: error.details.keyId }
    : { kind: 'unchecked', why: errorName(error) };
