import { z } from 'zod';
import type { ConfigurationRecord, ConfigurationStore } from '../contract/configuration-store.js';
import type { AccountKey } from '../contract/store.js';
import type { Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/error-name.js';
import { jsonOf } from '../runtime/json-of.js';
import type { Logger } from '../runtime/logger.js';

export interface LoginRefusalsOptions {
  readonly key: AccountKey;
  readonly configuration: Pick<ConfigurationStore, 'get' | 'put' | 'delete'>;
  /** `Store.owner` of this process. */
  readonly owner: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Names of these records begin so; they are written by the SDK alone. */
export const REFUSALS = 'login/';

/** A person who asks again in another process, or after a restart, waits this long. */
const PATIENCE_MS = 60_000;
const LONGEST_NAME = 200;

const markText = z.strictObject({ origin: z.string(), owner: z.string(), atMs: z.number() });
type Mark = z.infer<typeof markText>;

/**
 * Remembers for all processes that the broker refused a log-in: eight of them that each try a wrong PIN once would lock
 * the account. A store that fails here stops nobody: the log-in itself needs it anyway.
 */
export class LoginRefusals {
  readonly #options: LoginRefusalsOptions;
  readonly #name: string;
  /** Refused in this process. */
  #here: string | null = null;
  /** A person asked for a log-in here, and none was tried since. */
  #asked = false;

  constructor(options: LoginRefusalsOptions) {
    this.#options = options;
    this.#name = `${REFUSALS}${options.key.broker}/${options.key.account}`;
  }

  /** A person asks for another try: what the broker refused may have been mended there. */
  askAgain(): void {
    this.#here = null;
    this.#asked = true;
  }

  /** The credentials changed. */
  forget(): void {
    this.#here = null;
  }

  /** Whether these credentials were refused, here or in another process, and are not to be tried now. */
  async stands(origin: string): Promise<boolean> {
    const asked = this.#asked;
    this.#asked = false;
    if (this.#here === origin) return true;
    const mark = await this.#read();
    if (mark === null || mark.origin !== origin) return false;
    if (!asked) return true;
    return mark.owner !== this.#options.owner && this.#options.clock.now() - mark.atMs < PATIENCE_MS;
  }

  async note(origin: string): Promise<void> {
    const { key, configuration, owner, clock } = this.#options;
    this.#here = origin;
    if (this.#name.length > LONGEST_NAME) return;
    await this.#quietly(async () => {
      const known = await configuration.get(key.userId, this.#name);
      const atMs = clock.now();
      const mark: Mark = { origin, owner, atMs };
      const version = (known?.version ?? 0) + 1;
      const record = { userId: key.userId, name: this.#name, version, value: JSON.stringify(mark), updatedAtMs: atMs };
      await configuration.put(record, known?.version ?? null);
    });
  }

  /** A log-in worked. */
  async clear(): Promise<void> {
    const { key, configuration } = this.#options;
    if ((await this.#record()) === null) return;
    await this.#quietly(async () => void (await configuration.delete(key.userId, this.#name)));
  }

  async #read(): Promise<Mark | null> {
    const record = await this.#record();
    const parsed = record === null ? null : markText.safeParse(jsonOf(record.value));
    return parsed?.success === true ? parsed.data : null;
  }

  #record(): Promise<ConfigurationRecord | null> {
    const { key, configuration } = this.#options;
    if (this.#name.length > LONGEST_NAME) return Promise.resolve(null);
    return this.#quietly(() => configuration.get(key.userId, this.#name));
  }

  async #quietly<Value>(work: () => Promise<Value>): Promise<Value | null> {
    try {
      return await work();
    } catch (error) {
      this.#options.logger.warn('login-refusal-not-shared', { error: errorName(error) });
      return null;
    }
  }
}
