import { parseBody, textOf } from '../body.js';
import type { Account } from '../exchange/account.js';
import type { Refusal } from '../exchange/admission.js';
import type { OrderName } from '../exchange/exchange-command.js';
import { isOpen } from '../exchange/market-hours.js';
import type { ChangeResult } from '../exchange/order-desk.js';
import type { OrderTicket, Rejection } from '../exchange/order.js';
import { isWorking } from '../exchange/order.js';
import type { Reply } from '../wire.js';
import type { JainamContext, JainamUserCall } from './context.js';
import { clientOf, isReply } from './context.js';
import type { Listing } from './masters/catalogue.js';
import type { OrderTerms, PlaceRequest } from './order-request.js';
import { readModify, readPlace } from './order-request.js';
import type { ResolvedJainamOptions } from './options.js';
import { badRequest, noData, refused, required, success, unknownInstrument, unknownOrder } from './replies.js';
import type { Row } from './rows.js';
import { appOrderIdOf, historyRows, orderRow } from './rows.js';
import { SEGMENT_NAMES, fitsSegment } from './words.js';

/** `POST /interactive/orders`: "Request sent" says only that it is queued. What is thrown out shows in the book. */
export function placeOrder(context: JainamContext, call: JainamUserCall): Reply {
  if (context.options.staticIp === 'refuse') return refused('static-ip');
  const body = parseBody(call.bodyText) ?? {};
  const request = readPlace(body, context.options);
  if ('problems' in request) return badRequest(request.problems);
  const account = clientOf(context, call, body['clientID'], 'body');
  if (isReply(account)) return account;
  const listing = context.catalogue.find(request.segment, request.token);
  return placeTicket(context, call, account, listing, request);
}

/** Sends one order to the exchange in the name of the account, and answers as placing does. */
export function placeTicket(
  context: JainamContext,
  call: JainamUserCall,
  account: Account,
  listing: Listing | undefined,
  request: Omit<PlaceRequest, 'segment' | 'token'>,
): Reply {
  const { exchange, options } = context;
  if (listing?.instrument === undefined) return unknownInstrument();
  const { id, segment } = listing.instrument;
  const isClosed = !isOpen(segment, call.atMs);
  const isThrownOut = isClosed || !fitsSegment(request.product, segment) || isBareMarket(request, options);
  const rejection: { readonly rejection?: Rejection } = isThrownOut ? { rejection: 'order-type-not-allowed' } : {};
  const ticket: OrderTicket = {
    broker: 'jainam',
    clientId: account.terms.clientId,
    brokerOrderId: String(FIRST_ORDER_ID + exchange.orderCount),
    tag: request.tag,
    instrumentId: id,
    side: request.side,
    type: request.type,
    product: request.product,
    validity: request.validity,
    quantity: request.quantity,
    disclosedQuantity: request.disclosedQuantity,
    price: request.price,
    triggerPrice: request.triggerPrice,
    // XTS has no after-market orders: this only carries one that is thrown out past the closed door.
    afterMarket: isClosed,
    hiddenForMs: call.hiddenForMs,
    wasMarket: false,
    ...rejection,
  };
  const result = exchange.place(ticket);
  return result.kind === 'refused' ? placeRefused(result.refusal) : requestSent(ticket, options);
}

/** `PUT /interactive/orders`. The quantity is taken as the new total: no source says. */
export function modifyOrder(context: JainamContext, call: JainamUserCall): Reply {
  if (context.options.staticIp === 'refuse') return refused('static-ip');
  const body = parseBody(call.bodyText) ?? {};
  const request = readModify(body, context.options);
  if ('problems' in request) return badRequest(request.problems);
  const account = clientOf(context, call, body['clientID'], 'body');
  if (isReply(account)) return account;
  const name = nameOf(account, request.appOrderId);
  const order = context.exchange.order(name);
  if (order !== undefined && order.ticket.product !== request.product) return refused('other-product');
  const { type, validity, quantity, disclosedQuantity, price, triggerPrice } = request;
  const change = { type, validity, quantity, disclosedQuantity, price, triggerPrice };
  return answerChange(context.exchange.modify(name, change), context.options);
}

/** `DELETE /interactive/orders?appOrderID=&orderUniqueIdentifier=&clientID=`: the id alone will do. */
export function cancelOrder(context: JainamContext, call: JainamUserCall): Reply {
  if (context.options.staticIp === 'refuse') return refused('static-ip');
  const appOrderId = call.query.get('appOrderID') ?? '';
  if (!/^\d+$/.test(appOrderId)) return badRequest([required('appOrderID', 'query')]);
  const account = clientOf(context, call, call.query.get('clientID'), 'query');
  if (isReply(account)) return account;
  return answerChange(context.exchange.cancel(nameOf(account, appOrderId)), context.options);
}

/**
 * `POST /interactive/orders/cancelall {exchangeSegment, exchangeInstrumentID}`: an id of 0, or none, is the whole
 * segment (no source says). The official Python client gives a dealer's user id for the client: all of his clients.
 */
