import type { BrokerOrder, Holding, Position, Trade } from '@algo/core/store';

/** An order of a file, with the id it gets here. */
export interface MappedOrder {
  readonly clientOrderId: string;
  readonly order: BrokerOrder;
  /** Whether `order.brokerOrderId` is the broker's; else the file has none and ours stands there. */
  readonly brokerIdKnown: boolean;
}

/** A fill of a file. `trade.brokerOrderId` is what the file says, or the id it gets here. */
export interface MappedFill {
  /** Null when its order has yet to be found. */
  readonly clientOrderId: string | null;
  readonly trade: Trade;
}

/** What one row becomes. */
export type MappedRow =
  | { readonly kind: 'orders'; readonly orders: readonly MappedOrder[]; readonly fills: readonly MappedFill[] }
  | { readonly kind: 'transaction'; readonly fill: MappedFill }
  | { readonly kind: 'holding'; readonly holding: Holding; readonly position: Position };
