import { AlgoError } from '@algo/core/store';
import type { PostgresClient, PostgresPool } from './driver.js';
import { storedText } from './keys.js';
import { DriverError, failureKind, isInDoubt, toStoreFailure } from './postgres-failure.js';
import { asRow } from './row.js';
import type { Row } from './row.js';
import { statement } from './statement.js';
import type { Statement } from './statement.js';

export type Values = readonly unknown[];

/** Runs statements one after the other on one connection. */
export type Run = (statement: Statement, values: Values) => Promise<readonly Row[]>;

/** What a transaction does. */
export type Body<Result> = (run: Run) => Promise<Result>;

/** How often a transaction that the server took back is tried, and a read whose link broke. */
const TRIES = 5;

/** How long a transaction may lie idle, its locks held, before the server ends it: its process may be frozen. */
const IDLE_IN_TRANSACTION_MS = 10_000;

/**
 * A pool whose connections are set up for this store, with what happens when a statement fails.
 *
 * A read is run again when its link broke. A write is run again only when the server took it back; when its link broke
 * it rejects and says that nobody knows.
 */
export class Database {
  /** Quoted, to be put into statements. */
  readonly schema: string;
  readonly rowLevelSecurity: boolean;
  readonly answerTimeoutMs: number;
  readonly #pool: PostgresPool;
  readonly #owned: boolean;
  /** Connections that are set up, each with the user its rows are fenced to. */
  readonly #users = new WeakMap<PostgresClient, string | null>();
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  constructor(pool: PostgresPool, owned: boolean, settings: DatabaseSettings) {
    this.#pool = pool;
    this.#owned = owned;
    this.schema = settings.schema;
    this.rowLevelSecurity = settings.rowLevelSecurity;
    this.answerTimeoutMs = settings.answerTimeoutMs;
    pool.on('error', ignore); // an idle connection broke; the pool has dropped it already
    pool.on('connect', quieten);
  }

  /** Reads rows of `userId`, or of nobody when it is null. */
  read(what: string, userId: string | null, query: Statement, values: Values): Promise<readonly Row[]> {
    return this.#tracked(() => this.#retried(what, false, userId, (run) => run(query, values)));
  }

  /** Writes with one statement. */
  write(what: string, userId: string | null, query: Statement, values: Values): Promise<readonly Row[]> {
    return this.#tracked(() => this.#retried(what, true, userId, (run) => run(query, values)));
  }

  /** Runs `body` in one transaction, from its beginning again when the server took it back. */
  transaction<Result>(what: string, userId: string | null, body: Body<Result>): Promise<Result> {
    return this.#tracked(() => this.#retried(what, true, userId, inTransaction(body)));
  }

  /** The same for a body that cannot begin again. */
  transactionOnce<Result>(what: string, userId: string | null, body: Body<Result>): Promise<Result> {
    return this.#tracked(() => this.#retried(what, true, userId, inTransaction(body), 1));
  }

