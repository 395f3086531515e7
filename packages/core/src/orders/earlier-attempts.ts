import type { AttemptRow, OrderJournal } from '../contract/order-journal.js';
import type { ConnectionRef } from '../domain/order.js';
import type { OrderOutcome } from '../domain/order-outcome.js';
import { AlgoError } from '../errors/algo-error.js';
import type { Deadline } from '../resilience/deadline.js';
import type { Clock } from '../runtime/clock.js';
import type { Existing } from './command.js';
import { isSameOrder } from './command-text.js';
import { mayBeFollowed } from './followed-row.js';
import type { JournalWriter } from './journal-writer.js';
import type { OrderRoad } from './order-road.js';
import { lastWord, outcomeOfRow } from './outcome-of-row.js';
import { expiryOf } from './queued-row.js';

export interface EarlierAttemptsOptions {
  readonly userId: string;
  readonly owner: string;
  readonly journal: OrderJournal;
  readonly writer: JournalWriter;
  readonly clock: Clock;
  readonly roadOf: (ref: ConnectionRef) => OrderRoad | null;
}

/** What is written down anyway is read again for so long even when the time is up. */
const LEAST_PATIENCE_MS = 50;
const ASK_AGAIN_MS = 1_000;
const LOOK_AGAIN_MS = 50;

/** What a caller asked for, as far as a repetition has to be the same. */
export interface Asked {
  readonly clientOrderId: string;
  readonly text: string;
  /** The connection that the caller named. */
  readonly connection: ConnectionRef | undefined;
}

/** What became of a client order id that was used before: its latest attempt tells, wherever that was. */
export class EarlierAttempts {
  readonly #options: EarlierAttemptsOptions;
  readonly #pauses = new Set<() => void>();
  #closed = false;

  constructor(options: EarlierAttemptsOptions) {
    this.#options = options;
  }

  /**
   * @param found the attempt that the journal answered with
   * @throws {AlgoError} `ALGO_CLIENT_ORDER_ID_REUSED`
   */
  tell(asked: Asked, found: AttemptRow, deadline: Deadline): Promise<Existing> {
    const row = this.#options.writer.see(found);
    const mayHaveMore = row.state === 'NOT_SENT' || row.state === 'REJECTED' || row.number > 1;
    return mayHaveMore ? this.latest(asked, row, deadline) : this.#tellOf(asked, [row], row, deadline);
  }

  /** The same when there may be later ones. What the journal does not tell in time is unknown. */
  async latest(asked: Asked, found: AttemptRow, deadline: Deadline): Promise<Existing> {
    const rows = await this.#inTime(this.#settledPlaces(asked.clientOrderId), deadline);
    if (rows !== null) return this.#tellOf(asked, rows, found, deadline);
    const doubted: AttemptRow = { ...found, state: 'AMBIGUOUS', detail: null };
    const settled = this.whenRead(asked, found).then((outcome) => outcome ?? lastWord(found));
    return { row: doubted, outcome: outcomeOfRow(doubted, () => settled.catch(() => lastWord(doubted))) };
  }

  /** Asks the journal until it answers; null when it has no such place. @throws as `tell` */
  async whenRead(asked: Asked, found: AttemptRow): Promise<OrderOutcome | null> {
    while (!this.#closed) {
      const rows = await this.#settledPlaces(asked.clientOrderId).catch(() => null);
      const last = rows?.at(-1);
      if (rows !== null && last === undefined) return null;
      if (rows !== null && last !== undefined) return (await this.#tellOf(asked, rows, last, null)).outcome;
      await this.#pause(ASK_AGAIN_MS);
    }
    return lastWord({ ...found, state: 'AMBIGUOUS', detail: null });
  }

  close(): void {
    this.#closed = true;
    for (const end of this.#pauses) end();
  }

  /** All attempts of this place, oldest first. */
  async places(clientOrderId: string): Promise<readonly AttemptRow[]> {
    const { journal, userId, writer } = this.#options;
    const rows = await journal.attemptsOf(userId, clientOrderId);
    return rows.filter(({ kind }) => kind === 'place').map((row) => writer.see(row));
  }

  /** The same once it is plain that no process is about to add another. */
  async #settledPlaces(clientOrderId: string): Promise<readonly AttemptRow[]> {
    const { owner, clock } = this.#options;
    for (;;) {
      const rows = await this.places(clientOrderId);
      const last = rows.at(-1);
      if (this.#closed || last === undefined || !mayBeFollowed(last, owner, clock.now())) return rows;
      await this.#pause(LOOK_AGAIN_MS);
    }
  }

  /** A repetition may name the connection that was asked for, or the one where the order ended. */
  isSame({ text, connection }: Asked, rows: readonly AttemptRow[]): boolean {
    const isThere = (row: AttemptRow): boolean =>
      connection === undefined || (row.broker === connection.broker && row.account === connection.account);
    return rows.some(isThere) && rows.every(({ request }) => isSameOrder(request, text));
  }

  async #tellOf(
    asked: Asked,
    rows: readonly AttemptRow[],
    found: AttemptRow,
    deadline: Deadline | null,
  ): Promise<Existing> {
    const row = rows.at(-1) ?? found;
    if (!this.isSame(asked, rows.length === 0 ? [found] : rows)) throw reused(asked.clientOrderId);
    return { row, outcome: await this.#outcomeOf(row, deadline) };
  }

  async #outcomeOf(row: AttemptRow, deadline: Deadline | null): Promise<OrderOutcome> {
    const road = this.#options.roadOf(row);
    if (road === null) return lastWord(row);
    const isUnderway = row.state === 'INTENT' && expiryOf(row) === null && row.owner !== this.#options.owner;
    const followed = isUnderway ? road.elsewhere.follow(row) : null; // another process is about to send it
    const ended = followed === null || deadline === null ? null : await this.#inTime(followed, deadline);
    return ended ?? outcomeOfRow(row, () => road.reconciler.settledOf(row));
  }

  /** Null when it fails, or the time is up first. */
  #inTime<Value>(work: Promise<Value>, deadline: Deadline): Promise<Value | null> {
    return new Promise((resolve) => {
      const patience = Math.max(LEAST_PATIENCE_MS, deadline.remainingMs());
      const cancel = this.#options.clock.after(patience, () => resolve(null));
      const answer = (value: Value | null): void => {
        cancel();
        resolve(value);
      };
      work.then(answer, () => answer(null));
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        this.#pauses.delete(end);
        resolve();
      };
      const cancel = this.#options.clock.after(ms, end, { background: true });
      this.#pauses.add(end);
    });
  }
}

export const reused = (clientOrderId: string): AlgoError =>
  new AlgoError('ALGO_CLIENT_ORDER_ID_REUSED', { clientOrderId });
