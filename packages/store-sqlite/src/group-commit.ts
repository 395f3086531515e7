import { AlgoError } from '@algo/core/store';
import type { SqliteConnection } from './driver.js';
import { isMisfit, sqliteCode, toStoreFailure, toWriteFailure } from './sqlite-failure.js';

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

  /**
   * Writes what is waiting before anything is read, or written directly.
   *
   * @throws {AlgoError} `ALGO_CLOSED`; `ALGO_STORE_FAILED` while a transaction that failed cannot be undone
   */
  settle(): void {
    if (this.#closed) throw closed();
    this.#flush();
    this.#undoLeftOver();
  }

  /** Runs several statements as one transaction of their own. Throws what they threw; then nothing of them is kept. */
  together<Result>(run: () => Result): Result {
    this.settle();
    try {
      this.#begin.run();
      const result = run();
      this.#commit.run();
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
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
      this.#undoLeftOver();
      refused = this.#write(batch);
    } catch (error) {
      this.#rollBack();
      const failure = toStoreFailure(WHAT, error);
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
        refused.set(write, toWriteFailure(WHAT, error));
      }
    }
    if (!alone) this.#commit.run();
    return refused;
  }

  /** What would be written inside a transaction that was given up would be lost when that is undone. */
  #undoLeftOver(): void {
    if (!this.#connection.inTransaction) return;
    this.#rollBack();
    if (this.#connection.inTransaction) throw new AlgoError('ALGO_STORE_FAILED', { what: WHAT, why: LEFT_OVER });
  }

  #rollBack(): void {
    if (!this.#connection.inTransaction) return; // SQLite undoes some failures by itself
    try {
      this.#connection.exec('ROLLBACK');
    } catch {
      // It stays open, so the next call comes here again: nothing is read or written until it is undone.
    }
  }
}

const WHAT = 'writing the order journal';
const LEFT_OVER = 'a write that failed cannot be undone; check the disk, then open the store again';

/** Concerns one write alone: the transaction goes on without it. */
const isFaultOfTheWrite = (error: unknown): boolean =>
  isMisfit(error) || (error instanceof Error && sqliteCode(error) === null);

const closed = (): AlgoError => new AlgoError('ALGO_CLOSED', { what: 'store' });
