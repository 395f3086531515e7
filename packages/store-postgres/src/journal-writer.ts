import { setTimeout as sleep } from 'node:timers/promises';
import { AlgoError } from '@algo/core/store';
import type { AddResult, AttemptMove, AttemptRow, OrderSighting } from '@algo/core/store';
import { ATTEMPT_COLUMNS, attemptFrom } from './attempt-row.js';
import { closed } from './database.js';
import type { Database, Values } from './database.js';
import type { PostgresClient } from './driver.js';
import { addWrite, batchStatement, moveWrite, sightWrite } from './journal-batch.js';
import type { Add, Move, SharedWrite } from './journal-batch.js';
import type { JournalMemory } from './journal-memory.js';
import { KeptConnection } from './kept-connection.js';
import { storedText, userKey } from './keys.js';
import { DriverError, failureKind, isInDoubt, toStoreFailure } from './postgres-failure.js';
import { integer, text } from './row.js';
import type { Row } from './row.js';
import { statement } from './statement.js';
import type { Statement } from './statement.js';

/** Waits before a write is tried again after its link was lost, in milliseconds: a server restarts in about a second. */
const WAITS_MS = [100, 200, 400, 800] as const;

/** Rows that share a flush at most. */
const LARGEST_BATCH = 500;

/**
 * All writes of the journal, one after the other on one connection, which stands only when the server has shown that it
 * has everything this process saw committed.
 *
 * What is asked for while a flush is under way shares the next one: under load a flush costs the same for a hundred rows
 * as for one, and a lone caller pays one round trip.
 */
export class JournalWriter {
  readonly #db: Database;
  readonly #memory: JournalMemory;
  readonly #link: KeptConnection;
  readonly #twin: Statement;
  readonly #byTag: Statement;
  #waiting: Write[] = [];
  #immediate: NodeJS.Immediate | undefined;
  #isFlushing = false;
  /** The server was out of reach the last time: whatever waits is tried once, not in one wait after the other. */
  #isDown = false;
  /** The write that was asked for last. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** `onWentBack` is called before anything is written to a server that lacks what was seen committed. */
  constructor(db: Database, memory: JournalMemory, onWentBack: () => void) {
    this.#db = db;
    this.#memory = memory;
    const rows = `SELECT ${ATTEMPT_COLUMNS} FROM ${db.schema}.attempts WHERE user_key = $1`;
    this.#twin = statement('journal twin', `${rows} AND client_order_id = $2 AND kind = $3 AND number = $4`);
    this.#byTag = statement('journal by tag', `${rows} AND tag = $2`);
    this.#link = new KeptConnection(
      () => db.connect(),
      async (client) => {
        await db.runOn(client, null, PLANS, []);
        if (await memory.isMissing(client)) onWentBack();
      },
    );
  }

  /** Rejects with a `DriverError`. */
  async start(): Promise<void> {
    await this.#link.get();
  }

  add(row: AttemptRow): Promise<AddResult> {
    return this.#submit((succeeded, failed) => addWrite(row, succeeded, failed));
  }

  move(move: AttemptMove): Promise<boolean> {
    return this.#submit((succeeded, failed) => moveWrite(move, succeeded, failed));
  }

  saveSighting(sighting: OrderSighting): Promise<void> {
    return this.#submit<void>((succeeded, failed) => sightWrite(sighting, succeeded, failed));
  }

  /** Runs a statement in its turn. */
  run(what: string, userId: string, query: Statement, values: Values): Promise<readonly Row[]> {
    return this.#submit((succeeded, failed) => ({ kind: 'alone', what, userId, query, values, succeeded, failed }));
  }

  /** Resolves when everything that was asked for before is written, or has failed. */
  async settled(): Promise<void> {
    if (this.#waiting.length > 0) this.#begin();
    await Promise.allSettled([this.#last]);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.settled();
    await this.#link.close();
  }

  #submit<Result>(
    make: (succeeded: (result: Result) => void, failed: (error: unknown) => void) => Write,
  ): Promise<Result> {
    if (this.#closed) return Promise.reject(closed());
    const written = new Promise<Result>((resolve, reject) => {
      this.#waiting.push(readable(() => make(resolve, reject)));
      this.#immediate ??= setImmediate(() => this.#begin());
    });
    this.#last = written;
    return written;
  }

  #begin(): void {
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    if (!this.#isFlushing) void this.#flushAll();
  }

  async #flushAll(): Promise<void> {
    this.#isFlushing = true;
    while (this.#waiting.length > 0) await this.#flush(this.#take());
    this.#isFlushing = false;
  }

  /** The longest run of waiting writes, in their order, that one statement can make. */
  #take(): Batch {
    const [first] = this.#waiting;
    if (first?.kind === 'alone') {
      this.#waiting.shift();
      return first;
    }
    const batch: SharedWrite[] = [];
    const rows = new Set<string>();
    for (const write of this.#waiting) {
      if (write.kind === 'alone' || rows.has(write.row) || batch.length === LARGEST_BATCH) break;
      if (this.#db.rowLevelSecurity && write.userId !== first?.userId) break; // the server is told of one user at a time
      rows.add(write.row);
      batch.push(write);
    }
    this.#waiting.splice(0, batch.length);
    return batch;
  }

  /** Settles every write of the batch; never rejects. */
  async #flush(batch: Batch): Promise<void> {
    let inDoubt = false;
    for (let attempt = 0; ; attempt++) {
      const error = await this.#try(batch, inDoubt);
      const isLost = failureKind(error) === 'lost';
      if (error === null) return void (this.#isDown = false);
      inDoubt ||= isInDoubt(error);
      const wait = this.#isDown && isLost ? undefined : WAITS_MS[attempt];
      if (wait === undefined || !isWorthAnotherTry(batch, error)) {
        this.#isDown = isLost;
        return fail(batch, error, inDoubt);
      }
      if (isLost) await sleep(wait);
    }
  }

  /** Null when every write of the batch is settled; else why it was not written, or not all of it. */
  async #try(batch: Batch, inDoubt: boolean): Promise<unknown> {
    let client: PostgresClient;
    try {
      client = await this.#link.get();
    } catch (error) {
      return error instanceof DriverError ? error.beforeSending() : error;
    }
    try {
      if ('kind' in batch) batch.succeeded(await this.#db.runOn(client, batch.userId, batch.query, batch.values));
      else await this.#write(client, batch, inDoubt);
      return null;
    } catch (error) {
      if (failureKind(error) === 'lost') this.#link.drop(client);
      if (failureKind(error) !== 'refused' || 'kind' in batch || batch.length === 1) return error;
      for (const write of batch) await this.#flush([write]); // the one that does not fit fails alone
      return null;
    }
  }

  async #write(client: PostgresClient, batch: readonly SharedWrite[], inDoubt: boolean): Promise<void> {
    const [query, values] = batchStatement(this.#db.schema, batch);
    const written = await this.#db.runOn(client, batch[0]?.userId ?? null, query, values);
    const positions = new Map(written.map((row) => [text(row, 'tag'), integer(row, 'position')]));
    for (const [tag, position] of positions) this.#memory.wrote(tag, position);
    const unwritten: (Add | Move)[] = [];
    for (const write of batch) {
      if (write.kind === 'sight') write.succeeded();
      else if (!positions.has(tagOf(write))) unwritten.push(write);
      else if (write.kind === 'add') write.succeeded({ kind: 'added' });
      else write.succeeded(true);
    }
    for (const write of unwritten) await this.#explain(client, write, inDoubt);
  }

  /** Why a row was not written now: because it is there already, or because it was written by a try whose answer was lost. */
  async #explain(client: PostgresClient, write: Add | Move, inDoubt: boolean): Promise<void> {
    if (write.kind === 'add') return this.#explainAdd(client, write, inDoubt);
    if (!inDoubt) return write.succeeded(false);
    const { userId, tag } = write.move;
    const [found] = await this.#db.runOn(client, userId, this.#byTag, [userKey(userId), storedText(tag)]);
    write.succeeded(found !== undefined && isResultOf(write.move, attemptFrom(found)));
  }

  async #explainAdd(client: PostgresClient, { attempt, succeeded, failed }: Add, inDoubt: boolean): Promise<void> {
    const { userId, clientOrderId, kind, number } = attempt;
    const values = [userKey(userId), storedText(clientOrderId), kind, number];
    const [found] = await this.#db.runOn(client, userId, this.#twin, values);
    // Not the command, so it is the tag: it may be another user's row, of which nothing is said.
    if (found === undefined) return failed(new AlgoError('ALGO_STORE_CONFLICT', { what: 'The tag of a new attempt' }));
    const row = attemptFrom(found);
    succeeded(inDoubt && isSame(row, attempt) ? { kind: 'added' } : { kind: 'exists', row });
  }
}

