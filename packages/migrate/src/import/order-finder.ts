import type { BrokerOrder, Trade } from '@algo/core/store';

/** Which order a transaction belongs to. */
export type Found =
  | { readonly kind: 'found'; readonly clientOrderId: string }
  /** The order's fills hold this one already, under another id. */
  | { readonly kind: 'told' }
  | { readonly kind: 'not-found'; readonly why: string };

interface Candidate {
  readonly clientOrderId: string;
  readonly order: BrokerOrder;
  readonly atMs: number;
}

/**
 * Finds the order of a fill: same instrument and side, with room for the fill, and nearest in time within `withinMs`. An
 * order with the broker's order id of the fill comes before any other.
 */
export class OrderFinder {
  readonly #withinMs: number;
  readonly #fillsOf: (clientOrderId: string) => readonly Trade[];
  /** By instrument and side, oldest first. */
  readonly #orders = new Map<string, Candidate[]>();

  constructor(
    orders: Iterable<readonly [clientOrderId: string, order: BrokerOrder]>,
    fillsOf: (clientOrderId: string) => readonly Trade[],
    withinMs: number,
  ) {
    this.#fillsOf = fillsOf;
    this.#withinMs = withinMs;
    for (const [clientOrderId, order] of orders) this.#add(clientOrderId, order);
    for (const candidates of this.#orders.values()) candidates.sort((one, other) => one.atMs - other.atMs);
  }

  find(trade: Trade): Found {
    const near = this.#near(trade);
    const named = near.filter(({ order }) => order.brokerOrderId === trade.brokerOrderId);
    const candidates = named.length > 0 ? named : near;
    const withRoom = candidates.filter((candidate) => this.#hasRoom(candidate, trade));
    const [nearest, second] = withRoom.sort((one, other) => distance(one, trade) - distance(other, trade));
    if (nearest === undefined) return this.#whyNone(candidates, trade);
    if (second !== undefined && distance(second, trade) === distance(nearest, trade)) {
      return { kind: 'not-found', why: 'several orders are equally near' };
    }
    return { kind: 'found', clientOrderId: nearest.clientOrderId };
  }

  #add(clientOrderId: string, order: BrokerOrder): void {
    const atMs = order.placedAtMs ?? order.updatedAtMs;
    if (order.instrument === null || atMs === null || order.status === 'REJECTED') return;
    const key = `${order.instrument} ${order.side}`;
    const candidates = this.#orders.get(key);
    if (candidates === undefined) this.#orders.set(key, [{ clientOrderId, order, atMs }]);
    else candidates.push({ clientOrderId, order, atMs });
  }

  #near(trade: Trade): readonly Candidate[] {
    const candidates = this.#orders.get(`${trade.instrument} ${trade.side}`) ?? [];
    const atMs = trade.tradedAtMs ?? 0;
    const from = firstFrom(candidates, atMs - this.#withinMs);
    let to = from;
    while ((candidates[to]?.atMs ?? Infinity) <= atMs + this.#withinMs) to += 1;
    return candidates.slice(from, to);
  }

  #hasRoom({ clientOrderId, order }: Candidate, { quantity }: Trade): boolean {
    const filled = this.#fillsOf(clientOrderId).reduce((sum, fill) => sum + fill.quantity, 0);
    return filled + quantity <= order.quantity;
  }

  #whyNone(candidates: readonly Candidate[], trade: Trade): Found {
    if (candidates.length === 0)
      return { kind: 'not-found', why: 'no order of that instrument and side is near in time' };
    const isTold = candidates.some(({ clientOrderId }) =>
      this.#fillsOf(clientOrderId).some(({ quantity, price }) => quantity === trade.quantity && price === trade.price),
    );
    return isTold ? { kind: 'told' } : { kind: 'not-found', why: 'the orders near in time are filled without it' };
  }
}

const distance = ({ atMs }: Candidate, { tradedAtMs }: Trade): number => Math.abs(atMs - (tradedAtMs ?? 0));

/** Index of the first candidate at or after a moment. */
function firstFrom(candidates: readonly Candidate[], atMs: number): number {
  let low = 0;
  let high = candidates.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((candidates[middle]?.atMs ?? Infinity) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
