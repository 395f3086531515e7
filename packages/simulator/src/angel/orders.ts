import { createHash } from 'node:crypto';
import { parseBody, textOf } from '../body.js';
import type { Body } from '../body.js';
import { fundsOf } from '../exchange/account.js';
import { requiredFunds } from '../exchange/admission.js';
import type { Refusal } from '../exchange/admission.js';
import type { OrderName } from '../exchange/exchange-command.js';
import { isOpen } from '../exchange/market-hours.js';
import type { ChangeResult } from '../exchange/order-desk.js';
import type { Order, OrderTicket } from '../exchange/order.js';
import type { Reply } from '../wire.js';
import type { AngelContext, AngelUserCall } from './context.js';
import { marketOf } from './context.js';
import type { OrderTerms, PlaceRequest, Problem } from './order-request.js';
import { isProblem, parsePlace, parseTerms } from './order-request.js';
import { list, ok, serviceError, wrongAddress } from './replies.js';
import { orderRow } from './rows.js';
import { dayDigits } from './times.js';
import { isStopType, reasonText, varietyWord } from './words.js';

/** `POST placeOrder`: `{script, orderid, uniqueorderid}`. Success means only that Angel One took it: see the book. */
export function placeOrder(context: AngelContext, call: AngelUserCall): Reply {
  const { exchange, options } = context;
  if (options.staticIp === 'refuse') return wrongAddress();
  const body = parseBody(call.bodyText);
  const request = body === undefined ? INVALID : parsePlace(context, body, call.atMs);
  if (isProblem(request)) return refused(request);
  const orderid = mintOrderId(exchange.orderCount, call.atMs);
  const result = exchange.place(ticketOf(context, call, request, orderid));
  if (result.kind === 'refused') return placeRefused(result.refusal);
  if (result.order.rejection === 'insufficient-margin') rememberShortfall(context, call, result.order);
  return ok({ script: request.listing.row.symbol, orderid, uniqueorderid: uniqueIdOf(orderid, options) });
}

/** `POST modifyOrder`. Every field is sent again; quantity is the total ordered, not what remains. */
export function modifyOrder(context: AngelContext, call: AngelUserCall): Reply {
  if (context.options.staticIp === 'refuse') return wrongAddress();
  const body = parseBody(call.bodyText);
  if (body === undefined) return refused(INVALID);
  const found = orderOf(context, call, body);
  if (isProblem(found)) return refused(found);
  const terms = parseTerms(context, body, call.atMs);
  if (isProblem(terms)) return refused(terms);
  const problem = modificationProblem(context, found, terms);
  if (problem !== undefined) return refused(problem);
  const { type, validity, quantity, price, triggerPrice, disclosedQuantity } = terms;
  const change = { type, validity, quantity, price, triggerPrice, disclosedQuantity };
  return changed(context, found, context.exchange.modify(found.ticket, change));
}

/** `POST cancelOrder` with `{variety, orderid}`. */
export function cancelOrder(context: AngelContext, call: AngelUserCall): Reply {
  if (context.options.staticIp === 'refuse') return wrongAddress();
  const body = parseBody(call.bodyText);
  if (body === undefined) return refused(INVALID);
  const found = orderOf(context, call, body);
  if (isProblem(found)) return refused(found);
  if (!isRightVariety(found, textOf(body, 'variety') ?? '')) return refused({ code: 'AB1008' });
  return changed(context, found, context.exchange.cancel(found.ticket));
}

/** `GET getOrderBook`: today's orders, oldest first; `null` when there are none. */
export function orderBook(context: AngelContext, { account }: AngelUserCall): Reply {
  return list(context.exchange.visibleOrders(account).map((order) => rowOf(context, order)));
}

/** `GET details/{uniqueorderid}`: one order, by the id that is not the order id. */
export function orderDetails(context: AngelContext, { account, params }: AngelUserCall): Reply {
  const asked = params['uniqueOrderId'] ?? '';
  const order = context.exchange
    .visibleOrders(account)
    .find(({ ticket }) => uniqueIdOf(ticket.brokerOrderId, context.options) === asked);
  return order === undefined ? refused({ code: 'AB1013' }) : ok(rowOf(context, order));
}

export function rowOf(context: AngelContext, order: Order): Readonly<Record<string, unknown>> {
  const { instrument } = marketOf(context, order.ticket.instrumentId);
  const uniqueorderid = uniqueIdOf(order.ticket.brokerOrderId, context.options);
  return orderRow({
    order,
    listing: context.catalogue.listingOf(instrument),
    uniqueorderid,
    text: reasonText(order, context.shortfallOf(order.ticket.brokerOrderId)),
    options: context.options,
  });
}

function rememberShortfall(context: AngelContext, { account }: AngelUserCall, { ticket }: Order): void {
  const required = requiredFunds(account, marketOf(context, ticket.instrumentId), ticket, ticket);
  context.rememberShortfall(ticket.brokerOrderId, { available: fundsOf(account).available, required });
}