export function cancelAll(context: JainamContext, call: JainamUserCall): Reply {
  const body = parseBody(call.bodyText) ?? {};
  const segment = SEGMENT_NAMES[textOf(body, 'exchangeSegment') ?? ''];
  if (segment === undefined) return badRequest([required('exchangeSegment', 'body')]);
  const token = textOf(body, 'exchangeInstrumentID') ?? '';
  const { userId, dealer, clientCodes } = call.login;
  const accounts = (dealer && body['clientID'] === userId ? clientCodes : [body['clientID']]).map((code) =>
    clientOf(context, call, code, 'body'),
  );
  for (const account of accounts) {
    if (isReply(account)) return account;
    cancelWorking(context, account, (listing) => {
      return listing.segment === segment && ['', '0', listing.token].includes(token);
    });
  }
  return success('s-orders-0001', 'Request sent', {});
}

/** Cancels the account's working orders in the listings that are wanted. */
export function cancelWorking(
  { exchange, catalogue }: JainamContext,
  account: Account,
  isWanted: (listing: Listing) => boolean,
): void {
  for (const { ticket } of exchange.visibleOrders(account).filter(isWorking)) {
    const instrument = exchange.market(ticket.instrumentId)?.instrument;
    if (instrument === undefined || !isWanted(catalogue.of(instrument))) continue;
    exchange.cancel(nameOf(account, ticket.brokerOrderId));
  }
}

/** `GET /interactive/orders`: today's orders, newest first as in the recording. Dealers have a path of their own. */
export function orderBook(context: JainamContext, call: JainamUserCall): Reply {
  return call.login.dealer ? refused('investors-only') : bookOf(context, call);
}

/** `GET /interactive/orders/dealerorderbook?clientID=`. */
export function dealerOrderBook(context: JainamContext, call: JainamUserCall): Reply {
  return call.login.dealer ? bookOf(context, call) : refused('dealers-only');
}

/** `GET /interactive/orders?appOrderID=`: the rows of one order, the latest last. */
export function orderHistory(context: JainamContext, call: JainamUserCall): Reply {
  const account = clientOf(context, call, call.query.get('clientID'), 'query');
  if (isReply(account)) return account;
  const order = context.exchange.order(nameOf(account, call.query.get('appOrderID') ?? ''));
  if (order === undefined || order.visibleFromMs > call.atMs) return unknownOrder();
  return success('s-orders-0001', 'Success order history', historyRows(context, order, call.atMs));
}

/** Cover and bracket orders: many brokers switch them off, and so does this one. */
export function specialOrder(): Reply {
  return refused('special-order');
}

/** Rows of the account's book. */
export function bookRows(context: JainamContext, account: Account, atMs: number): readonly Row[] {
  return context.exchange
    .visibleOrders(account)
    .map((order) => orderRow(context, order, atMs))
    .reverse();
}

export function bookReply(rows: readonly Row[]): Reply {
  return rows.length === 0 ? noData('orders') : success('s-orders-0001', 'Success order book', rows);
}

const FIRST_ORDER_ID = 1_200_000_001;

function bookOf(context: JainamContext, call: JainamUserCall): Reply {
  const account = clientOf(context, call, call.query.get('clientID'), 'query');
  return isReply(account) ? account : bookReply(bookRows(context, account, call.atMs));
}

function isBareMarket({ type }: Pick<OrderTerms, 'type'>, { marketOrders }: ResolvedJainamOptions): boolean {
  return marketOrders === 'reject' && (type === 'MARKET' || type === 'SL-M');
}

function nameOf(account: Account, brokerOrderId: string): OrderName {
  return { broker: 'jainam', clientId: account.terms.clientId, brokerOrderId };
}

function answerChange(result: ChangeResult, options: ResolvedJainamOptions): Reply {
  return result.kind === 'done' ? requestSent(result.order.ticket, options) : changeRefused(result.refusal);
}

function requestSent(ticket: OrderTicket, options: ResolvedJainamOptions): Reply {
  const { tag, clientId } = ticket;
  const result = { AppOrderID: appOrderIdOf({ ticket }, options), OrderUniqueIdentifier: tag, ClientID: clientId };
  return success('s-orders-0001', 'Request sent', result);
}

function placeRefused(refusal: Refusal): Reply {
  switch (refusal) {
    case 'unknown-account':
      return refused('not-mapped');
    case 'unknown-instrument':
    case 'duplicate-order-id':
      return unknownInstrument();
    case 'segment-disabled':
      return refused('segment-disabled');
    case 'market-closed':
      return refused('market-closed');
    case 'stop-price-wrong-side':
      return badRequest([
        { field: 'stopPrice', location: 'body', message: 'is on the wrong side of limitPrice', type: 'any.invalid' },
      ]);
  }
}

function changeRefused(refusal: Extract<ChangeResult, { readonly kind: 'refused' }>['refusal']): Reply {
  switch (refusal) {
    case 'unknown-order':
      return unknownOrder();
    case 'not-working':
      return refused('not-open');
    case 'market-closed':
      return refused('market-closed');
    case 'bad-terms':
      return refused('bad-terms');
  }
}
