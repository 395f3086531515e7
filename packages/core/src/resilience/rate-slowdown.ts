const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** A broker that names a longer time is asked again after this one. */
const LONGEST_NAMED_MS = 3_600_000;
/** A thirty-second part of the rate is as slow as it gets. */
const MOST_HALVINGS = 5;
/** Clean time after which half of what was taken from the rate is given back. */
const CLEAN_MS = 30_000;
/** When nobody tells how the first request after a pause ended, the next one goes this much later. */
const TRIAL_MS = 10_000;
/** Between the end of that request and the next one: the broker's answer is read in that time. */
const READING_MS = 50;
/** How soon to look again while it is under way, since it may be another line's. */
const LOOK_AGAIN_MS = 250;

/**
 * What a broker's "too many requests" does to one family. Nothing goes during the pause; then a single request is tried,
 * and only when it did not bring the same answer do others follow, at half the rate. Every clean half minute doubles it
 * again. A broker that says it for ever therefore sees one request per pause, and the pauses grow to thirty seconds.
 */
export class SlowDown {
  #pausedUntilMs = -Infinity;
  #strikes = 0;
  #halvings = 0;
  /** `due`: the next request is the one that is tried. */
  #trial: { readonly kind: 'none' | 'due' } | { readonly kind: 'out'; readonly untilMs: number } = { kind: 'none' };

  /**
   * The broker refused a request for coming too soon.
   *
   * @param retryAfterMs what it said; null when it said nothing. The longer of that and the growing pause counts
   * @returns until when nothing goes
   */
  hit(nowMs: number, retryAfterMs: number | null): number {
    const named = retryAfterMs !== null && retryAfterMs > 0 ? Math.min(LONGEST_NAMED_MS, retryAfterMs) : 0; // NaN is none
    if (nowMs >= this.#pausedUntilMs) {
      this.#halvings = Math.min(MOST_HALVINGS, this.halvings(nowMs) + 1);
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#strikes, MOST_HALVINGS));
      this.#strikes += 1;
      this.#pausedUntilMs = nowMs + Math.max(pause, named);
    } else {
      this.#pausedUntilMs = Math.max(this.#pausedUntilMs, nowMs + named); // the answer to one sent before the pause
    }
    this.#trial = { kind: 'due' };
    return this.#pausedUntilMs;
  }

  /** Milliseconds until the next request may be thought of. */
  waitMs(nowMs: number): number {
    if (nowMs < this.#pausedUntilMs) return this.#pausedUntilMs - nowMs;
    if (this.#trial.kind !== 'out' || nowMs >= this.#trial.untilMs) return 0;
    return Math.min(LOOK_AGAIN_MS, this.#trial.untilMs - nowMs);
  }

  /** How often the rate is halved just now. */
  halvings(nowMs: number): number {
    const given = Math.floor(Math.max(0, nowMs - this.#pausedUntilMs) / CLEAN_MS);
    return Math.max(0, this.#halvings - given);
  }

  /** Whether all is as if nothing had happened. */
  isOver(nowMs: number): boolean {
    return this.#trial.kind !== 'due' && this.waitMs(nowMs) === 0 && this.halvings(nowMs) === 0;
  }

  took(nowMs: number): void {
    this.#trial = this.#trial.kind === 'due' ? { kind: 'out', untilMs: nowMs + TRIAL_MS } : { kind: 'none' };
  }

  ended(nowMs: number): void {
    if (this.#trial.kind !== 'out') return;
    this.#trial = { kind: 'out', untilMs: Math.min(this.#trial.untilMs, nowMs + READING_MS) };
  }
}
