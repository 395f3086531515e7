import { z } from 'zod';
import type { OrderRequest } from '../domain/order.js';
import { toRupees } from '../domain/price.js';
import { ORDER_TYPES, PRODUCTS, SIDES, VALIDITIES } from '../domain/vocabulary.js';
import type { OrderType } from '../domain/vocabulary.js';
import { jsonOf } from '../runtime/json-of.js';
import { sentType } from './emulation.js';
import type { CheckedOrder } from './order-check.js';

/**
 * Commands as canonical text: fields in one order, prices in rupees. Equal texts are equal commands, which is how a
 * repeated client order id is told from a reused one; the text itself is kept, so no hash of it is needed.
 */
export function writePlaceRequest(order: CheckedOrder, reduceOnly = false): string {
  return JSON.stringify({ ...placeFields(order), ...(reduceOnly ? { reduceOnly } : {}) });
}

/**
 * An order that is sent as another type is told by what was asked: the price it is sent with comes from a quote, and
 * the same order asked for again would have another one.
 */
export function writeEmulatedRequest(
  order: CheckedOrder,
  asked: { readonly type: OrderType; readonly withinPercent: number; readonly reduceOnly?: boolean },
): string {
  const { type, withinPercent, reduceOnly = false } = asked;
  const fields = { ...placeFields(order), type, price: null, emulatedWithinPercent: withinPercent };
  return JSON.stringify({ ...fields, ...(reduceOnly ? { reduceOnly } : {}) });
}

const placeFields = (order: CheckedOrder): Record<string, unknown> => {
  const { listing, side, quantity, type, price, triggerPrice, product, validity } = order;
  return {
    instrument: listing.instrument,
    side,
    quantity,
    type,
    price: price === null ? null : toRupees(price),
    triggerPrice: triggerPrice === null ? null : toRupees(triggerPrice),
    product,
    validity,
  };
};

const modifyText = z.object({
  quantity: z.number(),
  type: z.enum(ORDER_TYPES),
  price: z.number().nullable(),
  triggerPrice: z.number().nullable(),
  validity: z.enum(VALIDITIES),
});

const placeText = modifyText.extend({
  instrument: z.string(),
  side: z.enum(SIDES),
  product: z.enum(PRODUCTS),
  emulatedWithinPercent: z.number().optional(),
  reduceOnly: z.boolean().optional(),
});

/** What a place asked for, with the type it was sent as; prices in rupees. */
export function readPlaceRequest(
  text: string,
): Omit<z.infer<typeof placeText>, 'emulatedWithinPercent' | 'reduceOnly'> | null {
  const parsed = placeText.safeParse(jsonOf(text));
  if (!parsed.success) return null;
  const { emulatedWithinPercent, reduceOnly: _reduceOnly, ...placed } = parsed.data;
  return emulatedWithinPercent === undefined ? placed : { ...placed, type: sentType(placed.type) };
}

/** The order as its caller asked for it; without the caller's id, connection and deadline, which no text keeps. */
export function readAskedOrder(text: string): OrderRequest | null {
  const parsed = placeText.safeParse(jsonOf(text));
  if (!parsed.success) return null;
  const { price, triggerPrice, emulatedWithinPercent: withinPercent, reduceOnly, ...asked } = parsed.data;
  return {
    ...asked,
    ...(price === null ? {} : { price }),
    ...(triggerPrice === null ? {} : { triggerPrice }),
    ...(withinPercent === undefined ? {} : { emulate: { withinPercent } }),
    ...(reduceOnly === true ? { reduceOnly } : {}),
  };
}

/**
 * Whether two texts of a place ask for the same order. One broker may take it as it is where another needs it emulated:
 * then the tolerance stands in one of the texts only, and says nothing.
 */
export function isSameOrder(one: string, other: string): boolean {
  if (one === other) return true;
  const [first, second] = [placeText.safeParse(jsonOf(one)), placeText.safeParse(jsonOf(other))];
  if (!first.success || !second.success) return false;
  const { emulatedWithinPercent: here, ...rest } = first.data;
  const { emulatedWithinPercent: there, ...otherRest } = second.data;
  return (here === undefined) !== (there === undefined) && JSON.stringify(rest) === JSON.stringify(otherRest);
}

/** What a modify asked for; prices in rupees. */
export type ModifyText = z.infer<typeof modifyText>;

export function writeModifyRequest({ quantity, type, price, triggerPrice, validity }: ModifyText): string {
  return JSON.stringify({ quantity, type, price, triggerPrice, validity });
}

export function readModifyRequest(text: string): ModifyText | null {
  const parsed = modifyText.safeParse(jsonOf(text));
  return parsed.success ? parsed.data : null;
}

export const CANCEL_REQUEST = '{}';
