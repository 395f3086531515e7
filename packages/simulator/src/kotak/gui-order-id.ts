import type { Order } from '../exchange/order.js';
import type { OrderChanges } from './order-journal.js';
import type { KotakOptions } from './options.js';
import { secondsOf } from './text.js';

type TagHabit = NonNullable<KotakOptions['tag']>;

/**
 * `GuiOrdId` of an order after its first so many modifications, and after its cancel.
 *
 * The client's tag at first, or the server's own when it gave none; a modification replaces it by a fresh one of the
 * server, and a cancel hangs the time on it (Kotak-Neo/Kotak-neo-api-v2 issue 33, 2025-12-04).
 */
export function guiOrderId(order: Order, { modifications, cancelledAtMs }: OrderChanges, habit: TagHabit): string {
  const { ticket, createdAtMs } = order;
  if (habit === 'blank') return '';
  const first = ticket.tag === '' ? serverMade(order, createdAtMs, 0) : ticket.tag;
  if (habit === 'stable') return first;
  const last = modifications.at(-1);
  const current = last === undefined ? first : serverMade(order, last.atMs, modifications.length);
  return cancelledAtMs === null ? current : `${current}-${secondsOf(cancelledAtMs)}`;
}

function serverMade({ ticket, sequence }: Order, atMs: number, count: number): string {
  return `${secondsOf(atMs)}-${sequence * 100 + count}-${ticket.clientId}-ADMINAPI`;
}
