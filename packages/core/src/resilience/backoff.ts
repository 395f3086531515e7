/** How waits grow: doubling from `baseMs`, never above `capMs`. */
export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/**
 * Full jitter: anywhere from 0 to the doubled wait, so that a thousand clients that failed together do not come back
 * together.
 *
 * @param attempt 0 for the first wait
 * @param fraction from 0 up to but not 1
 */
export function backoffMs({ baseMs, capMs }: Backoff, attempt: number, fraction: number): number {
  return Math.round(Math.min(capMs, baseMs * 2 ** attempt) * fraction);
}
