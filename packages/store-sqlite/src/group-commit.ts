import { AlgoError } from '@algo/core/store';
import type { SqliteConnection } from './driver.js';
import { sqliteCode, toStoreFailure } from './sqlite-failure.js';

/** One write that waits for a flush. */
export interface Write {
  /** Runs its statements inside the transaction and keeps what came of it. */
  run(): void;
  /** The transaction is on the disk. */
  succeeded(): void;
  /** Nothing of this write was kept. */
  failed(error: Error): void;
}

/**
 * Gathers the writes of one turn of the event loop into one transaction: a flush costs the same for one row as for a
 * hundred. A failing statement fails its own write; a failing transaction fails every write in it.
 *
 * Outcomes do not wait for the next order's flush: measured with a wait of 2 ms, 50 orders in flight cost 8.4 instead
 * of 6.8 us each, and a lone caller waited for nothing. The immediate keeps the process alive: Node would otherwise
 * end before what is waiting is written.
 */
export class GroupCommit {
  readonly #connection: SqliteConnection;
  readonly #begin;
  readonly #commit;
  #waiting: Write[] = [];
  #immediate: NodeJS.Immediate | undefined;
  #closed = false;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
    this.#begin = connection.prepare('BEGIN IMMEDIATE');
    this.#commit = connection.prepare('COMMIT');
  }

  /** Flushes in this turn of the event loop. */
  submit(write: Write): void {
    if (this.#closed) return write.failed(closed());
    this.#waiting.push(write);
    this.#immediate ??= setImmediate(this.#onTurn);
  }

  /** Writes what is waiting before anything is read, or written directly. @throws {AlgoError} `ALGO_CLOSED` */
  settle(): void {
    if (this.#closed) throw closed();
    this.#flush();
  }

  close(): void {
    this.#flush();
    this.#closed = true;
    clearImmediate(this.#immediate);
  }

  readonly #onTurn = (): void => {
    this.#immediate = undefined;
    this.#flush();
  };

  #flush(): void {
    if (this.#waiting.length === 0) return;
    const batch = this.#waiting;
    this.#waiting = [];
    let refused: Map<Write, Error> | undefined;
    try {
      refused = this.#write(batch);
    } catch (error) {
      this.#rollBack();
      const failure = toStoreFailure('writing the order journal', error);
      for (const write of batch) write.failed(failure);
      return;
    }
    for (const write of batch) {
      const error = refused?.get(write);
      if (error === undefined) write.succeeded();
      else write.failed(error);
    }
  }

  /** Returns the writes that were refused on their own account. */
  #write(batch: readonly Write[]): Map<Write, Error> | undefined {
    let refused: Map<Write, Error> | undefined;
    const alone = batch.length === 1; // a lone write needs no transaction around it: 2 us less for a serial caller
    if (!alone) this.#begin.run();
    for (const write of batch) {
      try {
        write.run();
      } catch (error) {
        if (!isFaultOfTheWrite(error)) throw error;
        refused ??= new Map();
        refused.set(write, toWriteFailure(error));
      }
    }
    if (!alone) this.#commit.run();
    return refused;
  }

  #rollBack(): void {
    if (!this.#connection.inTransaction) return; // SQLite undoes some failures by itself
    try {
      this.#connection.exec('ROLLBACK');
    } catch {
      // The transaction stays open, so the next BEGIN fails and comes here again: nothing is written until it works.
    }
  }
}

/** A broken constraint or a value that cannot be bound: SQLite undoes that one statement and keeps the transaction. */
function isFaultOfTheWrite(error: unknown): boolean {
  const code = sqliteCode(error);
  if (code === null) return error instanceof Error;
  return code === 'SQLITE_CONSTRAINT' || code === 'SQLITE_MISMATCH' || code === 'SQLITE_TOOBIG';
}

const toWriteFailure = (error: unknown): Error => {
  const code = sqliteCode(error);
  if (code === null && !(error instanceof TypeError) && !(error instanceof RangeError))
    return toStoreFailure('writing the order journal', error);
  return new AlgoError('ALGO_STORE_FAILED', { what: 'writing a row', why: 'a value in it does not fit its column' });
};

const closed = (): AlgoError => new AlgoError('ALGO_CLOSED', { what: 'store' });
