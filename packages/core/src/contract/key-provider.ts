/** A 256-bit key that seals the keys of records; its id is written beside what it sealed. */
export interface MasterKey {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** Where master keys come from. Several may be known at once: new records use `current`, old ones name theirs. */
export interface KeyProvider {
  /** @throws {AlgoError} `ALGO_KEY_UNUSABLE` */
  current(): Promise<MasterKey>;
  /** Null when that key is not at hand. */
  byId(id: string): Promise<MasterKey | null>;
}
