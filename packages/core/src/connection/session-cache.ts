import { LRUCache } from 'lru-cache';
import type { BrokerSession } from '../contract/session.js';

/** A session, which credentials it came from, and the stored record that it is. */
export interface HeldSession {
  readonly session: BrokerSession;
  readonly origin: string;
  readonly version: number;
  readonly sealed: Uint8Array;
  readonly savedAtMs: number;
}

export interface SessionCacheOptions {
  /** Most sessions kept open in memory, over all accounts. */
  readonly max: number;
  /** After this one is read again from the store, in milliseconds. */
  readonly ttlMs: number;
  readonly monotonic: () => number;
}

/** How often a session was there when it was asked for. */
export interface CacheMetrics {
  readonly hits: number;
  readonly misses: number;
  readonly size: number;
}

interface Entry {
  readonly held: HeldSession;
  readonly onLeave: (held: HeldSession) => void;
}

/**
 * The sessions of all accounts that were used last, opened. Bounded, so that thousands of idle accounts keep no token in
 * memory; one that was pushed out is read and unsealed again when it is needed.
 */
export class SessionCache {
  readonly #entries: LRUCache<string, Entry>;
  #hits = 0;
  #misses = 0;

  constructor({ max, ttlMs, monotonic }: SessionCacheOptions) {
    this.#entries = new LRUCache({
      max,
      ttl: ttlMs,
      ttlResolution: 0, // any other would set a timer
      noDeleteOnStaleGet: true,
      perf: { now: () => monotonic() + 1 }, // an entry made at 0 would never grow old
      dispose: ({ held, onLeave }) => onLeave(held),
    });
  }

  /** For a call that is to be signed: counted as a hit or a miss. */
  get(key: string): HeldSession | null {
    const held = this.young(key);
    if (held === null) this.#misses += 1;
    else this.#hits += 1;
    return held;
  }

  /** The same without counting. */
  young(key: string): HeldSession | null {
    return this.#entries.get(key)?.held ?? null;
  }

  /** Also when it is due to be read again; not counted. */
  peek(key: string): HeldSession | null {
    return this.#entries.peek(key, { allowStale: true })?.held ?? null;
  }

  /**
   * Set again, the same session is young again.
   *
   * @param onLeave told when it is replaced by another, pushed out or deleted
   */
  set(key: string, held: HeldSession, onLeave: (held: HeldSession) => void): void {
    const known = this.#entries.peek(key, { allowStale: true });
    this.#entries.set(key, known?.held === held ? known : { held, onLeave });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  metrics(): CacheMetrics {
    return { hits: this.#hits, misses: this.#misses, size: this.#entries.size };
  }
}
