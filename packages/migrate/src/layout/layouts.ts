import type { Exchange, OrderStatus, Product, Side } from '@algo/core/adapter';

/** What the rows of a file are. */
export type RowKind = 'trades' | 'orders' | 'transactions' | 'holdings';

/** Our word for what stands in a column. */
export type ColumnName =
  | 'symbol'
  | 'quantity'
  | 'price'
  | 'side'
  | 'status'
  | 'orderId'
  | 'type'
  | 'time'
  | 'exitPrice'
  | 'exitTime'
  | 'triggerPrice'
  | 'filledQuantity'
  | 'averagePrice'
  | 'transactionId'
  | 'unrealizedProfit';

/** How a file is read: where its rows are, which of its columns hold what, and what it does not say. */
export interface Layout {
  readonly kind: RowKind;
  /** Path of the list within a JSON object. A bare list is read too. */
  readonly list: string;
  /** Whether a JSON object with one row for each symbol is read as well. */
  readonly keyed: boolean;
  /** Column names, the first that is there and not empty is read. */
  readonly columns: Readonly<Partial<Record<ColumnName, readonly string[]>>>;
  /** Where a symbol without one trades. */
  readonly exchange: Exchange;
  /** Null: the file does not say. */
  readonly product: Product | null;
  /** Side of rows that name none; null refuses them. */
  readonly side: Side | null;
  /** Our word for each of theirs, theirs in upper case with `_` for spaces and dashes. */
  readonly statuses: Readonly<Record<string, OrderStatus>>;
}

export type LayoutName = 'trades-history' | 'pending-orders' | 'paper-orders' | 'transactions' | 'holdings';
export const LAYOUT_NAMES: readonly LayoutName[] = [
  'trades-history',
  'pending-orders',
  'paper-orders',
  'transactions',
  'holdings',
];

const STATUSES: Layout['statuses'] = {
  PENDING: 'PENDING',
  QUEUED: 'PENDING',
  VALIDATION_PENDING: 'PENDING',
  AFTER_MARKET_ORDER_REQ_RECEIVED: 'PENDING',
  OPEN: 'OPEN',
  WORKING: 'OPEN',
  TRIGGER_PENDING: 'TRIGGER_PENDING',
  PARTIAL: 'PARTIALLY_FILLED',
  PARTIALLY_FILLED: 'PARTIALLY_FILLED',
  COMPLETE: 'FILLED',
  COMPLETED: 'FILLED',
  EXECUTED: 'FILLED',
  FILLED: 'FILLED',
  TRADED: 'FILLED',
  CANCELED: 'CANCELLED',
  CANCELLED: 'CANCELLED',
  REJECTED: 'REJECTED',
  FAILED: 'REJECTED',
  EXPIRED: 'EXPIRED',
  LAPSED: 'EXPIRED',
};

/** All there are: each is the meaning of some word. */
export const ORDER_STATUSES: readonly OrderStatus[] = [...new Set(Object.values(STATUSES))];

const COMMON = { keyed: false, exchange: 'NSE', product: null, side: null, statuses: STATUSES } as const;

/** The layouts that are known by name. Another one is made from one of these: see `LayoutMapping`. */
export const LAYOUTS: Readonly<Record<LayoutName, Layout>> = {
  'trades-history': {
    ...COMMON,
    kind: 'trades',
    list: 'trades',
    columns: {
      symbol: ['symbol', 'ticker'],
      quantity: ['qty', 'quantity'],
      price: ['entry_price'],
      time: ['entry_time'],
      exitPrice: ['exit_price'],
      exitTime: ['exit_time'],
      status: ['status'],
      orderId: ['order_response.orderId', 'orderId', 'order_id'],
    },
  },
  'pending-orders': {
    ...COMMON,
    kind: 'orders',
    list: 'orders',
    side: 'BUY', // this file is written for entries, which are bought, and has no column for the side
    columns: {
      orderId: ['order_id'],
      symbol: ['symbol', 'ticker'],
      side: ['side', 'transaction_type'],
      quantity: ['qty', 'quantity'],
      type: ['order_type'],
      price: ['price'],
      triggerPrice: ['trigger_price'],
      filledQuantity: ['filled_qty', 'filled_quantity'],
      averagePrice: ['average_price', 'avg_price', 'executed_price'],
      time: ['placed_at'],
      status: ['status'],
    },
  },
  'paper-orders': {
    ...COMMON,
    kind: 'orders',
    list: 'orders',
    columns: {
      orderId: ['order_id'],
      symbol: ['symbol', 'ticker'],
      side: ['side', 'transaction_type'],
      quantity: ['quantity', 'qty'],
      type: ['order_type'],
      price: ['price'],
      triggerPrice: ['trigger_price'],
      filledQuantity: ['filled_quantity', 'filled_qty'],
      averagePrice: ['average_price', 'avg_price', 'executed_price'],
      time: ['timestamp'],
      status: ['status'],
    },
  },
  transactions: {
    ...COMMON,
    kind: 'transactions',
    list: 'transactions',
    columns: {
      transactionId: ['transaction_id', 'trade_id'],
      orderId: ['order_id'],
      symbol: ['symbol', 'ticker'],
      side: ['side', 'transaction_type', 'type'],
      quantity: ['quantity', 'qty'],
      price: ['price'],
      time: ['timestamp', 'time'],
    },
  },
  holdings: {
    ...COMMON,
    kind: 'holdings',
    list: 'holdings',
    keyed: true,
    columns: {
      symbol: ['symbol', 'ticker'],
      quantity: ['quantity', 'qty'],
      averagePrice: ['avg_price', 'average_price'],
      unrealizedProfit: ['unrealized_pnl'],
      time: ['opened_at'],
    },
  },
};
