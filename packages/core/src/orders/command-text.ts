import { z } from 'zod';
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
export function writePlaceRequest(order: CheckedOrder): string {
  return JSON.stringify(placeFields(order));
}

/**
 * An order that is sent as another type is told by what was asked: the price it is sent with comes from a quote, and
 * the same order asked for again would have another one.
 */
export function writeEmulatedRequest(
  order: CheckedOrder,
  asked: { readonly type: OrderType; readonly withinPercent: number },
): string {
  const { type, withinPercent } = asked;
  return JSON.stringify({ ...placeFields(order), type, price: null, emulatedWithinPercent: withinPercent });
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
});

/** What a place asked for, with the type it was sent as; prices in rupees. */
export function readPlaceRequest(text: string): Omit<z.infer<typeof placeText>, 'emulatedWithinPercent'> | null {
  const parsed = placeText.safeParse(jsonOf(text));
  if (!parsed.success) return null;
  const { emulatedWithinPercent, ...placed } = parsed.data;
  return emulatedWithinPercent === undefined ? placed : { ...placed, type: sentType(placed.type) };
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
