import { AlgoError, formatIst, toRupees, tradingDayOf } from '@algo/core/adapter';
import type {
  CandleInterval,
  CandleRequest,
  Listing,
  MarginRequest,
  ModifyCommand,
  OrderType,
  PlaceCommand,
  TenThousandths,
} from '@algo/core/adapter';
import { BROKER } from '../wire/read.js';
import type { ChartBody, QuoteBody } from '../wire/market-data.js';
import type { ModifyOrderBody, PlaceOrderBody } from '../wire/orders.js';
import type { MarginBody } from '../wire/portfolio.js';
import { toWireQuantity } from './quantity.js';
import { ORDER_TYPE_WORDS, PRODUCT_WORDS, chartInstrument } from './words.js';

/** Longest tag that was accepted: 25 went through and 26 did not, whatever the docs say of 30 (sandbox, 2026-07). */
export const TAG_LENGTH = 25;

/**
 * @throws {AlgoError} `ALGO_INVALID_INPUT`, `ALGO_NOT_SUPPORTED`, `ALGO_PRICE_NOT_ALLOWED`, `ALGO_QUANTITY_UNIT_UNKNOWN`,
 * `ALGO_QUANTITY_OFF_LOT`; nothing was sent then
 */
export function toPlaceOrderBody(command: PlaceCommand, clientId: string): PlaceOrderBody {
  const { listing, type } = command;
  if (listing.contract.kind === 'index') throw notSupported('orders in an index');
  return {
    dhanClientId: clientId,
    correlationId: checkedTag(command.tag),
    transactionType: command.side,
    exchangeSegment: listing.segment,
    productType: PRODUCT_WORDS[command.product],
    orderType: orderTypeWord(type),
    validity: command.validity,
    securityId: listing.token,
    quantity: toWireQuantity(command.quantity, listing),
    price: limitPrice(type, command.price),
    triggerPrice: stopPrice(type, command.triggerPrice),
  };
}

/** @throws {AlgoError} as {@link toPlaceOrderBody} */
export function toModifyOrderBody(command: ModifyCommand, clientId: string): ModifyOrderBody {
  const { type } = command;
  return {
    dhanClientId: clientId,
    orderId: checkedOrderId(command.brokerOrderId),
    orderType: orderTypeWord(type),
    legName: '',
    quantity: toWireQuantity(command.quantity, command.order.listing),
    price: limitPrice(type, command.price),
    triggerPrice: stopPrice(type, command.triggerPrice),
    validity: command.validity,
  };
}

/** @throws {AlgoError} as {@link toPlaceOrderBody} */
export function toMarginBody(order: MarginRequest, clientId: string): MarginBody {
  const { listing, type } = order;
  if (listing.contract.kind === 'index') throw notSupported('orders in an index');
  return {
    dhanClientId: clientId,
    exchangeSegment: listing.segment,
    transactionType: order.side,
    quantity: toWireQuantity(order.quantity, listing),
    productType: PRODUCT_WORDS[order.product],
    securityId: listing.token,
    price: limitPrice(type, order.price) ?? 0,
    triggerPrice: stopPrice(type, order.triggerPrice),
  };
}

/**
 * A tag that Dhan's field takes. It is checked before a look-up too: Dhan answers one it cannot take with the same DH-905
 * as one it does not know, which would pass for proof that the order is not there.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT`
 */
export function checkedTag(tag: string): string {
  if (tag.length > 0 && tag.length <= TAG_LENGTH && isPlain(tag)) return tag;
  throw invalid('tag', `must be 1 to ${TAG_LENGTH} letters, digits or hyphens`);
}

/**
 * An order id that can stand in a path.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT`
 */
export function checkedOrderId(brokerOrderId: string): string {
  if (brokerOrderId.length > 0 && brokerOrderId.length <= 64 && isPlain(brokerOrderId)) return brokerOrderId;
  throw invalid('brokerOrderId', 'must be 1 to 64 letters, digits or hyphens');
}

