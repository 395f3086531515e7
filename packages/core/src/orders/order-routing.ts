import type { OrderRequest } from '../domain/order.js';
import type { GateRefusal, NotSentProof, RejectReason } from '../domain/order-outcome.js';
import type { OrderRoad } from './order-road.js';

/** Which connection takes an order, and what becomes of one that provably did not reach its broker. */
export interface OrderRouting {
  /**
   * Where an order is tried first: an entry at the connection that serves, an exit (`reduceOnly`) at the one that holds
   * the position. One that names its connection goes there.
   *
   * @throws {AlgoError} `ALGO_NOT_CONNECTED`, `ALGO_CONNECTION_UNCLEAR`
   */
  first(request: OrderRequest): FirstStep | Promise<FirstStep>;
  /** Whether any attempt may be followed by another one: then other processes wait a moment before they call it the end. */
  goesOn(): boolean;
  /** Asked only when nothing of the order is at any broker, and there is time left for more. */
  after(end: AttemptEnd): NextStep;
  /** Whether what waits for this connection may go now; asked again and again while something waits. */
  mayDrain(road: OrderRoad): boolean;
}

export interface FirstStep {
  readonly road: OrderRoad;
  /** Null: it goes at once. Else it waits in the queue so many milliseconds at most, untried. */
  readonly queueForMs: number | null;
  /** It goes nowhere, and this is why. @default it is tried */
  readonly refusal?: GateRefusal;
}

/** An attempt of no effect. */
export interface AttemptEnd {
  readonly request: OrderRequest;
  readonly operation: 'entry' | 'exit';
  readonly road: OrderRoad;
  /** The broker's own no; null when it was not asked. */
  readonly rejection: RejectReason | null;
  /** What proves that it was not sent; null for a rejection. */
  readonly proof: NotSentProof | null;
  /** Attempts so far, this one included. */
  readonly attempts: number;
  /** Where it has been tried, in order. It does not go to any of them by a switch. */
  readonly tried: readonly OrderRoad[];
}

export type NextStep =
  /** It ends as it stands. */
  | { readonly kind: 'end' }
  /** Again here after a pause, within the caller's deadline. `tries`: most tries after the first. */
  | { readonly kind: 'retry'; readonly tries: number }
  | { readonly kind: 'switch'; readonly road: OrderRoad }
  | { readonly kind: 'queue'; readonly forMs: number };

/** One connection, tried once: for a user without a strategy. */
export const withoutFailover = (first: OrderRouting['first']): OrderRouting => ({
  first,
  goesOn: () => false,
  after: () => ({ kind: 'end' }),
  mayDrain: () => true,
});
