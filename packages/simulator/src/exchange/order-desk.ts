import type { Account } from './account.js';
import { accountKey } from './account.js';
import type { Refusal, Terms } from './admission.js';
import { isStopOnWrongSide, refusalOf, rejectionOf, requiredFunds } from './admission.js';
import type { OrderChange, OrderName } from './exchange-command.js';
import type { Floor } from './floor.js';
import { orderKey } from './floor.js';
import type { Market } from './market.js';
import { isOpen, nextOpen, sessionClose } from './market-hours.js';
import { enter, leave } from './matching.js';
import type { Order, OrderTicket } from './order.js';
import { isWorking, remainingOf } from './order.js';

export type PlaceResult =
  { readonly kind: 'taken'; readonly order: Order } | { readonly kind: 'refused'; readonly refusal: Refusal };

export type ChangeResult =
  | { readonly kind: 'done'; readonly order: Order }
  | { readonly kind: 'refused'; readonly refusal: 'unknown-order' | 'not-working' | 'market-closed' | 'bad-terms' };

/** The most modifications one order takes. */
const MAX_MODIFICATIONS = 25;

/** Takes an order, or refuses it without a trace. A taken one may be rejected at once. */
export function placeOrder(floor: Floor, ticket: OrderTicket, atMs: number): PlaceResult {
  const account = floor.accounts.get(accountKey(ticket.broker, ticket.clientId));
  if (account === undefined) return { kind: 'refused', refusal: 'unknown-account' };
  const market = floor.markets.get(ticket.instrumentId);
  if (market === undefined) return { kind: 'refused', refusal: 'unknown-instrument' };
  if (floor.orderOf(ticket) !== undefined) return { kind: 'refused', refusal: 'duplicate-order-id' };
  const refusal = refusalOf(account, market, ticket, atMs);
  if (refusal !== null) return { kind: 'refused', refusal };

  const order = createOrder(floor, account, market, ticket, atMs);
  account.orders.push(order);
  floor.orders.set(orderKey(ticket), order);
  if (order.status === 'rejected') return { kind: 'taken', order };
  account.working.add(order);
  floor.block(account, order, requiredFunds(account, market, ticket, ticket));
  if (!ticket.afterMarket) floor.sendToMarket(order, atMs);
  return { kind: 'taken', order };
}

/** Changes a working order. The new quantity is the total, filled part included. */
export function modifyOrder(floor: Floor, name: OrderName, change: OrderChange, atMs: number): ChangeResult {
  const order = floor.orderOf(name);
  if (order === undefined) return { kind: 'refused', refusal: 'unknown-order' };
  if (!isWorking(order) || order.modifications >= MAX_MODIFICATIONS) return { kind: 'refused', refusal: 'not-working' };
  const market = floor.marketOf(order.ticket.instrumentId);
  if (!isOpen(market.instrument.segment, atMs)) return { kind: 'refused', refusal: 'market-closed' };
  const terms: Terms = {
    type: change.type ?? order.type,
    quantity: change.quantity ?? order.quantity,
    price: change.price ?? order.price,
    triggerPrice: change.triggerPrice ?? order.triggerPrice,
  };
  const account = floor.accountOf(name);
  if (!isAllowed(floor, account, market, order, terms)) return { kind: 'refused', refusal: 'bad-terms' };

  const losesPriority = terms.price !== order.price || terms.quantity > order.quantity;
  leave(market, order);
  Object.assign(order, terms, {
    validity: change.validity ?? order.validity,
    disclosedQuantity: change.disclosedQuantity ?? order.disclosedQuantity,
    modifications: order.modifications + 1,
    updatedAtMs: atMs,
  });
  if (losesPriority) order.priority = floor.nextPriority();
  const openTerms = { ...terms, quantity: remainingOf(order) };
  floor.block(account, order, requiredFunds(account, market, order.ticket, openTerms));
  if (order.status !== 'waiting') enter(market, order, floor.hooks(atMs));
  return { kind: 'done', order };
}

/** Takes back what is left of an order. One that still waits for the opening can be taken back at any hour. */
export function cancelOrder(floor: Floor, name: OrderName, atMs: number): ChangeResult {
  const order = floor.orderOf(name);
  if (order === undefined) return { kind: 'refused', refusal: 'unknown-order' };
  if (!isWorking(order)) return { kind: 'refused', refusal: 'not-working' };
  const { segment } = floor.marketOf(order.ticket.instrumentId).instrument;
  if (order.status !== 'waiting' && !isOpen(segment, atMs)) return { kind: 'refused', refusal: 'market-closed' };
  floor.end(order, 'cancelled', atMs);
  return { kind: 'done', order };
}

/** Fills a working order from outside, whatever the market does. */
export function forceFill(floor: Floor, name: OrderName, quantity: number, price: number, atMs: number): void {
  const order = floor.orderOf(name);
  if (order === undefined || !isWorking(order)) throw new Error(`Order ${name.brokerOrderId} is not working`);
  if (!Number.isInteger(quantity) || quantity <= 0 || quantity > remainingOf(order)) {
    throw new Error(`Order ${name.brokerOrderId} has ${remainingOf(order)} left to fill, not ${quantity}`);
  }
  const isNew = order.status !== 'open';
  const market = floor.marketOf(order.ticket.instrumentId);
  if (isNew) leave(market, order);
  order.status = 'open';
  floor.fill(order, quantity, price, atMs);
  if (isNew && isWorking(order)) market.book.add(order);
}

function createOrder(floor: Floor, account: Account, market: Market, ticket: OrderTicket, atMs: number): Order {
  const { segment } = market.instrument;
  const opensAtMs = ticket.afterMarket ? nextOpen(segment, atMs) : atMs;
  const rejection = rejectionOf(account, market, ticket, ticket);
  return {
    ticket,
    sequence: floor.nextSequence(),
    exchangeOrderId: null,
    status: rejection === null ? 'waiting' : 'rejected',
    type: ticket.type,
    validity: ticket.validity,
    quantity: ticket.quantity,
    price: ticket.price,
    triggerPrice: ticket.triggerPrice,
    disclosedQuantity: ticket.disclosedQuantity,
    filledQuantity: 0,
    filledValue: 0,
    modifications: 0,
    priority: floor.nextPriority(),
    blocked: 0,
    rejection,
    createdAtMs: atMs,
    updatedAtMs: atMs,
    exchangeAtMs: null,
    visibleFromMs: atMs + ticket.hiddenForMs,
    opensAtMs,
    closesAtMs: sessionClose(segment, opensAtMs),
  };
}

/** Checks new terms as if the order were not there, so that it does not stand in its own way. */
function isAllowed(floor: Floor, account: Account, market: Market, order: Order, terms: Terms): boolean {
  if (terms.quantity <= order.filledQuantity || !isComplete(terms)) return false;
  if (isStopOnWrongSide(terms, order.ticket.side)) return false;
  const { blocked } = order;
  account.working.delete(order);
  floor.block(account, order, 0);
  const openTerms = { ...terms, quantity: terms.quantity - order.filledQuantity };
  const isLegal = rejectionOf(account, market, order.ticket, openTerms) === null;
  account.working.add(order);
  floor.block(account, order, blocked);
  return isLegal;
}

/** A change of type may leave an order without the price its new type needs. */
function isComplete({ type, price, triggerPrice }: Terms): boolean {
  switch (type) {
    case 'MARKET':
      return true;
    case 'LIMIT':
      return price > 0;
    case 'SL':
      return price > 0 && triggerPrice > 0;
    case 'SL-M':
      return triggerPrice > 0;
  }
}
