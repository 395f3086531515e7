import type { CallResult, CircuitBreaker } from '../resilience/circuit-breaker.js';
import type { Clock } from '../runtime/clock.js';
import type { LaneBreakers } from './lane-breakers.js';

export interface BreakerProbesOptions {
  readonly breakers: LaneBreakers;
  readonly clock: Clock;
  /**
   * One cheap read on the reads lane, counted by its breaker as any other; null for the breaker of the order lane when it
   * says nothing about the broker. Never throws.
   */
  readonly read: () => Promise<CallResult | null>;
}

/** A try that told nothing is made again after so long, not at once. */
const PAUSE_MS = 1_000;

/** Tries out what a breaker keeps shut, with reads only: an order is never a probe. */
export class BreakerProbes {
  readonly #options: BreakerProbesOptions;
  #running: Promise<void> | null = null;
  #endedMs = -Infinity;

  constructor(options: BreakerProbesOptions) {
    this.#options = options;
  }

  /** From when something is to be tried, monotonic; never while there is nothing. */
  get dueMs(): number {
    return Math.max(this.#options.breakers.dueMs, this.#endedMs + PAUSE_MS);
  }

  /** Tries the lanes that may be tried now; one run at a time, however many ask. */
  run(): Promise<void> {
    this.#running ??= this.#tryAll().finally(() => {
      this.#running = null;
      this.#endedMs = this.#options.clock.monotonic();
    });
    return this.#running;
  }

  async #tryAll(): Promise<void> {
    const { breakers } = this.#options;
    breakers.wake();
    await this.#tryReads(breakers.reads);
    await this.#tryOrders(breakers.orders);
  }

  async #tryReads(reads: CircuitBreaker): Promise<void> {
    while (reads.state.kind === 'half-open' && reads.tryFromMs === -Infinity) {
      if ((await this.#options.read()) !== 'success') return;
    }
  }

  /** The order lane has no reads of its own, so a read of the other lane speaks for it. */
  async #tryOrders(orders: CircuitBreaker): Promise<void> {
    const { clock, read } = this.#options;
    while (orders.state.kind === 'half-open' && orders.pass('read', clock.monotonic()) === 0) {
      const { epoch } = orders;
      const result = await read();
      if (result === null) return orders.release('read', epoch);
      orders.record('read', result, clock.monotonic(), epoch);
    }
  }
}
