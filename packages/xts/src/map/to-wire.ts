import { AlgoError, toRupees } from '@algo/core/adapter';
import type {
  CandleInterval,
  CandleRequest,
  Listing,
  ModifyCommand,
  OrderType,
  PlaceCommand,
  Product,
  TenThousandths,
} from '@algo/core/adapter';
import type { InstrumentKey, OhlcQuery, QuoteBody } from '../wire/market-data.js';
import { isAppOrderId } from '../wire/orders.js';
import type { ModifyOrderBody, PlaceOrderBody } from '../wire/orders.js';
import { toWireQuantity } from './quantity.js';
import { ohlcTime } from './time.js';
import { ORDER_TYPE_WORDS, PRODUCT_WORDS, segmentNumber } from './words.js';

/** `orderUniqueIdentifier` takes 20 characters by the official docs; which ones they do not say. */
export const TAG_LENGTH = 20;

/** In whose name a call is made. */
export interface Sender {
  readonly broker: string;
  /** The client a dealer acts for; null for an investor, whose calls name nobody. */
  readonly dealtFor: string | null;
}

/**
 * @throws {AlgoError} `ALGO_INVALID_INPUT`, `ALGO_NOT_SUPPORTED`, `ALGO_PRICE_NOT_ALLOWED`, `ALGO_QUANTITY_UNIT_UNKNOWN`,
 * `ALGO_QUANTITY_OFF_LOT`; nothing was sent then
 */
export function toPlaceOrderBody(command: PlaceCommand, { broker, dealtFor }: Sender): PlaceOrderBody {
  const { listing, type } = command;
  if (listing.contract.kind === 'index') throw notSupported(broker, 'orders in an index');
  return {
    exchangeSegment: listing.segment,
    exchangeInstrumentID: instrumentId(listing),
    productType: productWord(command.product, broker),
    orderType: ORDER_TYPE_WORDS[type],
    orderSide: command.side,
    timeInForce: command.validity,
    disclosedQuantity: 0,
    orderQuantity: toWireQuantity(command.quantity, listing, broker),
    limitPrice: limitPrice(type, command.price),
    stopPrice: stopPrice(type, command.triggerPrice),
    orderUniqueIdentifier: checkedTag(command.tag),
    clientID: dealtFor ?? undefined,
  };
}

/**
 * A modify repeats the product of the order, and the tag it was placed with: another one in its place would hide the order
 * from whoever looks for it.
 *
 * @throws {AlgoError} as {@link toPlaceOrderBody}
 */
export function toModifyOrderBody(command: ModifyCommand, { broker, dealtFor }: Sender): ModifyOrderBody {
  const { type, order } = command;
  return {
    appOrderID: Number(checkedOrderId(command.brokerOrderId)),
    modifiedProductType: productWord(order.product, broker),
    modifiedOrderType: ORDER_TYPE_WORDS[type],
    modifiedOrderQuantity: toWireQuantity(command.quantity, order.listing, broker),
    modifiedDisclosedQuantity: 0,
    modifiedLimitPrice: limitPrice(type, command.price),
    modifiedStopPrice: stopPrice(type, command.triggerPrice),
    modifiedTimeInForce: command.validity,
    orderUniqueIdentifier: checkedTag(order.tag),
    clientID: dealtFor ?? undefined,
  };
}

/**
 * A tag that the field takes, whole: a cut one would find nothing, or somebody else's order.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT`
 */
export function checkedTag(tag: string): string {
  if (TAG.test(tag)) return tag;
  throw invalid('tag', `must be 1 to ${TAG_LENGTH} letters or digits`);
}

const TAG = new RegExp(`^[A-Za-z0-9]{1,${TAG_LENGTH}}$`);

/**
 * An order id as XTS gives them: digits that a JSON number can carry.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT`
 */
export function checkedOrderId(brokerOrderId: string): string {
  if (isAppOrderId(brokerOrderId)) return brokerOrderId;
  throw invalid('brokerOrderId', 'must be a whole number above 0');
}

function productWord(product: Product, broker: string): string {
  if (product === 'MTF') throw notSupported(broker, 'product MTF');
  return PRODUCT_WORDS[product];
}

