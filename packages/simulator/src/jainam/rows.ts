import type { Order, Trade } from '../exchange/order.js';
import { averageOf, isWorking, remainingOf } from '../exchange/order.js';
import type { JainamContext } from './context.js';
import { listingOf, loginIdOf } from './context.js';
import type { ResolvedJainamOptions } from './options.js';
import { fineTime, spelledTime, wholeTime, zonedTime } from './times.js';
import type { StatusWord } from './words.js';
import { STATUS_NUMBERS, orderTypeWord, rejectionText, statusWord } from './words.js';

export type Row = Readonly<Record<string, unknown>>;

/** Rupees as these rows spell them: two decimals (four for currencies) and commas (`2,853.50`, seen in 2024). */
export function amountText(rupees: number, segmentNumber = 1): string {
  const decimals = segmentNumber === 3 || segmentNumber === 13 ? 4 : 2;
  const [whole = '', part = ''] = rupees.toFixed(decimals).split('.');
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${part}`;
}

/** How far an order has come, as one row shows it. */
interface Stage {
  readonly status: StatusWord;
  readonly filled: number;
  readonly leaves: number;
  readonly averagePrice: number;
  readonly exchangeOrderId: string;
  readonly updatedAtMs: number;
  readonly reason: string;
}

/** One row of the order book. Prices are rupees, times IST text. */
export function orderRow(context: JainamContext, order: Order, atMs: number): Row {
  return isPendingNew(order, atMs, context.options)
    ? rowAt(context, order, pendingStage(order))
    : rowAt(context, order, presentStage(context, order));
}

/** One order's history, oldest row first. What lay between the beginning and the present is not kept. */
export function historyRows(context: JainamContext, order: Order, atMs: number): readonly Row[] {
  const first = rowAt(context, order, pendingStage(order));
  if (isPendingNew(order, atMs, context.options)) return [first];
  const present = presentStage(context, order);
  const last = rowAt(context, order, present);
  if (present.status === 'New' || order.status === 'rejected') return [first, last];
  const begun: Stage = { ...pendingStage(order), status: 'New', exchangeOrderId: order.exchangeOrderId ?? '' };
  return [first, rowAt(context, order, begun), last];
}

/** One fill: the order's row, and the five fields of the execution after it. */
export function tradeRow(context: JainamContext, { order, tradeId, quantity, price, atMs }: Trade, now: number): Row {
  const { times } = spellingOf(context.options);
  return {
    ...orderRow(context, order, now),
    LastTradedPrice: price,
    LastTradedQuantity: quantity,
    LastExecutionTransactTime: times === 'spelled' ? spelledTime(atMs) : wholeTime(atMs),
    ExecutionID: tradeId,
    ExecutionReportIndex: 3,
  };
}

/** A number in most answers, text in some. */
export function appOrderIdOf(
  { ticket }: Pick<Order, 'ticket'>,
  { appOrderId }: ResolvedJainamOptions,
): number | string {
  return appOrderId === 'text' ? ticket.brokerOrderId : Number(ticket.brokerOrderId);
}

/** Whether reads do not yet show what became of the order. */
export function isPendingNew({ createdAtMs }: Order, atMs: number, { pendingNewMs }: ResolvedJainamOptions): boolean {
  return atMs < createdAtMs + pendingNewMs;
}

function pendingStage({ createdAtMs, quantity }: Order): Stage {
  const none = { filled: 0, averagePrice: 0, exchangeOrderId: '', reason: '' };
  return { ...none, status: 'PendingNew', leaves: quantity, updatedAtMs: createdAtMs };
}

/** What is left stays in LeavesQuantity when an order is cancelled (seen in a real row). */
function presentStage(context: JainamContext, order: Order): Stage {
  return {
    status: statusWord(order),
    filled: order.filledQuantity,
    leaves: remainingOf(order),
    averagePrice: averageOf(order),
    exchangeOrderId: order.exchangeOrderId ?? '',
    updatedAtMs: order.updatedAtMs,
    reason: rejectionText(order, listingOf(context, order.ticket.instrumentId).instrument.segment),
  };
}

/** Keys as recorded in 2020: some rows carried OrderLegStatus and no SequenceNumber, others the other way round. */
function rowAt(context: JainamContext, order: Order, stage: Stage): Row {
  const { ticket } = order;
  const { options } = context;
  const { segment, segmentNumber, token } = listingOf(context, ticket.instrumentId);
  const { letters, times } = spellingOf(options);
  const fine = (atMs: number): string => (times === 'spelled' ? spelledTime(atMs) : fineTime(atMs, tickOf(order)));
  const exchangeAtMs = order.exchangeAtMs ?? stage.updatedAtMs;
  const isMarket = orderTypeWord(order) === 'Market' || orderTypeWord(order) === 'StopMarket';
  const losesTag = options.endedOrderTag === 'loses' && !isWorking(order);
  return {
    LoginID: loginIdOf(context, ticket.clientId),
    ClientID: ticket.clientId,
    AppOrderID: appOrderIdOf(order, options),
    OrderReferenceID: '',
    GeneratedBy: 'TWSAPI',
    ExchangeOrderID: stage.exchangeOrderId,
    OrderCategoryType: 'NORMAL',
    ExchangeSegment: segment,
    ExchangeInstrumentID: Number(token),
    OrderSide: letters(ticket.side === 'BUY' ? 'Buy' : 'Sell'),
    OrderType: letters(orderTypeWord(order)),
    ProductType: ticket.product,
    TimeInForce: order.validity,
    OrderPrice: isMarket ? 0 : order.price,
    OrderQuantity: order.quantity,
    OrderStopPrice: order.triggerPrice,
    OrderStatus: options.orderStatus === 'numbers' ? STATUS_NUMBERS[stage.status] : stage.status,
    OrderAverageTradedPrice: stage.filled === 0 ? '' : amountText(stage.averagePrice, segmentNumber),
    LeavesQuantity: stage.leaves,
    CumulativeQuantity: stage.filled,
    OrderDisclosedQuantity: order.disclosedQuantity,
    OrderGeneratedDateTime: fine(order.createdAtMs),
    ExchangeTransactTime: times === 'spelled' ? spelledTime(exchangeAtMs) : zonedTime(exchangeAtMs),
    LastUpdateDateTime: fine(stage.updatedAtMs),
    OrderExpiryDate: times === 'spelled' ? 'Jan 01 1980 00:00:00' : '1980-01-01T00:00:00',
    CancelRejectReason: stage.reason,
    OrderUniqueIdentifier: losesTag ? '' : ticket.tag,
    ...(hasLegStatus(order) ? { OrderLegStatus: 'SingleOrderLeg' } : {}),
    IsSpread: false,
    MessageCode: 9004,
    MessageVersion: 4,
    TokenID: 0,
    ApplicationType: 0,
    ...(hasLegStatus(order) ? {} : { SequenceNumber: 307_029_544_559_178 + order.sequence }),
  };
}

interface Spelling {
  readonly letters: (word: string) => string;
  readonly times: 'spelled' | 'iso';
}

function spellingOf({ orderRows }: ResolvedJainamOptions): Spelling {
  switch (orderRows) {
    case 'recorded':
      return { letters: (word) => word, times: 'iso' };
    case 'newer':
      return { letters: (word) => word.toUpperCase(), times: 'spelled' };
  }
}

function hasLegStatus({ sequence }: Order): boolean {
  return sequence % 2 === 1;
}

/** The four decimals below a millisecond, which the exchange does not know: any will do, if always the same. */
function tickOf({ sequence }: Order): number {
  return (sequence * 7_919) % 10_000;
}
