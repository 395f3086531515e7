import type { RateWindow } from './rate-limits.js';

/** What one process asks of a budget that several share. */
export interface BudgetRequest {
  /** Who is counted, for example `account/u1/dhan/main/orders` or `address/203.0.113.7/dhan/orders`. */
  readonly scope: string;
  /** All of them hold at once. Every process that shares the scope names the same ones. */
  readonly windows: readonly RateWindow[];
  /** Places wanted, 1 or more. */
  readonly places: number;
  /** How long from now the places may be used, in milliseconds by the store's clock; what is unused by then is lost. */
  readonly holdMs: number;
}

/** Places given: as many as the windows have, at most those wanted. */
export interface BudgetGrant {
  readonly granted: number;
  /** When nothing was granted, milliseconds until asking again may help. */
  readonly waitMs: number;
}

/**
 * One rate budget for all processes that share a store. It counts an account or an egress address, which several users
 * may leave from, so its scopes cross users; they hold names and times, never a secret.
 */
export interface BudgetStore {
  /** Takes places, in one transaction with what was granted before. */
  take(request: BudgetRequest): Promise<BudgetGrant>;
  /** A broker said "too many": nobody gets a place of that scope for so long. A longer pause stays. */
  pause(scope: string, forMs: number): Promise<void>;
}
