import type { BudgetStore } from '../contract/budget-store.js';
import type { RateWindow } from '../contract/rate-limits.js';
import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';
import type { Ticker } from '../runtime/ticker.js';
import { BudgetPlaces } from './budget-places.js';

export interface BudgetShareOptions {
  readonly store: BudgetStore;
  /** Names the budget among all of the store's. */
  readonly scope: string;
  readonly windows: readonly RateWindow[];
  readonly monotonic: () => number;
  readonly ticker: Ticker;
  readonly logger: Logger;
}

/** A longer time would be asked for less often, and block the windows longer: this one costs a fifth of a second's. */
const HOLD_MS = 250;
/** A store that has not answered by then is taken as silent. */
const ANSWER_MS = 1_000;
const RETRY_MS = 500;

/** This process's share of one budget that several hold together, taken from the store in small batches. */
export class BudgetShare {
  readonly #options: BudgetShareOptions;
  readonly #places: BudgetPlaces;
  #stopWaiting: () => void = () => undefined;
  #listeners: (() => void)[] = [];
  #closed = false;

  constructor(options: BudgetShareOptions) {
    this.#options = options;
    this.#places = new BudgetPlaces({ windows: options.windows, holdMs: HOLD_MS, retryMs: RETRY_MS });
  }

  /** Whether the store failed to answer the last time. */
  get isSilent(): boolean {
    return this.#places.isSilent;
  }

  /** 0 when a place is at hand; otherwise asks for one, and tells in how many milliseconds to look again. */
  reach(nowMs: number): number {
    if (this.#places.atHand(nowMs) > 0) return 0;
    this.#ask(nowMs);
    return this.#places.waitMs(nowMs);
  }

  /** As `reach`, without asking. */
  waitMs(nowMs: number): number {
    return this.#places.waitMs(nowMs);
  }

  /** Takes a place that is at hand. */
  use(nowMs: number): void {
    if (this.#places.use(nowMs)) this.#ask(nowMs);
  }

  /** Calls `listener` once, when the store has answered or failed to. */
  onAnswer(listener: () => void): void {
    if (this.#places.isAsking && !this.#listeners.includes(listener)) this.#listeners.push(listener);
  }

  /** Tells every process that the broker wants a pause. */
  pause(forMs: number): void {
    const { store, scope, logger } = this.#options;
    store.pause(scope, Math.ceil(forMs)).catch((error: unknown) => {
      logger.warn('rate-pause-not-told', { scope, error: errorName(error) });
    });
  }

  /** Whether no place is at hand and none is asked for. */
  isIdle(nowMs: number): boolean {
    return !this.#places.isAsking && this.#places.atHand(nowMs) === 0;
  }

  close(): void {
    this.#closed = true;
    this.#stopWaiting();
    this.#listeners = [];
  }

  #ask(nowMs: number): void {
    const places = this.#closed ? 0 : this.#places.ask(nowMs);
    if (places === 0) return;
    const { store, scope, windows, ticker, monotonic } = this.#options;
    let over = false;
    const end = (why: string | null): void => {
      over = true;
      stop();
      if (why !== null) this.#failed(why);
      const listeners = this.#listeners;
      this.#listeners = [];
      for (const listener of listeners) listener();
    };
    const stop = ticker.at(nowMs + ANSWER_MS, () => end('no answer'));
    this.#stopWaiting = stop;
    store.take({ scope, windows, places, holdMs: HOLD_MS }).then(
      (grant) => {
        if (over || this.#closed) return;
        end(this.#places.answered(nowMs, grant, monotonic()) ? null : 'too slow');
      },
      (error: unknown) => {
        if (!over && !this.#closed) end(errorName(error));
      },
    );
  }

  #failed(why: string): void {
    const { scope, logger, monotonic } = this.#options;
    if (!this.isSilent) logger.warn('rate-budget-silent', { scope, why });
    this.#places.failed(monotonic());
  }
}
