import { createOrderNaming } from '@algo/core/adapter';
import { field, isFields } from './read.js';

/** Whether a reply names an order, in whatever form: Angel knows it by two ids of its own and one of the exchange. */
export const namesOrder = createOrderNaming(['orderid', 'uniqueorderid', 'exchangeorderid']);

/**
 * Whether an answer carries nothing but words: Angel's refusals have `null` or `""` for their data. A bare text there may be
 * the id of an order.
 */
export function hasNoData(body: unknown): boolean {
  const data = isFields(body) ? field(body, 'data') : undefined;
  if (data === undefined || data === null) return true;
  if (typeof data === 'string') return data.trim() === '';
  return typeof data === 'object' && Object.keys(data).length === 0;
}
