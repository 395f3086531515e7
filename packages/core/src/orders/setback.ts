import type { ConnectionRef } from '../domain/order.js';
import type { Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';
import type { EmitOrderEvent } from './order-events.js';
import type { OrderRoad } from './order-road.js';

export interface SetbackOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: EmitOrderEvent;
}

const TRY_AGAIN_MS = 5_000;

/**
 * What a user does when the journal comes back with older data than it had: entries stop at every account that took them,
 * and go on at all of them once every book has been read. Which order a lost row stood for nobody knows, nor at which
 * account, so that one book alone proves nothing.
 */
export class Setback {
  readonly #options: SetbackOptions;
  /** Grows with every setback: an earlier one lets nobody go. */
  #count = 0;
  #wake: (() => void) | null = null;
  #closed = false;

  constructor(options: SetbackOptions) {
    this.#options = options;
  }

  /** @param roads those there are, asked again each time: the book of one that was ended is not waited for */
  async begin(roads: () => readonly OrderRoad[]): Promise<void> {
    this.#count += 1;
    const count = this.#count;
    const held = roads().filter(({ gate }) => gate.hasOpened);
    const connections = held.map(refOf);
    for (const { gate, startUp } of held) {
      gate.hold();
      startUp.journalWentBack();
    }
    this.#options.logger.error('journal-went-back', { accounts: connections.length });
    this.#options.emit('journal-went-back', { connections });
    await Promise.all(held.map((road) => this.#read(road, () => roads().includes(road))));
    if (this.#closed || count !== this.#count) return;
    for (const { gate } of held) gate.release();
    this.#options.emit('order-books-read', { connections });
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  async #read({ startUp, gate }: OrderRoad, isThere: () => boolean): Promise<void> {
    while (!this.#closed && isThere()) {
      try {
        await startUp.adopt();
        return await startUp.readBook();
      } catch (error) {
        const { broker, account } = gate.connection;
        this.#options.logger.warn('book-unread-after-setback', { broker, account, error: errorName(error) });
        await this.#pause();
      }
    }
  }

  #pause(): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const before = this.#wake;
      const cancel = clock.after(TRY_AGAIN_MS, resolve, { background: true });
      this.#wake = () => {
        before?.();
        cancel();
        resolve();
      };
    });
  }
}

const refOf = ({ gate }: OrderRoad): ConnectionRef => ({
  broker: gate.connection.broker,
  account: gate.connection.account,
});