/** A statement that is nobody else's. */
interface Alone {
  readonly kind: 'alone';
  readonly what: string;
  readonly userId: string;
  readonly query: Statement;
  readonly values: Values;
  succeeded(rows: readonly Row[]): void;
  failed(error: unknown): void;
}

type Write = SharedWrite | Alone;
type Batch = Alone | readonly SharedWrite[];

/**
 * Plans are made once per connection and kept. A young table has no statistics, and a plan that scans it whole looks
 * right while it is small and stays when it is large; without these three the one that is left looks each row up.
 */
const PLANS = statement(
  'journal plans',
  `SELECT set_config('plan_cache_mode', 'force_generic_plan', false), set_config('enable_seqscan', 'off', false),
     set_config('enable_hashjoin', 'off', false), set_config('enable_mergejoin', 'off', false)`,
);

const WHAT = 'writing the order journal';

/** A statement of its own is not run twice while nobody knows what became of it; rows of the journal tell by their tags. */
const isWorthAnotherTry = (batch: Batch, error: unknown): boolean =>
  failureKind(error) === 'undone' || (failureKind(error) === 'lost' && !(isInDoubt(error) && 'kind' in batch));

function fail(batch: Batch, error: unknown, inDoubt: boolean): void {
  const failure = toStoreFailure('kind' in batch ? batch.what : WHAT, error, inDoubt);
  for (const write of 'kind' in batch ? [batch] : batch) write.failed(failure);
}

const tagOf = (write: Add | Move): string => (write.kind === 'add' ? write.attempt.tag : write.move.tag);

/** The row as it was handed in: nobody has moved it since. */
const isSame = (row: AttemptRow, attempt: AttemptRow): boolean =>
  row.tag === attempt.tag &&
  row.owner === attempt.owner &&
  row.state === attempt.state &&
  row.request === attempt.request &&
  row.updatedAtMs === attempt.updatedAtMs;

const isResultOf = (move: AttemptMove, row: AttemptRow): boolean =>
  row.state === move.to && row.updatedAtMs === move.atMs && (move.owner === undefined || row.owner === move.owner);

/** A value that cannot be put into a column fails its own write, before anything is sent. */
function readable(make: () => Write): Write {
  try {
    return make();
  } catch (error) {
    throw error instanceof TypeError || error instanceof RangeError
      ? new AlgoError('ALGO_STORE_FAILED', { what: 'writing a row', why: 'a value in it does not fit its column' })
      : error;
  }
}
