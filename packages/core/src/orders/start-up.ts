import type { Connection } from '../connection/connection.js';
import type { AttemptRow, OrderJournal } from '../contract/order-journal.js';
import { tradingDayOf } from '../domain/time.js';
import type { Clock } from '../runtime/clock.js';
import type { AcknowledgedOrders } from './acknowledged-orders.js';
import { UNSETTLED } from './attempt.js';
import { writeDetail } from './attempt-detail.js';
import type { JournalWriter } from './journal-writer.js';
import type { OrderGate } from './order-gate.js';
import type { Reconciler } from './reconciler.js';

export interface StartUpOptions {
  readonly connection: Connection;
  readonly gate: OrderGate;
  readonly reconciler: Reconciler;
  readonly journal: OrderJournal;
  readonly writer: JournalWriter;
  readonly acknowledged: AcknowledgedOrders;
  readonly clock: Clock;
}

const ORDERS_A_DAY = 10_000;

/**
 * Before an account's first order: what an earlier process left behind is made plain and the account's book is read.
 * Commands that were claimed then may have been sent; they are AMBIGUOUS until the broker's book tells.
 */
export class StartUp {
  readonly #options: StartUpOptions;
  #resumable: Promise<readonly AttemptRow[]> | null = null;

  constructor(options: StartUpOptions) {
    this.#options = options;
  }

  /** Run again after a reconnect it only reads the book. @returns cancels that were waiting for their order to be found */
  async run(): Promise<readonly AttemptRow[]> {
    const first = this.#resumable === null;
    this.#resumable ??= this.#adopt();
    const resumable = await this.#resumable.catch((error: unknown) => {
      this.#resumable = null; // nothing was adopted: the next connect tries again
      throw error;
    });
    const { connection, gate, reconciler } = this.#options;
    const book = await connection.orderBook();
    reconciler.show(book.orders);
    gate.open();
    return first ? resumable : [];
  }

  async #adopt(): Promise<readonly AttemptRow[]> {
    const { connection, journal, acknowledged, clock } = this.#options;
    const today = tradingDayOf(clock.now());
    const left = await journal.inState(connection.key, ['INTENT', ...UNSETTLED]);
    const placed = await journal.list(connection.userId, { tradingDay: today, limit: ORDERS_A_DAY });
    for (const { clientOrderId, brokerOrderId, updatedAtMs, broker, account } of placed) {
      if (brokerOrderId === null || broker !== connection.broker || account !== connection.account) continue;
      acknowledged.remember(clientOrderId, brokerOrderId, updatedAtMs);
    }
    return left.filter((row) => !this.#settle(row, today));
  }

  /** False for a cancel of today that was never claimed: it can still go. */
  #settle(row: AttemptRow, today: string): boolean {
    const { writer, reconciler } = this.#options;
    if (row.state === 'INTENT') {
      if (row.kind === 'cancel' && row.tradingDay === today) return false;
      const proof = { by: 'gate', why: 'process-ended' } as const;
      writer.move(row, 'proven-unsent', { detail: writeDetail({ kind: 'proof', proof }) });
      return true;
    }
    const why = writeDetail({ kind: 'why', why: 'the process ended before the answer' });
    const unsettled = row.state === 'SUBMITTING' ? writer.move(row, 'lost-sight', { detail: why }) : row;
    void reconciler.watch(unsettled ?? row);
    return true;
  }
}
