import type { Body } from '../body.js';
import { numberOf, textOf } from '../body.js';
import type { OrderType, Product, Side, Validity } from '../exchange/order.js';
import type { AngelContext } from './context.js';
import type { Listing } from './masters/catalogue.js';
import type { ServiceErrorCode } from './replies.js';
import { ORDER_TYPES, PRODUCTS, isStopType } from './words.js';

/** Why a body is refused before anything looks at the market. */
export interface Problem {
  readonly code: ServiceErrorCode;
  readonly message?: string;
}

/** What placing and modifying have in common. Prices are rupees, 0 where unused; quantity is units. */
export interface OrderTerms {
  readonly listing: Listing;
  readonly variety: Variety;
  readonly type: OrderType;
  readonly product: Product;
  readonly validity: Validity;
  readonly quantity: number;
  readonly price: number;
  readonly triggerPrice: number;
  readonly disclosedQuantity: number;
}

export interface PlaceRequest extends OrderTerms {
  readonly side: Side;
  readonly tag: string;
}

export type Variety = 'NORMAL' | 'STOPLOSS' | 'AMO';

export function isProblem(result: object): result is Problem {
  return 'code' in result;
}

/** The body of `placeOrder`. Every number may come as a number or as a text; fields nobody knows are left alone. */
export function parsePlace(context: AngelContext, body: Body, atMs: number): PlaceRequest | Problem {
  const terms = parseTerms(context, body, atMs);
  if (isProblem(terms)) return terms;
  const side = textOf(body, 'transactiontype');
  const tag = textOf(body, 'ordertag');
  if (side !== 'BUY' && side !== 'SELL') return invalid('transactiontype');
  if (tag === undefined || !/^[A-Za-z0-9]*$/.test(tag)) return invalid('ordertag');
  const { longestTag, cautionary } = context.options;
  if (tag.length > longestTag) {
    return { code: 'AB4008', message: `Ordertag length should not exceed ${longestTag} characters` };
  }
  const isCautionary = cautionary.includes(terms.listing.row.symbol);
  if (isCautionary && textOf(body, 'scripconsent') !== 'yes') return { code: 'AB4036' };
  return { ...terms, side, tag };
}

/** The part of a `modifyOrder` body that says what the order is to become. */
export function parseTerms(context: AngelContext, body: Body, atMs: number): OrderTerms | Problem {
  const type = ORDER_TYPES[textOf(body, 'ordertype') ?? ''];
  if (type === undefined) return invalid('ordertype');
  const variety = parseVariety(body, type);
  if (typeof variety !== 'string') return variety;
  const listing = parseListing(context, body, atMs);
  if (isProblem(listing)) return listing;
  const product = PRODUCTS[textOf(body, 'producttype') ?? ''];
  if (product === undefined || !fitsListing(product, listing)) return { code: 'AB1012' };
  const validity = textOf(body, 'duration');
  if (validity !== 'DAY' && validity !== 'IOC') return invalid('duration');
  const amounts = parseAmounts(body, type);
  return isProblem(amounts) ? amounts : { listing, variety, type, product, validity, ...amounts };
}

/** STOPLOSS goes with the two STOPLOSS types and with nothing else. */
export function parseVariety(body: Body, type: OrderType): Variety | Problem {
  const variety = textOf(body, 'variety');
  switch (variety) {
    case 'ROBO':
      return { code: 'AB2002' };
    case 'STOPLOSS':
      return isStopType(type) ? variety : { code: 'AB1008' };
    case 'NORMAL':
      return isStopType(type) ? { code: 'AB1008' } : variety;
    case 'AMO':
      return variety;
    default:
      return { code: 'AB1008' };
  }
}

function parseListing({ catalogue }: AngelContext, body: Body, atMs: number): Listing | Problem {
  const token = textOf(body, 'symboltoken');
  if (token === '') return { code: 'AB4018' };
  const listing = catalogue.find(textOf(body, 'exchange') ?? '', token ?? '', atMs);
  if (listing === undefined || listing.row.symbol !== textOf(body, 'tradingsymbol')) return { code: 'AB1009' };
  return listing;
}

type Amounts = Pick<OrderTerms, 'quantity' | 'price' | 'triggerPrice' | 'disclosedQuantity'>;

function parseAmounts(body: Body, type: OrderType): Amounts | Problem {
  const quantity = numberOf(body, 'quantity');
  const disclosedQuantity = numberOf(body, 'disclosedquantity');
  const price = numberOf(body, 'price');
  const triggerPrice = numberOf(body, 'triggerprice');
  if (quantity === undefined || !Number.isInteger(quantity) || quantity <= 0) return invalid('quantity');
  if (disclosedQuantity === undefined || !Number.isInteger(disclosedQuantity)) return invalid('disclosedquantity');
  if (disclosedQuantity < 0 || disclosedQuantity > quantity) return invalid('disclosedquantity');
  const needsPrice = type === 'LIMIT' || type === 'SL';
  const needsTrigger = isStopType(type);
  if (price === undefined || price < 0 || (needsPrice && price === 0)) return invalid('price');
  if (triggerPrice === undefined || triggerPrice < 0 || (needsTrigger && triggerPrice === 0)) {
    return invalid('triggerprice');
  }
  return {
    quantity,
    disclosedQuantity,
    price: needsPrice ? price : 0,
    triggerPrice: needsTrigger ? triggerPrice : 0,
  };
}

/** Delivery and funded delivery are for shares, CARRYFORWARD carries derivatives. */
function fitsListing(product: Product, { instrument }: Listing): boolean {
  switch (product) {
    case 'CNC':
    case 'MTF':
      return instrument.contract === null;
    case 'NRML':
      return instrument.contract !== null;
    case 'MIS':
      return true;
  }
}

/** AB1007 means several things; its message says which. The field is named for whoever debugs a client. */
function invalid(field: string): Problem {
  return { code: 'AB1007', message: `Invalid parameters: ${field}` };
}
