/**
 * At most `limit` requests in any stretch of `perMs` milliseconds.
 *
 * Sliding covers a broker that counts by the calendar second, minute or hour as well: whatever fits every sliding
 * stretch fits the ones that begin on the full second, so it is the stricter of the two and needs no clock in common
 * with the broker. A day is different: a sliding one would refuse tomorrow's orders for today's, hence `ist-day`.
 */
export interface RateWindow {
  readonly limit: number;
  /** Length in milliseconds; for `ist-day` it says nothing more and is 86400000. */
  readonly perMs: number;
  /** Whom the broker counts: the account, or everybody who leaves from one address. @default 'account' */
  readonly per?: 'account' | 'address';
  /** `ist-day` counts from midnight to midnight in IST. @default 'sliding' */
  readonly counted?: 'sliding' | 'ist-day';
  /** Whether each exchange segment is counted apart; a request that names no segment counts with the others of that kind. @default false */
  readonly bySegment?: boolean;
}

/** Windows per endpoint family, as the broker's own page states them; all of a family's windows hold at once. */
export type RateLimits = Readonly<Record<string, readonly RateWindow[]>>;
