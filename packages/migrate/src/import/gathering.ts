import type { AccountKey, BrokerOrder, FillRecord, OrderSighting, Trade } from '@algo/core/store';
import type { MappedFill, MappedOrder } from '../map/mapped-row.js';
import type { KnownRows } from './known-rows.js';
import { OrderFinder } from './order-finder.js';

/** `repeated`: the files said it before. `known`: the store has it. */
export type Verdict = 'new' | 'repeated' | 'known';

/** Where a record came from, and what the store has in its place. */
export interface Gathered<Kept> {
  readonly path: string;
  readonly row: number;
  readonly record: Kept;
  readonly stored: Kept | null;
}

export interface Place {
  readonly path: string;
  readonly row: number;
}

export interface GatheringOptions {
  readonly target: AccountKey;
  readonly known: KnownRows;
  readonly importId: string;
  readonly atMs: number;
  readonly linkWithinMs: number;
}

/**
 * Joins what the rows of all files say, each order and fill once, and tells new from known. Orders come first:
 * transactions are linked to whatever orders are here by then.
 */
export class Gathering {
  readonly orders = new Map<string, Gathered<OrderSighting>>();
  readonly fills = new Map<string, Gathered<FillRecord>>();
  readonly #options: GatheringOptions;
  /** Client order ids by the broker's order id. */
  readonly #byBrokerId = new Map<string, string[]>();
  readonly #fillsOf = new Map<string, Trade[]>();
  #finder: OrderFinder | null = null;

  constructor(options: GatheringOptions) {
    this.#options = options;
    for (const { clientOrderId, order } of options.known.orders.values()) this.#noteBrokerId(clientOrderId, order);
    for (const { clientOrderId, trade } of options.known.fills.values()) this.#noteFill(clientOrderId, trade);
  }

  /** The orders of one row with their fills. */
  addOrders(place: Place, orders: readonly MappedOrder[], fills: readonly MappedFill[]): Verdict {
    const ids = new Map(orders.map((order) => [order.clientOrderId, this.#idOf(order)]));
    const verdicts = [
      ...orders.map((order) => this.#addOrder(place, ids.get(order.clientOrderId) ?? order.clientOrderId, order)),
      ...fills.map((fill) => this.#addFillOfOrder(place, fill, ids)),
    ];
    return (
      verdicts.find((verdict) => verdict === 'new') ?? verdicts.find((verdict) => verdict === 'known') ?? 'repeated'
    );
  }

  /** A fill whose order is to be found. `unlinked` says why it was not; it is kept without one. */
  addTransaction(place: Place, { trade }: MappedFill): { readonly verdict: Verdict; readonly unlinked: string | null } {
    if (this.fills.has(trade.tradeId)) return { verdict: 'repeated', unlinked: null };
    const stored = this.#options.known.fills.get(trade.tradeId);
    if (stored !== undefined) {
      this.#keepFill(place, {
        clientOrderId: stored.clientOrderId,
        trade: { ...trade, brokerOrderId: stored.trade.brokerOrderId },
      });
      return { verdict: 'known', unlinked: null };
    }
    this.#finder ??= new OrderFinder(
      this.#allOrders(),
      (id) => this.#fillsOf.get(id) ?? [],
      this.#options.linkWithinMs,
    );
    const found = this.#finder.find(trade);
    if (found.kind === 'told') return { verdict: 'known', unlinked: null };
    if (found.kind === 'not-found') {
      this.#keepFill(place, { clientOrderId: null, trade });
      return { verdict: 'new', unlinked: found.why };
    }
    const brokerOrderId = this.#order(found.clientOrderId)?.brokerOrderId ?? trade.brokerOrderId;
    this.#keepFill(place, { clientOrderId: found.clientOrderId, trade: { ...trade, brokerOrderId } });
    return { verdict: 'new', unlinked: null };
  }

  #addOrder(place: Place, clientOrderId: string, { order, brokerIdKnown }: MappedOrder): Verdict {
    if (this.orders.has(clientOrderId)) return 'repeated';
    const { target, importId, atMs: seenAtMs, known } = this.#options;
    const { userId, broker, account } = target;
    const stored = known.orders.get(clientOrderId) ?? null;
    const record: OrderSighting = { userId, broker, account, clientOrderId, order, seenAtMs, importId };
    this.orders.set(clientOrderId, { path: place.path, row: place.row, record, stored });
    if (stored !== null) return 'known';
    if (brokerIdKnown) this.#noteBrokerId(clientOrderId, order);
    return 'new';
  }

  /** An order that was stored from elsewhere may have its fills already: told again they would count twice. */
  #addFillOfOrder(place: Place, fill: MappedFill, ids: ReadonlyMap<string, string>): Verdict {
    const clientOrderId = ids.get(fill.clientOrderId ?? '') ?? fill.clientOrderId;
    if (this.fills.has(fill.trade.tradeId)) return 'repeated';
    const isStored = this.#options.known.fills.has(fill.trade.tradeId);
    if (!isStored && clientOrderId !== null && this.#isFull(clientOrderId, fill.trade)) return 'known';
    return this.#keepFill(place, { ...fill, clientOrderId });
  }

  #keepFill(place: Place, { clientOrderId, trade }: MappedFill): Verdict {
    const { target, importId, known } = this.#options;
    const { userId, broker, account } = target;
    const stored = known.fills.get(trade.tradeId) ?? null;
    const record: FillRecord = { userId, broker, account, clientOrderId, trade, importId };
    this.fills.set(trade.tradeId, { path: place.path, row: place.row, record, stored });
    if (stored !== null) return 'known';
    this.#noteFill(clientOrderId, trade);
    return 'new';
  }

  /** An order that is here under another id, with the same broker's order id, instrument and side, is the same order. */
  #idOf({ clientOrderId, order, brokerIdKnown }: MappedOrder): string {
    if (!brokerIdKnown || this.#order(clientOrderId) !== undefined) return clientOrderId;
    const isTwin = (id: string): boolean => {
      const twin = this.#order(id);
      return twin?.instrument === order.instrument && twin.side === order.side;
    };
    return this.#byBrokerId.get(order.brokerOrderId)?.find(isTwin) ?? clientOrderId;
  }

  #order(clientOrderId: string): BrokerOrder | undefined {
    const known = this.#options.known.orders.get(clientOrderId) ?? this.orders.get(clientOrderId)?.record;
    return known?.order;
  }

  #isFull(clientOrderId: string, { quantity }: Trade): boolean {
    const filled = (this.#fillsOf.get(clientOrderId) ?? []).reduce((sum, fill) => sum + fill.quantity, 0);
    return filled + quantity > (this.#order(clientOrderId)?.quantity ?? Infinity);
  }

  *#allOrders(): Iterable<readonly [string, BrokerOrder]> {
    for (const { clientOrderId, order } of this.#options.known.orders.values()) yield [clientOrderId, order];
    for (const { record, stored } of this.orders.values())
      if (stored === null) yield [record.clientOrderId, record.order];
  }

  #noteBrokerId(clientOrderId: string, { brokerOrderId }: BrokerOrder): void {
    const ids = this.#byBrokerId.get(brokerOrderId);
    if (ids === undefined) this.#byBrokerId.set(brokerOrderId, [clientOrderId]);
    else ids.push(clientOrderId);
  }

  #noteFill(clientOrderId: string | null, trade: Trade): void {
    if (clientOrderId === null) return;
    const fills = this.#fillsOf.get(clientOrderId);
    if (fills === undefined) this.#fillsOf.set(clientOrderId, [trade]);
    else fills.push(trade);
  }
}
