export type Side = 'BUY' | 'SELL';

/** `SL` rests as a limit once triggered; `SL-M` goes to the market. */
export type OrderType = 'MARKET' | 'LIMIT' | 'SL' | 'SL-M';

/** CNC delivery, MIS intraday, NRML carried derivatives, MTF funded delivery. */
export type Product = 'CNC' | 'MIS' | 'NRML' | 'MTF';

export type Validity = 'DAY' | 'IOC';

/** What a broker front end hands to the exchange. Prices are rupees, 0 where unused; quantities are units. */
export interface OrderTicket {
  readonly broker: string;
  readonly clientId: string;
  /** Minted by the front end, unique within the broker. */
  readonly brokerOrderId: string;
  /** The client's own id on the order; empty when it gave none. Never checked for repeats: brokers do not. */
  readonly tag: string;
  readonly instrumentId: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly product: Product;
  readonly validity: Validity;
  readonly quantity: number;
  readonly disclosedQuantity: number;
  readonly price: number;
  readonly triggerPrice: number;
  /** Waits for the next opening of its segment. */
  readonly afterMarket: boolean;
  /** How long reads do not show the order, in milliseconds of simulator time. */
  readonly hiddenForMs: number;
  /** Whether the broker turned a market order into this limit order. */
  readonly wasMarket: boolean;
  /** Set by a front end whose broker throws the order out for a reason of its own. */
  readonly rejection?: Rejection;
}

/** `waiting` is an after-market order before the opening; `triggered` orders are `open`. */
export type OrderStatus = 'waiting' | 'trigger-pending' | 'open' | 'filled' | 'cancelled' | 'rejected' | 'expired';

/** Why an order that a broker took was then thrown out. Each front end has its own words for it. */
export type Rejection =
  | 'insufficient-margin'
  | 'insufficient-holdings'
  | 'above-freeze-quantity'
  | 'off-lot'
  | 'off-tick'
  | 'outside-price-band'
  | 'order-type-not-allowed';

export interface Order {
  readonly ticket: OrderTicket;
  /** Counts every order of the exchange, from 1. Lower is older. */
  readonly sequence: number;
  /** The exchange's own number; `null` until the exchange has the order. */
  exchangeOrderId: string | null;
  status: OrderStatus;
  /** These five start as the ticket says and move with modifications. */
  type: OrderType;
  validity: Validity;
  quantity: number;
  price: number;
  triggerPrice: number;
  disclosedQuantity: number;
  filledQuantity: number;
  /** Sum of price times quantity over the fills, rupees. */
  filledValue: number;
  modifications: number;
  /** Time priority within a price: moves when the price changes or the quantity grows. */
  priority: number;
  /** Funds held back for the part that is not filled, rupees. */
  blocked: number;
  /** Why the exchange rejected the order; `null` otherwise. */
  rejection: Rejection | null;
  readonly createdAtMs: number;
  updatedAtMs: number;
  exchangeAtMs: number | null;
  readonly visibleFromMs: number;
  /** When a waiting order goes to the exchange. */
  opensAtMs: number;
  /** When what is left of the order expires. */
  closesAtMs: number;
}

/** One execution. Price is rupees. */
export interface Trade {
  /** The exchange's own number, from 1. */
  readonly tradeId: string;
  readonly order: Order;
  readonly quantity: number;
  readonly price: number;
  readonly atMs: number;
}

export function isWorking(order: Order): boolean {
  return order.status === 'waiting' || order.status === 'trigger-pending' || order.status === 'open';
}

export function remainingOf(order: Order): number {
  return order.quantity - order.filledQuantity;
}

export function averageOf(order: Order): number {
  return order.filledQuantity === 0 ? 0 : Math.round((order.filledValue / order.filledQuantity) * 10_000) / 10_000;
}
