import type { Account } from './account.js';
import { fundsOf, netOf } from './account.js';
import { isMultipleOf } from './instrument.js';
import type { Instrument } from './instrument.js';
import { unitMargin } from './margin.js';
import type { Market } from './market.js';
import { bandOf } from './market.js';
import { isOpen } from './market-hours.js';
import type { OrderTicket, OrderType, Rejection } from './order.js';
import { remainingOf } from './order.js';
import { istDate } from '../ist.js';

/** Why nothing was recorded at all: no order, no id. */
export type Refusal =
  | 'unknown-account'
  | 'unknown-instrument'
  | 'segment-disabled'
  | 'market-closed'
  | 'stop-price-wrong-side'
  | 'duplicate-order-id';

/** The part of an order that a modification can change, in rupees and units. */
export interface Terms {
  readonly type: OrderType;
  readonly quantity: number;
  readonly price: number;
  readonly triggerPrice: number;
}

/** What a broker checks before it gives an order an id. */
export function refusalOf(account: Account, market: Market, ticket: OrderTicket, atMs: number): Refusal | null {
  const { instrument } = market;
  if (instrument.segment === 'INDEX' || hasExpired(instrument, atMs)) return 'unknown-instrument';
  if (!account.terms.segments.includes(instrument.segment)) return 'segment-disabled';
  if (isStopOnWrongSide(ticket, ticket.side)) return 'stop-price-wrong-side';
  if (!ticket.afterMarket && !isOpen(instrument.segment, atMs)) return 'market-closed';
  return null;
}

/** What risk checks and the exchange throw out once the order has an id. */
export function rejectionOf(account: Account, market: Market, ticket: OrderTicket, terms: Terms): Rejection | null {
  const { instrument } = market;
  if (ticket.rejection !== undefined) return ticket.rejection;
  if (terms.quantity % instrument.lot !== 0) return 'off-lot';
  if (instrument.maxQuantity !== null && terms.quantity > instrument.maxQuantity) return 'above-freeze-quantity';
  const prices = [terms.price, terms.triggerPrice].filter((price) => price > 0);
  if (prices.some((price) => !isMultipleOf(price, instrument.tick))) return 'off-tick';
  const band = bandOf(market);
  if (prices.some((price) => price < band.low || price > band.high)) return 'outside-price-band';
  if (ticket.product === 'CNC' && ticket.side === 'SELL') {
    return sellableOf(account, instrument) < terms.quantity ? 'insufficient-holdings' : null;
  }
  return requiredFunds(account, market, ticket, terms) > fundsOf(account).available ? 'insufficient-margin' : null;
}

/** Rupees to hold back for these terms: only what goes beyond closing an open position needs funds. */
export function requiredFunds(
  account: Account,
  market: Market,
  ticket: Pick<OrderTicket, 'side' | 'product'>,
  terms: Terms,
): number {
  const { instrument, last } = market;
  const net = netOf(account, instrument.id, ticket.product);
  const closing = Math.max(0, ticket.side === 'BUY' ? -net : net);
  const price = terms.price > 0 ? terms.price : last;
  return Math.max(0, terms.quantity - closing) * unitMargin(instrument, ticket.product, ticket.side, price);
}

export function isStopOnWrongSide(terms: Terms, side: OrderTicket['side']): boolean {
  if (terms.type !== 'SL') return false;
  return side === 'SELL' ? terms.triggerPrice < terms.price : terms.triggerPrice > terms.price;
}

export function hasExpired(instrument: Instrument, atMs: number): boolean {
  return instrument.contract !== null && instrument.contract.expiry < istDate(atMs);
}

function sellableOf(account: Account, instrument: Instrument): number {
  let committed = 0;
  for (const order of account.working) {
    const { instrumentId, product, side } = order.ticket;
    if (instrumentId === instrument.id && product === 'CNC' && side === 'SELL') committed += remainingOf(order);
  }
  const held = account.holdings.get(instrument.id)?.quantity ?? 0;
  return held + Math.max(0, netOf(account, instrument.id, 'CNC')) - committed;
}
