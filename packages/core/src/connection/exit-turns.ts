import { AlgoError } from '../errors/algo-error.js';
import type { CircuitBreaker } from '../resilience/circuit-breaker.js';
import type { Deadline } from '../resilience/deadline.js';
import { reducesRisk } from '../resilience/urgency.js';
import type { Urgency } from '../resilience/urgency.js';

/**
 * A breaker that is not closed lets cancels and exits pass one at a time; the others wait here for their turn, they are
 * not refused.
 */
export class ExitTurns {
  readonly #breaker: CircuitBreaker;
  #underway = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(breaker: CircuitBreaker) {
    this.#breaker = breaker;
  }

  mustWait(urgency: Urgency): boolean {
    return reducesRisk(urgency) && this.#underway > 0 && this.#breaker.state.kind !== 'closed';
  }

  /**
   * Until one of those under way has ended. Who gives up leaves the line, so that the next wake-up is not lost on it.
   *
   * @throws {AlgoError} `ALGO_DEADLINE`
   */
  wait(deadline: Deadline): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(resolve);
      deadline.onOver(() => {
        const at = this.#waiting.indexOf(resolve);
        if (at !== -1) this.#waiting.splice(at, 1);
        reject(new AlgoError('ALGO_DEADLINE', { deadlineMs: deadline.lengthMs }));
      });
    });
  }

  began(urgency: Urgency): void {
    if (reducesRisk(urgency)) this.#underway += 1;
  }

  ended(urgency: Urgency): void {
    if (!reducesRisk(urgency)) return;
    this.#underway -= 1;
    this.#waiting.shift()?.();
  }
}
