import { randomInt } from 'node:crypto';
import type { PostgresClient } from './driver.js';
import { closed } from './database.js';

/** Waits between attempts to connect again, in milliseconds; each is cut short by chance, so that many do not come at once. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/**
 * One connection that is made again whenever it is lost, until closed.
 *
 * `onUp` runs on every new connection before anybody gets it.
 */
export class KeptConnection {
  readonly #connect: () => Promise<PostgresClient>;
  readonly #onUp: (client: PostgresClient) => Promise<void>;
  #client: PostgresClient | null = null;
  /** The attempt that is being made. */
  #attempt: Promise<PostgresClient> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #closed = false;

  constructor(connect: () => Promise<PostgresClient>, onUp: (client: PostgresClient) => Promise<void>) {
    this.#connect = connect;
    this.#onUp = onUp;
  }

  /** The connection; while it is down, that of an attempt made now. Rejects with why that failed. */
  get(): Promise<PostgresClient> {
    if (this.#closed) return Promise.reject(closed());
    if (this.#client !== null) return Promise.resolve(this.#client);
    this.#attempt ??= this.#try();
    return this.#attempt;
  }

  /** Gives a connection up that does not work, whatever the driver thinks of it. */
  drop(client: PostgresClient): void {
    if (this.#client !== client) return;
    this.#client = null;
    client.release(true);
    this.#again();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#attempt?.catch(() => undefined); // it cleans up after itself
    this.#client?.release(true);
    this.#client = null;
  }

  async #try(): Promise<PostgresClient> {
    clearTimeout(this.#timer);
    try {
      const client = await this.#open();
      this.#failures = 0;
      return client;
    } catch (error) {
      this.#again();
      throw error;
    } finally {
      this.#attempt = null;
    }
  }

  async #open(): Promise<PostgresClient> {
    const client = await this.#connect();
    try {
      client.on('end', () => this.drop(client));
      client.on('error', () => this.drop(client));
      await this.#onUp(client);
      if (this.#closed) throw closed();
      this.#client = client;
      return client;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  /** Tries again later. The timer keeps no process alive: whoever waits for a connection asks for it. */
  #again(): void {
    if (this.#closed) return;
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#failures, LONGEST_WAIT_MS);
    this.#failures = Math.min(this.#failures + 1, 10);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.get().catch(() => undefined), randomInt(wait / 2, wait)); // a failure sets the next timer
    this.#timer.unref();
  }
}
