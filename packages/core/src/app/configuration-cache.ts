import { LRUCache } from 'lru-cache';
import type { ConfigurationRecord, ConfigurationStore } from '../contract/configuration-store.js';
import type { CacheMetrics } from '../connection/session-cache.js';

export interface ConfigurationCacheOptions {
  /** Most records kept, over all users; one that is not there counts as well. */
  readonly max: number;
  /** After this one is read again, in milliseconds. */
  readonly ttlMs: number;
  readonly monotonic: () => number;
  readonly store: () => Promise<ConfigurationStore>;
}

interface Entry {
  readonly record: ConfigurationRecord | null;
}

/** Configuration as it was read last, until it is said to have changed. Bounded over all users. */
export class ConfigurationCache {
  readonly #store: () => Promise<ConfigurationStore>;
  readonly #entries: LRUCache<string, Entry>;
  /** Reads under way; one whose record changes meanwhile is not kept. */
  readonly #reading = new Map<string, symbol>();
  #hits = 0;
  #misses = 0;

  constructor({ max, ttlMs, monotonic, store }: ConfigurationCacheOptions) {
    this.#store = store;
    // Any other resolution than 0 would set a timer, and an entry made at 0 would never grow old.
    this.#entries = new LRUCache({ max, ttl: ttlMs, ttlResolution: 0, perf: { now: () => monotonic() + 1 } });
  }

  async read(userId: string, name: string): Promise<ConfigurationRecord | null> {
    const key = keyOf(userId, name);
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#hits += 1;
      return known.record;
    }
    this.#misses += 1;
    const turn = Symbol();
    this.#reading.set(key, turn);
    try {
      const record = await (await this.#store()).get(userId, name);
      if (this.#reading.get(key) === turn) this.#entries.set(key, { record });
      return record;
    } finally {
      if (this.#reading.get(key) === turn) this.#reading.delete(key);
    }
  }

  forget(userId: string, name: string): void {
    const key = keyOf(userId, name);
    this.#reading.delete(key);
    this.#entries.delete(key);
  }

  clear(): void {
    this.#reading.clear();
    this.#entries.clear();
  }

  metrics(): CacheMetrics {
    return { hits: this.#hits, misses: this.#misses, size: this.#entries.size };
  }
}

const keyOf = (userId: string, name: string): string => JSON.stringify([userId, name]);
