import { AlgoError, toRupees, tradingDayOf } from '@algo/core/adapter';
import type {
  CandleInterval,
  CandleRequest,
  Listing,
  MarginRequest,
  ModifyCommand,
  OrderType,
  PlaceCommand,
  TenThousandths,
  Validity,
} from '@algo/core/adapter';
import type { CandleQuery } from '../wire/market-data.js';
import type { CancelOrderBody, ModifyOrderBody, PlaceOrderBody } from '../wire/orders.js';
import type { MarginBody } from '../wire/portfolio.js';
import { BROKER } from '../wire/read.js';
import { toWireQuantity } from './quantity.js';
import { TAG_LENGTH, isTag } from './tag.js';
import { ORDER_TYPE_WORDS, SIDE_WORDS, indexName } from './words.js';

/**
 * @throws {AlgoError} `ALGO_INVALID_INPUT`, `ALGO_NOT_SUPPORTED`, `ALGO_PRICE_NOT_ALLOWED`, `ALGO_QUANTITY_UNIT_UNKNOWN`,
 * `ALGO_QUANTITY_OFF_LOT`; nothing was sent then
 */
export function toPlaceOrderBody(command: PlaceCommand): PlaceOrderBody {
  const { listing, type } = command;
  const pt = orderTypeWord(type);
  checkTradable(listing, command.validity);
  return {
    am: 'NO',
    dq: '0',
    es: listing.segment,
    mp: '0',
    pc: command.product,
    pf: 'N',
    pr: limitPrice(type, command.price),
    pt,
    qt: toWireQuantity(command.quantity, listing),
    rt: command.validity,
    tp: stopPrice(type, command.triggerPrice),
    ts: listing.symbol,
    tt: SIDE_WORDS[command.side],
    ig: checkedTag(command.tag),
    os: 'NEOTRADEAPI',
  };
}

/** @throws {AlgoError} as {@link toPlaceOrderBody} */
export function toModifyOrderBody(command: ModifyCommand): ModifyOrderBody {
  const { type } = command;
  const { listing, product, side } = command.order;
  const pt = orderTypeWord(type);
  checkTradable(listing, command.validity);
  return {
    no: checkedOrderId(command.brokerOrderId),
    tk: listing.token,
    ts: listing.symbol,
    tt: SIDE_WORDS[side],
    es: listing.segment,
    pc: product,
    pt,
    pr: limitPrice(type, command.price),
    tp: stopPrice(type, command.triggerPrice),
    qt: toWireQuantity(command.quantity, listing),
    dq: '0',
    vd: command.validity,
    mp: '0',
    dd: 'NA',
    am: 'NO',
    os: 'NEOTRADEAPI',
  };
}

/** @throws {AlgoError} `ALGO_INVALID_INPUT` */
export const toCancelOrderBody = (brokerOrderId: string): CancelOrderBody => ({
  on: checkedOrderId(brokerOrderId),
  am: 'NO',
});

/** @throws {AlgoError} as {@link toPlaceOrderBody} */
export function toMarginBody(order: MarginRequest): MarginBody {
  const { listing, type } = order;
  const prcTp = orderTypeWord(type);
  checkTradable(listing, 'DAY');
  return {
    exSeg: listing.segment,
    prc: limitPrice(type, order.price),
    prcTp,
    prod: order.product,
    qty: toWireQuantity(order.quantity, listing),
    tok: listing.token,
    trnsTp: SIDE_WORDS[order.side],
    trgPrc: stopPrice(type, order.triggerPrice),
    brkName: 'KOTAK',
    brnchId: 'ONLINE',
  };
}

function checkTradable({ contract }: Listing, validity: Validity): void {
  if (contract.kind === 'index') throw notSupported('orders in an index');
  if (contract.exchange === 'MCX' && validity === 'IOC') throw notSupported('IOC orders on MCX');
}

/** Whole, or not at all: a cut tag would find no order again. */
function checkedTag(tag: string): string {
  if (isTag(tag)) return tag;
  throw invalid('tag', `must be 1 to ${TAG_LENGTH} of A-Z and 2-7`);
}

/**
 * An order number that can stand in a path.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT`
 */
export function checkedOrderId(brokerOrderId: string): string {
  if (ORDER_ID.test(brokerOrderId)) return brokerOrderId;
  throw invalid('brokerOrderId', 'must be 1 to 64 letters, digits or hyphens');
}

/** Six digits of the day and nine more were seen. */
const ORDER_ID = /^[A-Za-z0-9-]{1,64}$/;

function orderTypeWord(type: OrderType): string {
  if (type === 'SL-M') throw notSupported('SL-M orders; send SL with a limit beyond the trigger');
  return ORDER_TYPE_WORDS[type];
}

