import type { AttemptMove, AttemptRow, AttemptState, OrderJournal } from '../contract/order-journal.js';
import { isAlgoError } from '../errors/algo-error.js';
import type { Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';
import { nextAttemptState } from './attempt.js';
import type { AttemptEvent } from './attempt.js';

const RETRY_MS = 1_000;
const CLOSING_PATIENCE_MS = 2_000;

export interface MoveDetails {
  readonly brokerOrderId?: string;
  readonly detail?: string;
  readonly sendByMs?: number;
}

/** One arrow of one row, on its way into the journal. */
interface Write {
  readonly event: AttemptEvent;
  readonly move: AttemptMove;
  readonly after: AttemptRow;
}

/** States of a command that some process looks for. */
const LOOKED_FOR: ReadonlySet<AttemptState> = new Set<AttemptState>(['AMBIGUOUS', 'UNRESOLVED', 'ABSENT']);

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
    const write: Write = { event, move, after };
    const before = this.#pending.get(row.tag);
    if (before === undefined) this.#write(write);
    else
      this.#track(
        row.tag,
        before.then(() => this.#retry(write)),
      );
    return after;
  }

  /** A row read from the journal as it is by now. */
  see(row: AttemptRow): AttemptRow {
    return this.#unwritten.get(row.tag) ?? row;
  }

  /** Resolves when what is pending for this attempt is down, or was given up when the manager closed. */
  whenWritten(tag: string): Promise<void> {
    return this.#pending.get(tag) ?? Promise.resolve();
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

  #write(write: Write): void {
    const { move } = write;
    const written = this.#put(write).catch((error: unknown) => {
      this.#noteFailed(write, error);
      const again = this.#pause().then(() => this.#retry(write));
      this.#track(move.tag, again);
      return again;
    });
    this.#underway.add(written);
    void written.then(() => this.#underway.delete(written));
    if (move.to !== 'ACKNOWLEDGED') this.#track(move.tag, written); // nothing follows that one, and it is by far the most common
  }

  async #retry(write: Write): Promise<void> {
    const { tag } = write.move;
    for (;;) {
      try {
        await this.#put(write);
        if (this.#unwritten.get(tag) === write.after) this.#unwritten.delete(tag);
        return;
      } catch (error) {
        this.#noteFailed(write, error);
        if (this.#closed) return;
        await this.#pause();
      }
    }
  }

  /** A row that is not where it was is moved on from where it is now, and one that the journal lost is added again. */
  async #put(write: Write): Promise<void> {
    const { move, after } = write;
    if (await this.#journal.move(move)) return;
    const row = await this.#journal.byTag(move.userId, move.tag);
    if (row === null) return this.#restore(after);
    if (row.state === move.to) return; // a write whose answer was lost
    const to = LOOKED_FOR.has(row.state) ? nextAttemptState(row.state, lateEvent(write)) : null;
    const moved = to !== null && (await this.#journal.move({ ...move, from: row.state, to }));
    if (!moved) this.#logger.error('journal-move-refused', { tag: move.tag, from: row.state, to: move.to });
  }

  async #restore(row: AttemptRow): Promise<void> {
    const { tag, state } = row;
    try {
      const added = await this.#journal.add(row);
      const event = added.kind === 'added' ? 'journal-row-restored' : 'journal-row-not-restored';
      this.#logger.error(event, { tag, state });
    } catch (error) {
      if (!isAlgoError(error) || error.code !== 'ALGO_STORE_CONFLICT') throw error;
      this.#logger.error('journal-row-not-restored', { tag, state }); // it is another user's by now
    }
  }

  #track(tag: string, write: Promise<void>): void {
    this.#pending.set(tag, write);
    const done = (): void => {
      if (this.#pending.get(tag) === write) this.#pending.delete(tag);
    };
    write.then(done, done);
  }

  #noteFailed({ move: { tag, to }, after }: Write, error: unknown): void {
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

/**
 * What the sender was told of a command that another process took over and looks for: the broker's word still holds. A
 * cancel may have been sent by both, so the no to one of them is no answer to the other.
 */
function lateEvent({ event, after: { kind } }: Write): AttemptEvent {
  return event === 'acknowledged' || (event === 'rejected' && kind !== 'cancel') ? 'found' : event;
}
