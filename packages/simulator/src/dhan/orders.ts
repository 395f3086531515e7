import type { Refusal } from '../exchange/admission.js';
import type { OrderChange, OrderName } from '../exchange/exchange-command.js';
import type { ChangeResult } from '../exchange/order-desk.js';
import { roundToTick } from '../exchange/instrument.js';
import { bandOf } from '../exchange/market.js';
import type { Market } from '../exchange/market.js';
import type { Order, OrderTicket } from '../exchange/order.js';
import { istDate } from '../ist.js';
import { parseBody } from '../body.js';
import type { DhanContext, DhanUserCall } from './context.js';
import { marketOf } from './context.js';
import type { PlaceRequest } from './order-request.js';
import { parseModify, parsePlace } from './order-request.js';
import type { Reply } from '../wire.js';
import { json, tradingError } from './replies.js';
import { orderRow } from './rows.js';

/** `POST /orders`: `{orderId, orderStatus}`. An order that fails the risk checks still gets an id and turns REJECTED. */
export function placeOrder(context: DhanContext, call: DhanUserCall): Reply {
  const request = readPlace(context, call);
  if ('status' in request) return request;
  const placed = place(context, call, request, request.quantity);
  return 'status' in placed ? placed : json(200, placed);
}

/** `POST /orders/slicing`: as many orders as the freeze quantity asks for, all with the one correlation id. */
export function placeSliced(context: DhanContext, call: DhanUserCall): Reply {
  const request = readPlace(context, call);
  if ('status' in request) return request;
  const placed: PlacedOrder[] = [];
  for (let left = request.quantity; left > 0;) {
    const slice = Math.min(left, largestSlice(context, request));
    const answer = place(context, call, request, slice);
    if ('status' in answer) return placed.length === 0 ? answer : json(200, placed);
    placed.push(answer);
    left -= slice;
  }
  return json(200, placed);
}

/** `PUT /orders/{orderId}`. Quantity is the total ordered, not what remains. */
export function modifyOrder(context: DhanContext, call: DhanUserCall): Reply {
  if (context.options.staticIp === 'refuse') return invalidIp();
  const { clientId } = call.account.terms;
  const brokerOrderId = call.params['orderId'] ?? '';
  const body = parseBody(call.bodyText);
  const change = body === undefined ? undefined : parseModify(body, clientId, brokerOrderId);
  if (change === undefined) return tradingError('DH-905');
  const name = { broker: 'dhan', clientId, brokerOrderId };
  const result = context.exchange.modify(name, protectedChange(context, name, change));
  return result.kind === 'done' ? json(200, { orderId: brokerOrderId, orderStatus: 'TRANSIT' }) : changeRefused(result);
}

/** `DELETE /orders/{orderId}`: 202. */
export function cancelOrder(context: DhanContext, call: DhanUserCall): Reply {
  if (context.options.staticIp === 'refuse') return invalidIp();
  const { clientId } = call.account.terms;
  const brokerOrderId = call.params['orderId'] ?? '';
  const result = context.exchange.cancel({ broker: 'dhan', clientId, brokerOrderId });
  return result.kind === 'done'
    ? json(202, { orderId: brokerOrderId, orderStatus: 'CANCELLED' })
    : changeRefused(result);
}

/** `GET /orders`: today's orders, oldest first. */
export function orderBook(context: DhanContext, call: DhanUserCall): Reply {
  return json(200, rowsOf(context, context.exchange.visibleOrders(call.account)));
}

/** `GET /orders/{orderId}`: an array of one, as the live API answers; `[]` when there is none. */
export function orderById(context: DhanContext, call: DhanUserCall): Reply {
  const { clientId } = call.account.terms;
  const order = context.exchange.order({ broker: 'dhan', clientId, brokerOrderId: call.params['orderId'] ?? '' });
  const isVisible = order !== undefined && order.visibleFromMs <= call.atMs;
  const rows = isVisible ? rowsOf(context, [order]) : [];
  return json(200, context.options.orderById === 'object' && isVisible ? rows[0] : rows);
}

/** `GET /orders/external/{correlationId}`: every order of today that carries the tag. */
export function orderByTag(context: DhanContext, call: DhanUserCall): Reply {
  const tag = call.params['correlationId'] ?? '';
  const found = context.exchange.visibleOrders(call.account).filter((order) => order.ticket.tag === tag);
  if (found.length === 0 && context.options.unknownTag === 'error') return tradingError('DH-905');
  return json(200, rowsOf(context, found));
}

interface PlacedOrder {
  readonly orderId: string;
  readonly orderStatus: 'TRANSIT' | 'PENDING';
}

/** How far past the last price a market order may trade once it has become a limit order. */
const MARKET_PROTECTION = 0.01;