/** Letters, digits and hyphens only; a loop, since it runs for every order. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const digit = code >= 48 && code <= 57;
    const letter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
    if (!digit && !letter && code !== 45) return false;
  }
  return true;
}

function orderTypeWord(type: OrderType): string {
  if (type === 'SL-M') throw notSupported('SL-M orders; send SL with a limit beyond the trigger');
  return ORDER_TYPE_WORDS[type];
}

function limitPrice(type: OrderType, price: TenThousandths | null): number | undefined {
  if (type === 'MARKET') return undefined;
  return rupees('price', type, price);
}

function stopPrice(type: OrderType, price: TenThousandths | null): number | undefined {
  if (type !== 'SL') return undefined;
  return rupees('triggerPrice', type, price);
}

function rupees(field: 'price' | 'triggerPrice', type: OrderType, price: TenThousandths | null): number {
  if (price === null) throw new AlgoError('ALGO_PRICE_NOT_ALLOWED', { field, type, why: 'it is missing' });
  if (price <= 0) throw new AlgoError('ALGO_PRICE_NOT_ALLOWED', { field, type, why: 'it is not above 0' });
  return toRupees(price);
}

/** Ids by segment, as integers. One call may hold at most {@link QUOTE_BATCH}. */
export function toQuoteBody(listings: readonly Listing[]): QuoteBody {
  const body: Record<string, number[]> = {};
  for (const { segment, token } of listings) {
    const securityId = Number(token);
    if (!Number.isSafeInteger(securityId)) throw invalid('listings', 'must carry numeric tokens');
    (body[segment] ??= []).push(securityId);
  }
  return body;
}

/** DhanHQ v2 docs, "Market Quote", captured 2026-07-15. */
export const QUOTE_BATCH = 1_000;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Dhan takes 90 days per intraday call. One less is asked, so that neither way of counting the ends goes beyond. */
const INTRADAY_SPAN_MS = 89 * DAY_MS;

/** `25m` and so on as the minutes Dhan wants; a day has an endpoint of its own. */
const MINUTES: ReadonlyMap<CandleInterval, '1' | '5' | '15' | '25' | '60'> = new Map([
  ['1m', '1'],
  ['5m', '5'],
  ['15m', '15'],
  ['25m', '25'],
  ['60m', '60'],
]);

/** The chart calls that together cover a request, oldest first; none for an empty stretch. */
export function toChartBodies(listing: Listing, request: CandleRequest): readonly ChartBody[] {
  const { interval, fromMs, toMs } = request;
  if (!(fromMs < toMs)) return [];
  const base = {
    securityId: listing.token,
    exchangeSegment: listing.segment,
    instrument: chartInstrument(listing.contract),
    oi: listing.contract.kind === 'future' || listing.contract.kind === 'option',
  };
  if (interval === '1d') {
    return [{ ...base, fromDate: tradingDayOf(fromMs), toDate: tradingDayOf(toMs - 1 + DAY_MS) }];
  }

  const minutes = MINUTES.get(interval);
  if (minutes === undefined) throw notSupported(`candles of ${interval}`);
  const bodies: ChartBody[] = [];
  for (let start = fromMs; start < toMs; start += INTRADAY_SPAN_MS) {
    bodies.push({
      ...base,
      interval: minutes,
      // A bar stamped exactly fromDate is not returned (seen 2026-09): ask a minute early, trim afterwards.
      fromDate: formatIst(start - MINUTE_MS),
      toDate: formatIst(Math.min(start + INTRADAY_SPAN_MS, toMs)),
    });
  }
  return bodies;
}

const invalid = (field: string, problem: string): AlgoError<'ALGO_INVALID_INPUT'> =>
  new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem }] });

const notSupported = (what: string): AlgoError<'ALGO_NOT_SUPPORTED'> =>
  new AlgoError('ALGO_NOT_SUPPORTED', { broker: BROKER, what });
