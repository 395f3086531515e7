import { istMidnight } from '../ist.js';
import type { Floor } from './floor.js';
import type { Order } from './order.js';
import { rollDay } from './settlement.js';

/** What the passing of time does by itself: expiry at the close, the turn of the day, after-market orders at the opening. */
export class TradingDay {
  readonly #floor: Floor;
  #dayMs: number;
  #nextEventMs = Number.POSITIVE_INFINITY;

  constructor(floor: Floor, nowMs: number) {
    this.#floor = floor;
    this.#dayMs = istMidnight(nowMs);
  }

  /** Midnight IST at which the present day began. */
  get startMs(): number {
    return this.#dayMs;
  }

  /** Goes back to an earlier day, before anything has happened on it. */
  rewind(toMs: number): void {
    this.#dayMs = istMidnight(toMs);
  }

  /** Keeps an eye on a new order. */
  watch(order: Order): void {
    this.#nextEventMs = Math.min(this.#nextEventMs, nextEventOf(order));
  }

  advance(nowMs: number): void {
    const isDue = nowMs >= this.#nextEventMs;
    if (isDue) this.#expire(nowMs);
    if (istMidnight(nowMs) > this.#dayMs) this.#turn(nowMs);
    if (!isDue) return;
    this.#openWaiting(nowMs);
    this.#expire(nowMs);
    this.#nextEventMs = Number.POSITIVE_INFINITY;
    for (const order of this.#floor.workingOrders()) this.watch(order);
  }

  #expire(nowMs: number): void {
    for (const order of this.#floor.workingOrders()) {
      if (order.status !== 'waiting' && order.closesAtMs <= nowMs) this.#floor.end(order, 'expired', order.closesAtMs);
    }
  }

  #openWaiting(nowMs: number): void {
    for (const order of this.#floor.workingOrders()) {
      if (order.status === 'waiting' && order.opensAtMs <= nowMs) this.#floor.sendToMarket(order, order.opensAtMs);
    }
  }

  #turn(nowMs: number): void {
    this.#dayMs = istMidnight(nowMs);
    for (const account of this.#floor.accounts.values()) rollDay(account);
    for (const market of this.#floor.markets.values()) {
      market.previousClose = market.last;
      market.lastTradeAtMs = null;
      market.lastQuantity = 0;
      market.volume = 0;
      market.turnover = 0;
      market.left = market.liquidity;
    }
  }
}

function nextEventOf({ status, opensAtMs, closesAtMs }: Order): number {
  return status === 'waiting' ? opensAtMs : closesAtMs;
}
