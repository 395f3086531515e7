import type { Connection } from '../connection/connection.js';
import type { Listing } from '../domain/instrument.js';
import type { Quote } from '../domain/market-data.js';
import type { OrderRequest } from '../domain/order.js';
import { toRupees } from '../domain/price.js';
import { isAlgoError } from '../errors/algo-error.js';
import type { Deadline } from '../resilience/deadline.js';
import type { Clock } from '../runtime/clock.js';
import { writeEmulatedRequest } from './command-text.js';
import { emulated } from './emulation.js';
import { checkOrder, checkPrice } from './order-check.js';
import type { CheckedOrder } from './order-check.js';

/** A last price read longer ago is no price to start from. */
const FRESH_MS = 5_000;

/** The order that is sent in place of one that the broker does not take. */
export interface StandIn {
  /** Checked as it will be sent; what a quote decides is only filled in by `priced`. */
  readonly order: CheckedOrder;
  /** What the journal keeps: the order as it was asked for, which needs no quote. */
  readonly text: string;
  /** With its price, from a fresh quote; null when no usable one was to be had in time. Absent where none is needed. */
  readonly priced?: (deadline: Deadline) => Promise<CheckedOrder | null>;
}

/**
 * Works out the stand-in and checks it whole, so that bad input is refused before anything is asked of the broker.
 *
 * @param today IST day, `YYYY-MM-DD`
 * @throws {AlgoError} as `checkOrder`
 */
export function standInFor(
  request: OrderRequest,
  listing: Listing,
  connection: Connection,
  clock: Clock,
  today: string,
): StandIn {
  const { type, emulate = { withinPercent: 0 } } = request;
  checkPrice('price', request.price, type, false, listing);
  checkPrice('triggerPrice', request.triggerPrice, type, type === 'SL-M', listing);
  const { broker: id, capabilities } = connection;
  const from = (lastPrice: number): CheckedOrder =>
    checkOrder(emulated(request, listing, lastPrice) ?? request, listing, { id, capabilities }, today);
  const order = from(toRupees(listing.tick)); // any price does: the real one comes from the quote
  const reduceOnly = request.reduceOnly === true;
  const text = writeEmulatedRequest(order, { type, withinPercent: emulate.withinPercent, reduceOnly });
  if (type !== 'MARKET') return { order, text };
  const priced = async (deadline: Deadline): Promise<CheckedOrder | null> => {
    const last = await lastPrice(connection, listing, clock, deadline);
    return last === null ? null : orNull(() => from(last));
  };
  return { order, text, priced };
}

/** Rupees; null when no fresh one is to be had in half of the time there is. */
export function lastPrice(
  connection: Connection,
  { instrument }: Listing,
  clock: Clock,
  deadline: Deadline,
): Promise<number | null> {
  return new Promise((resolve) => {
    const stop = clock.after(deadline.remainingMs() / 2, () => resolve(null));
    const answer = (price: number | null): void => {
      stop();
      resolve(price);
    };
    deadline.onOver(() => answer(null));
    const read = async (): Promise<number | null> =>
      usablePrice(await connection.quotes([instrument]), instrument, clock.now());
    read().then(answer, () => answer(null));
  });
}

/** Of this very instrument, and fresh: an adapter may answer with more than was asked, or from a store of its own. */
function usablePrice(quotes: readonly Quote[], instrument: string, nowMs: number): number | null {
  const quote = quotes.find((each) => each.instrument === instrument);
  if (quote === undefined || !(Math.abs(nowMs - quote.asOfMs) <= FRESH_MS)) return null;
  const { lastPrice: price } = quote;
  return price !== null && Number.isFinite(price) && price > 0 ? price : null;
}

/** A last price that gives no order the broker would take is as good as none. */
function orNull(make: () => CheckedOrder): CheckedOrder | null {
  try {
    return make();
  } catch (error) {
    if (isAlgoError(error)) return null;
    throw error;
  }
}
