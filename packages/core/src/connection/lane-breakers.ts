import { LANES } from '../contract/http.js';
import type { Lane } from '../contract/http.js';
import { AlgoError } from '../errors/algo-error.js';
import { BREAKER_DEFAULTS, CircuitBreaker } from '../resilience/circuit-breaker.js';
import type { BreakerState } from '../resilience/circuit-breaker.js';
import type { Urgency } from '../resilience/urgency.js';
import type { Clock } from '../runtime/clock.js';

/** Told of a breaker that changed; times in the states are epoch milliseconds. */
export type OnLaneBreaker = (lane: Lane, state: BreakerState, previous: BreakerState) => void;

export interface LaneBreakersOptions {
  readonly clock: Clock;
  readonly fraction: () => number;
  readonly onChange: OnLaneBreaker;
}

const ORDER_BREAKER = { ...BREAKER_DEFAULTS, entriesOnTrial: true };

/** The breakers of one account, one for each lane. */
export class LaneBreakers {
  readonly orders: CircuitBreaker;
  readonly reads: CircuitBreaker;
  readonly data: CircuitBreaker;
  readonly auth: CircuitBreaker;
  readonly #clock: Clock;

  constructor({ clock, fraction, onChange }: LaneBreakersOptions) {
    this.#clock = clock;
    const breaker = (lane: Lane): CircuitBreaker =>
      new CircuitBreaker(lane === 'orders' ? ORDER_BREAKER : BREAKER_DEFAULTS, fraction, (state, previous) =>
        onChange(lane, this.#shown(state), this.#shown(previous)),
      );
    this.orders = breaker('orders');
    this.reads = breaker('reads');
    this.data = breaker('data');
    this.auth = breaker('auth');
  }

  /** With `untilMs` as epoch milliseconds. */
  stateOf(lane: Lane): BreakerState {
    return this.#shown(this[lane].state);
  }

  states(): Readonly<Record<Lane, BreakerState>> {
    const { orders, reads, data, auth } = this;
    return {
      orders: this.#shown(orders.state),
      reads: this.#shown(reads.state),
      data: this.#shown(data.state),
      auth: this.#shown(auth.state),
    };
  }

  /**
   * Lets a call into a lane. A call that passed must be recorded, or released.
   *
   * @returns the breaker's epoch, to hand back with the result
   * @throws {AlgoError} `ALGO_CIRCUIT_OPEN`
   */
  pass(lane: Lane, urgency: Urgency): number {
    const now = this.#clock.monotonic();
    const breaker = this[lane];
    const retryAt = breaker.pass(urgency, now);
    if (retryAt === 0) return breaker.epoch;
    throw new AlgoError('ALGO_CIRCUIT_OPEN', { lane, retryAtMs: Math.ceil(this.#clock.now() + retryAt - now) });
  }

  /** By hand: for so long, or until closed by hand. Cancels and checked exits still pass, one at a time. */
  open(lane: Lane, forMs: number | null): void {
    checkLane(lane);
    if (forMs !== null && !(Number.isFinite(forMs) && forMs > 0)) {
      throw invalid('forMs', 'must be a positive number of milliseconds, or null for until it is closed by hand');
    }
    this[lane].open(forMs, this.#clock.monotonic());
  }

  /** By hand: calls go again, and the count of openings begins anew. */
  close(lane: Lane): void {
    checkLane(lane);
    this[lane].close();
  }

  /** Half-open what has been open for its time, also where nobody calls. */
  wake(): void {
    const now = this.#clock.monotonic();
    for (const lane of LANES) this[lane].wake(now);
  }

  /** From when something is to be done about one of them, monotonic: waken it, or try the orders or reads lane. */
  get dueMs(): number {
    return Math.min(this.orders.tryFromMs, this.reads.tryFromMs, wakeMs(this.data), wakeMs(this.auth));
  }

  #shown(state: BreakerState): BreakerState {
    if (state.kind !== 'open') return state;
    return { ...state, untilMs: Math.ceil(state.untilMs + this.#clock.now() - this.#clock.monotonic()) };
  }
}

function checkLane(lane: Lane): void {
  if (!LANES.includes(lane)) throw invalid('lane', `must be one of ${LANES.join(', ')}`);
}

const invalid = (field: string, problem: string): AlgoError =>
  new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem }] });

/** These two are tried by the next one who needs them: no cheap read goes their way. */
const wakeMs = ({ state }: CircuitBreaker): number => (state.kind === 'open' ? state.untilMs : Infinity);
