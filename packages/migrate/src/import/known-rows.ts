import type { AccountKey, FillRecord, OrderSighting, Store } from '@algo/core/store';

/** What a store holds of one account. */
export interface KnownRows {
  /** By client order id. */
  readonly orders: ReadonlyMap<string, OrderSighting>;
  /** By fill id. */
  readonly fills: ReadonlyMap<string, FillRecord>;
}

/** All there are; the largest number every database takes for a limit. */
const ALL = 2_147_483_647;

export async function readKnown({ journal }: Store, { userId, broker, account }: AccountKey): Promise<KnownRows> {
  const filter = { broker, account, limit: ALL };
  const orders = await journal.orders(userId, filter);
  const fills = await journal.fills(userId, filter);
  return {
    orders: new Map(orders.map((order) => [order.clientOrderId, order])),
    fills: new Map(fills.map((fill) => [fill.trade.tradeId, fill])),
  };
}
