import type { Clock } from '../runtime/clock.js';
import { backoffMs } from './backoff.js';
import type { Backoff } from './backoff.js';

/** Three in all, spread by full jitter, within the caller's deadline (reliability.md D). */
export const READ_TRIES = 3;
export const READ_BACKOFF: Backoff = { baseMs: 200, capMs: 5_000 };

export interface RetryOptions {
  /** The first one included. */
  readonly tries: number;
  readonly clock: Clock;
  readonly fraction: () => number;
  /** Milliseconds left for the whole call. */
  readonly remainingMs: () => number;
  /** Null when trying again is no use; else the least wait, such as a broker's Retry-After. */
  readonly leastWaitMs: (error: unknown) => number | null;
  /** Takes one retry out of the account's budget; false when it is spent, so that an outage is not made worse. */
  readonly spend: (error: unknown) => boolean;
}

/**
 * Runs a read and, if it fails in a way that may pass, runs it again. Never given an order command: those are not
 * repeated by anyone.
 *
 * The first try is plain; `optionsOf` is asked, and `p-retry` loaded, when a second one may be needed.
 */
export async function retryRead<Value>(read: () => Promise<Value>, optionsOf: () => RetryOptions): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    const options = optionsOf();
    const wait = options.tries > 1 ? waitBefore(0, error, options) : null;
    if (wait === null) throw error;
    return tryAgain(read, wait, options);
  }
}

async function tryAgain<Value>(read: () => Promise<Value>, firstWait: number, options: RetryOptions): Promise<Value> {
  const { default: pRetry } = await import('p-retry');
  await sleep(options.clock, firstWait);
  let tries = 0;
  // p-retry counts and stops; the waiting is ours, so that it runs on the clock we were given.
  return pRetry(read, {
    retries: options.tries - 2,
    minTimeout: 0,
    maxTimeout: 0,
    shouldRetry: async ({ error }) => {
      tries += 1;
      const wait = waitBefore(tries, error, options);
      if (wait === null) return false;
      await sleep(options.clock, wait);
      return true;
    },
  });
}

/** Null when the call should end here. */
function waitBefore(attempt: number, error: unknown, options: RetryOptions): number | null {
  const least = options.leastWaitMs(error);
  if (least === null) return null;
  const wait = Math.max(least, backoffMs(READ_BACKOFF, attempt, options.fraction()));
  if (wait >= options.remainingMs()) return null;
  return options.spend(error) ? wait : null;
}

const sleep = (clock: Clock, ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));

/** 20 % of the calls of the last 10 s, but always 3 (Envoy's and Finagle's rule). */
export class RetryBudget {
  static readonly #windowMs = 10_000;
  static readonly #share = 0.2;
  static readonly #floor = 3;
  #startedMs = 0;
  #calls = 0;
  #spent = 0;

  call(nowMs: number): void {
    this.#roll(nowMs);
    this.#calls += 1;
  }

  spend(nowMs: number): boolean {
    this.#roll(nowMs);
    if (this.#spent >= Math.max(RetryBudget.#floor, this.#calls * RetryBudget.#share)) return false;
    this.#spent += 1;
    return true;
  }

  #roll(nowMs: number): void {
    if (nowMs - this.#startedMs < RetryBudget.#windowMs) return;
    this.#startedMs = nowMs;
    this.#calls = 0;
    this.#spent = 0;
  }
}
