import { LRUCache } from 'lru-cache';
import type { ConnectionRef } from '../domain/order.js';
import { isSameConnection } from './choose-connection.js';
import type { Reading } from './failover-strategy.js';

/** Values of one kind as they were read last, by a key of the caller's; the least used are let go first. */
export class LastKnown<Value> {
  readonly #most: number;
  /** Made with the first value: a user who reads nothing costs nothing. */
  #entries: LRUCache<string, Reading<Value>> | null = null;

  constructor(most: number) {
    this.#most = most;
  }

  /** Keeps a value that was just read, and gives it as the reading it is. */
  remember(key: string, value: Value, from: ConnectionRef, asOfMs: number): Reading<Value> {
    const { broker, account } = from;
    const reading: Reading<Value> = { value, from: { broker, account }, asOfMs, stale: false };
    this.#entries ??= new LRUCache({ max: this.#most });
    this.#entries.set(key, reading);
    return reading;
  }

  /** Null when it was never read, or let go since. */
  recall(key: string): Reading<Value> | null {
    const known = this.#entries?.get(key);
    return known === undefined ? null : { ...known, stale: true };
  }

  /** What came from one connection: it may be another person's account from now on. */
  forget(ref: ConnectionRef): void {
    for (const [key, { from }] of Array.from(this.#entries ?? [])) {
      if (isSameConnection(from, ref)) this.#entries?.delete(key);
    }
  }

  clear(): void {
    this.#entries = null;
  }
}
