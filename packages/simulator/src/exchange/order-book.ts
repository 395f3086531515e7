import type { Order, Side } from './order.js';

/** The resting orders of one instrument, best price first and then oldest first. */
export interface OrderBook {
  readonly buys: readonly Order[];
  readonly sells: readonly Order[];
  add(order: Order): void;
  remove(order: Order): void;
  /** The best order on the other side that crosses the price and belongs to another account. */
  bestAgainst(order: Order, limit: number): Order | undefined;
}

export function createOrderBook(): OrderBook {
  const buys: Order[] = [];
  const sells: Order[] = [];
  const sideOf = (side: Side) => (side === 'BUY' ? buys : sells);

  return {
    buys,
    sells,
    add(order) {
      const queue = sideOf(order.ticket.side);
      queue.splice(placeOf(order, queue), 0, order);
    },
    remove(order) {
      const queue = sideOf(order.ticket.side);
      const position = queue.indexOf(order);
      if (position !== -1) queue.splice(position, 1);
    },
    bestAgainst(order, limit) {
      const { side } = order.ticket;
      for (const resting of sideOf(side === 'BUY' ? 'SELL' : 'BUY')) {
        if (!crosses(side, limit, resting.price)) return undefined;
        if (!isOwn(resting, order)) return resting;
      }
      return undefined;
    },
  };
}

/** Whether an order on this side with this limit trades at this price. */
export function crosses(side: Side, limit: number, price: number): boolean {
  return side === 'BUY' ? limit >= price : limit <= price;
}

/** Binary search: a book may hold tens of thousands of orders. */
function placeOf(order: Order, queue: readonly Order[]): number {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const resting = queue[middle];
    if (resting !== undefined && comesBefore(order, resting)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function comesBefore(order: Order, resting: Order): boolean {
  if (order.price === resting.price) return order.priority < resting.priority;
  return order.ticket.side === 'BUY' ? order.price > resting.price : order.price < resting.price;
}

/** An account does not trade with itself. */
function isOwn(resting: Order, order: Order): boolean {
  return resting.ticket.clientId === order.ticket.clientId && resting.ticket.broker === order.ticket.broker;
}
