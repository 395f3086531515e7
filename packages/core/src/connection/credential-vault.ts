import type { KeyProvider } from '../contract/key-provider.js';
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
    return seal(plain, bindingOf(key, field, version), await this.#keys.current());
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

const bindingOf = ({ userId, broker, account }: AccountKey, field: SealedField, version: number): Binding => ({
  userId,
  broker,
  account,
  field,
  version,
});
