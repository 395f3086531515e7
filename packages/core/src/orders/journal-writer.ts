import type { AttemptMove, AttemptRow, OrderJournal } from '../contract/order-journal.js';
import type { Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';
import { hasArrows, nextAttemptState } from './attempt.js';
import type { AttemptEvent } from './attempt.js';

const RETRY_MS = 1_000;
const CLOSING_PATIENCE_MS = 2_000;

export interface MoveDetails {
  readonly brokerOrderId?: string;
  readonly detail?: string;
  readonly sendByMs?: number;
}

/**
 * Writes what became of attempts. A write that fails is kept in memory and tried again, in order, until it holds: what
 * the caller was told stays true in this process, and after a crash the row is still SUBMITTING, hence looked up.
 */
export class JournalWriter {
  readonly #journal: OrderJournal;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** Writes that are not down yet and that another one of the same tag must not pass. */
  readonly #pending = new Map<string, Promise<void>>();
  /** Writes under way, whatever their kind. */
  readonly #underway = new Set<Promise<void>>();
  /** Rows as they are, where a failing journal still shows them as they were. */
  readonly #unwritten = new Map<string, AttemptRow>();
  /** Ends the pauses between tries. */
  readonly #wakers = new Set<() => void>();
  #closed = false;

  constructor(journal: OrderJournal, clock: Clock, logger: Logger) {
    this.#journal = journal;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** The row after the move, at once; the journal follows. Null when there is no such arrow. */
  move(row: AttemptRow, event: AttemptEvent, details: MoveDetails = {}): AttemptRow | null {
    const to = nextAttemptState(row.state, event);
    if (to === null) return null;
    const atMs = this.#clock.now();
    const move: AttemptMove = { tag: row.tag, userId: row.userId, from: row.state, to, atMs, ...details };
    const after: AttemptRow = { ...row, ...details, state: to, updatedAtMs: atMs };
    const before = this.#pending.get(row.tag);
    if (before === undefined) this.#write(move, after);
    else
      this.#track(
        row.tag,
        before.then(() => this.#retry(move, after)),
      );
    return after;
  }

  /** A row read from the journal as it is by now. */
  see(row: AttemptRow): AttemptRow {
    return this.#unwritten.get(row.tag) ?? row;
  }

  /** One last try at what is pending; then lets go. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const wake of this.#wakers) wake();
    const written = Promise.all([...this.#underway, ...this.#pending.values()]);
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(CLOSING_PATIENCE_MS, resolve); // a journal that hangs keeps nobody from closing
      const done = (): void => {
        cancel();
        resolve();
      };
      written.then(done, done);
    });
  }

  #write(move: AttemptMove, after: AttemptRow): void {
    const written = this.#try(move).then(
      (moved) => this.#noteRefused(move, moved),
      (error: unknown) => {
        this.#noteFailed(move, error, after);
        const again = this.#pause().then(() => this.#retry(move, after));
        this.#track(move.tag, again);
        return again;
      },
    );
    this.#underway.add(written);
    void written.then(() => this.#underway.delete(written));
    if (hasArrows(move.to)) this.#track(move.tag, written);
  }

  async #retry(move: AttemptMove, after: AttemptRow): Promise<void> {
    for (;;) {
      try {
        this.#noteRefused(move, await this.#journal.move(move));
        if (this.#unwritten.get(move.tag) === after) this.#unwritten.delete(move.tag);
        return;
      } catch (error) {
        this.#noteFailed(move, error, after);
        if (this.#closed) return;
        await this.#pause();
      }
    }
  }

  /** A journal that throws before it gives a promise fails like one that gives a bad one. */
  #try(move: AttemptMove): Promise<boolean> {
    try {
      return this.#journal.move(move);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(typeof error));
    }
  }

  #track(tag: string, write: Promise<void>): void {
    this.#pending.set(tag, write);
    const done = (): void => {
      if (this.#pending.get(tag) === write) this.#pending.delete(tag);
    };
    write.then(done, done);
  }

  #noteRefused({ tag, from, to }: AttemptMove, moved: boolean): void {
    if (!moved) this.#logger.error('journal-move-refused', { tag, from, to });
  }

  #noteFailed({ tag, to }: AttemptMove, error: unknown, after: AttemptRow): void {
    this.#unwritten.set(tag, after);
    this.#logger.error('journal-write-failed', { tag, to, error: errorName(error) });
  }

  #pause(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#wakers.delete(wake);
        resolve();
      };
      const cancel = this.#clock.after(RETRY_MS, wake);
      this.#wakers.add(wake);
    });
  }
}
