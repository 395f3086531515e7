import type { Connection } from '../connection/connection.js';
import type { InstrumentId, Listing } from '../domain/instrument.js';
import type { OrderRequest } from '../domain/order.js';
import type { Clock } from '../runtime/clock.js';
import { writeEmulatedRequest } from './command-text.js';
import { emulated } from './emulation.js';
import { checkOrder, checkPrice } from './order-check.js';
import type { CheckedOrder } from './order-check.js';

/** The order that is sent in place of one that the broker does not take. */
export interface StandIn {
  readonly order: CheckedOrder;
  /** What the journal keeps: the order as it was asked for. */
  readonly text: string;
}

/**
 * Works out the stand-in, with a fresh quote where it takes one. Null when there is no price to start from in time:
 * then nothing is sent.
 *
 * @throws {AlgoError} as `checkOrder`
 */
export async function standInFor(
  request: OrderRequest,
  listing: Listing,
  connection: Connection,
  clock: Clock,
  { today, patienceMs }: { readonly today: string; readonly patienceMs: number },
): Promise<StandIn | null> {
  const { type, emulate = { withinPercent: 0 } } = request;
  checkPrice('price', request.price, type, false, listing);
  checkPrice('triggerPrice', request.triggerPrice, type, type === 'SL-M', listing);
  const last = type === 'MARKET' ? await lastPrice(connection, request.instrument, clock, patienceMs) : null;
  const instead = emulated(request, listing, last);
  if (instead === null) return null;
  const { broker: id, capabilities } = connection;
  const order = checkOrder(instead, listing, { id, capabilities }, today);
  return { order, text: writeEmulatedRequest(order, { type, withinPercent: emulate.withinPercent }) };
}

/** Rupees; null when it is not to be had in time. */
function lastPrice(
  connection: Connection,
  instrument: InstrumentId,
  clock: Clock,
  patienceMs: number,
): Promise<number | null> {
  return new Promise((resolve) => {
    const stop = clock.after(patienceMs, () => resolve(null));
    const answer = (price: number | null): void => {
      stop();
      resolve(price);
    };
    connection.quotes([instrument]).then(
      ([quote]) => answer(quote?.lastPrice ?? null),
      () => answer(null),
    );
  });
}
