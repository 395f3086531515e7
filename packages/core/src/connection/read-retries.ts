import { isAlgoError } from '../errors/algo-error.js';
import type { Deadline } from '../resilience/deadline.js';
import type { RetryBudget, RetryOptions } from '../resilience/retry-reads.js';
import type { Clock } from '../runtime/clock.js';
import type { Random } from '../runtime/random.js';
import { isSessionLost, mayPass } from './call-results.js';

export interface ReadRetriesOptions {
  readonly deadline: Deadline;
  /** The first one included. */
  readonly tries: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly budget: RetryBudget;
}

/** Whether and when a read that failed is made again: what may pass, and once after a session was refused. */
export function readRetries({ deadline, tries, clock, random, budget }: ReadRetriesOptions): RetryOptions {
  let renewed = false;
  return {
    tries,
    clock,
    fraction: () => random.fraction(),
    remainingMs: () => deadline.remainingMs(),
    leastWaitMs(error) {
      if (!isAlgoError(error) || deadline.over) return null;
      if (isSessionLost(error)) {
        const first = !renewed;
        renewed = true;
        return first ? 0 : null;
      }
      if (error.code === 'ALGO_RATE_LIMITED') return error.details.retryAfterMs;
      return mayPass(error.code) ? 0 : null;
    },
    spend: (error) => isSessionLost(error) || budget.spend(clock.monotonic()), // that one is asked for once
  };
}
