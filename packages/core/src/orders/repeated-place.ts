import type { ConnectionRef, OrderRequest } from '../domain/order.js';
import { AlgoError } from '../errors/algo-error.js';
import type { Clock } from '../runtime/clock.js';
import type { EarlierAttempts } from './earlier-attempts.js';
import { DEFAULT_DEADLINE_MS } from './order-check.js';
import type { OrderRoad } from './order-road.js';
import type { FirstStep, OrderRouting } from './order-routing.js';
import type { Placing } from './placing.js';
import type { StandIn } from './stand-in.js';

export interface RepeatedPlaceOptions {
  readonly routing: OrderRouting;
  readonly placing: Placing;
  readonly earlier: EarlierAttempts;
  readonly clock: Clock;
  /** Null when that connection is not established. */
  readonly roadOf: (ref: ConnectionRef) => OrderRoad | null;
}

/**
 * What cannot be placed now may be a repetition of what was placed before, and is then told what became of that: an error
 * would look as if the order were nowhere. A journal that does not say so by the deadline is an error of its own.
 */
export class RepeatedPlace {
  readonly #options: RepeatedPlaceOptions;

  constructor(options: RepeatedPlaceOptions) {
    this.#options = options;
  }

  /** Where it is tried first; where it was tried, if it has no connection any more. @throws what the routing throws */
  firstStep(request: OrderRequest): FirstStep | Promise<FirstStep> {
    const whereItWas = (error: unknown): Promise<FirstStep> => this.#earlierStep(request, error);
    try {
      const first = this.#options.routing.first(request);
      return first instanceof Promise ? first.catch(whereItWas) : first;
    } catch (error) {
      return whereItWas(error);
    }
  }

  /** @throws what the journal throws; `ALGO_DEADLINE` */
  async wasPlaced({ clientOrderId, deadlineMs }: OrderRequest): Promise<boolean> {
    if (clientOrderId === undefined) return false;
    const { placing, earlier } = this.#options;
    if (placing.underway(clientOrderId) !== null) return true;
    return (await this.#inTime(earlier.places(clientOrderId), deadlineMs)).length > 0;
  }

  /** The order as the broker takes it where it was tried. @throws `error` for an order that is new */
  async plan(request: OrderRequest, { road }: FirstStep, error: unknown): Promise<StandIn> {
    const there = await this.#earlierRoad(request);
    if (there === null || there === road) throw error;
    return this.#options.placing.planAt(there, request);
  }

  async #earlierStep(request: OrderRequest, error: unknown): Promise<FirstStep> {
    const road = await this.#earlierRoad(request);
    if (road === null) throw error;
    return { road, queueForMs: null };
  }

  /** Only where its first attempt is known is it certain that repeating it sends nothing. */
  async #earlierRoad({ clientOrderId, deadlineMs }: OrderRequest): Promise<OrderRoad | null> {
    if (clientOrderId === undefined) return null;
    const { placing, earlier, roadOf } = this.#options;
    const [underway] = placing.underway(clientOrderId)?.tried ?? [];
    if (underway !== undefined) return underway;
    const [first] = await this.#inTime(earlier.places(clientOrderId), deadlineMs);
    return first?.number === 1 ? roadOf(first) : null;
  }

  #inTime<Value>(work: Promise<Value>, deadlineMs = DEFAULT_DEADLINE_MS): Promise<Value> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(new AlgoError('ALGO_DEADLINE', { deadlineMs }));
      const cancel = this.#options.clock.after(deadlineMs, late);
      work.then(resolve, reject).finally(cancel);
    });
  }
}
