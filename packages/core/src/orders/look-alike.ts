import type { AttemptRow } from '../contract/order-journal.js';
import type { BrokerOrder } from '../domain/order.js';
import { readPlaceRequest } from './command-text.js';
import { isTag } from './tag.js';

/** How far a broker's clock may be behind ours. */
const CLOCK_SLACK_MS = 15 * 60_000;

/**
 * Whether an order that does not carry our tag may be the one we look for all the same: brokers have been seen to show a
 * tag blank, and one may be cut, prefixed or written in another case. Only a whole tag of our own making clears an order
 * of our terms; every other such row forbids the proof that ours is absent, be it another program's. (Where a broker
 * replaces tags by its own, no book proves an absence: that is grade G0.)
 */
export function mayBe(row: AttemptRow, order: BrokerOrder): boolean {
  if (order.tag !== null && isTag(order.tag)) return false;
  const placed = readPlaceRequest(row.request);
  if (placed === null) return true;
  const sameInstrument = order.instrument === null || order.instrument === placed.instrument;
  const sameQuantity = order.instrument === null || order.quantity === placed.quantity; // its unit may not be ours
  const sameTime = order.placedAtMs === null || order.placedAtMs >= row.createdAtMs - CLOCK_SLACK_MS;
  return sameInstrument && sameQuantity && order.side === placed.side && sameTime;
}
