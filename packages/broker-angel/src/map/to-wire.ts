import { AlgoError, formatIst, toRupees } from '@algo/core/adapter';
import type {
  CandleRequest,
  Listing,
  MarginRequest,
  ModifyCommand,
  OrderType,
  PlaceCommand,
  Product,
  TenThousandths,
  Validity,
} from '@algo/core/adapter';
import type { CandleBody, QuoteBody } from '../wire/market-data.js';
import type { CancelOrderBody, ModifyOrderBody, PlaceOrderBody } from '../wire/orders.js';
import type { MarginBody } from '../wire/portfolio.js';
import { BROKER } from '../wire/read.js';
import { toWireQuantity } from './quantity.js';
import { CANDLE_WORDS, ORDER_TYPE_WORDS, PRODUCT_WORDS, VARIETY_WORDS } from './words.js';

/** A moderator of the SmartAPI forum names 15; the error text (AB4008) names 20. The shorter one is safe. */
export const TAG_LENGTH = 15;

/** SmartAPI docs, "Market data", copy of 2024: tokens of all exchanges together. */
export const QUOTE_BATCH = 50;

/** What the host allows beyond what is safe by itself. */
export interface OrderRules {
  /** Whether MARKET and SL-M orders go out as they are. */
  readonly marketOrders: boolean;
  /** Whether every order carries the consent for a scrip on the cautionary list. */
  readonly scripConsent: boolean;
}

/**
 * @throws {AlgoError} `ALGO_INVALID_INPUT`, `ALGO_NOT_SUPPORTED`, `ALGO_PRICE_NOT_ALLOWED`, `ALGO_QUANTITY_UNIT_UNKNOWN`,
 * `ALGO_QUANTITY_OFF_LOT`; nothing was sent then
 */
export function toPlaceOrderBody(command: PlaceCommand, rules: OrderRules): PlaceOrderBody {
  const { listing, type } = command;
  return {
    ...orderWords(command, listing, rules),
    transactiontype: command.side,
    squareoff: '0',
    stoploss: '0',
    ordertag: checkedTag(command.tag),
    scripconsent: rules.scripConsent ? 'yes' : undefined,
    variety: VARIETY_WORDS[type],
  };
}

/** @throws {AlgoError} as {@link toPlaceOrderBody} */
export function toModifyOrderBody(command: ModifyCommand, rules: OrderRules): ModifyOrderBody {
  const { order } = command;
  const variety = VARIETY_WORDS[order.type];
  // The variety finds the order and has to suit the type at the same time: no word of Angel's says what becomes of a change.
  if (VARIETY_WORDS[command.type] !== variety) {
    throw notSupported('changing a stop order into another kind of order, or back; cancel it and place a new one');
  }
  return {
    ...orderWords({ ...command, product: order.product }, order.listing, rules),
    orderid: checkedOrderId(command.brokerOrderId),
    variety,
  };
}

/** What a place and a modify say alike. */
function orderWords(
  order: Pick<PlaceCommand, 'type' | 'quantity' | 'price' | 'triggerPrice' | 'validity'> & {
    readonly product: Product;
  },
  listing: Listing,
  rules: OrderRules,
): Omit<ModifyOrderBody, 'variety' | 'orderid'> {
  const { type } = order;
  if (listing.contract.kind === 'index') throw notSupported('orders in an index');
  return {
    tradingsymbol: listing.symbol,
    symboltoken: listing.token,
    exchange: listing.segment,
    ordertype: orderTypeWord(type, rules),
    producttype: PRODUCT_WORDS[order.product],
    duration: durationWord(order.validity),
    price: hasLimit(type) ? rupees('price', type, order.price) : NOTHING,
    triggerprice: hasTrigger(type) ? rupees('triggerPrice', type, order.triggerPrice) : NOTHING,
    quantity: String(toWireQuantity(order.quantity, listing)),
  };
}

const NOTHING = '0';

/** @throws {AlgoError} `ALGO_INVALID_INPUT` */
export const toCancelOrderBody = (brokerOrderId: string, variety: string): CancelOrderBody => ({
  variety,
  orderid: checkedOrderId(brokerOrderId),
});

