import type { BrokerCapabilities } from '../contract/capabilities.js';
import { largestQuantity } from '../domain/instrument.js';
import type { Listing } from '../domain/instrument.js';
import type { OrderRequest } from '../domain/order.js';
import { formatPrice, nearestTick, parsePrice } from '../domain/price.js';
import type { TenThousandths } from '../domain/price.js';
import { ORDER_TYPES, PRODUCTS, PRODUCTS_OF, SIDES, VALIDITIES } from '../domain/vocabulary.js';
import type { OrderType, Product, Side, Validity } from '../domain/vocabulary.js';
import { AlgoError } from '../errors/algo-error.js';
import type { InputProblem } from '../errors/codes.js';

/** An order that may be sent: every value in range, on tick, on lot. */
export interface CheckedOrder {
  readonly listing: Listing;
  readonly side: Side;
  readonly quantity: number;
  readonly type: OrderType;
  readonly price: TenThousandths | null;
  readonly triggerPrice: TenThousandths | null;
  readonly product: Product;
  readonly validity: Validity;
}

export const DEFAULT_DEADLINE_MS = 5_000;
export const LONGEST_DEADLINE_MS = 120_000;
const LARGEST_QUANTITY = 1_000_000_000;
const LARGEST_PERCENT = 20;
const CLIENT_ORDER_ID = /^[A-Za-z0-9._-]{1,64}$/;
const NEEDS_PRICE: ReadonlySet<OrderType> = new Set(['LIMIT', 'SL']);
const NEEDS_TRIGGER: ReadonlySet<OrderType> = new Set(['SL', 'SL-M']);

/**
 * Checks what needs no broker: types, words and ranges. Reports every problem at once and never repeats a value.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT`
 */
export function checkShape(request: OrderRequest): void {
  const problems: InputProblem[] = [];
  if (typeof request !== 'object' || request === null)
    throw invalid([{ field: 'order', problem: 'must be an object' }]);
  const { clientOrderId, instrument, side, quantity, type, product, validity } = request;
  if (clientOrderId !== undefined) problems.push(...clientOrderIdProblems(clientOrderId));
  if (typeof instrument !== 'string' || instrument === '' || instrument.length > 80) {
    problems.push({ field: 'instrument', problem: 'must be a canonical id such as NSE:RELIANCE' });
  }
  problems.push(...wordProblems('side', side, SIDES));
  problems.push(...quantityProblems(quantity));
  problems.push(...wordProblems('type', type, ORDER_TYPES));
  problems.push(...wordProblems('product', product, PRODUCTS));
  if (validity !== undefined) problems.push(...wordProblems('validity', validity, VALIDITIES));
  problems.push(...priceProblems('price', request.price), ...priceProblems('triggerPrice', request.triggerPrice));
  problems.push(...deadlineProblems(request.deadlineMs), ...connectionProblems(request.connection));
  problems.push(...emulateProblems(request.emulate));
  problems.push(...flagProblems('reduceOnly', request.reduceOnly), ...flagProblems('mayMove', request.mayMove));
  if (problems.length > 0) throw invalid(problems);
}

/** @throws {AlgoError} `ALGO_INVALID_INPUT` */
export function checkClientOrderId(clientOrderId: unknown): void {
  const problems = clientOrderIdProblems(clientOrderId);
  if (problems.length > 0) throw invalid(problems);
}

/** @throws {AlgoError} `ALGO_INVALID_INPUT` */
export function checkListing(tradingDay: unknown, limit: unknown): void {
  const problems: InputProblem[] = [];
  if (typeof tradingDay !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(tradingDay)) {
    problems.push({ field: 'tradingDay', problem: 'must be a day such as 2026-11-20' });
  }
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1) {
    problems.push({ field: 'limit', problem: 'must be a whole number above zero' });
  }
  if (problems.length > 0) throw invalid(problems);
}

