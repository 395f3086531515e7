import type { AttemptRow, OrderJournal } from '../contract/order-journal.js';
import type { OrderOutcome } from '../domain/order-outcome.js';
import type { Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';
import { mayBeFollowed } from './followed-row.js';
import { lastWord, outcomeOfRow } from './outcome-of-row.js';

export interface RowsElsewhereOptions {
  readonly journal: Pick<OrderJournal, 'byTag' | 'attemptsOf'>;
  /** `Store.owner` of this process. */
  readonly owner: string;
  readonly isOwnerAlive: (owner: string) => Promise<boolean>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Its process is gone: it is looked for here from now on. The promise is what becomes of it. */
  readonly takeOver: (row: AttemptRow) => Promise<OrderOutcome | null>;
}

const FIRST_LOOK_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/** Commands that another process of the same store is at work on: followed in the journal until they end there. */
export class RowsElsewhere {
  readonly #options: RowsElsewhereOptions;
  readonly #followed = new Map<string, Promise<OrderOutcome>>();
  readonly #wakers = new Set<() => void>();
  #closed = false;

  constructor(options: RowsElsewhereOptions) {
    this.#options = options;
  }

  /** What becomes of it; null for a command of this process, or of nobody's. */
  follow(row: AttemptRow): Promise<OrderOutcome> | null {
    if (row.owner === '' || row.owner === this.#options.owner || this.#closed) return null;
    const known = this.#followed.get(row.tag);
    if (known !== undefined) return known;
    const followed = this.#until(row).finally(() => this.#followed.delete(row.tag));
    this.#followed.set(row.tag, followed);
    return followed;
  }

  close(): void {
    this.#closed = true;
    for (const wake of this.#wakers) wake();
  }

  async #until(row: AttemptRow): Promise<OrderOutcome> {
    let last = row;
    for (let pauseMs = FIRST_LOOK_MS; !this.#closed; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      await this.#pause(pauseMs);
      if (this.#closed) break; // nothing is taken over any more
      const outcome = await this.#look(last).catch((error: unknown) => {
        this.#options.logger.warn('row-elsewhere-unreadable', { tag: row.tag, error: errorName(error) });
        return null;
      });
      if (outcome === null) continue;
      if (outcome.kind === 'ended') return outcome.outcome;
      last = outcome.row;
    }
    return lastWord(last);
  }

  async #look(
    last: AttemptRow,
  ): Promise<
    | { readonly kind: 'ended'; readonly outcome: OrderOutcome }
    | { readonly kind: 'underway'; readonly row: AttemptRow }
    | null
  > {
    const { isOwnerAlive, takeOver, owner, clock } = this.#options;
    const row = await this.#latest(last);
    if (row === null) return null;
    if (mayBeFollowed(row, owner, clock.now())) return { kind: 'underway', row };
    const outcome = outcomeOfRow(row, () => Promise.resolve(lastWord(row)));
    const isOpen = outcome.kind === 'unknown' || outcome.kind === 'queued';
    // Surfaced over there: its caller was told so, and whoever asks here is told the same.
    if (!isOpen || row.state === 'UNRESOLVED') return { kind: 'ended', outcome };
    if (await isOwnerAlive(row.owner)) return { kind: 'underway', row };
    const taken = await takeOver(row);
    return taken === null ? { kind: 'underway', row } : { kind: 'ended', outcome: taken };
  }

  /** A place may have gone on to another attempt, which then tells. */
  async #latest({ kind, userId, tag, clientOrderId }: AttemptRow): Promise<AttemptRow | null> {
    const { journal } = this.#options;
    if (kind !== 'place') return journal.byTag(userId, tag);
    const rows = await journal.attemptsOf(userId, clientOrderId);
    return rows.filter((row) => row.kind === 'place').at(-1) ?? null;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#wakers.delete(wake);
        resolve();
      };
      const cancel = this.#options.clock.after(ms, wake, { background: true });
      this.#wakers.add(wake);
    });
  }
}
