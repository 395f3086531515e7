import type { Account, Position } from './account.js';
import { positionKey, totalsOf } from './account.js';
import type { Instrument } from './instrument.js';
import { rupees } from './instrument.js';
import type { Product, Side } from './order.js';

/** Books one fill into positions, and into holdings when delivered shares are sold. */
export function settleFill(
  account: Account,
  instrument: Instrument,
  fill: { readonly product: Product; readonly side: Side; readonly quantity: number; readonly price: number },
): void {
  const position = positionFor(account, instrument, fill.product);
  if (fill.product === 'CNC' && fill.side === 'SELL') takeFromHolding(account, instrument, position, fill.quantity);
  const value = rupees(fill.quantity * fill.price);
  if (fill.side === 'BUY') {
    position.dayBuyQuantity += fill.quantity;
    position.dayBuyValue = rupees(position.dayBuyValue + value);
  } else {
    position.daySellQuantity += fill.quantity;
    position.daySellValue = rupees(position.daySellValue + value);
  }
}

/** Turns yesterday's trades into today's holdings, carried positions and cash. */
export function rollDay(account: Account): void {
  const yesterday = Array.from(account.positions); // carried positions go back into the map under their old key
  for (const [key, position] of yesterday) {
    const { bought, buyAverage, sold, sellAverage, net, realized } = totalsOf(position);
    if (position.product === 'CNC') {
      account.cash = rupees(account.cash - bought * buyAverage + sold * sellAverage);
      if (net > 0) addHolding(account, position.instrument, net, buyAverage);
      account.positions.delete(key);
      continue;
    }
    account.cash = rupees(account.cash + realized);
    account.positions.delete(key);
    if (net !== 0) {
      const carried = emptyPosition(position.instrument, position.product);
      if (net > 0) {
        carried.carriedBuyQuantity = net;
        carried.carriedBuyValue = rupees(net * buyAverage);
      } else {
        carried.carriedSellQuantity = -net;
        carried.carriedSellValue = rupees(-net * sellAverage);
      }
      account.positions.set(key, carried);
    }
  }
}

export function addHolding(account: Account, instrument: Instrument, quantity: number, price: number): void {
  const held = account.holdings.get(instrument.id) ?? { instrument, quantity: 0, averagePrice: 0 };
  const value = held.quantity * held.averagePrice + quantity * price;
  held.quantity += quantity;
  held.averagePrice = held.quantity === 0 ? 0 : rupees(value / held.quantity);
  account.holdings.set(instrument.id, held);
}

/** Shares bought today are sold first; only the rest comes out of the holding. */
function takeFromHolding(account: Account, instrument: Instrument, position: Position, quantity: number): void {
  const held = account.holdings.get(instrument.id);
  if (held === undefined) return;
  const boughtToday = Math.max(0, totalsOf(position).net);
  held.quantity = Math.max(0, held.quantity - Math.max(0, quantity - boughtToday));
  if (held.quantity === 0) account.holdings.delete(instrument.id);
}

function positionFor(account: Account, instrument: Instrument, product: Product): Position {
  const key = positionKey(instrument.id, product);
  const known = account.positions.get(key);
  if (known !== undefined) return known;
  const created = emptyPosition(instrument, product);
  account.positions.set(key, created);
  return created;
}

function emptyPosition(instrument: Instrument, product: Product): Position {
  return {
    instrument,
    product,
    dayBuyQuantity: 0,
    dayBuyValue: 0,
    daySellQuantity: 0,
    daySellValue: 0,
    carriedBuyQuantity: 0,
    carriedBuyValue: 0,
    carriedSellQuantity: 0,
    carriedSellValue: 0,
  };
}