/** @throws {AlgoError} `ALGO_INVALID_INPUT` */
export function checkDeadline(deadlineMs: unknown): void {
  const problems = deadlineProblems(deadlineMs);
  if (problems.length > 0) throw invalid(problems);
}

/**
 * Checks the order against what this broker lists and can do, before anything is sent.
 *
 * @param today IST day, `YYYY-MM-DD`
 * @throws {AlgoError} `ALGO_NOT_SUPPORTED`, `ALGO_QUANTITY_UNIT_UNKNOWN`, `ALGO_PRODUCT_NOT_ALLOWED`, `ALGO_QUANTITY_…`,
 * `ALGO_PRICE_…`, `ALGO_CONTRACT_EXPIRED`; each names the nearest valid value where there is one.
 */
export function checkOrder(
  request: OrderRequest,
  listing: Listing,
  broker: { readonly id: string; readonly capabilities: BrokerCapabilities },
  today: string,
): CheckedOrder {
  const { side, quantity, type, product, validity = 'DAY' } = request;
  checkTradable(listing, broker.id);
  checkProduct(product, listing, broker);
  if (!broker.capabilities.orderTypes.includes(type)) throw unsupported(broker.id, `orders of type ${type}`);
  if (!broker.capabilities.validities.includes(validity)) throw unsupported(broker.id, `validity ${validity}`);
  checkQuantity(quantity, listing);
  const price = checkPrice('price', request.price, type, NEEDS_PRICE.has(type), listing);
  const triggerPrice = checkPrice('triggerPrice', request.triggerPrice, type, NEEDS_TRIGGER.has(type), listing);
  checkStop(side, type, price, triggerPrice);
  checkAlive(listing, today);
  return { listing, side, quantity, type, price, triggerPrice, product, validity };
}

/** Quantity in units against lot and freeze. */
export function checkQuantity(quantity: number, listing: Listing): void {
  const { lotSize } = listing;
  const largest = largestQuantity(listing);
  if (quantity % lotSize !== 0) {
    const rounded = Math.max(lotSize, Math.round(quantity / lotSize) * lotSize);
    const nearest = Math.max(lotSize, Math.min(rounded, largest ?? rounded));
    throw new AlgoError('ALGO_QUANTITY_OFF_LOT', { quantity, lotSize, nearest });
  }
  if (largest !== null && quantity > largest) throw new AlgoError('ALGO_QUANTITY_ABOVE_FREEZE', { quantity, largest });
}

/** Reads one price and holds it against the order type and the tick. */
export function checkPrice(
  field: 'price' | 'triggerPrice',
  given: number | string | undefined,
  type: OrderType,
  needed: boolean,
  { tick }: Listing,
): TenThousandths | null {
  if (given === undefined) {
    if (needed) throw new AlgoError('ALGO_PRICE_NOT_ALLOWED', { field, type, why: 'it is missing' });
    return null;
  }
  if (!needed) throw new AlgoError('ALGO_PRICE_NOT_ALLOWED', { field, type, why: 'leave it out' });
  const price = parsePrice(given);
  if (price === null) throw invalid([{ field, problem: 'must be a price of at most four decimal places' }]);
  if (price <= 0) throw new AlgoError('ALGO_PRICE_NOT_ALLOWED', { field, type, why: 'it must be above zero' });
  if (price % tick !== 0) {
    const nearest = formatPrice(nearestTick(price, tick));
    throw new AlgoError('ALGO_PRICE_OFF_TICK', { field, price: formatPrice(price), tick: formatPrice(tick), nearest });
  }
  return price;
}

export const invalid = (problems: readonly InputProblem[]): AlgoError =>
  new AlgoError('ALGO_INVALID_INPUT', { problems });

function checkTradable(listing: Listing, broker: string): void {
  if (listing.contract.kind === 'index') throw unsupported(broker, 'orders in an index');
  if (listing.quantityUnit.kind === 'unknown') {
    throw new AlgoError('ALGO_QUANTITY_UNIT_UNKNOWN', { instrument: listing.instrument, broker });
  }
}

