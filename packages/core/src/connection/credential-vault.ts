import type { KeyProvider, MasterKey } from '../contract/key-provider.js';
import type { AccountKey } from '../contract/store.js';
import { AlgoError } from '../errors/algo-error.js';
import { keyIdOf, open, seal } from './sealed-box.js';
import type { Binding } from './sealed-box.js';

/** What kind of record a box holds; bound into it, so that one kind never opens as another. */
export type SealedField = 'credential' | 'session';

/** Seals texts before a store sees them and opens them after, with whatever keys the host's provider has. */
export class CredentialVault {
  readonly #keys: KeyProvider;

  constructor(keys: KeyProvider) {
    this.#keys = keys;
  }

  /** @throws {AlgoError} `ALGO_KEY_UNUSABLE` */
  async seal(key: AccountKey, field: SealedField, version: number, plain: string): Promise<Uint8Array> {
    return seal(plain, bindingOf(key, field, version), usable(await this.#keys.current()));
  }

  /** @throws {AlgoError} `ALGO_UNDECRYPTABLE` when the key is not at hand or the box does not belong here. */
  async open(key: AccountKey, field: SealedField, version: number, sealed: Uint8Array): Promise<string> {
    const keyId = keyIdOf(sealed);
    const master = keyId === null ? null : await this.#keys.byId(keyId);
    const plain = master === null ? null : open(sealed, bindingOf(key, field, version), master);
    if (plain === null) {
      throw new AlgoError('ALGO_UNDECRYPTABLE', { broker: key.broker, account: key.account, keyId });
    }
    return plain;
  }
}

/** A key that a box could not name or a cipher not use would make a record that nobody can ever open. */
function usable(key: MasterKey): MasterKey {
  if (key.bytes.length !== 32) throw new AlgoError('ALGO_KEY_UNUSABLE', { why: 'it is not 32 bytes long' });
  const idBytes = Buffer.byteLength(key.id, 'utf8');
  if (idBytes < 1 || idBytes > 200)
    throw new AlgoError('ALGO_KEY_UNUSABLE', { why: 'its id is not 1 to 200 bytes long' });
  return key;
}

const bindingOf = ({ userId, broker, account }: AccountKey, field: SealedField, version: number): Binding => ({
  userId,
  broker,
  account,
  field,
  version,
});
