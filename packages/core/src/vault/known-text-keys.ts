import type { MasterKey } from '../contract/key-provider.js';
import type { TextKeys } from './data-key.js';

interface Known {
  readonly master: MasterKey;
  readonly keys: TextKeys;
}

/**
 * The keys of the texts that were unwrapped last, by the wrapped data key they came out of. Holds no text and gives away
 * nothing that the master key beside it does not. Data keys of a key service are never kept: there it decides each time.
 */
export class KnownTextKeys {
  readonly #known = new Map<string, Known>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Null unless exactly these bytes were unwrapped with exactly this key. */
  get(wrapped: Buffer, master: MasterKey): TextKeys | null {
    const known = this.#known.get(nameOf(wrapped));
    return known?.master === master ? known.keys : null;
  }

  /** The one that was put first makes room. */
  put(wrapped: Buffer, master: MasterKey, keys: TextKeys): void {
    if (this.#limit === 0 || !('bytes' in master)) return;
    this.#known.set(nameOf(wrapped), { master, keys });
    if (this.#known.size <= this.#limit) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  clear(): void {
    this.#known.clear();
  }
}

/** Begins with a random IV and ends in a tag: no two data keys share it. */
const nameOf = (wrapped: Buffer): string => wrapped.toString('latin1');