/** `0`, not `0.0`, stands for none. */
const limitPrice = (type: OrderType, price: TenThousandths | null): string =>
  type === 'MARKET' ? '0' : rupees('price', type, price);

const stopPrice = (type: OrderType, price: TenThousandths | null): string =>
  type === 'SL' ? rupees('triggerPrice', type, price) : '0';

/** With a limit of 0 Kotak would make a market order of it. */
function rupees(field: 'price' | 'triggerPrice', type: OrderType, price: TenThousandths | null): string {
  if (price === null) throw new AlgoError('ALGO_PRICE_NOT_ALLOWED', { field, type, why: 'it is missing' });
  if (!(price > 0)) throw new AlgoError('ALGO_PRICE_NOT_ALLOWED', { field, type, why: 'it is not above 0' });
  return String(toRupees(price));
}

/** Kotak Neo Trade API docs, "Quotes", as of 2026-09. */
export const QUOTE_BATCH = 50;

/** What quotes and candles know a listing by: its token, or an index's exact name. */
export const quoteKey = ({ contract, token }: Listing): string =>
  (contract.kind === 'index' ? indexName(contract.exchange, contract.symbol) : null) ?? token;

/**
 * The list of what is asked, for a path. Kotak's own examples print `|` and `,` as they are.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` for a token that could not stand there
 */
export const toNeoSymbols = (listings: readonly Listing[]): string => listings.map(neoSymbol).join(',');

function neoSymbol(listing: Listing): string {
  const key = quoteKey(listing);
  if (!KEY.test(key) || !SEGMENT.test(listing.segment)) throw invalid('listings', 'must carry tokens of a master');
  return `${listing.segment}|${encodeURIComponent(key)}`;
}

const KEY = /^[\w &-]{1,40}$/;
const SEGMENT = /^[a-z_]{1,10}$/;

const DAY_MS = 86_400_000;

/**
 * How an interval is written, and the days one call may cover; one less is asked, so that neither way of counting the
 * ends goes beyond. Kotak Neo Trade API docs, "Historical data", as of 2026-09.
 */
const INTERVALS: ReadonlyMap<CandleInterval, { readonly word: string; readonly days: number }> = new Map([
  ['1m', { word: '1min', days: 29 }],
  ['3m', { word: '3min', days: 29 }],
  ['5m', { word: '5min', days: 29 }],
  ['10m', { word: '10min', days: 59 }],
  ['15m', { word: '15min', days: 59 }],
  ['30m', { word: '30min', days: 89 }],
  ['60m', { word: '60min', days: 89 }],
  ['1d', { word: 'D', days: 179 }],
  ['1w', { word: 'W', days: 175 }], // whole weeks
]);

export const CANDLE_INTERVALS: readonly CandleInterval[] = [...INTERVALS.keys()];

const CANDLE_SEGMENTS: ReadonlySet<string> = new Set(['nse_cm', 'bse_cm', 'nse_fo', 'bse_fo']);

/**
 * The calls that together cover a request, oldest first; none for an empty stretch.
 *
 * @throws {AlgoError} `ALGO_NOT_SUPPORTED` for an interval or a segment that Kotak has no candles of
 */
export function toCandleQueries(listing: Listing, { interval, fromMs, toMs }: CandleRequest): readonly CandleQuery[] {
  const found = INTERVALS.get(interval);
  if (found === undefined) throw notSupported(`candles of ${interval}`);
  if (!CANDLE_SEGMENTS.has(listing.segment)) throw notSupported(`candles of ${listing.contract.exchange}`);
  const neosymbol = neoSymbol(listing);
  const queries: CandleQuery[] = [];
  const step = found.days * DAY_MS;
  for (let start = interval === '1w' ? mondayBefore(fromMs) : fromMs; start < toMs; start += step) {
    queries.push({
      neosymbol,
      fromdate: tradingDayOf(start),
      todate: tradingDayOf(Math.min(start + step, toMs) - 1),
      interval: found.word,
    });
  }
  return queries;
}

/** Midnight of the Monday in India: a week cut in two by the end of a call would come as two bars. */
function mondayBefore(epochMs: number): number {
  const day = Math.floor((epochMs + IST_OFFSET_MS) / DAY_MS);
  const sinceMonday = (day + 3) % 7; // the epoch began on a Thursday
  return (day - sinceMonday) * DAY_MS - IST_OFFSET_MS;
}

const IST_OFFSET_MS = 5.5 * 3_600_000;

const invalid = (field: string, problem: string): AlgoError<'ALGO_INVALID_INPUT'> =>
  new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem }] });

const notSupported = (what: string): AlgoError<'ALGO_NOT_SUPPORTED'> =>
  new AlgoError('ALGO_NOT_SUPPORTED', { broker: BROKER, what });
