import type { Connection } from '../connection/connection.js';
import type { LeasedTurns } from '../connection/leased-turn.js';
import type { AttemptMove, AttemptRow, OrderJournal } from '../contract/order-journal.js';
import type { OrderOutcome } from '../domain/order-outcome.js';
import { tradingDayOf } from '../domain/time.js';
import { AlgoError } from '../errors/algo-error.js';
import type { Clock } from '../runtime/clock.js';
import type { AcknowledgedOrders } from './acknowledged-orders.js';
import { UNSETTLED } from './attempt.js';
import { writeDetail } from './attempt-detail.js';
import type { JournalWriter } from './journal-writer.js';
import type { OrderGate } from './order-gate.js';
import { expiryOf } from './queued-row.js';
import type { Reconciler } from './reconciler.js';

export interface StartUpOptions {
  readonly connection: Connection;
  readonly gate: OrderGate;
  readonly reconciler: Reconciler;
  readonly journal: OrderJournal;
  readonly writer: JournalWriter;
  readonly acknowledged: AcknowledgedOrders;
  readonly clock: Clock;
  /** `Store.owner` of this process. */
  readonly owner: string;
  readonly isOwnerAlive: (owner: string) => Promise<boolean>;
  readonly turns: LeasedTurns;
  /** Goes on with a cancel that was journalled and not sent, and with a place that waits in the queue. */
  readonly resume: (row: AttemptRow) => void;
}

const ORDERS_A_DAY = 10_000;
/** Longer than the lease of a process that dies while it takes over. */
const TURN_PATIENCE_MS = 20_000;
/** A command of this process that is still open so long after its deadline has lost its end. */
const OVERDUE_MS = 60_000;

/**
 * Before an account's first order: what processes that are gone left behind is made plain and the account's book is
 * read. Commands that were claimed by them may have been sent; they are AMBIGUOUS until the broker's book tells. What a
 * process that lives is at work on stays its own.
 */
export class StartUp {
  readonly #options: StartUpOptions;
  #knowsToday = false;
  /** Rows that may be this process's own by now: the journal did not say. */
  readonly #unsure = new Set<string>();
  /** Rows may be older than what was done: then one that looks unsent may have been sent. */
  #journalWentBack = false;

  constructor(options: StartUpOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    await this.adopt();
    await this.#learnToday();
    await this.readBook();
    this.#options.gate.open();
  }

  async readBook(): Promise<void> {
    const { connection, reconciler } = this.#options;
    const book = await connection.orderBook();
    reconciler.show(book.orders);
  }

  /** From now on rows of this process that have lost their end are looked for as well. */
  journalWentBack(): void {
    this.#journalWentBack = true;
  }

  /** Takes over what no living process is at work on. Cancels among it that can still go are resumed at once. */
  async adopt(): Promise<void> {
    const { connection, turns } = this.#options;
    const { userId, broker, account } = connection.key;
    if ((await this.#leftOvers()).length === 0) return;
    const lease = { userId, name: `rows/${broker}/${account}` };
    const taken = await turns.run<true>(
      lease,
      TURN_PATIENCE_MS,
      async () => ((await this.#leftOvers()).length === 0 ? true : null), // somebody else took them all
      () => this.#takeLeftOvers(),
    );
    if (taken === null) {
      throw new AlgoError('ALGO_STORE_CONFLICT', { what: `What is left of orders at ${broker}/${account}` });
    }
  }

  /** One command whose process is gone; null when another process has it by now. */
  async takeOver(row: AttemptRow): Promise<OrderOutcome | null> {
    await this.adopt();
    const { journal, reconciler, owner } = this.#options;
    const now = await journal.byTag(row.userId, row.tag);
    return now?.owner === owner ? reconciler.settledOf(now) : null;
  }

  async #leftOvers(): Promise<readonly AttemptRow[]> {
    const { journal, connection, owner, isOwnerAlive } = this.#options;
    const rows = await journal.inState(connection.key, ['INTENT', ...UNSETTLED]);
    const owners = new Set(rows.map((row) => row.owner));
    const gone = new Set<string>();
    for (const name of owners) if (name === '' || (name !== owner && !(await isOwnerAlive(name)))) gone.add(name);
    return rows.filter((row) => gone.has(row.owner) || this.#isForgotten(row));
  }

  /** A command of this process that nobody here looks for: the answer to its taking over, or its end, was lost. */
  #isForgotten(row: AttemptRow): boolean {
    const { clock, owner, writer, reconciler } = this.#options;
    if (row.owner !== owner) return false;
    if (this.#unsure.has(row.tag)) return true;
    if (row.state === 'INTENT' || writer.see(row) !== row || reconciler.isWatching(row.tag)) return false;
    if (row.state !== 'SUBMITTING') return row.tradingDay === tradingDayOf(clock.now());
    return this.#journalWentBack && (row.sendByMs ?? row.createdAtMs) + OVERDUE_MS < clock.now();
  }

  async #takeLeftOvers(): Promise<true> {
    const today = tradingDayOf(this.#options.clock.now());
    for (const row of await this.#leftOvers()) {
      const mine = await this.#take(row);
      if (mine !== null) this.#settle(mine, today);
    }
    return true;
  }

  /** Written as this process's own; null when it ended meanwhile. */
  async #take(row: AttemptRow): Promise<AttemptRow | null> {
    const { journal, owner, clock } = this.#options;
    const { tag, userId, state: from } = row;
    const lost = from === 'SUBMITTING';
    const to = lost ? 'AMBIGUOUS' : from;
    const detail = lost ? writeDetail({ kind: 'why', why: 'the process ended before the answer' }) : row.detail;
    const move: AttemptMove = { tag, userId, from, to, owner, atMs: clock.now() };
    this.#unsure.add(tag);
    const moved = await journal.move(detail === null ? move : { ...move, detail });
    this.#unsure.delete(tag);
    return moved ? { ...row, state: to, owner, detail, updatedAtMs: move.atMs } : null;
  }

  #settle(row: AttemptRow, today: string): void {
    const { writer, reconciler, resume } = this.#options;
    if (row.state !== 'INTENT') {
      void reconciler.watchTakenOver(row);
      return;
    }
    if (row.kind === 'cancel' && row.tradingDay === today) return resume(row); // it was never claimed: it can still go
    if (this.#journalWentBack) return; // it may have gone out all the same
    if (expiryOf(row) !== null) return resume(row); // it waits on, here
    const proof = { by: 'gate', why: 'process-ended' } as const;
    writer.move(row, 'proven-unsent', { detail: writeDetail({ kind: 'proof', proof }) });
  }

  async #learnToday(): Promise<void> {
    if (this.#knowsToday) return;
    const { connection, journal, acknowledged, clock } = this.#options;
    const today = tradingDayOf(clock.now());
    const placed = await journal.list(connection.userId, { tradingDay: today, limit: ORDERS_A_DAY });
    for (const { clientOrderId, brokerOrderId, updatedAtMs, broker, account } of placed) {
      if (brokerOrderId === null || broker !== connection.broker || account !== connection.account) continue;
      acknowledged.remember(clientOrderId, brokerOrderId, updatedAtMs);
    }
    this.#knowsToday = true;
  }
}