function instrumentId({ token }: Listing): number {
  const id = /^\d{1,15}$/.test(token) ? Number(token) : Number.NaN;
  if (Number.isSafeInteger(id)) return id;
  throw invalid('listing', 'must carry a numeric token');
}

const limitPrice = (type: OrderType, price: TenThousandths | null): number =>
  type === 'LIMIT' || type === 'SL' ? rupees('price', type, price) : 0;

const stopPrice = (type: OrderType, price: TenThousandths | null): number =>
  type === 'SL' || type === 'SL-M' ? rupees('triggerPrice', type, price) : 0;

function rupees(field: 'price' | 'triggerPrice', type: OrderType, price: TenThousandths | null): number {
  if (price === null) throw new AlgoError('ALGO_PRICE_NOT_ALLOWED', { field, type, why: 'it is missing' });
  if (price <= 0) throw new AlgoError('ALGO_PRICE_NOT_ALLOWED', { field, type, why: 'it is not above 0' });
  return toRupees(price);
}

/** What public adapters ask at once; XTS states no number. */
export const QUOTE_BATCH = 50;

/** Message 1501 is the touchline with the last price, 1502 adds five levels of depth. */
export const toQuoteBody = (listings: readonly Listing[], xtsMessageCode: 1501 | 1502): QuoteBody => ({
  instruments: listings.map((listing) => toInstrumentKey(listing)),
  xtsMessageCode,
  publishFormat: 'JSON',
});

/** @throws {AlgoError} `ALGO_INVALID_INPUT` */
export function toInstrumentKey(listing: Listing): InstrumentKey {
  const exchangeSegment = segmentNumber(listing.segment);
  if (exchangeSegment === null) throw invalid('listing', 'must be of a segment that XTS has a number for');
  return { exchangeSegment, exchangeInstrumentID: instrumentId(listing) };
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The bars XTS makes, by their length. Whole days are asked as `D`. */
const LENGTH_MS: ReadonlyMap<CandleInterval, number> = new Map([
  ['1m', MINUTE_MS],
  ['2m', 2 * MINUTE_MS],
  ['3m', 3 * MINUTE_MS],
  ['5m', 5 * MINUTE_MS],
  ['10m', 10 * MINUTE_MS],
  ['15m', 15 * MINUTE_MS],
  ['30m', 30 * MINUTE_MS],
  ['60m', 60 * MINUTE_MS],
  ['1d', DAY_MS],
]);

export const CANDLE_INTERVALS: readonly CandleInterval[] = [...LENGTH_MS.keys()];

/** @throws {AlgoError} `ALGO_NOT_SUPPORTED` */
export function lengthOf(interval: CandleInterval, broker: string): number {
  const length = LENGTH_MS.get(interval);
  if (length === undefined) throw notSupported(broker, `candles of ${interval}`);
  return length;
}

/** The candle calls that together cover a request, oldest first; none for an empty stretch. */
export function toOhlcQueries(
  listing: Listing,
  { interval, fromMs, toMs }: CandleRequest,
  { broker, daysPerCall }: { readonly broker: string; readonly daysPerCall: number },
): readonly OhlcQuery[] {
  const length = lengthOf(interval, broker);
  const { exchangeSegment, exchangeInstrumentID } = toInstrumentKey(listing);
  const queries: OhlcQuery[] = [];
  for (let start = fromMs; start < toMs; start += daysPerCall * DAY_MS) {
    queries.push({
      exchangeSegment: String(exchangeSegment),
      exchangeInstrumentID: String(exchangeInstrumentID),
      startTime: ohlcTime(start),
      // Bars are stamped at their end: the one that begins last is stamped up to one length later.
      endTime: ohlcTime(Math.min(start + daysPerCall * DAY_MS, toMs) + length),
      compressionValue: length === DAY_MS ? 'D' : String(length / 1_000),
    });
  }
  return queries;
}

const invalid = (field: string, problem: string): AlgoError<'ALGO_INVALID_INPUT'> =>
  new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem }] });

const notSupported = (broker: string, what: string): AlgoError<'ALGO_NOT_SUPPORTED'> =>
  new AlgoError('ALGO_NOT_SUPPORTED', { broker, what });
