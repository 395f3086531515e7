import type { AttemptMove, AttemptRow, OrderJournal } from '../contract/order-journal.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { hasArrows, nextAttemptState } from './attempt.js';
import type { AttemptEvent } from './attempt.js';

const RETRY_MS = 1_000;

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
  /** Writes that are not down yet, by tag; the next one of a tag waits for it. */
  readonly #pending = new Map<string, Promise<void>>();
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
    const before = this.#pending.get(row.tag);
    if (before !== undefined)
      this.#track(
        row.tag,
        before.then(() => this.#retry(move)),
      );
    else this.#write(move);
    return { ...row, ...details, state: to, updatedAtMs: atMs };
  }

  /** One last try at what is pending; then lets go. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const wake of this.#wakers) wake();
    await Promise.all(this.#pending.values());
  }

  #write(move: AttemptMove): void {
    const written = this.#journal.move(move).then(
      (moved) => this.#noteRefused(move, moved),
      (error: unknown) => {
        this.#noteFailed(move, error);
        const again = this.#pause().then(() => this.#retry(move));
        this.#track(move.tag, again);
        return again;
      },
    );
    if (hasArrows(move.to)) this.#track(move.tag, written); // another move of this row must not pass it
  }

  async #retry(move: AttemptMove): Promise<void> {
    for (;;) {
      try {
        return this.#noteRefused(move, await this.#journal.move(move));
      } catch (error) {
        this.#noteFailed(move, error);
        if (this.#closed) return;
        await this.#pause();
      }
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

  #noteFailed({ tag, to }: AttemptMove, error: unknown): void {
    this.#logger.error('journal-write-failed', { tag, to, error: String(error) });
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
