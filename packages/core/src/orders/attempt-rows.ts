import type { AddResult, AttemptRow, OrderJournal } from '../contract/order-journal.js';
import type { GateRefusal, OrderOutcome } from '../domain/order-outcome.js';
import type { Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';
import type { EarlierAttempts } from './earlier-attempts.js';
import type { Flight } from './flight.js';
import type { JournalWriter } from './journal-writer.js';
import { notSent } from './not-sent.js';
import { lastWord, outcomeOfRow } from './outcome-of-row.js';
import type { WaitingRows } from './waiting-rows.js';

export interface AttemptRowsOptions {
  readonly journal: OrderJournal;
  readonly writer: JournalWriter;
  readonly waiting: WaitingRows;
  readonly earlier: EarlierAttempts;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** `unclear`: the journal did not say in time; the row is ended as soon as it does, if it got there. */
export type Added = AddResult | { readonly kind: 'unclear'; readonly ended: Promise<boolean> };

const LOOK_AGAIN_MS = 50;
/** How long an answer waits for the journal to take the end of an attempt that was not made, within its caller's time. */
const END_PATIENCE_MS = 500;
/** What is quick is waited for even when that time is up. */
const LEAST_PATIENCE_MS = 50;

/** The journal's part in going from one attempt to the next, within the time of the flight. */
export class AttemptRows {
  readonly #options: AttemptRowsOptions;
  #close: () => void = () => undefined;
  readonly #closing = new Promise<void>((resolve) => {
    this.#close = resolve;
  });

  constructor(options: AttemptRowsOptions) {
    this.#options = options;
  }

  /** Whether the journal holds the end of this attempt, and it is one of no effect. */
  async isEnded(flight: Flight, { userId, tag }: AttemptRow): Promise<boolean> {
    const { journal, writer, logger } = this.#options;
    await writer.whenWritten(tag);
    while (flight.mayGoOn) {
      try {
        const row = await journal.byTag(userId, tag);
        if (row?.state === 'NOT_SENT' || row?.state === 'REJECTED') return true;
        if (row?.state !== 'SUBMITTING' && row?.state !== 'INTENT') return false; // lost, or looked for elsewhere
      } catch (error) {
        logger.warn('attempt-end-unread', { tag, error: errorName(error) });
      }
      await flight.pause(LOOK_AGAIN_MS);
    }
    return false;
  }

  async add(flight: Flight, row: AttemptRow): Promise<Added> {
    const { journal, waiting, logger } = this.#options;
    const adding = journal.add(row).catch((error: unknown) => {
      logger.error('journal-add-failed', { tag: row.tag, error: errorName(error) });
      return null;
    });
    const added = await flight.inTime(adding, null);
    if (added !== null) return added;
    waiting.withdraw(row.tag, 'journal-unavailable');
    return { kind: 'unclear', ended: adding.then(() => waiting.endSurely(row, 'journal-unavailable')) };
  }

  /** Ends an attempt that was not made. Null: the journal has not said yet; it is asked until it does. */
  async end(
    row: AttemptRow,
    why: GateRefusal,
    followsUntilMs: number | null,
    leftMs = END_PATIENCE_MS,
  ): Promise<{ ended: boolean | null; surely: Promise<boolean> }> {
    const surely = this.#options.waiting.endSurely(row, why, followsUntilMs);
    const patienceMs = Math.max(LEAST_PATIENCE_MS, Math.min(END_PATIENCE_MS, leftMs));
    const ended = await new Promise<boolean | null>((resolve) => {
      const cancel = this.#options.clock.after(patienceMs, () => resolve(null));
      void surely.then((value) => {
        cancel();
        resolve(value);
      });
    });
    return { ended, surely };
  }

  /** The row may be in the journal and may be claimed from there: nothing is said of it until the journal answers. */
  unclear(flight: Flight, row: AttemptRow, ended: Promise<boolean>): OrderOutcome {
    const { earlier } = this.#options;
    const doubted: AttemptRow = { ...row, state: 'AMBIGUOUS', detail: null };
    const known = async (): Promise<OrderOutcome> => {
      await ended;
      return (await earlier.whenRead(flight.asked, row)) ?? notSent(row.clientOrderId, 'journal-unavailable');
    };
    const answered = known().catch(() => lastWord(doubted));
    const settled = Promise.race([answered, this.#closing.then(() => lastWord(doubted))]);
    return outcomeOfRow(doubted, () => settled);
  }

  /** Who waits for the journal is told what is known. */
  close(): void {
    this.#close();
  }
}
