import type { Listing } from '../domain/instrument.js';
import type { OrderRequest } from '../domain/order.js';
import type { TenThousandths } from '../domain/price.js';
import { parsePrice, toRupees } from '../domain/price.js';
import type { OrderType, Side } from '../domain/vocabulary.js';

/** A percentage in hundredths, so that prices are worked out in whole numbers. */
const HUNDREDTHS = 100;
const WHOLE = 100 * HUNDREDTHS;

/** How an order that a broker does not take is sent instead. */
export type Emulation =
  /** MARKET as a LIMIT some way beyond the last price; a quote is needed. */
  | 'limit-for-market'
  /** SL-M as an SL whose limit lies some way beyond its trigger. */
  | 'stop-limit-for-stop-market';

/**
 * Whether this order has to be sent as another type. Null where the broker takes it as it is, where there is nothing to
 * send instead, and where the caller did not allow it: then the order is refused by name.
 */
export function emulationOf({ type, emulate }: OrderRequest, taken: readonly OrderType[]): Emulation | null {
  if (emulate === undefined || taken.includes(type)) return null;
  if (type === 'MARKET' && taken.includes('LIMIT')) return 'limit-for-market';
  if (type === 'SL-M' && taken.includes('SL')) return 'stop-limit-for-stop-market';
  return null;
}

/** What emulation sends for a type. */
export const sentType = (type: OrderType): OrderType => (type === 'MARKET' ? 'LIMIT' : type === 'SL-M' ? 'SL' : type);

/** The order to send instead. `lastPrice` is rupees, and is used for a MARKET order alone. */
export function emulated(request: OrderRequest, listing: Listing, lastPrice: number | null): OrderRequest | null {
  const from = request.type === 'MARKET' ? lastPrice : (request.triggerPrice ?? null);
  const start = from === null ? null : parsePrice(from);
  if (start === null || start <= 0 || request.emulate === undefined) return null;
  const price = beyond(start, request.side, request.emulate.withinPercent, listing.tick);
  return { ...request, type: sentType(request.type), price: toRupees(price) };
}

/** The price furthest away that is still within so many percent, on a tick; never on the wrong side of where it starts. */
function beyond(start: TenThousandths, side: Side, withinPercent: number, tick: TenThousandths): TenThousandths {
  const reach = Math.floor((start * Math.round(withinPercent * HUNDREDTHS)) / WHOLE);
  if (side === 'BUY') return Math.max(Math.floor((start + reach) / tick) * tick, Math.ceil(start / tick) * tick);
  return Math.max(tick, Math.min(Math.ceil((start - reach) / tick) * tick, Math.floor(start / tick) * tick));
}
