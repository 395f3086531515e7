/** Something that one process at a time may do for a user, for example `session/dhan/main`. */
export interface LeaseKey {
  readonly userId: string;
  readonly name: string;
}

/** The right to do it, for a while. */
export interface Lease extends LeaseKey {
  readonly owner: string;
  /**
   * Grows by one each time the name is given to somebody, for ever. What is written under a lease carries it, and a
   * store refuses an epoch that is not the newest: the broker cannot check it, so it protects the rows, not the wire.
   */
  readonly epoch: number;
  /** When it passes on by itself, by the clock of the store; to be shown, not to be compared with another clock. */
  readonly expiresAtMs: number;
}

export interface LeaseStore {
  /** Null while somebody holds it, the same owner included. One that has run out passes on. */
  acquire(key: LeaseKey, owner: string, ttlMs: number): Promise<Lease | null>;
  /** Holds it for `ttlMs` from now, also when it ran out and nobody took it; null when it passed on or was released: then stop. */
  renew(lease: Lease, ttlMs: number): Promise<Lease | null>;
  /** False when it was no longer held. Its epoch is remembered. */
  release(lease: Lease): Promise<boolean>;
  /** Who holds it; null when nobody does. */
  get(key: LeaseKey): Promise<Lease | null>;
}
