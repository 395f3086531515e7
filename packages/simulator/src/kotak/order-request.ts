import type { Body } from '../body.js';
import type { OrderType, Product, Side, Validity } from '../exchange/order.js';
import { amountOf, wordOf } from './form.js';
import type { KotakSegment } from './words.js';
import { ORDER_TYPES, PRODUCTS, SIDES, VALIDITIES, isOrderSegment, segmentOf } from './words.js';

/** A place body that Kotak would read. Prices are rupees, 0 where unused. */
export interface PlaceRequest {
  readonly tag: string;
  readonly side: Side;
  readonly segment: KotakSegment;
  readonly tradingSymbol: string;
  readonly product: Product;
  readonly type: OrderType;
  readonly validity: Validity;
  readonly quantity: number;
  readonly disclosedQuantity: number;
  readonly price: number;
  readonly triggerPrice: number;
  readonly afterMarket: boolean;
}

/** `undefined` for anything that earns a "body invalid": Kotak does not say which field was wrong. */
export function parsePlace(body: Body): PlaceRequest | undefined {
  const terms = parseTerms(body);
  const side = SIDES[wordOf(body, 'tt') ?? ''];
  const segment = segmentOf(wordOf(body, 'es') ?? '');
  const product = PRODUCTS[wordOf(body, 'pc') ?? ''];
  const validity = VALIDITIES[wordOf(body, 'rt') ?? ''];
  const tradingSymbol = wordOf(body, 'ts');
  const tag = wordOf(body, 'ig');
  const afterMarket = flagOf(wordOf(body, 'am'));
  if (terms === undefined || side === undefined || segment === undefined || product === undefined) return undefined;
  if (validity === undefined || tag === undefined || afterMarket === undefined) return undefined;
  if (tradingSymbol === undefined || tradingSymbol === '' || !hasPlainExtras(body)) return undefined;
  if (!isOrderSegment(segment) || !fitsSegment(product, validity, segment)) return undefined;
  return { tag, side, segment, tradingSymbol, product, validity, afterMarket, ...terms };
}

/** The fields of a modification that were given; quantity is the new total. */
export interface ModifyRequest {
  readonly orderNumber: string;
  readonly type?: OrderType;
  readonly validity?: Validity;
  readonly quantity?: number;
  readonly disclosedQuantity?: number;
  readonly price?: number;
  readonly triggerPrice?: number;
}

/** Only the order number is needed. Validity is `vd`, or `rt` as one documented call has it. */
export function parseModify(body: Body): ModifyRequest | undefined {
  const orderNumber = wordOf(body, 'no');
  const typeWord = wordOf(body, 'pt');
  const validityWord = wordOf(body, 'vd') || wordOf(body, 'rt');
  if (orderNumber === undefined || orderNumber === '' || typeWord === undefined || validityWord === undefined) {
    return undefined;
  }
  const type = ORDER_TYPES[typeWord];
  const validity = VALIDITIES[validityWord];
  if ((typeWord !== '' && type === undefined) || (validityWord !== '' && validity === undefined)) return undefined;
  const quantity = amountOf(body, 'qt');
  const disclosedQuantity = amountOf(body, 'dq');
  const price = amountOf(body, 'pr');
  const triggerPrice = amountOf(body, 'tp');
  if (quantity === undefined || disclosedQuantity === undefined || !Number.isInteger(quantity)) return undefined;
  if (price === undefined || triggerPrice === undefined) return undefined;
  return {
    orderNumber,
    ...(type === undefined ? {} : { type }),
    ...(validity === undefined ? {} : { validity }),
    ...(quantity > 0 ? { quantity } : {}),
    ...(disclosedQuantity > 0 ? { disclosedQuantity } : {}),
    ...(price > 0 ? { price } : {}),
    ...(triggerPrice > 0 ? { triggerPrice } : {}),
  };
}

export interface CancelRequest {
  readonly orderNumber: string;
  readonly afterMarket: boolean;
  /** Empty when not given. */
  readonly tradingSymbol: string;
}

export function parseCancel(body: Body): CancelRequest | undefined {
  const orderNumber = wordOf(body, 'on');
  const afterMarket = flagOf(wordOf(body, 'am') || 'NO');
  const tradingSymbol = wordOf(body, 'ts');
  if (orderNumber === undefined || orderNumber === '') return undefined;
  if (afterMarket === undefined || tradingSymbol === undefined) return undefined;
  return { orderNumber, afterMarket, tradingSymbol };
}

type Terms = Pick<PlaceRequest, 'type' | 'quantity' | 'disclosedQuantity' | 'price' | 'triggerPrice'>;

function parseTerms(body: Body): Terms | undefined {
  const type = ORDER_TYPES[wordOf(body, 'pt') ?? ''];
  const quantity = amountOf(body, 'qt');
  const disclosedQuantity = amountOf(body, 'dq');
  const price = amountOf(body, 'pr');
  const triggerPrice = amountOf(body, 'tp');
  if (type === undefined || quantity === undefined || disclosedQuantity === undefined) return undefined;
  if (price === undefined || triggerPrice === undefined) return undefined;
  if (!Number.isInteger(quantity) || quantity <= 0 || disclosedQuantity > quantity) return undefined;
  if (type === 'MARKET' && wordOf(body, 'pr') !== '0') return undefined; // "0.0" is no market price
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

/** Fields that clients send or leave out, and that change nothing here. */
function hasPlainExtras(body: Body): boolean {
  return ['mp', 'pf', 'os'].every((key) => wordOf(body, key) !== undefined);
}

/** Delivery products are for shares; MCX takes DAY orders only. */
function fitsSegment(product: Product, validity: Validity, segment: KotakSegment): boolean {
  if (segment === 'mcx_fo' && validity !== 'DAY') return false;
  const isCash = segment === 'nse_cm' || segment === 'bse_cm';
  return isCash || product === 'NRML' || product === 'MIS';
}

function flagOf(text: string | undefined): boolean | undefined {
  if (text === 'NO') return false;
  return text === 'YES' ? true : undefined;
}
