import type { InstrumentId } from './instrument.js';
import type { OrderType, Product, Side, Validity } from './vocabulary.js';

/** What a caller asks for. Prices are rupees, as a number or a decimal string; quantity is units, never lots. */
export interface OrderRequest {
  /**
   * The caller's own id of this order, unique per user for ever; 1 to 64 of `A-Z a-z 0-9 . _ -`. Repeating a call with
   * the same id and the same order gives the first answer again and sends nothing. Made for you when left out.
   */
  readonly clientOrderId?: string;
  readonly instrument: InstrumentId;
  readonly side: Side;
  readonly quantity: number;
  readonly type: OrderType;
  /** Limit price; for LIMIT and SL. */
  readonly price?: number | string;
  /** Stop price; for SL and SL-M. */
  readonly triggerPrice?: number | string;
  readonly product: Product;
  /** @default 'DAY' */
  readonly validity?: Validity;
  /**
   * Allows another type where the broker takes no MARKET or SL-M order: a LIMIT at most so many percent beyond the last
   * price, or an SL whose limit is at most so many percent beyond its trigger. It may rest unfilled where a market order
   * would not. Without it such an order is refused. Has no effect on a broker that takes the order as it is.
   */
  readonly emulate?: { readonly withinPercent: number };
  /**
   * It reduces a position: it goes to the broker that holds the position and stays there.
   *
   * @default false
   */
  readonly reduceOnly?: boolean;
  /** Lets an order that is `reduceOnly` go to another broker when its own cannot take it. @default false */
  readonly mayMove?: boolean;
  /** Which connection carries it, and no other; needed only when the user has several. */
  readonly connection?: ConnectionRef;
  /** Longest wait for an outcome, in milliseconds; `place` answers by then. @default 5000 */
  readonly deadlineMs?: number;
}

/** What to change on a working order. What is left out stays as it is. */
export interface ModifyRequest {
  readonly clientOrderId: string;
  /** The new total quantity, the filled part included. */
  readonly quantity?: number;
  readonly price?: number | string;
  readonly triggerPrice?: number | string;
  readonly type?: OrderType;
  readonly validity?: Validity;
  readonly deadlineMs?: number;
}

export interface CancelRequest {
  readonly clientOrderId: string;
  readonly deadlineMs?: number;
}

/** Names one account of one broker within a user. */
export interface ConnectionRef {
  readonly broker: string;
  readonly account: string;
}

export const ORDER_STATUSES = [
  'PENDING',
  'OPEN',
  'TRIGGER_PENDING',
  'PARTIALLY_FILLED',
  'FILLED',
  'CANCELLED',
  'REJECTED',
  'EXPIRED',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** An order as the broker's book shows it. Prices are rupees, quantities units, times epoch milliseconds. */
export interface BrokerOrder {
  readonly brokerOrderId: string;
  /** Null until the exchange has it. */
  readonly exchangeOrderId: string | null;
  /** Our id of one attempt, where the broker echoes it. */
  readonly tag: string | null;
  /** Null when the book lists something that the loaded master does not. */
  readonly instrument: InstrumentId | null;
  /** The broker's own symbol, as printed. */
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly product: Product | null;
  readonly validity: Validity;
  readonly quantity: number;
  readonly filledQuantity: number;
  readonly price: number | null;
  readonly triggerPrice: number | null;
  readonly averagePrice: number | null;
  readonly status: OrderStatus;
  /** The broker's own status word, kept because a mapped one loses what the broker meant. */
  readonly brokerStatus: string;
  /** The broker's text for a rejected order. */
  readonly reason: string | null;
  readonly placedAtMs: number | null;
  readonly updatedAtMs: number | null;
}

const TERMINAL: ReadonlySet<OrderStatus> = new Set(['FILLED', 'CANCELLED', 'REJECTED', 'EXPIRED']);

/** The last four statuses end an order; it keeps what was filled. */
export const isTerminal = (status: OrderStatus): boolean => TERMINAL.has(status);

/** How far along an order is; used only to refuse going back. */
const RANK: Readonly<Record<OrderStatus, number>> = {
  PENDING: 0,
  TRIGGER_PENDING: 1,
  OPEN: 2,
  PARTIALLY_FILLED: 3,
  CANCELLED: 4,
  REJECTED: 4,
  EXPIRED: 4,
  FILLED: 5,
};

/**
 * Joins what was known with what was seen now: filled quantity never shrinks and an ended order never reopens, so
 * that a stale or reordered reading changes nothing.
 */
export function joinOrder(known: BrokerOrder | null, seen: BrokerOrder): BrokerOrder {
  if (known === null) return seen;
  if (seen.filledQuantity < known.filledQuantity) return known;
  if (isTerminal(known.status) && RANK[seen.status] < RANK[known.status]) return known;
  if (seen.filledQuantity > known.filledQuantity) return seen;
  if (seen.updatedAtMs !== null && known.updatedAtMs !== null && seen.updatedAtMs !== known.updatedAtMs) {
    return seen.updatedAtMs < known.updatedAtMs ? known : seen;
  }
  return RANK[seen.status] < RANK[known.status] ? known : seen;
}
