import type { ConfigurationRecord } from '../contract/configuration-store.js';
import { AlgoError } from '../errors/algo-error.js';
import { errorName } from '../runtime/error-name.js';
import { jsonOf } from '../runtime/json-of.js';
import type { Logger } from '../runtime/logger.js';
import type { ChangedBy } from './audit-entry.js';
import { writeCanonical } from './canonical-json.js';
import type { ConfigurationRows } from './configuration-rows.js';

/** A setting that decides where calls go. */
export interface SettingKind<Value> {
  /** Under which it is kept, and which its audit rows begin with. */
  readonly name: string;
  /** For a person: `The default connection`. */
  readonly what: string;
  /** Null for what cannot be read: then nothing is chosen. */
  readonly parse: (stored: unknown) => Value | null;
}

export interface KnownSettingOptions {
  readonly rows: ConfigurationRows;
  /** Reads the record, perhaps from a cache that hears of changes. */
  readonly read: (name: string) => Promise<ConfigurationRecord | null>;
  readonly logger: Logger;
  /** It was read, and may be another one than before. */
  readonly onRead?: () => void;
}

const TRIES = 5;

/** A user's setting that is known at once: which way an order goes is said without waiting. */
export class KnownSetting<Value> {
  readonly #kind: SettingKind<Value>;
  readonly #options: KnownSettingOptions;
  #known: Value | null = null;
  #reads = 0;
  #newest = 0;

  constructor(kind: SettingKind<Value>, options: KnownSettingOptions) {
    this.#kind = kind;
    this.#options = options;
  }

  /** As it was read last; null when none is chosen. */
  get known(): Value | null {
    return this.#known;
  }

  async read(): Promise<Value | null> {
    this.#reads += 1;
    const turn = this.#reads;
    const chosen = this.#valueIn(await this.#options.read(this.#kind.name));
    if (turn >= this.#newest) {
      this.#newest = turn;
      this.#known = chosen;
      this.#options.onRead?.();
    }
    return chosen; // a later reading may have been there first
  }

  /** Somebody else may have changed it. While it cannot be read, what was read last holds. */
  readAgain(): void {
    this.read().catch((error: unknown) => {
      this.#options.logger.warn(`${this.#kind.name}-unread`, { error: errorName(error) });
    });
  }

  /** @throws {AlgoError} `ALGO_STORE_CONFLICT` when others keep writing it at the same time */
  async set(value: Value | null, by?: ChangedBy): Promise<void> {
    const { rows } = this.#options;
    for (let tried = 0; tried < TRIES; tried += 1) {
      const over = await rows.get(this.#kind.name);
      if (textOf(this.#valueIn(over)) === textOf(value) || (await this.#write(value, over, by))) {
        await this.read();
        return;
      }
    }
    throw new AlgoError('ALGO_STORE_CONFLICT', { what: this.#kind.what });
  }

  async #write(value: Value | null, over: ConfigurationRecord | null, by?: ChangedBy): Promise<boolean> {
    const { rows } = this.#options;
    const { name } = this.#kind;
    if (value === null) return rows.delete(name, `${name}-clear`, by);
    const change = { name, value: writeCanonical(value), over, action: `${name}-set` };
    return (await rows.put(change, by)) !== null;
  }

  #valueIn(record: ConfigurationRecord | null): Value | null {
    return record === null ? null : this.#kind.parse(jsonOf(record.value));
  }
}

const textOf = (value: unknown): string => (value === null ? '' : writeCanonical(value));
