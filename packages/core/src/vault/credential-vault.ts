import type { KeyProvider, MasterKey } from '../contract/key-provider.js';
import type { SealedRecord } from '../contract/sealed-records.js';
import type { AccountKey } from '../contract/store.js';
import { AlgoError } from '../errors/algo-error.js';
import type { Binding, SealedField } from './binding.js';
import { keyFailure } from './data-key.js';
import { KnownTextKeys } from './known-text-keys.js';
import { isCurrent, keyIdOf, open, rewrap, seal } from './sealed-box.js';

/** Whether a record opens with the keys at hand. */
export type RecordState = { readonly kind: 'readable' } | Undecryptable;

/** The key is not at hand, or the bytes are not what was stored here. */
export interface Undecryptable {
  readonly kind: 'undecryptable';
  /** The key it names; null when it is no sealed record at all. */
  readonly keyId: string | null;
}

/** What became of a record that is to be under the current key. */
export type Rewrapped =
  { readonly kind: 'current' } | { readonly kind: 'rewrapped'; readonly sealed: Uint8Array } | Undecryptable;

export interface VaultOptions {
  /** How many records' keys, never their texts, are kept for the next read; 0 for none. @default 1000 */
  readonly knownKeys?: number;
}

const DEFAULTS = { knownKeys: 1_000 } satisfies VaultOptions;

/**
 * Seals texts before a store sees them and opens them after, with whatever keys the host's provider has.
 *
 * A provider that fails is not a record that stays shut: `ALGO_KEY_UNUSABLE` passes through every method.
 */
export class CredentialVault {
  readonly #keys: KeyProvider;
  readonly #known: KnownTextKeys;

  constructor(keys: KeyProvider, { knownKeys = DEFAULTS.knownKeys }: VaultOptions = {}) {
    this.#keys = keys;
    this.#known = new KnownTextKeys(knownKeys);
  }

  /** @throws {AlgoError} `ALGO_KEY_UNUSABLE` */
  async seal(key: AccountKey, field: SealedField, version: number, plain: string): Promise<Uint8Array> {
    return seal(plain, bindingOf(key, field, version), await this.#current());
  }

  /** @throws {AlgoError} `ALGO_UNDECRYPTABLE` when the key is not at hand or the box does not belong here; `ALGO_KEY_UNUSABLE` */
  async open(key: AccountKey, field: SealedField, version: number, sealed: Uint8Array): Promise<string> {
    const plain = await this.#tryOpen(bindingOf(key, field, version), sealed);
    if (plain !== null) return plain;
    const { broker, account } = key;
    throw new AlgoError('ALGO_UNDECRYPTABLE', { broker, account, keyId: printableKeyId(sealed) });
  }

  /** @throws {AlgoError} `ALGO_KEY_UNUSABLE` */
  async state(key: AccountKey, field: SealedField, version: number, sealed: Uint8Array): Promise<RecordState> {
    const plain = await this.#tryOpen(bindingOf(key, field, version), sealed);
    return plain === null ? undecryptable(sealed) : { kind: 'readable' };
  }

  /**
   * Puts a record under the current key, unless it is: that one is not opened to see.
   *
   * @throws {AlgoError} `ALGO_KEY_UNUSABLE`
   */
  async rewrap(record: SealedRecord): Promise<Rewrapped> {
    const to = await this.#current();
    if (isCurrent(record.sealed, to.id)) return { kind: 'current' };
    const from = await this.#keyOf(record.sealed);
    const sealed = from === null ? null : await rewrap(record.sealed, record, from, to);
    return sealed === null ? undecryptable(record.sealed) : { kind: 'rewrapped', sealed };
  }

  /** Lets go of the keys it kept. */
  close(): void {
    this.#known.clear();
  }

  async #tryOpen(binding: Binding, sealed: Uint8Array): Promise<string | null> {
    const master = await this.#keyOf(sealed);
    return master === null ? null : open(sealed, binding, master, this.#known);
  }

  async #keyOf(sealed: Uint8Array): Promise<MasterKey | null> {
    const keyId = keyIdOf(sealed);
    if (keyId === null) return null;
    try {
      return await this.#keys.byId(keyId);
    } catch (error) {
      throw keyFailure(error);
    }
  }

  async #current(): Promise<MasterKey> {
    try {
      return usable(await this.#keys.current());
    } catch (error) {
      throw keyFailure(error);
    }
  }
}

/** A key that a box could not name or a cipher not use would make a record that nobody can ever open. */
function usable(key: MasterKey): MasterKey {
  if ('bytes' in key && key.bytes.length !== 32) throw unusable('it is not 32 bytes long');
  const idBytes = Buffer.byteLength(key.id, 'utf8');
  if (idBytes < 1 || idBytes > 200) throw unusable('its id is not 1 to 200 bytes long');
  return key;
}

const bindingOf = ({ userId, broker, account }: AccountKey, field: SealedField, version: number): Binding => ({
  userId,
  broker,
  account,
  field,
  version,
});

const undecryptable = (sealed: Uint8Array): Undecryptable => ({
  kind: 'undecryptable',
  keyId: printableKeyId(sealed),
});

/** Whoever can write the store can write any bytes where the id stands; those are not for a log. */
function printableKeyId(sealed: Uint8Array): string | null {
  const keyId = keyIdOf(sealed);
  return keyId === null || /[\p{Cc}\p{Cf}\u2028\u2029]/u.test(keyId) ? null : keyId;
}

const unusable = (why: string): AlgoError => new AlgoError('ALGO_KEY_UNUSABLE', { why });
