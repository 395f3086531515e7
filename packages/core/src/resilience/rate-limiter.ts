import type { RateWindow } from '../contract/rate-limits.js';
import { endOfDay } from '../domain/time.js';
import type { RatePlaces } from './rate-places.js';
import { SlowDown } from './rate-slowdown.js';

/** A window this small has no place to spare. */
const SMALL_WINDOW = 4;
/** Most accounts never have more under way, and a process has thousands of them. */
const FIRST_RING = 8;

/**
 * Counts one family's requests against all of its windows at once, exactly: a request may go when, for every window,
 * the `limit`-th last one is older than `perMs`. So the limit holds in any sliding stretch, where a limiter that counts
 * from fixed edges lets twice as many through around an edge. A window of an IST day is a counter that starts anew at
 * midnight.
 *
 * One ring of times serves every sliding window; it grows with use up to the largest limit.
 */
export class RateLimiter implements RatePlaces {
  readonly #windows: readonly RateWindow[];
  readonly #largest: number;
  readonly #perDay: number;
  readonly #wall: () => number;
  #times: Float64Array;
  #count = 0;
  #next = 0;
  #lastMs = -Infinity;
  #today = 0;
  #dayEndsAtMs = -Infinity;
  #slow: SlowDown | null = null;

  /** @param wall epoch milliseconds, for windows of an IST day */
  constructor(windows: readonly RateWindow[], wall: () => number = () => 0) {
    this.#windows = windows.filter(({ counted }) => counted !== 'ist-day');
    this.#largest = Math.max(0, ...this.#windows.map(({ limit }) => limit));
    this.#perDay = Math.min(...windows.filter(({ counted }) => counted === 'ist-day').map(({ limit }) => limit));
    this.#wall = wall;
    this.#times = new Float64Array(Math.min(FIRST_RING, this.#largest));
  }

  /** Whether nothing it remembers matters any more. */
  isIdle(nowMs: number): boolean {
    const longest = Math.max(0, ...this.#windows.map(({ perMs }) => perMs));
    const dayCounts = this.#today > 0 && this.#wall() < this.#dayEndsAtMs;
    return nowMs >= this.#lastMs + longest && !dayCounts && (this.#slow?.isOver(nowMs) ?? true);
  }

  /**
   * Takes a place if one is free now: returns 0, or the milliseconds until the next one is.
   *
   * @param spare places to leave free in every window large enough to have one to spare
   */
  take(nowMs: number, spare = 0): number {
    const wait = this.waitMs(nowMs, spare);
    if (wait === 0) this.use(nowMs);
    return wait;
  }

  /** Milliseconds until a request may go; 0 means now. Takes nothing. */
  waitMs(nowMs: number, spare = 0): number {
    const slow = this.#slow;
    let wait = slow === null ? 0 : this.#slowed(slow, nowMs);
    const share = slow === null ? 1 : 2 ** -slow.halvings(nowMs);
    for (const { limit, perMs } of this.#windows) {
      const allowed = share === 1 ? limit : Math.max(1, Math.floor(limit * share));
      const usable = allowed > SMALL_WINDOW ? allowed - spare : allowed;
      if (this.#count < usable) continue;
      const freeAt = this.#nthLast(usable) + perMs;
      if (freeAt > nowMs) wait = Math.max(wait, freeAt - nowMs);
    }
    return this.#perDay === Infinity ? wait : Math.max(wait, this.#dayWait(spare));
  }

  /** Takes a place that `waitMs` said is free. */
  use(nowMs: number): void {
    this.#slow?.took(nowMs);
    this.#lastMs = nowMs;
    if (this.#perDay !== Infinity) this.#today += 1;
    if (this.#largest === 0) return;
    if (this.#count === this.#times.length && this.#count < this.#largest) this.#grow();
    this.#times[this.#next] = nowMs;
    this.#next = (this.#next + 1) % this.#times.length;
    this.#count = Math.min(this.#count + 1, this.#times.length);
  }

  /** All its places are its own, so there is nothing to tell. */
  onPlaces(): void {
    return undefined;
  }

  /** A request that had a place is done with. */
  ended(nowMs: number): void {
    this.#slow?.ended(nowMs);
  }

  /**
   * The broker said "too many": nothing goes for a while, then slower.
   *
   * @param retryAfterMs what the broker named; null when nothing
   * @returns how long nothing goes, in milliseconds
   */
  slowDown(nowMs: number, retryAfterMs: number | null): number {
    this.#slow ??= new SlowDown();
    return this.#slow.hit(nowMs, retryAfterMs) - nowMs;
  }

  #slowed(slow: SlowDown, nowMs: number): number {
    if (slow.isOver(nowMs)) this.#slow = null;
    return slow.waitMs(nowMs);
  }

  /** A clock that goes back over midnight gives no place back. */
  #dayWait(spare: number): number {
    const wallMs = this.#wall();
    if (wallMs >= this.#dayEndsAtMs) this.#today = 0;
    this.#dayEndsAtMs = endOfDay(wallMs);
    const usable = this.#perDay > SMALL_WINDOW ? this.#perDay - spare : this.#perDay;
    return this.#today < usable ? 0 : this.#dayEndsAtMs - wallMs;
  }

  #nthLast(n: number): number {
    const size = this.#times.length;
    return this.#times[(this.#next - n + size) % size] ?? -Infinity;
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
