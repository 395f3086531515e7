import type { Market } from './market.js';
import { printPrice } from './market.js';
import { crosses } from './order-book.js';
import type { Order, Side } from './order.js';
import { remainingOf } from './order.js';

/** Called for each side of each execution, before the next one is looked for. */
export type OnFill = (order: Order, quantity: number, price: number) => void;

/** Called when an order leaves the market without being filled. */
export type OnDrop = (order: Order) => void;

export interface MatchingHooks {
  readonly atMs: number;
  readonly onFill: OnFill;
  readonly onDrop: OnDrop;
}

/** Brings an order to the market: it waits for its trigger, trades what it can, and rests or drops the remainder. */
export function enter(market: Market, order: Order, hooks: MatchingHooks): void {
  const hasFiredBefore = order.status === 'open';
  if (isStop(order) && !hasFiredBefore && !hasFired(market, order)) {
    order.status = 'trigger-pending';
    market.stops.add(order);
    return;
  }
  take(market, order, hooks);
  settle(market, hooks);
}

export function leave(market: Market, order: Order): void {
  market.stops.delete(order);
  market.book.remove(order);
}

/** Moves the last price; the rest of the market brings its liquidity to the new price. */
export function moveTo(market: Market, price: number, hooks: MatchingHooks): void {
  printPrice(market, price, 0, hooks.atMs);
  market.left = market.liquidity;
  settle(market, hooks);
}

/** Trades resting orders that the last price has reached and fires stops, until nothing moves any more. */
export function settle(market: Market, hooks: MatchingHooks): void {
  for (;;) {
    const fired = [...market.stops].filter((order) => hasFired(market, order)).sort((a, b) => a.sequence - b.sequence);
    fillResting(market, 'BUY', hooks);
    fillResting(market, 'SELL', hooks);
    for (const order of fired) {
      market.stops.delete(order);
      take(market, order, hooks);
    }
    if (fired.length === 0) return;
  }
}

function take(market: Market, order: Order, hooks: MatchingHooks): void {
  const { side } = order.ticket;
  const limit = limitOf(order);
  order.status = 'open';
  while (remainingOf(order) > 0) {
    const resting = market.book.bestAgainst(order, limit);
    const marketReachable = market.left > 0 && crosses(side, limit, market.last);
    if (resting !== undefined && (!marketReachable || crosses(side, market.last, resting.price))) {
      trade(market, order, resting, hooks);
    } else if (marketReachable) {
      tradeWithMarket(market, order, market.last, hooks);
    } else break;
  }
  if (remainingOf(order) === 0) return;
  if (order.validity === 'IOC') return hooks.onDrop(order);
  if (limitlessType(order)) order.price = market.last; // what a market order leaves rests at the last price
  market.book.add(order);
}

/** Two accounts meet at the resting order's price. */
function trade(market: Market, order: Order, resting: Order, hooks: MatchingHooks): void {
  const quantity = Math.min(remainingOf(order), remainingOf(resting));
  const price = resting.price;
  printPrice(market, price, quantity, hooks.atMs);
  hooks.onFill(resting, quantity, price);
  hooks.onFill(order, quantity, price);
  if (remainingOf(resting) === 0) market.book.remove(resting);
}

function tradeWithMarket(market: Market, order: Order, price: number, hooks: MatchingHooks): void {
  const quantity = Math.min(remainingOf(order), market.left);
  market.left -= quantity;
  printPrice(market, market.last, quantity, hooks.atMs);
  hooks.onFill(order, quantity, price);
}

/** A resting order trades at its own price when the market comes to it. */
function fillResting(market: Market, side: Side, hooks: MatchingHooks): void {
  const queue = side === 'BUY' ? market.book.buys : market.book.sells;
  for (;;) {
    const best = queue[0];
    if (best === undefined || market.left <= 0 || !crosses(side, best.price, market.last)) return;
    tradeWithMarket(market, best, best.price, hooks);
    if (remainingOf(best) === 0) market.book.remove(best);
  }
}

function isStop(order: Order): boolean {
  return order.type === 'SL' || order.type === 'SL-M';
}

function hasFired(market: Market, order: Order): boolean {
  return order.ticket.side === 'BUY' ? market.last >= order.triggerPrice : market.last <= order.triggerPrice;
}

function limitlessType(order: Order): boolean {
  return order.type === 'MARKET' || order.type === 'SL-M';
}

function limitOf(order: Order): number {
  if (!limitlessType(order)) return order.price;
  return order.ticket.side === 'BUY' ? Number.POSITIVE_INFINITY : 0;
}
