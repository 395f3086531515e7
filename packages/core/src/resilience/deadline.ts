import type { Ticker } from '../runtime/ticker.js';

/**
 * A moment by which a call must have ended. It costs one entry in the shared ticker; who needs to know when it passes
 * says so with `onOver`.
 */
export class Deadline {
  readonly lengthMs: number;
  readonly #atMs: number;
  readonly #monotonic: () => number;
  readonly #stop: () => void;
  #listeners: (() => void)[] | null = [];
  #over = false;

  constructor(lengthMs: number, monotonic: () => number, ticker: Ticker) {
    this.lengthMs = lengthMs;
    this.#monotonic = monotonic;
    this.#atMs = monotonic() + lengthMs;
    this.#stop = ticker.at(this.#atMs, () => this.expire());
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
    else this.#listeners?.push(listener);
  }

  /** Ends it now, as if the time had passed: the caller cancelled, the manager closes. */
  expire(): void {
    if (this.#over || this.#listeners === null) return;
    this.#over = true;
    this.#stop();
    const listeners = this.#listeners;
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
    this.#stop();
    this.#listeners = null;
  }
}
