import type { Refusal } from '../exchange/admission.js';
import { requiredFunds } from '../exchange/admission.js';
import { fundsOf } from '../exchange/account.js';
import type { OrderChange, OrderName } from '../exchange/exchange-command.js';
import { isOpen } from '../exchange/market-hours.js';
import type { ChangeResult } from '../exchange/order-desk.js';
import type { Order, OrderTicket } from '../exchange/order.js';
import { istDate } from '../ist.js';
import type { Reply } from '../wire.js';
import type { KotakContext, KotakUserCall } from './context.js';
import { listingOf } from './context.js';
import { readForm } from './form.js';
import type { ModifyRequest, PlaceRequest } from './order-request.js';
import { parseCancel, parseModify, parsePlace } from './order-request.js';
import { protectedPrice } from './protection.js';
import { badBody, orderTaken, refused, refusedLive, unknownInstrument } from './replies.js';

/** `POST /quick/order/rule/ms/place`. An order that fails the risk checks still gets a number and turns "rejected". */
export function placeOrder(context: KotakContext, call: KotakUserCall): Reply {
  const strange = addressRefusal(context);
  if (strange !== undefined) return strange;
  const body = readForm(call.bodyText);
  const request = body && parsePlace(body);
  if (request === undefined) return badBody();
  const scrip = context.catalogue.byTradingSymbol(request.segment, request.tradingSymbol);
  const instrument = scrip?.instrument ?? null;
  if (instrument === null || instrument.segment === 'INDEX') return unknownInstrument();
  const ticket = ticketOf(context, call, request, instrument.id);
  if (context.options.insufficientFunds === 'refuse' && isTooDear(context, call, ticket)) {
    return refused(1004, 'Insufficient balance.');
  }
  const result = context.exchange.place(ticket);
  return result.kind === 'refused' ? placeRefused(result.refusal) : orderTaken(ticket.brokerOrderId);
}

/** `POST /quick/order/vr/modify`. Quantity is the total ordered, not what remains. */
export function modifyOrder(context: KotakContext, call: KotakUserCall): Reply {
  const strange = addressRefusal(context);
  if (strange !== undefined) return strange;
  const body = readForm(call.bodyText);
  const request = body && parseModify(body);
  if (request === undefined) return badBody();
  if (request.type === 'SL-M') return badBody('Market order with Algo Id not allowed');
  const name = nameOf(call, request.orderNumber);
  const filledBefore = context.exchange.order(name)?.filledQuantity ?? 0;
  const result = context.exchange.modify(name, changeOf(context, name, request));
  if (result.kind === 'refused') return changeRefused(result, 'modify');
  const { type, validity, quantity, price, triggerPrice } = result.order;
  const terms = { type, validity, quantity, price, triggerPrice };
  const { orderNumber } = request;
  context.journal.record({ kind: 'order-modified', orderNumber, atMs: call.atMs, terms, filledBefore });
  return orderTaken(orderNumber);
}

/** `POST /quick/order/cancel`. */
export function cancelOrder(context: KotakContext, call: KotakUserCall): Reply {
  const strange = addressRefusal(context);
  if (strange !== undefined) return strange;
  const body = readForm(call.bodyText);
  const request = body && parseCancel(body);
  if (request === undefined) return badBody();
  const name = nameOf(call, request.orderNumber);
  const order = context.exchange.order(name);
  const isIncomplete = order !== undefined && needsMore(context, order, request.afterMarket, request.tradingSymbol);
  if (isIncomplete) return badBody('am and ts are mandatory for AMO');
  const result = context.exchange.cancel(name);
  if (result.kind === 'refused') return changeRefused(result, 'cancel');
  context.journal.record({ kind: 'order-cancelled', orderNumber: request.orderNumber, atMs: call.atMs });
  return orderTaken(request.orderNumber);
}

/** A client address that Kotak does not know, for commands only. */
function addressRefusal({ options }: KotakContext): Reply | undefined {
  switch (options.staticIp) {
    case 'ok':
      return undefined;
    case 'unregistered':
      return refusedLive(100_008, 'unauthorized');
    case 'session-moved':
      return refusedLive(1037, 'session ip does not match');
  }
}