const INVALID: Problem = { code: 'AB1007' };

function refused({ code, message }: Problem): Reply {
  return serviceError(code, message);
}

function ticketOf(context: AngelContext, call: AngelUserCall, request: PlaceRequest, orderid: string): OrderTicket {
  const { instrument } = request.listing;
  const { side, tag, type, product, validity, quantity, disclosedQuantity, price, triggerPrice } = request;
  // Whoever says AMO waits for the opening at any hour; for the others the hour decides.
  const waits = context.options.afterHours === 'wait' && !isOpen(instrument.segment, call.atMs);
  return {
    broker: 'angel',
    clientId: call.account.terms.clientId,
    brokerOrderId: orderid,
    tag,
    instrumentId: instrument.id,
    side,
    type,
    product,
    validity,
    quantity,
    disclosedQuantity,
    price,
    triggerPrice,
    afterMarket: request.variety === 'AMO' || waits,
    hiddenForMs: call.hiddenForMs,
    wasMarket: false,
    ...(isProhibited(context, request) ? { rejection: 'order-type-not-allowed' } : {}),
  };
}

/** Prohibited for algo orders by the notice of 2026-02-25; no error code is known, so the order is taken and rejected. */
function isProhibited({ options }: AngelContext, { type, validity }: Pick<OrderTerms, 'type' | 'validity'>): boolean {
  const isMarket = type === 'MARKET' || type === 'SL-M';
  return (isMarket && options.marketOrders === 'refuse') || (validity === 'IOC' && options.iocOrders === 'refuse');
}

function orderOf({ exchange }: AngelContext, { account }: AngelUserCall, body: Body): Order | Problem {
  const brokerOrderId = textOf(body, 'orderid') ?? '';
  const name: OrderName = { broker: 'angel', clientId: account.terms.clientId, brokerOrderId };
  return exchange.order(name) ?? { code: 'AB1013' };
}

/** What an order is called stays as it was placed; only its terms move. */
function modificationProblem(context: AngelContext, order: Order, terms: OrderTerms): Problem | undefined {
  const { ticket } = order;
  if (terms.listing.instrument.id !== ticket.instrumentId) return { code: 'AB1009' };
  if (terms.product !== ticket.product) return { code: 'AB1012' };
  if (terms.variety === 'AMO' && !ticket.afterMarket) return { code: 'AB1008' };
  if (isProhibited(context, terms))
    return { code: 'AB1007', message: 'MARKET and IOC are not allowed for algo orders' };
  return undefined;
}

/** An order that waited for the opening answers to AMO as well as to what it was placed under. */
function isRightVariety(order: Order, variety: string): boolean {
  if (variety === varietyWord(order)) return true;
  if (!order.ticket.afterMarket) return false;
  return variety === 'AMO' || (variety === 'NORMAL' && !isStopType(order.type));
}

function changed({ options }: AngelContext, { ticket }: Order, result: ChangeResult): Reply {
  if (result.kind === 'refused') return changeRefused(result);
  const orderid = ticket.brokerOrderId;
  return ok({ orderid, uniqueorderid: uniqueIdOf(orderid, options) });
}

/** Fifteen digits: the date, then a count. */
function mintOrderId(orderCount: number, atMs: number): string {
  return `${dayDigits(atMs)}${String(orderCount + 1).padStart(9, '0')}`;
}

/** Made from the order id, so that it stays the same for the life of the order and over a restart. */
function uniqueIdOf(orderid: string, { uniqueOrderIds }: AngelContext['options']): string {
  if (uniqueOrderIds === 'same') return orderid;
  const hex = createHash('sha256').update(`angel/${orderid}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** No words are known for most of these; AB1007 is the code that means many things, and its message tells which. */
function placeRefused(refusal: Refusal): Reply {
  switch (refusal) {
    case 'unknown-account':
      return serviceError('AB1011');
    case 'unknown-instrument':
      return serviceError('AB1009');
    case 'duplicate-order-id':
      return serviceError('AB1004');
    case 'segment-disabled':
      return serviceError('AB1007', 'The segment is not activated for this account');
    case 'market-closed':
      return serviceError('AB1007', 'Adapter is Logged Off');
    case 'stop-price-wrong-side':
      return serviceError('AB1007', 'Trigger price is on the wrong side of the price');
  }
}

function changeRefused({ refusal }: Extract<ChangeResult, { readonly kind: 'refused' }>): Reply {
  switch (refusal) {
    case 'unknown-order':
      return serviceError('AB1013');
    case 'not-working':
      return serviceError('AB1007', 'Order is not open');
    case 'bad-terms':
      return serviceError('AB1007', 'Order cannot be modified to these terms');
    case 'market-closed':
      return serviceError('AB1007', 'Adapter is Logged Off');
  }
}
