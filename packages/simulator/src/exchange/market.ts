import type { Instrument } from './instrument.js';
import { roundToTick, rupees } from './instrument.js';
import { createOrderBook } from './order-book.js';
import type { OrderBook } from './order-book.js';
import type { Order } from './order.js';

/** One instrument as it stands now. Prices are rupees. */
export interface Market {
  readonly instrument: Instrument;
  readonly book: OrderBook;
  /** Stop orders that have not fired. */
  readonly stops: Set<Order>;
  previousClose: number;
  last: number;
  open: number;
  high: number;
  low: number;
  volume: number;
  turnover: number;
  lastQuantity: number;
  /** `null` before the first trade or price change of the day. */
  lastTradeAtMs: number | null;
  /** Units the rest of the market trades at each new last price. */
  liquidity: number;
  /** What is left of `liquidity` at the present last price. */
  left: number;
}

export function createMarket(instrument: Instrument, liquidity: number): Market {
  const price = instrument.startPrice;
  return {
    instrument,
    book: createOrderBook(),
    stops: new Set(),
    previousClose: price,
    last: price,
    open: 0,
    high: 0,
    low: 0,
    volume: 0,
    turnover: 0,
    lastQuantity: 0,
    lastTradeAtMs: null,
    liquidity,
    left: liquidity,
  };
}

/** Lowest and highest price an order may carry today. */
export function bandOf({ instrument, previousClose }: Market): { readonly low: number; readonly high: number } {
  const { band, tick } = instrument;
  if (band === null) return { low: tick, high: Number.POSITIVE_INFINITY };
  return { low: roundToTick(previousClose * (1 - band), tick), high: roundToTick(previousClose * (1 + band), tick) };
}

/** Moves the last price; `quantity` is what traded there, 0 for a move made from outside. */
export function printPrice(market: Market, price: number, quantity: number, atMs: number): void {
  market.last = price;
  if (market.lastTradeAtMs === null) {
    market.open = price;
    market.high = price;
    market.low = price;
  }
  market.high = Math.max(market.high, price);
  market.low = Math.min(market.low, price);
  market.volume += quantity;
  market.turnover = rupees(market.turnover + quantity * price);
  if (quantity > 0) market.lastQuantity = quantity;
  market.lastTradeAtMs = atMs;
}
