/** A log-in that fails so fails for the next call as well. */
export const PAUSING: ReadonlySet<string> = new Set(['ALGO_STATIC_IP_REFUSED', 'ALGO_SESSION_EXPIRED']);

const FIRST_MS = 5_000;
const LONGEST_MS = 300_000;

/**
 * How long no log-in is made by itself: twice as long after each one that came to nothing. Without it a broker that
 * refuses every session is asked for a new one by every call, until it locks the account. Times are monotonic ms.
 */
export class LoginPause {
  #lengthMs = 0;
  #untilMs: number | null = null;

  isOn(nowMs: number): boolean {
    return this.#untilMs !== null && nowMs < this.#untilMs;
  }

  /** What is left of it; 0 when there is none. */
  leftMs(nowMs: number): number {
    return this.#untilMs === null ? 0 : Math.max(0, this.#untilMs - nowMs);
  }

  /** A log-in came to nothing, or the session it made was refused before it served a single call. */
  failed(nowMs: number): void {
    this.#lengthMs = Math.min(LONGEST_MS, this.#lengthMs === 0 ? FIRST_MS : this.#lengthMs * 2);
    this.#untilMs = nowMs + this.#lengthMs;
  }

  /** A person asks for a try now. The next failure is still counted with those before. */
  end(): void {
    this.#untilMs = null;
  }

  reset(): void {
    this.#lengthMs = 0;
    this.#untilMs = null;
  }
}
