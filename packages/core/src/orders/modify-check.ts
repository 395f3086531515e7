import type { ModifyCommand, WorkingOrder } from '../contract/broker-adapter.js';
import type { AttemptRow } from '../contract/order-journal.js';
import type { InstrumentId, Listing } from '../domain/instrument.js';
import type { BrokerOrder, ModifyRequest } from '../domain/order.js';
import { toRupees } from '../domain/price.js';
import { AlgoError } from '../errors/algo-error.js';
import { readModifyRequest, readPlaceRequest } from './command-text.js';
import type { ModifyText } from './command-text.js';
import { checkOrder, checkShape, invalid } from './order-check.js';
import type { OrderGate } from './order-gate.js';

export interface CheckedModify {
  readonly wanted: ModifyText;
  readonly command: Omit<ModifyCommand, 'brokerOrderId' | 'tag'>;
}

/**
 * The whole new state of an order: what the caller wants, on top of how the broker shows it now, or, while it is not to
 * be seen there, of what we sent last. Checked like a new order.
 *
 * @throws {AlgoError} as `checkShape` and `checkOrder`; `ALGO_INVALID_INPUT` for a modify that changes nothing.
 */
export function checkedModify(
  request: ModifyRequest,
  target: {
    readonly place: AttemptRow;
    readonly rows: readonly AttemptRow[];
    readonly road: { readonly gate: OrderGate };
  },
  now: BrokerOrder | null,
  today: string,
): CheckedModify {
  const { connection } = target.road.gate;
  const placed = readPlaceRequest(target.place.request);
  if (placed === null) throw new AlgoError('ALGO_UNKNOWN_ORDER', { clientOrderId: target.place.clientOrderId });
  const listing = connection.listing(placed.instrument);
  const base = now === null ? lastWanted(target.rows, placed) : ofBroker(now);
  const type = request.type ?? base.type;
  const price = request.price ?? (type === 'LIMIT' || type === 'SL' ? (base.price ?? undefined) : undefined);
  const trigger =
    request.triggerPrice ?? (type === 'SL' || type === 'SL-M' ? (base.triggerPrice ?? undefined) : undefined);
  const whole = {
    instrument: placed.instrument,
    side: placed.side,
    product: placed.product,
    quantity: request.quantity ?? base.quantity,
    type,
    validity: request.validity ?? base.validity,
    ...(price === undefined ? {} : { price }),
    ...(trigger === undefined ? {} : { triggerPrice: trigger }),
  };
  checkShape(whole);
  const checked = checkOrder(whole, listing, { id: connection.broker, capabilities: connection.capabilities }, today);
  if (now !== null && checked.quantity <= now.filledQuantity) {
    throw invalid([{ field: 'quantity', problem: 'is the new total and must be above what is filled already' }]);
  }
  const { quantity, validity, price: limit, triggerPrice } = checked;
  const wanted: ModifyText = {
    quantity,
    type,
    price: limit === null ? null : toRupees(limit),
    triggerPrice: triggerPrice === null ? null : toRupees(triggerPrice),
    validity,
  };
  if (sameAs(wanted, base)) throw invalid([{ field: 'order', problem: 'would not be changed by this modify' }]);
  const { tag } = target.place;
  const order = { tag, listing, side: placed.side, product: placed.product, type: base.type };
  return { wanted, command: { order, quantity, type, price: limit, triggerPrice, validity } };
}

/** The order as it was placed, with what the broker took of changes since; null when the journal row cannot be read. */
export function workingOrder(
  { place, rows }: { readonly place: AttemptRow; readonly rows: readonly AttemptRow[] },
  listingOf: (instrument: InstrumentId) => Listing | null,
): WorkingOrder | null {
  const placed = place.request === '' ? null : readPlaceRequest(place.request);
  const listing = placed === null ? null : listingOf(placed.instrument);
  if (placed === null || listing === null) return null;
  const { tag } = place;
  return { tag, listing, side: placed.side, product: placed.product, type: lastWanted(rows, placed).type };
}

/** Modifies that the broker took, on top of the order as it was placed. */
function lastWanted(rows: readonly AttemptRow[], placed: ModifyText): ModifyText {
  const taken = rows
    .filter(({ kind, state }) => kind === 'modify' && (state === 'ACKNOWLEDGED' || state === 'FOUND'))
    .at(-1);
  return (taken && readModifyRequest(taken.request)) ?? placed;
}

const ofBroker = ({ quantity, type, price, triggerPrice, validity }: BrokerOrder): ModifyText => ({
  quantity,
  type,
  price,
  triggerPrice,
  validity,
});

const sameAs = (a: ModifyText, b: ModifyText): boolean =>
  a.quantity === b.quantity &&
  a.type === b.type &&
  a.price === b.price &&
  a.triggerPrice === b.triggerPrice &&
  a.validity === b.validity;

/** A broker answered for another order before: its terms are none to change this one by. */
export function isOrderOf({ brokerOrderId, request }: AttemptRow, shown: BrokerOrder): boolean {
  const placed = readPlaceRequest(request);
  if (shown.brokerOrderId !== brokerOrderId || placed === null) return false;
  return shown.side === placed.side && (shown.instrument === null || shown.instrument === placed.instrument);
}

/** A change is sent only when its order's id is known, so this cannot happen; a change of nothing must not go out. */
export function idOf(brokerOrderId: string | null): string {
  if (brokerOrderId !== null) return brokerOrderId;
  throw new AlgoError('ALGO_ADAPTER_FAULT', { broker: 'core', why: 'a change was sent before its order was known' });
}
