import type { ConnectionRef, OrderRequest } from '../domain/order.js';
import type { OrderRoad } from '../orders/order-road.js';
import type { AttemptEnd, FirstStep, NextStep, OrderRouting } from '../orders/order-routing.js';
import type { Router } from '../routing/router.js';
import type { Routable } from '../routing/routable.js';

export interface RoutedOrdersOptions {
  readonly router: Router<Routable>;
  /** Null when that connection is not established. */
  readonly roadOf: (ref: ConnectionRef) => OrderRoad | null;
  /** The one named, the one that serves, or the only one. @throws {AlgoError} */
  readonly roadFor: (wanted: ConnectionRef | undefined) => OrderRoad;
  /** The connection that holds the position which this order reduces. @throws {AlgoError} */
  readonly holderOf: (request: OrderRequest) => Promise<OrderRoad>;
}

/** What the router decides, in the words of the order road. */
export function routedOrders({ router, roadOf, roadFor, holderOf }: RoutedOrdersOptions): OrderRouting {
  const atOnce = (road: OrderRoad): FirstStep => ({ road, queueForMs: null });

  const first = (request: OrderRequest): FirstStep | Promise<FirstStep> => {
    if (request.connection !== undefined) return atOnce(roadFor(request.connection));
    if (request.reduceOnly === true) return holderOf(request).then(atOnce);
    const route = router.entry();
    if (route === null) return atOnce(roadFor(undefined));
    const { connection, decision } = route;
    const road = roadFor(connection);
    if (decision.kind === 'queue') return { road, queueForMs: decision.expiresMs };
    // A gate knows its order lane alone: a broker whose reads found it gone would be sent an order nobody can account for.
    if (decision.kind === 'refuse' && isDown(road)) return { ...atOnce(road), refusal: 'not-connected' };
    return atOnce(road); // any other refusal is the gate's, which says why
  };

  const after = ({ request, operation, road, rejection, tried }: AttemptEnd): NextStep => {
    const decision = router.afterFailure({
      operation,
      connection: refOf(road),
      rejection,
      mayMove: request.mayMove === true,
      pinned: request.connection !== undefined,
      tried: tried.map(refOf),
    });
    switch (decision.kind) {
      case 'retry':
        return decision;
      case 'queue':
        return { kind: 'queue', forMs: decision.expiresMs };
      case 'switch': {
        const to = roadOf(decision.to);
        return to === null ? { kind: 'end' } : { kind: 'switch', road: to };
      }
      default:
        return { kind: 'end' };
    }
  };

  // Without a strategy nothing is asked of the router: what waits from before goes when its connection is up.
  const mayDrain = (road: OrderRoad): boolean => router.strategy === null || router.mayDrain(refOf(road));

  return { first, goesOn: () => router.strategy !== null, after, mayDrain };
}

/** One that is being connected is waited for. */
function isDown({ gate }: OrderRoad): boolean {
  const { status } = gate.connection.state;
  return status !== 'connected' && status !== 'connecting';
}

const refOf = ({ gate: { connection } }: OrderRoad): ConnectionRef => ({
  broker: connection.broker,
  account: connection.account,
});
