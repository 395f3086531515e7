import type { RateWindow } from '../contract/rate-limits.js';

/** A window this small has no place to spare. */
const SMALL_WINDOW = 4;

/**
 * Counts one family's requests against all of its windows at once, exactly: a request may go when, for every window,
 * the `limit`-th last one is older than `perMs`. So the limit holds in any sliding stretch, where a limiter that counts
 * from fixed edges lets twice as many through around an edge.
 *
 * One ring of times serves every window; it grows with use up to the largest limit.
 */
export class RateLimiter {
  readonly #windows: readonly RateWindow[];
  readonly #largest: number;
  #times: Float64Array;
  #count = 0;
  #next = 0;

  constructor(windows: readonly RateWindow[]) {
    this.#windows = windows;
    this.#largest = Math.max(0, ...windows.map(({ limit }) => limit));
    this.#times = new Float64Array(Math.min(64, this.#largest));
  }

  /**
   * Takes a place if one is free now: returns 0, or the milliseconds until the next one is.
   *
   * @param spare places to leave free in every window large enough to have one to spare
   */
  take(nowMs: number, spare = 0): number {
    const wait = this.waitMs(nowMs, spare);
    if (wait === 0) this.#remember(nowMs);
    return wait;
  }

  /** Milliseconds until a request may go; 0 means now. Takes nothing. */
  waitMs(nowMs: number, spare = 0): number {
    let wait = 0;
    for (const { limit, perMs } of this.#windows) {
      const usable = limit > SMALL_WINDOW ? limit - spare : limit;
      if (this.#count < usable) continue;
      const freeAt = this.#nthLast(usable) + perMs;
      if (freeAt > nowMs) wait = Math.max(wait, freeAt - nowMs);
    }
    return wait;
  }

  #nthLast(n: number): number {
    const size = this.#times.length;
    return this.#times[(this.#next - n + size) % size] ?? -Infinity;
  }

  #remember(nowMs: number): void {
    if (this.#largest === 0) return;
    if (this.#count === this.#times.length && this.#count < this.#largest) this.#grow();
    this.#times[this.#next] = nowMs;
    this.#next = (this.#next + 1) % this.#times.length;
    this.#count = Math.min(this.#count + 1, this.#times.length);
  }

  /** Only called when the ring is full, so that its oldest entry sits at `#next`. */
  #grow(): void {
    const larger = new Float64Array(Math.min(this.#largest, this.#times.length * 2));
    larger.set(this.#times.subarray(this.#next));
    larger.set(this.#times.subarray(0, this.#next), this.#times.length - this.#next);
    this.#next = this.#times.length;
    this.#times = larger;
  }
}