  /** A connection to keep, set up like the others. Whoever has it releases it as broken. */
  async connect(): Promise<PostgresClient> {
    this.checkOpen();
    const client = await this.#checkOut();
    try {
      await this.#setUp(client);
      return client;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  /** Runs a statement on a connection that is kept, for `userId`. Rejects with a `DriverError`. */
  async runOn(
    client: PostgresClient,
    userId: string | null,
    query: Statement,
    values: Values,
  ): Promise<readonly Row[]> {
    await this.#fence(client, userId);
    return this.#send(client, query, values);
  }

  /** @throws {AlgoError} `ALGO_CLOSED` */
  checkOpen(): void {
    if (this.#closed) throw closed();
  }

  /** Takes no more calls, and waits for those that run. */
  async stop(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running);
  }

  /** Lets go of the connections, once those that were kept are released. */
  async close(): Promise<void> {
    await this.stop();
    // A pool that ends does not wait for its sockets, and an error of one would find nobody listening.
    if (this.#owned) await this.#pool.end();
    else this.#letGo();
  }

  #letGo(): void {
    this.#pool.removeListener('error', ignore);
    this.#pool.removeListener('connect', quieten);
  }

  #tracked<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(closed());
    const running = work();
    this.#running.add(running);
    const done = () => void this.#running.delete(running);
    running.then(done, done);
    return running;
  }

  async #retried<Result>(
    what: string,
    isWrite: boolean,
    userId: string | null,
    work: Body<Result>,
    tries = TRIES,
  ): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(userId, work);
      } catch (error) {
        const kind = failureKind(error);
        const again = kind === 'undone' || (kind === 'lost' && !isWrite);
        if (!again || attempt >= tries) throw toStoreFailure(what, error, isWrite && isInDoubt(error));
      }
    }
  }

  async #attempt<Result>(userId: string | null, work: Body<Result>): Promise<Result> {
    const client = await this.#checkOut();
    let broken = false;
    try {
      if (!this.#users.has(client)) await this.#setUp(client);
      await this.#fence(client, userId);
      return await work((query, values) => this.#send(client, query, values));
    } catch (error) {
      broken = failureKind(error) === 'lost';
      throw error;
    } finally {
      client.release(broken);
    }
  }

  async #checkOut(): Promise<PostgresClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw new DriverError(error, false);
    }
  }

  /** Once per connection. The answer to a commit has to mean that it is on the disk, whatever the role's default says. */
  async #setUp(client: PostgresClient): Promise<void> {
    quieten(client);
    await this.#send(client, SET_UP, [String(this.answerTimeoutMs)]);
    this.#users.set(client, null);
  }

  /** Tells the server whose rows may be seen from now on, unless it knows. */
  async #fence(client: PostgresClient, userId: string | null): Promise<void> {
    if (!this.rowLevelSecurity || this.#users.get(client) === userId) return;
    await this.#send(client, FENCE, [userId === null ? NOBODY : storedText(userId)]);
    this.#users.set(client, userId);
  }

  async #send(client: PostgresClient, { name, text }: Statement, values: Values): Promise<readonly Row[]> {
    const query_timeout = this.answerTimeoutMs === 0 ? 0 : this.answerTimeoutMs + ANSWER_GRACE_MS;
    try {
      const { rows } = await client.query({ name, text, values: [...values], types: AS_TEXT, query_timeout });
      return rows.map(asRow);
    } catch (error) {
      throw new DriverError(error, true);
    }
  }
}

const inTransaction =
  <Result>(body: Body<Result>): Body<Result> =>
  async (run) => {
    await run(BEGIN, []);
    await run(END_WHEN_IDLE, []);
    try {
      const result = await body(run);
      await run(COMMIT, []);
      return result;
    } catch (error) {
      if (failureKind(error) !== 'lost') await run(ROLLBACK, []);
      throw error;
    }
  };

export interface DatabaseSettings {
  readonly schema: string;
  readonly rowLevelSecurity: boolean;
  /** 0 for no limit. */
  readonly answerTimeoutMs: number;
}

/** The server calls a statement off at the limit and says so; only a server that says nothing is given up on. */
const ANSWER_GRACE_MS = 500;

/** Every column as the server spelled it: the readers in `row.ts` know what it should be. */
const AS_TEXT = { getTypeParser: () => (value: string) => value };

const BEGIN = statement('begin', 'BEGIN');
const COMMIT = statement('commit', 'COMMIT');
const ROLLBACK = statement('rollback', 'ROLLBACK');
const END_WHEN_IDLE = statement(
  'end when idle',
  `SET LOCAL idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`,
);
const SET_UP = statement(
  'set up',
  `SELECT set_config('statement_timeout', $1, false),
     set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)`,
);
const FENCE = statement('fence', `SELECT set_config('algo.user_id', $1, false)`);

/** No user: no stored text begins like this. */
const NOBODY = '\u0001nobody';

export const closed = (): AlgoError => new AlgoError('ALGO_CLOSED', { what: 'store' });

const ignore = (): void => undefined;

/**
 * Whatever runs on a connection is told when it breaks; the event alone, with nobody listening, would end the process.
 * At the moment it is made, because the server may say goodbye in the same breath as hello.
 */
const quieten = (client: PostgresClient): void => void client.on('error', ignore);
