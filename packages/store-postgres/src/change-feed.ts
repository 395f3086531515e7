import type { AccountKey, StoreChange } from '@algo/core/store';
import type { Database } from './database.js';
import type { PostgresClient, PostgresNotification } from './driver.js';
import { KeptConnection } from './kept-connection.js';
import { lockKeyOf } from './owners.js';
import { statement } from './statement.js';

/** How often the link is tried, in milliseconds: one that died without a word would keep changes away for ever. */
const HEARTBEAT_MS = 5_000;

/** PostgreSQL takes payloads below 8,000 bytes. */
const LONGEST_PAYLOAD = 7_900;

/**
 * What other processes changed, over LISTEN on a connection of its own; the same connection holds the lock that shows
 * that this owner lives. After a lost link it says that everything may have changed.
 */
export class ChangeFeed {
  readonly #db: Database;
  readonly #owner: string;
  readonly #link: KeptConnection;
  readonly #listeners = new Set<(change: StoreChange) => void>();
  #heartbeat: NodeJS.Timeout | undefined;
  #wasUp = false;

  constructor(db: Database, owner: string) {
    this.#db = db;
    this.#owner = owner;
    this.#link = new KeptConnection(
      () => db.connect(),
      (client) => this.#onUp(client),
    );
  }

  /** Listens from now on. Rejects with what the driver threw. */
  async start(): Promise<void> {
    await this.#link.get();
    this.#heartbeat = setInterval(() => void this.#beat(), HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  subscribe(listener: (change: StoreChange) => void): () => void {
    const own = (change: StoreChange): void => listener(change); // twice the same listener is two subscriptions
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Tells this process's listeners. */
  emit(change: StoreChange): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch {
        // What a listener does with a hint is its own affair: the others hear it all the same.
      }
    }
  }

  /** The payload that tells other processes of a change; holds ids, and nothing of the data. */
  payload(change: Telling): string {
    const payload = JSON.stringify([this.#owner, change]);
    return Buffer.byteLength(payload) <= LONGEST_PAYLOAD ? payload : JSON.stringify([this.#owner, EVERYTHING]);
  }

  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    this.#listeners.clear();
    await this.#link.close();
  }

  async #onUp(client: PostgresClient): Promise<void> {
    client.on('notification', (message) => this.#heard(message));
    const [high, low] = lockKeyOf(this.#owner);
    await this.#db.runOn(client, null, LOCK, [high, low]);
    await this.#db.runOn(client, null, statement('listen', `LISTEN "${channelName(this.#db.schema)}"`), []);
    if (this.#wasUp) this.emit(EVERYTHING);
    this.#wasUp = true;
  }

  #heard({ payload }: PostgresNotification): void {
    const [owner, change] = parsePayload(payload ?? '');
    if (owner !== this.#owner) this.emit(change);
  }

  async #beat(): Promise<void> {
    let client: PostgresClient | undefined;
    try {
      client = await this.#link.get();
      await this.#db.runOn(client, null, BEAT, []);
    } catch {
      if (client !== undefined) this.#link.drop(client); // the link tells of it once it is back
    }
  }
}

/** What is told to other processes. */
export type Telling = Exclude<StoreChange, { readonly kind: 'journal-went-back' }>;

const EVERYTHING = { kind: 'everything' } as const;

/** The channel that stores on this schema tell their changes on. */
export const channelName = (schema: string): string => `algo:${schema.slice(1, -1)}`;

/** Shared: after a lost link the server may not have noticed yet that the connection before is gone. */
const LOCK = statement('owner lock', 'SELECT pg_advisory_lock_shared(($1::bigint << 32) | $2::bigint)');
const BEAT = statement('beat', 'SELECT 1');

/** Anybody who may connect may notify: what is not ours is read as a hint to read everything again. */
function parsePayload(payload: string): [owner: string | null, change: StoreChange] {
  try {
    const parsed: unknown = JSON.parse(payload);
    if (!Array.isArray(parsed) || typeof parsed[0] !== 'string') return [null, EVERYTHING];
    return [parsed[0], changeFrom(parsed[1]) ?? EVERYTHING];
  } catch {
    return [null, EVERYTHING];
  }
}

function changeFrom(value: unknown): StoreChange | null {
  if (!isRecord(value)) return null;
  const { kind, userId, name, key } = value;
  if ((kind === 'credentials' || kind === 'session') && isAccountKey(key)) return { kind, key };
  const isNamed = typeof userId === 'string' && typeof name === 'string';
  return (kind === 'configuration' || kind === 'lease') && isNamed ? { kind, userId, name } : null;
}

const isAccountKey = (value: unknown): value is AccountKey =>
  isRecord(value) && ['userId', 'broker', 'account'].every((part) => typeof value[part] === 'string');

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
