import type { BudgetGrant } from '../contract/budget-store.js';
import type { RateWindow } from '../contract/rate-limits.js';

export interface BudgetPlacesOptions {
  readonly windows: readonly RateWindow[];
  /** How long places that were taken may be used, in milliseconds. */
  readonly holdMs: number;
  /** Between two questions to a store that fails, in milliseconds. */
  readonly retryMs: number;
}

/** How soon to look again while an answer is on its way. */
const LOOK_AGAIN_MS = 8;
/** A batch is at most this part of the smallest window, so that a fourth process finds something too. */
const LARGEST_PART = 4;

/**
 * The places of one shared budget that this process holds, and what it should ask for next. Pure: times come in.
 *
 * Places may be used for `holdMs` from before the question left; the store counts the same time from when it answered,
 * which is later. So nothing is used here that the store holds for given up.
 *
 * A lone request asks for one place and waits for the answer. Steady traffic finds its places there already: as many are
 * asked for ahead as were used in the last hold time, and no more, since what is not used is lost.
 */
export class BudgetPlaces {
  readonly #options: BudgetPlacesOptions;
  readonly #largest: number;
  readonly #batches: Batch[] = [];
  /** When the question left that is on its way; null when none is. */
  #askedAtMs: number | null = null;
  #askAgainAtMs = -Infinity;
  #silent = false;
  /** Places used in the hold time that began then, and in the one before. */
  #period = { beganMs: -Infinity, used: 0, before: 0 };

  constructor(options: BudgetPlacesOptions) {
    this.#options = options;
    const smallest = Math.min(...options.windows.map(({ limit }) => limit));
    this.#largest = Math.max(1, Math.floor(smallest / LARGEST_PART));
  }

  get isAsking(): boolean {
    return this.#askedAtMs !== null;
  }

  /** Whether the store failed to answer the last time. */
  get isSilent(): boolean {
    return this.#silent;
  }

  /** Places that may be used now. */
  atHand(nowMs: number): number {
    while (this.#batches[0] !== undefined && this.#batches[0].untilMs <= nowMs) this.#batches.shift();
    return this.#batches[0]?.count ?? 0;
  }

  /** 0 when a place is at hand; else milliseconds until looking again, or asking, may help. */
  waitMs(nowMs: number): number {
    if (this.atHand(nowMs) > 0) return 0;
    return this.isAsking ? LOOK_AGAIN_MS : Math.max(1, this.#askAgainAtMs - nowMs);
  }

  /** Takes a place that is at hand. Returns whether more should be asked for, before somebody waits for them. */
  use(nowMs: number): boolean {
    const [batch] = this.#batches;
    if (batch === undefined) return true;
    batch.count -= 1;
    if (batch.count === 0) this.#batches.shift();
    this.#count(nowMs);
    return this.#batches.length === 0 && this.#demand() > 1;
  }

  /** A question is about to leave: the places to ask for; 0 when it is not the time for one. */
  ask(nowMs: number): number {
    if (this.isAsking || nowMs < this.#askAgainAtMs) return 0;
    this.#askedAtMs = nowMs;
    return Math.min(this.#largest, Math.max(1, this.#demand()));
  }

  /**
   * The store answered the question that left at `askedAtMs`. False when that is too late to be of any use: then it
   * counts as a failure, since asking on would only burn the budget.
   */
  answered(askedAtMs: number, { granted, waitMs }: BudgetGrant, nowMs: number): boolean {
    if (this.#askedAtMs !== askedAtMs) return true; // given up before
    const untilMs = askedAtMs + this.#options.holdMs;
    if (nowMs >= untilMs) {
      this.failed(nowMs);
      return false;
    }
    this.#askedAtMs = null;
    this.#silent = false;
    if (granted > 0) this.#batches.push({ count: granted, untilMs });
    else this.#askAgainAtMs = nowMs + Math.max(1, waitMs);
    return true;
  }

  /** The store failed, or does not answer. */
  failed(nowMs: number): void {
    this.#askedAtMs = null;
    this.#silent = true;
    this.#askAgainAtMs = nowMs + this.#options.retryMs;
  }

  #count(nowMs: number): void {
    const { holdMs } = this.#options;
    const { beganMs, used } = this.#period;
    if (nowMs < beganMs + holdMs) this.#period.used += 1;
    else this.#period = { beganMs: nowMs, used: 1, before: nowMs < beganMs + 2 * holdMs ? used : 0 };
  }

  #demand(): number {
    return Math.max(this.#period.used, this.#period.before);
  }
}

/** Places of one answer. */
interface Batch {
  count: number;
  readonly untilMs: number;
}
