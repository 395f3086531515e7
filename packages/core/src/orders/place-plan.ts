import type { Connection } from '../connection/connection.js';
import type { OrderRequest } from '../domain/order.js';
import type { Clock } from '../runtime/clock.js';
import { writePlaceRequest } from './command-text.js';
import { emulationOf } from './emulation.js';
import { checkOrder } from './order-check.js';
import { lastPrice, standInFor } from './stand-in.js';
import type { StandIn } from './stand-in.js';

/**
 * The order as this broker takes it, checked against what it lists and can do today.
 *
 * @param today IST day, `YYYY-MM-DD`
 * @throws {AlgoError} as `checkOrder`; `ALGO_UNKNOWN_INSTRUMENT`, `ALGO_NOT_CONNECTED`
 */
export function planFor(request: OrderRequest, connection: Connection, clock: Clock, today: string): StandIn {
  const listing = connection.listing(request.instrument);
  const { broker: id, capabilities } = connection;
  if (emulationOf(request, capabilities.orderTypes) !== null) {
    return standInFor(request, listing, connection, clock, today);
  }
  const order = checkOrder(request, listing, { id, capabilities }, today);
  return { order, text: writePlaceRequest(order, request.reduceOnly) };
}

/**
 * The same for an order that waited: the market moved meanwhile, so one that takes any price, or a price some way off,
 * goes only when a fresh quote is to be had.
 */
export function planForQueued(request: OrderRequest, connection: Connection, clock: Clock, today: string): StandIn {
  const plan = planFor(request, connection, clock, today);
  const isEmulated = emulationOf(request, connection.capabilities.orderTypes) !== null;
  if (plan.priced !== undefined || (request.type !== 'MARKET' && !isEmulated)) return plan;
  const { order } = plan;
  const priced: StandIn['priced'] = async (deadline) =>
    (await lastPrice(connection, order.listing, clock, deadline)) === null ? null : order;
  return { ...plan, priced };
}
