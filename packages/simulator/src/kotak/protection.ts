import type { Instrument } from '../exchange/instrument.js';
import { roundToTick } from '../exchange/instrument.js';
import type { Market } from '../exchange/market.js';
import { bandOf } from '../exchange/market.js';
import type { Side } from '../exchange/order.js';

/**
 * Price of the limit order that a market order becomes, rupees: the last price and a protection on top, which depends
 * on what is traded and how dear it is. It may rest.
 *
 * @see Kotak's notes on market orders from 2026-04-01
 */
export function protectedPrice(market: Market, side: Side): number {
  const reach = reachOf(market.instrument, market.last);
  const { low, high } = bandOf(market);
  const price = roundToTick(market.last + (side === 'BUY' ? reach : -reach), market.instrument.tick);
  return Math.min(high, Math.max(low, price));
}

function reachOf({ contract }: Instrument, last: number): number {
  const isOption = contract !== null && contract.kind !== 'FUT';
  return isOption ? optionReach(last) : last * shareOf(last);
}

/** Shares and futures. */
function shareOf(last: number): number {
  if (last < 100) return 0.02;
  return last <= 500 ? 0.01 : 0.005;
}

function optionReach(last: number): number {
  if (last < 1) return 0.1;
  if (last <= 5) return last * 0.1;
  if (last <= 10) return last * 0.05;
  if (last <= 100) return last * 0.03;
  return last <= 500 ? last * 0.02 : last * 0.01;
}