function ticketOf(
  context: KotakContext,
  call: KotakUserCall,
  request: PlaceRequest,
  instrumentId: string,
): OrderTicket {
  const { exchange, options } = context;
  const { market } = listingOf(context, instrumentId);
  const wasMarket = request.type === 'MARKET';
  const isShut = !request.afterMarket && !isOpen(market.instrument.segment, call.atMs);
  // The exchange has no order from a shut segment on its books. One that waits and is thrown out at once is the same row.
  const isThrownOut = request.type === 'SL-M' || (isShut && options.closedMarket === 'reject');
  return {
    broker: 'kotak',
    clientId: call.account.terms.clientId,
    brokerOrderId: mintOrderNumber(exchange.orderCount, call.atMs),
    tag: request.tag,
    instrumentId,
    side: request.side,
    type: wasMarket ? 'LIMIT' : request.type,
    product: request.product,
    validity: request.validity,
    quantity: request.quantity,
    disclosedQuantity: request.disclosedQuantity,
    price: wasMarket ? protectedPrice(market, request.side) : request.price,
    triggerPrice: request.triggerPrice,
    afterMarket: request.afterMarket || isShut,
    hiddenForMs: call.hiddenForMs,
    wasMarket,
    ...(isThrownOut ? { rejection: 'order-type-not-allowed' } : {}),
  };
}

/** Rejected for the hour it came at, not for its type: the two share a rejection at the exchange. */
export function isClosedMarketRejection({ ticket, rejection }: Order): boolean {
  return rejection === 'order-type-not-allowed' && ticket.type !== 'SL-M';
}

/** YYMMDD and nine digits. */
function mintOrderNumber(orderCount: number, atMs: number): string {
  return istDate(atMs).slice(2).replaceAll('-', '') + String(orderCount + 1).padStart(9, '0');
}

function isTooDear(context: KotakContext, { account }: KotakUserCall, ticket: OrderTicket): boolean {
  const { market } = listingOf(context, ticket.instrumentId);
  return requiredFunds(account, market, ticket, ticket) > fundsOf(account).available;
}

/** A modification to a market order is protected like a new one. */
function changeOf(context: KotakContext, name: OrderName, request: ModifyRequest): OrderChange {
  const { orderNumber: _, ...change } = request;
  const ticket = context.exchange.order(name)?.ticket;
  if (change.type !== 'MARKET' || ticket === undefined) return change;
  const price = protectedPrice(listingOf(context, ticket.instrumentId).market, ticket.side);
  return { ...change, type: 'LIMIT', price };
}

/** An order that still waits for the opening is cancelled with its symbol and the flag, says the documentation. */
function needsMore(context: KotakContext, order: Order, afterMarket: boolean, tradingSymbol: string): boolean {
  if (context.options.afterMarketCancel === 'lenient' || order.status !== 'waiting') return false;
  const { scrip } = listingOf(context, order.ticket.instrumentId);
  return !afterMarket || tradingSymbol !== scrip.tradingSymbol;
}

function nameOf({ account }: KotakUserCall, brokerOrderId: string): OrderName {
  return { broker: 'kotak', clientId: account.terms.clientId, brokerOrderId };
}

/** Codes are documented for the instrument alone; the others are of the general kind. */
function placeRefused(refusal: Refusal): Reply {
  switch (refusal) {
    case 'unknown-account':
    case 'duplicate-order-id':
      return badBody();
    case 'unknown-instrument':
      return unknownInstrument();
    case 'segment-disabled':
      return badBody('Segment is not enabled for this account');
    case 'market-closed':
      return badBody('ADAPTER is down');
    case 'stop-price-wrong-side':
      return badBody('Trigger price is on the wrong side of the price');
  }
}

function changeRefused(
  { refusal }: Extract<ChangeResult, { readonly kind: 'refused' }>,
  change: 'modify' | 'cancel',
): Reply {
  switch (refusal) {
    case 'unknown-order':
      return refused(1006, 'Order already cancelled or not found.');
    case 'not-working':
      // Recorded for a modification; the documents have 1006 for both.
      if (change === 'modify') return refusedLive(1021, 'order is completed', 'please provide valid order number');
      return refused(1006, 'Order already cancelled or not found.');
    case 'market-closed':
      return badBody('ADAPTER is down');
    case 'bad-terms':
      return badBody('RMS: the new terms are not allowed');
  }
}
