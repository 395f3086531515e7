import type { Ticker, Waiter } from '../runtime/ticker.js';

/**
 * A moment by which a call must have ended. It costs one entry in the shared ticker; who needs to know when it passes
 * says so with `onOver`.
 */
export class Deadline implements Waiter {
  readonly lengthMs: number;
  /** Cut short by a caller with others to ask: that it passed says nothing against who was asked. */
  readonly isShort: boolean;
  readonly #atMs: number;
  readonly #monotonic: () => number;
  readonly #ticker: Ticker;
  readonly #slot: number;
  /** Made with the first one: many calls end before anybody asks. */
  #listeners: (() => void)[] | null = null;
  #over = false;
  #done = false;

  constructor(lengthMs: number, monotonic: () => number, ticker: Ticker, isShort = false) {
    this.lengthMs = lengthMs;
    this.isShort = isShort;
    this.#monotonic = monotonic;
    this.#atMs = monotonic() + lengthMs;
    this.#ticker = ticker;
    this.#slot = ticker.hold(this.#atMs, this);
  }

  /** True once it passed or was expired by hand. */
  get over(): boolean {
    return this.#over;
  }

  remainingMs(): number {
    return this.#over ? 0 : Math.max(0, this.#atMs - this.#monotonic());
  }

  /** Calls `listener` once when the time is over; at once if it is already. */
  onOver(listener: () => void): void {
    if (this.#over) listener();
    else if (!this.#done) (this.#listeners ??= []).push(listener);
  }

  /** Its moment in the shared ticker has come. */
  due(): void {
    this.expire();
  }

  /** Ends it now, as if the time had passed: the caller cancelled, the manager closes. */
  expire(): void {
    if (this.#over || this.#done) return;
    this.#over = true;
    this.#ticker.drop(this.#slot, this);
    const listeners = this.#listeners ?? [];
    this.#listeners = null;
    const failures: unknown[] = [];
    for (const listener of listeners) {
      try {
        listener();
      } catch (error) {
        failures.push(error); // the others must hear of it too
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  /** The call ended in time: nobody is told any more. */
  done(): void {
    this.#done = true;
    this.#ticker.drop(this.#slot, this);
    this.#listeners = null;
  }
}
