/**
 * A key that seals the data keys of records; its id is written beside what it sealed.
 *
 * Either its 256 bits are at hand, or somebody else has them, such as a key management service, and is asked to wrap.
 */
export type MasterKey = LocalKey | RemoteKey;

export interface LocalKey {
  /** 1 to 200 bytes of UTF-8. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

export interface RemoteKey {
  /** 1 to 200 bytes of UTF-8. */
  readonly id: string;
  /** Seals a data key of 32 bytes. `context` must be bound: unwrapping with another one has to fail. */
  wrap(dataKey: Uint8Array, context: Uint8Array): Promise<Uint8Array>;
  /**
   * Rejects when it is not what `wrap` gave, or the context is another; with `ALGO_KEY_UNUSABLE` when the service cannot
   * be asked.
   */
  unwrap(wrapped: Uint8Array, context: Uint8Array): Promise<Uint8Array>;
}

/** Where master keys come from. Several may be known at once: new records use `current`, old ones name theirs. */
export interface KeyProvider {
  /** @throws {AlgoError} `ALGO_KEY_UNUSABLE` */
  current(): Promise<MasterKey>;
  /** Null when that key is not at hand. */
  byId(id: string): Promise<MasterKey | null>;
}