/** @throws {AlgoError} as {@link toPlaceOrderBody} */
export function toMarginBody(order: MarginRequest, rules: OrderRules): MarginBody {
  const { listing, type } = order;
  if (listing.contract.kind === 'index') throw notSupported('orders in an index');
  const position = {
    exchange: listing.segment,
    qty: toWireQuantity(order.quantity, listing),
    price: hasLimit(type) ? Number(rupees('price', type, order.price)) : 0,
    productType: PRODUCT_WORDS[order.product],
    token: listing.token,
    tradeType: order.side,
    orderType: orderTypeWord(type, rules),
  };
  return { positions: [position] };
}

/**
 * A tag that Angel's field takes.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT`
 */
export function checkedTag(tag: string): string {
  if (TAG.test(tag)) return tag;
  throw invalid('tag', `must be 1 to ${TAG_LENGTH} capital letters or digits`);
}

const TAG = new RegExp(`^[A-Z0-9]{1,${TAG_LENGTH}}$`);

/**
 * An order id as Angel prints them.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT`
 */
export function checkedOrderId(brokerOrderId: string): string {
  if (ORDER_ID.test(brokerOrderId)) return brokerOrderId;
  throw invalid('brokerOrderId', 'must be 1 to 64 letters, digits or hyphens');
}

const ORDER_ID = /^[A-Za-z0-9-]{1,64}$/;

/**
 * MARKET orders are not allowed for orders by API (Angel's news page, 2026-02-25), and a stop that becomes one is no
 * better. Whether Angel refuses or converts them is not certain, so they need the host's word.
 */
function orderTypeWord(type: OrderType, { marketOrders }: OrderRules): string {
  if (!hasLimit(type) && !marketOrders) throw notSupported(`${type} orders by API; send one with a limit`);
  return ORDER_TYPE_WORDS[type];
}

/** IOC is not allowed for orders by API either. Same source. */
function durationWord(validity: Validity): string {
  if (validity === 'IOC') throw notSupported('IOC orders by API');
  return validity;
}

const hasLimit = (type: OrderType): boolean => type === 'LIMIT' || type === 'SL';
const hasTrigger = (type: OrderType): boolean => type === 'SL' || type === 'SL-M';

function rupees(field: 'price' | 'triggerPrice', type: OrderType, price: TenThousandths | null): string {
  if (price === null) throw new AlgoError('ALGO_PRICE_NOT_ALLOWED', { field, type, why: 'it is missing' });
  if (!Number.isSafeInteger(price) || price <= 0)
    throw new AlgoError('ALGO_PRICE_NOT_ALLOWED', { field, type, why: 'it is not above 0' });
  return String(toRupees(price));
}

/** Tokens by exchange. One call may hold at most {@link QUOTE_BATCH}. */
export function toQuoteBody(listings: readonly Listing[], mode: QuoteBody['mode']): QuoteBody {
  const exchangeTokens: Record<string, string[]> = {};
  for (const { segment, token } of listings) (exchangeTokens[segment] ??= []).push(token);
  return { mode, exchangeTokens };
}

const DAY_MS = 86_400_000;

/** The calls that together cover a request, oldest first; none for an empty stretch. */
export function toCandleBodies(listing: Listing, request: CandleRequest): readonly CandleBody[] {
  const { interval, fromMs, toMs } = request;
  const named = CANDLE_WORDS.get(interval);
  if (named === undefined) throw notSupported(`candles of ${interval}`);
  // One day less than allowed, so that neither way of counting the ends goes beyond.
  const spanMs = (named.days - 1) * DAY_MS;
  const bodies: CandleBody[] = [];
  for (let start = fromMs; start < toMs; start += spanMs) {
    bodies.push({
      exchange: listing.segment,
      symboltoken: listing.token,
      interval: named.word,
      fromdate: toMinute(start),
      todate: toMinute(Math.min(start + spanMs, toMs)),
    });
  }
  return bodies;
}

/** `YYYY-MM-DD HH:MM`, IST. */
const toMinute = (epochMs: number): string => formatIst(epochMs).slice(0, 16);

const invalid = (field: string, problem: string): AlgoError<'ALGO_INVALID_INPUT'> =>
  new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem }] });

const notSupported = (what: string): AlgoError<'ALGO_NOT_SUPPORTED'> =>
  new AlgoError('ALGO_NOT_SUPPORTED', { broker: BROKER, what });
