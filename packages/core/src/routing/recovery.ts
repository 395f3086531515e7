export const DEFAULT_HEALTHY_MS = 60_000;

/** A primary that keeps failing is left alone for this long at most, unless its strategy asks for more. */
const LONGEST_MS = 960_000;

/**
 * When calls may return to the primary: after it was healthy for a stretch without a break. A break begins the stretch
 * anew; failing again soon after a return doubles the next one, so that calls do not go back and forth. Times are
 * monotonic.
 */
export class Recovery {
  readonly #baseMs: number;
  readonly #longestMs: number;
  #stretchMs: number;
  #healthySinceMs: number | null = null;
  #returnedAtMs: number | null = null;

  constructor(healthyMs: number = DEFAULT_HEALTHY_MS) {
    this.#baseMs = healthyMs;
    this.#longestMs = Math.max(LONGEST_MS, healthyMs);
    this.#stretchMs = healthyMs;
  }

  /** How long it has to be healthy this time. */
  get stretchMs(): number {
    return this.#stretchMs;
  }

  /** When the stretch would end; null while the primary is not healthy. */
  get endsAtMs(): number | null {
    return this.#healthySinceMs === null ? null : this.#healthySinceMs + this.#stretchMs;
  }

  /** Calls left the primary. Within the longest stretch after a return this is a relapse. */
  left(nowMs: number): void {
    const isRelapse = this.#returnedAtMs !== null && nowMs - this.#returnedAtMs < this.#longestMs;
    this.#stretchMs = isRelapse ? Math.min(this.#longestMs, this.#stretchMs * 2) : this.#baseMs;
    this.#healthySinceMs = null;
  }

  /** Calls are at the primary again. */
  returned(nowMs: number): void {
    this.#returnedAtMs = nowMs;
    this.#healthySinceMs = null;
  }

  /** A look at the primary while calls are elsewhere. @returns true when they may return */
  seen(isHealthy: boolean, nowMs: number): boolean {
    if (!isHealthy) {
      this.#healthySinceMs = null;
      return false;
    }
    this.#healthySinceMs ??= nowMs;
    return nowMs - this.#healthySinceMs >= this.#stretchMs;
  }
}
