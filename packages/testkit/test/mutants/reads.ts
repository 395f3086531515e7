import { AlgoError, isWireFields } from '@algo/core/adapter';
import type { BrokerAdapter, BrokerOrder, Position, Trade } from '@algo/core/adapter';
import { brokenAdapter, misreading, withJson } from './mutant.js';
import type { Mutant } from './mutant.js';

const inBook = (what: string, caughtBy: string, change: (orders: readonly BrokerOrder[]) => readonly BrokerOrder[]) =>
  brokenAdapter(what, caughtBy, (good) => ({
    orderBook: async (call) => {
      const book = await good.orderBook(call);
      return { ...book, orders: change(book.orders) };
    },
  }));

const inPositions = (what: string, caughtBy: string, change: (position: Position) => Partial<Position>): Mutant =>
  brokenAdapter(what, caughtBy, (good) => ({
    positions: async (call) => (await good.positions(call)).map((position) => ({ ...position, ...change(position) })),
  }));

const inTrades = (what: string, caughtBy: string, change: (trade: Trade) => Partial<Trade>): Mutant =>
  brokenAdapter(what, caughtBy, (good) => ({
    trades: async (call) => (await good.trades(call)).map((trade) => ({ ...trade, ...change(trade) })),
    tradesOf: async (id, call) => (await good.tradesOf(id, call)).map((trade) => ({ ...trade, ...change(trade) })),
  }));

/** Rows without the field that every good one has never reach the reader. */
const dropsBadRows = (path: string, field: string): Mutant =>
  misreading(`a bad row dropped from ${path}`, 'a row that cannot be read fails the whole reading', (request, reply) =>
    request.path.endsWith(path) && reply.status === 200
      ? withJson(reply, (rows) =>
          Array.isArray(rows) ? rows.filter((row) => isWireFields(row) && field in row) : rows,
        )
      : reply,
  );

const hidesUnlisted = (name: 'trades' | 'positions' | 'holdings', caughtBy: string): Mutant =>
  brokenAdapter(`${name} in what the master does not list dropped`, caughtBy, (good) => hiding(good)[name]);

const known = ({ instrument }: { readonly instrument: string | null }): boolean => instrument !== null;
const hiding = (good: BrokerAdapter) => ({
  trades: { trades: async (call) => (await good.trades(call)).filter(known) } satisfies Partial<BrokerAdapter>,
  positions: { positions: async (call) => (await good.positions(call)).filter(known) } satisfies Partial<BrokerAdapter>,
  holdings: { holdings: async (call) => (await good.holdings(call)).filter(known) } satisfies Partial<BrokerAdapter>,
});

export const READ_MUTANTS: readonly Mutant[] = [
  inBook('tag dropped', 'a placed order is there', (orders) => orders.map((order) => ({ ...order, tag: null }))),
  inBook('unknown status made terminal', 'a status that nobody knows', (orders) =>
    orders.map((order) => (order.brokerStatus === 'QUITE NEW' ? { ...order, status: 'CANCELLED' } : order)),
  ),
  inBook('funded delivery shown as delivery', 'every product shows as what it is', (orders) =>
    orders.map((order) => (order.product === 'MTF' ? { ...order, product: 'CNC' } : order)),
  ),
  brokenAdapter('the trigger of a stop not shown', 'a stop order is there with its trigger', (good) => ({
    order: async (id, call) => {
      const order = await good.order(id, call);
      return order === null ? null : { ...order, triggerPrice: null };
    },
  })),
  inBook('second page ignored', 'all of 60 orders', (orders) => orders.slice(0, 50)),
  inBook('orders in what the master does not list dropped', 'that the master does not list is there', (orders) =>
    orders.filter(known),
  ),
  brokenAdapter('an error in place of the book as an empty book', 'is no book', (good) => ({
    orderBook: (call) => good.orderBook(call).catch(() => ({ orders: [], complete: true })),
  })),
  brokenAdapter('one error for every error', 'a session that the broker no longer takes', (good) => ({
    profile: (call) =>
      good.profile(call).catch(() => {
        throw new AlgoError('ALGO_BROKER_UNAVAILABLE', { broker: 'dhan', status: null, brokerCode: null });
      }),
  })),
  brokenAdapter('a rate limit without a time to wait', 'counts too often', (good) => ({
    orderBook: (call) =>
      good.orderBook(call).catch(() => {
        throw new AlgoError('ALGO_RATE_LIMITED', { family: 'reads', retryAfterMs: 0 });
      }),
  })),
  inPositions('position sign flipped', 'bought is positive', ({ quantity }) => ({ quantity: -quantity })),
  inPositions('buy and sell averages swapped', 'bought is positive', ({ averageBuyPrice, averageSellPrice }) => ({
    averageBuyPrice: averageSellPrice,
    averageSellPrice: averageBuyPrice,
  })),
  inPositions('no sell average', 'bought is positive', () => ({ averageSellPrice: 0 })),
  inPositions('every position as delivery', 'bought is positive', () => ({ product: 'CNC' })),
  inPositions('positions without a product', 'bought is positive', () => ({ product: null })),
  inTrades('trades under another product', 'a fill is a trade', () => ({ product: 'CNC' })),
  dropsBadRows('/trades', 'orderId'),
  dropsBadRows('/positions', 'securityId'),
  dropsBadRows('/holdings', 'securityId'),
  hidesUnlisted('trades', 'a fill in a contract that the master does not list'),
  hidesUnlisted('positions', 'a position in a contract that the master does not list'),
  hidesUnlisted('holdings', 'a share that the master does not list'),
];