function readPlace(context: DhanContext, call: DhanUserCall): PlaceRequest | Reply {
  if (context.options.staticIp === 'refuse') return invalidIp();
  const body = parseBody(call.bodyText);
  return (body && parsePlace(body, call.account.terms.clientId)) ?? tradingError('DH-905');
}

function place(context: DhanContext, call: DhanUserCall, request: PlaceRequest, quantity: number): PlacedOrder | Reply {
  const { exchange, options } = context;
  const market = exchange.market(`${request.segment}:${request.securityId}`);
  if (market === undefined) return refused('unknown-instrument', request.side);
  const wasMarket = request.type === 'MARKET';
  const rejectsType = request.type === 'SL-M' && options.stopLossMarket === 'reject';
  const ticket: OrderTicket = {
    broker: 'dhan',
    clientId: call.account.terms.clientId,
    brokerOrderId: mintOrderId(exchange.orderCount, call.atMs),
    tag: request.tag,
    instrumentId: market.instrument.id,
    side: request.side,
    type: wasMarket ? 'LIMIT' : request.type,
    product: request.product,
    validity: request.validity,
    quantity,
    disclosedQuantity: request.disclosedQuantity,
    price: wasMarket ? protectedPrice(market, request.side) : request.price,
    triggerPrice: request.triggerPrice,
    afterMarket: request.afterMarket,
    hiddenForMs: call.hiddenForMs,
    wasMarket,
    ...(rejectsType ? { rejection: 'order-type-not-allowed' } : {}),
  };
  const result = exchange.place(ticket);
  if (result.kind === 'refused') return refused(result.refusal, request.side);
  return { orderId: ticket.brokerOrderId, orderStatus: ticket.afterMarket ? 'PENDING' : 'TRANSIT' };
}

/** A modification to a market order is protected like a new one. */
function protectedChange(context: DhanContext, name: OrderName, change: OrderChange): OrderChange {
  const ticket = context.exchange.order(name)?.ticket;
  if (change.type !== 'MARKET' || ticket === undefined) return change;
  return { ...change, type: 'LIMIT', price: protectedPrice(marketOf(context, ticket.instrumentId), ticket.side) };
}

/** Since 2026-03-21 a market order becomes a limit order near the last price; it may rest. */
function protectedPrice(market: Market, side: OrderTicket['side']): number {
  const share = side === 'BUY' ? 1 + MARKET_PROTECTION : 1 - MARKET_PROTECTION;
  const { low, high } = bandOf(market);
  return Math.min(high, Math.max(low, roundToTick(market.last * share, market.instrument.tick)));
}

/** Two digits, the date, and a count: 12 to 15 digits, like live ids. */
function mintOrderId(orderCount: number, atMs: number): string {
  const date = istDate(atMs).slice(2).replaceAll('-', '');
  return `95${date}${String(orderCount + 1).padStart(4, '0')}`;
}

function largestSlice(context: DhanContext, request: PlaceRequest): number {
  const instrument = context.exchange.market(`${request.segment}:${request.securityId}`)?.instrument;
  if (instrument === undefined || instrument.maxQuantity === null) return request.quantity;
  return Math.max(instrument.lot, Math.floor(instrument.maxQuantity / instrument.lot) * instrument.lot);
}

function rowsOf(context: DhanContext, orders: readonly Order[]): readonly Readonly<Record<string, unknown>>[] {
  return orders.map((order) =>
    orderRow(order, marketOf(context, order.ticket.instrumentId).instrument, context.options),
  );
}

/** Texts as seen live, except that of a buying stop, which mirrors the selling one. */
function refused(refusal: Refusal, side: OrderTicket['side']): Reply {
  switch (refusal) {
    case 'unknown-account':
      return tradingError('DH-901');
    case 'unknown-instrument':
    case 'duplicate-order-id':
      return tradingError('DH-906', 'Transaction has Failed');
    case 'segment-disabled':
      return tradingError('DH-903');
    case 'market-closed':
      return tradingError('DH-906', 'Market is Closed! Want to place an offline order?');
    case 'stop-price-wrong-side':
      return tradingError('DH-906', `Trigger Price should be ${side === 'SELL' ? 'greater' : 'less'} than Price`);
  }
}

function changeRefused({ refusal }: Extract<ChangeResult, { readonly kind: 'refused' }>): Reply {
  switch (refusal) {
    case 'unknown-order':
    case 'not-working':
    case 'bad-terms':
      return tradingError('DH-906', 'Transaction has Failed');
    case 'market-closed':
      return tradingError('DH-906', 'Market is Closed! You cannot modify/cancel an order now.');
  }
}

function invalidIp(): Reply {
  return tradingError('DH-905', 'Invalid IP');
}
