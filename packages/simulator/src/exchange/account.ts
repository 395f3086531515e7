import type { Instrument, Segment } from './instrument.js';
import { rupees } from './instrument.js';
import { unitMargin } from './margin.js';
import type { Order, Product, Trade } from './order.js';

export interface AccountTerms {
  readonly broker: string;
  readonly clientId: string;
  /** Rupees at the start of the day. */
  readonly cash: number;
  /** Segments the account may trade in. */
  readonly segments: readonly Segment[];
  /** Whether the account pays for market data. */
  readonly dataPlan: boolean;
  readonly holdings: readonly StartingHolding[];
}

export interface StartingHolding {
  readonly instrumentId: string;
  readonly quantity: number;
  /** Rupees. */
  readonly averagePrice: number;
}

export interface Holding {
  readonly instrument: Instrument;
  quantity: number;
  averagePrice: number;
}

/** One instrument in one product. Values are rupees: price times quantity. Carried parts come from earlier days. */
export interface Position {
  readonly instrument: Instrument;
  readonly product: Product;
  dayBuyQuantity: number;
  dayBuyValue: number;
  daySellQuantity: number;
  daySellValue: number;
  carriedBuyQuantity: number;
  carriedBuyValue: number;
  carriedSellQuantity: number;
  carriedSellValue: number;
}

export interface Account {
  readonly terms: AccountTerms;
  cash: number;
  /** Sum of `blocked` over the working orders, rupees. */
  blocked: number;
  readonly holdings: Map<string, Holding>;
  /** By instrument id and product. */
  readonly positions: Map<string, Position>;
  readonly orders: Order[];
  readonly working: Set<Order>;
  readonly trades: Trade[];
}

/** A position in totals: bought, sold, net quantity, and what closing has earned so far. */
export interface PositionTotals {
  readonly bought: number;
  readonly buyAverage: number;
  readonly sold: number;
  readonly sellAverage: number;
  readonly net: number;
  readonly realized: number;
}

export function totalsOf(position: Position): PositionTotals {
  const bought = position.carriedBuyQuantity + position.dayBuyQuantity;
  const sold = position.carriedSellQuantity + position.daySellQuantity;
  const buyAverage = bought === 0 ? 0 : rupees((position.carriedBuyValue + position.dayBuyValue) / bought);
  const sellAverage = sold === 0 ? 0 : rupees((position.carriedSellValue + position.daySellValue) / sold);
  return {
    bought,
    buyAverage,
    sold,
    sellAverage,
    net: bought - sold,
    realized: rupees(Math.min(bought, sold) * (sellAverage - buyAverage)),
  };
}

/** Rupees: what may still be spent, and what positions and working orders hold back. */
export function fundsOf(account: Account): { readonly available: number; readonly used: number } {
  let used = account.blocked;
  for (const position of account.positions.values()) used += heldBy(position);
  return { available: rupees(account.cash - used), used: rupees(Math.max(0, used)) };
}

/** Net quantity in one instrument and product; negative when sold short. */
export function netOf(account: Account, instrumentId: string, product: Product): number {
  const position = account.positions.get(positionKey(instrumentId, product));
  return position === undefined ? 0 : totalsOf(position).net;
}

export function accountKey(broker: string, clientId: string): string {
  return `${broker}/${clientId}`;
}

export function positionKey(instrumentId: string, product: Product): string {
  return `${instrumentId}/${product}`;
}

function heldBy(position: Position): number {
  const { bought, buyAverage, sold, sellAverage, net, realized } = totalsOf(position);
  if (position.product === 'CNC') return bought * buyAverage - sold * sellAverage;
  const [side, average] = net >= 0 ? (['BUY', buyAverage] as const) : (['SELL', sellAverage] as const);
  return Math.abs(net) * unitMargin(position.instrument, position.product, side, average) - realized;
}
