import type { CredentialRecord } from '../contract/credential-store.js';
import type { KeyProvider } from '../contract/key-provider.js';
import { CredentialVault } from './credential-vault.js';

/**
 * Opens stored credentials and seals them for another user, or for another version of the same row: sealed bytes are
 * bound to both and cannot simply move. Nobody sees them in clear.
 *
 * @throws {AlgoError} `ALGO_UNDECRYPTABLE` when they stay shut, `ALGO_KEY_UNUSABLE`
 */
export async function resealCredential(
  keys: KeyProvider,
  record: CredentialRecord,
  to: { readonly userId: string; readonly version: number },
): Promise<CredentialRecord> {
  const vault = new CredentialVault(keys, { knownKeys: 0 });
  const moved = { ...record, ...to };
  const plain = await vault.open(record, 'credential', record.version, record.sealed);
  return { ...moved, sealed: await vault.seal(moved, 'credential', to.version, plain) };
}
