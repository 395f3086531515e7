import type { OrderType, Product, Side, Validity } from '../exchange/order.js';
import type { Segment } from '../exchange/instrument.js';
import type { Body } from '../body.js';
import { isGiven, numberOf, textOf } from '../body.js';
import { ORDER_TYPES, PRODUCTS, SEGMENTS } from './words.js';

/** A place body that Dhan would read. Prices are rupees, 0 where unused. */
export interface PlaceRequest {
  readonly tag: string;
  readonly side: Side;
  readonly segment: Segment;
  readonly product: Product;
  readonly type: OrderType;
  readonly validity: Validity;
  readonly securityId: string;
  readonly quantity: number;
  readonly disclosedQuantity: number;
  readonly price: number;
  readonly triggerPrice: number;
  readonly afterMarket: boolean;
}

/** Live bisection of 2026-07: 25 characters pass, 26 do not, whatever the documents say. */
const TAG = /^[A-Za-z0-9 _-]{0,25}$/;
const AMO_TIMES = ['', 'PRE_OPEN', 'OPEN', 'OPEN_30', 'OPEN_60'];

/** `undefined` for anything that earns a DH-905: Dhan does not say which field was wrong. */
export function parsePlace(body: Body, clientId: string): PlaceRequest | undefined {
  const prices = parsePrices(body);
  const side = sideOf(textOf(body, 'transactionType'));
  const segment = SEGMENTS[textOf(body, 'exchangeSegment') ?? ''];
  const product = PRODUCTS[textOf(body, 'productType') ?? ''];
  const validity = validityOf(textOf(body, 'validity'));
  const securityId = textOf(body, 'securityId');
  const tag = textOf(body, 'correlationId');
  const afterMarket = flagOf(body['afterMarketOrder']);
  if (prices === undefined || side === undefined || segment === undefined || segment === 'INDEX') return undefined;
  if (product === undefined || validity === undefined || afterMarket === undefined) return undefined;
  if (textOf(body, 'dhanClientId') !== clientId) return undefined;
  if (securityId === undefined || !/^\d+$/.test(securityId)) return undefined;
  if (tag === undefined || !TAG.test(tag)) return undefined;
  if (!AMO_TIMES.includes(textOf(body, 'amoTime') ?? 'unreadable')) return undefined;
  if (!fitsSegment(product, segment)) return undefined;
  return { tag, side, segment, product, validity, securityId, afterMarket, ...prices };
}

/** The fields of a modification that were given; quantity is the new total. */
export interface ModifyRequest {
  readonly type: OrderType;
  readonly validity?: Validity;
  readonly quantity?: number;
  readonly disclosedQuantity?: number;
  readonly price?: number;
  readonly triggerPrice?: number;
}

/** @param orderId from the path; the body repeats it */
export function parseModify(body: Body, clientId: string, orderId: string): ModifyRequest | undefined {
  if (textOf(body, 'dhanClientId') !== clientId) return undefined;
  if (isGiven(body, 'orderId') && textOf(body, 'orderId') !== orderId) return undefined;
  const type = ORDER_TYPES[textOf(body, 'orderType') ?? ''];
  if (type === undefined) return undefined;
  const validity = isGiven(body, 'validity') ? validityOf(textOf(body, 'validity')) : null;
  if (validity === undefined) return undefined;
  const amounts: Record<string, number> = {};
  for (const key of ['quantity', 'disclosedQuantity', 'price', 'triggerPrice']) {
    const amount = numberOf(body, key);
    if (amount === undefined || amount < 0) return undefined;
    if (isGiven(body, key) && amount > 0) amounts[key] = amount;
  }
  if (!Number.isInteger(amounts['quantity'] ?? 1)) return undefined;
  return { type, ...(validity === null ? {} : { validity }), ...amounts };
}

type Prices = Pick<PlaceRequest, 'type' | 'quantity' | 'disclosedQuantity' | 'price' | 'triggerPrice'>;

function parsePrices(body: Body): Prices | undefined {
  const type = ORDER_TYPES[textOf(body, 'orderType') ?? ''];
  const quantity = numberOf(body, 'quantity');
  const disclosedQuantity = numberOf(body, 'disclosedQuantity');
  const price = numberOf(body, 'price');
  const triggerPrice = numberOf(body, 'triggerPrice');
  if (type === undefined || quantity === undefined || disclosedQuantity === undefined) return undefined;
  if (price === undefined || triggerPrice === undefined || price < 0 || triggerPrice < 0) return undefined;
  if (!Number.isInteger(quantity) || quantity <= 0) return undefined;
  if (!isDisclosable(disclosedQuantity, quantity)) return undefined;
  const needsPrice = type === 'LIMIT' || type === 'SL';
  const needsTrigger = type === 'SL' || type === 'SL-M';
  if ((needsPrice && price === 0) || (needsTrigger && triggerPrice === 0)) return undefined;
  return {
    type,
    quantity,
    disclosedQuantity,
    price: needsPrice ? price : 0,
    triggerPrice: needsTrigger ? triggerPrice : 0,
  };
}

/** When used at all, more than 30 % of the quantity must be shown. */
function isDisclosable(disclosed: number, quantity: number): boolean {
  return disclosed === 0 || (Number.isInteger(disclosed) && disclosed > 0.3 * quantity && disclosed <= quantity);
}

/** Delivery products are for shares, MARGIN carries derivatives. */
function fitsSegment(product: Product, segment: Segment): boolean {
  const isCash = segment === 'NSE_EQ' || segment === 'BSE_EQ';
  switch (product) {
    case 'CNC':
    case 'MTF':
      return isCash;
    case 'NRML':
      return !isCash;
    case 'MIS':
      return true;
  }
}

function sideOf(text: string | undefined): Side | undefined {
  return text === 'BUY' || text === 'SELL' ? text : undefined;
}

function validityOf(text: string | undefined): Validity | undefined {
  return text === 'DAY' || text === 'IOC' ? text : undefined;
}

function flagOf(value: unknown): boolean | undefined {
  if (value === undefined || value === null || value === '' || value === false || value === 'false') return false;
  return value === true || value === 'true' ? true : undefined;
}
