import type { BudgetShare } from './budget-share.js';
import type { RateLimiter } from './rate-limiter.js';
import { isCommand, reducesRisk } from './urgency.js';
import type { Urgency } from './urgency.js';

/** Where a request's places come from. A place is taken before the request goes, and never given back. */
export interface RatePlaces {
  /**
   * Takes a place if one is free now: returns 0, or the milliseconds until asking again may help.
   *
   * @param spare places to leave free in every window large enough to have one to spare
   */
  take(nowMs: number, spare: number, urgency: Urgency): number;
  /** Milliseconds until a request may go; 0 means now. Takes nothing. */
  waitMs(nowMs: number, spare: number, urgency: Urgency): number;
  /** A request that had a place is done with. */
  ended(nowMs: number): void;
  /** Calls `listener` once when places came from elsewhere, which may be before the time that `waitMs` told. */
  onPlaces(listener: () => void): void;
}

export interface FamilyRatesOptions {
  /** What the broker counts. They slow down when it says "too many". */
  readonly counted: readonly RateLimiter[];
  /** What the host allows a user. */
  readonly allowed: readonly RateLimiter[];
  /** What this process has of budgets that several share; empty when no other process can be there. */
  readonly shares: readonly BudgetShare[];
  /** A quarter of the limits, for when the store that knows the budgets does not answer; null where nothing is shared. */
  readonly alone: RateLimiter | null;
}

/**
 * All that one connection's requests of one family count in: the account's windows, the address's, the user's, and the
 * shares of budgets held with other processes. A request goes when all of them have a place.
 *
 * While the store does not answer, entries and modifies stay: nobody knows what the other processes send. Reads go on
 * with a quarter of the limit, and so do cancels and exits, which nothing but the broker may stop.
 */
export class FamilyRates implements RatePlaces {
  readonly #limiters: readonly RateLimiter[];
  readonly #options: FamilyRatesOptions;

  constructor(options: FamilyRatesOptions) {
    this.#options = options;
    this.#limiters = [...options.counted, ...options.allowed];
  }

  /** Whether its places come from a budget that several processes share. */
  get isShared(): boolean {
    return this.#options.shares.length > 0;
  }

  take(nowMs: number, spare: number, urgency: Urgency): number {
    let wait = this.#localWait(nowMs, spare);
    const { shares } = this.#options;
    if (wait === 0 && shares.length > 0) wait = this.#takeShares(nowMs, spare, urgency);
    if (wait > 0) return wait;
    for (const limiter of this.#limiters) limiter.use(nowMs);
    return 0;
  }

  waitMs(nowMs: number, spare: number, urgency: Urgency): number {
    let wait = this.#localWait(nowMs, spare);
    const goesOn = this.#goesOnAlone(urgency);
    for (const share of this.#options.shares)
      if (!(goesOn && share.isSilent)) wait = Math.max(wait, share.waitMs(nowMs));
    const { alone } = this.#options;
    return goesOn && alone !== null && this.#isSilent() ? Math.max(wait, alone.waitMs(nowMs, spare)) : wait;
  }

  ended(nowMs: number): void {
    for (const limiter of this.#options.counted) limiter.ended(nowMs);
  }

  onPlaces(listener: () => void): void {
    for (const share of this.#options.shares) share.onAnswer(listener);
  }

  /** The broker said "too many"; other processes hear of it through the store. */
  slowDown(nowMs: number, retryAfterMs: number | null): void {
    let forMs = 0;
    for (const limiter of this.#options.counted) forMs = Math.max(forMs, limiter.slowDown(nowMs, retryAfterMs));
    for (const share of this.#options.shares) share.pause(forMs);
  }

  #localWait(nowMs: number, spare: number): number {
    let wait = 0;
    for (const limiter of this.#limiters) wait = Math.max(wait, limiter.waitMs(nowMs, spare));
    return wait;
  }

  #takeShares(nowMs: number, spare: number, urgency: Urgency): number {
    const { shares, alone } = this.#options;
    let wait = 0;
    for (const share of shares) wait = Math.max(wait, share.reach(nowMs)); // all are asked at once
    if (wait === 0) for (const share of shares) share.use(nowMs);
    if (wait === 0 || alone === null || !this.#isSilent() || !this.#goesOnAlone(urgency)) return wait;
    return alone.take(nowMs, spare);
  }

  #isSilent(): boolean {
    return this.#options.shares.some((share) => share.isSilent);
  }

  #goesOnAlone(urgency: Urgency): boolean {
    return !isCommand(urgency) || reducesRisk(urgency);
  }
}
