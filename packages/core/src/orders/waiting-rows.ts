import type { AttemptRow, OrderJournal } from '../contract/order-journal.js';
import type { GateRefusal } from '../domain/order-outcome.js';
import type { Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';
import { followedUntil, writeDetail } from './attempt-detail.js';
import type { EmitOrderEvent } from './order-events.js';

export interface WaitingRowsOptions {
  readonly journal: OrderJournal;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: EmitOrderEvent;
}

const TRY_AGAIN_MS = 1_000;

/** Places that are in the journal as INTENT, not claimed yet. Ending one is a compare and set, as claiming it is. */
export class WaitingRows {
  readonly #options: WaitingRowsOptions;
  /** Those that nobody here may send any more, though the journal may not say so yet. */
  readonly #withdrawn = new Map<string, GateRefusal>();
  readonly #pauses = new Set<() => void>();
  #closed = false;

  constructor(options: WaitingRowsOptions) {
    this.#options = options;
  }

  /** Why it is not to be sent any more; null when it may be. */
  withdrawnFor(tag: string): GateRefusal | null {
    return this.#withdrawn.get(tag) ?? null;
  }

  /** It is to be ended as soon as the journal lets it. */
  withdraw(tag: string, why: GateRefusal): void {
    this.#withdrawn.set(tag, why);
  }

  /** False when it was claimed or ended before. @throws what the journal throws: then nobody knows */
  async end(row: AttemptRow, why: GateRefusal, followsUntilMs: number | null = null): Promise<boolean> {
    const { journal, clock, emit } = this.#options;
    const { tag, userId, clientOrderId, broker, account, brokerOrderId } = row;
    const detail = writeDetail(followedUntil({ kind: 'proof', proof: { by: 'gate', why } }, followsUntilMs));
    this.withdraw(tag, why);
    const atMs = clock.now();
    const ended = await journal.move({ tag, userId, from: 'INTENT', to: 'NOT_SENT', detail, atMs });
    this.#withdrawn.delete(tag);
    const connection = { broker, account };
    if (ended)
      emit('order-changed', { clientOrderId, connection, command: 'place', state: 'NOT_SENT', brokerOrderId, atMs });
    return ended;
  }

  /** Takes the place of an attempt that is not to be made; false when it was there before. @throws as `end` */
  async fill(row: AttemptRow, why: GateRefusal): Promise<boolean> {
    const { journal, clock } = this.#options;
    const detail = writeDetail({ kind: 'proof', proof: { by: 'gate', why } });
    const [now, none] = [clock.now(), { sendByMs: null, brokerOrderId: null }];
    const filled: AttemptRow = { ...row, ...none, state: 'NOT_SENT', detail, createdAtMs: now, updatedAtMs: now };
    return (await journal.add(filled)).kind === 'added';
  }

  /** The same, asked again until the journal answers; false as well when the manager closed first. */
  async endSurely(row: AttemptRow, why: GateRefusal, followsUntilMs: number | null = null): Promise<boolean> {
    while (!this.#closed) {
      try {
        return await this.end(row, why, followsUntilMs);
      } catch (error) {
        this.#options.logger.error('journal-write-failed', { tag: row.tag, to: 'NOT_SENT', error: errorName(error) });
        await this.#pause();
      }
    }
    return false;
  }

  close(): void {
    this.#closed = true;
    for (const end of this.#pauses) end();
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        this.#pauses.delete(end);
        resolve();
      };
      const cancel = this.#options.clock.after(TRY_AGAIN_MS, end, { background: true });
      this.#pauses.add(end);
    });
  }
}
