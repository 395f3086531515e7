/** At most `limit` requests in any stretch of `perMs` milliseconds. */
export interface RateWindow {
  readonly limit: number;
  readonly perMs: number;
}

/** Windows per endpoint family, as the broker's own page states them; all of a family's windows hold at once. */
export type RateLimits = Readonly<Record<string, readonly RateWindow[]>>;