/** Brokers give the ids of expired contracts to new ones: an order in an old listing could land in another contract. */
function checkAlive({ instrument, contract }: Listing, today: string): void {
  if (!('expiry' in contract) || contract.expiry >= today) return;
  throw new AlgoError('ALGO_CONTRACT_EXPIRED', { instrument, expiry: contract.expiry });
}

function checkProduct(
  product: Product,
  { contract: { exchange } }: Listing,
  broker: { readonly id: string; readonly capabilities: BrokerCapabilities },
): void {
  const allowed = PRODUCTS_OF[exchange].filter((word) => broker.capabilities.products.includes(word));
  if (!allowed.includes(product)) throw new AlgoError('ALGO_PRODUCT_NOT_ALLOWED', { product, exchange, allowed });
}

/** A stop above its limit when buying, or below it when selling, could never trade as meant. */
function checkStop(side: Side, type: OrderType, price: TenThousandths | null, trigger: TenThousandths | null): void {
  if (price === null || trigger === null) return;
  const wrong = side === 'BUY' ? trigger > price : trigger < price;
  if (!wrong) return;
  const why = side === 'BUY' ? 'for a buy it must not be above price' : 'for a sell it must not be below price';
  throw new AlgoError('ALGO_PRICE_NOT_ALLOWED', { field: 'triggerPrice', type, why });
}

const unsupported = (broker: string, what: string): AlgoError => new AlgoError('ALGO_NOT_SUPPORTED', { broker, what });

function clientOrderIdProblems(value: unknown): InputProblem[] {
  const fine = typeof value === 'string' && value.length <= 64 && CLIENT_ORDER_ID.test(value);
  return fine ? [] : [{ field: 'clientOrderId', problem: 'must be 1 to 64 of A-Z a-z 0-9 . _ -' }];
}

const wordProblems = (field: string, value: unknown, words: readonly string[]): InputProblem[] =>
  typeof value === 'string' && words.includes(value) ? [] : [{ field, problem: `must be one of ${words.join(', ')}` }];

const quantityProblems = (value: unknown): InputProblem[] =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= LARGEST_QUANTITY
    ? []
    : [{ field: 'quantity', problem: 'must be a whole number of units above zero' }];

function priceProblems(field: string, value: unknown): InputProblem[] {
  if (value === undefined) return [];
  const fine = typeof value === 'number' ? Number.isFinite(value) : typeof value === 'string' && value.length <= 32;
  return fine ? [] : [{ field, problem: 'must be a finite number of rupees or a decimal string' }];
}

function connectionProblems(value: unknown): InputProblem[] {
  if (value === undefined) return [];
  const fine = typeof value === 'object' && value !== null && isName(value, 'broker') && isName(value, 'account');
  return fine ? [] : [{ field: 'connection', problem: 'must name a broker and an account' }];
}

function isName(value: object, field: string): boolean {
  const name: unknown = Reflect.get(value, field);
  return typeof name === 'string' && name.length > 0 && name.length <= 200;
}

function emulateProblems(value: unknown): InputProblem[] {
  if (value === undefined) return [];
  const percent: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, 'withinPercent') : undefined;
  const fine = typeof percent === 'number' && percent >= 0.01 && percent <= LARGEST_PERCENT;
  return fine ? [] : [{ field: 'emulate.withinPercent', problem: `must be from 0.01 to ${LARGEST_PERCENT}` }];
}

const flagProblems = (field: string, value: unknown): InputProblem[] =>
  value === undefined || typeof value === 'boolean' ? [] : [{ field, problem: 'must be true or false' }];

function deadlineProblems(value: unknown): InputProblem[] {
  if (value === undefined) return [];
  const fine = typeof value === 'number' && value >= 1 && value <= LONGEST_DEADLINE_MS;
  return fine ? [] : [{ field: 'deadlineMs', problem: `must be from 1 to ${LONGEST_DEADLINE_MS}` }];
}
