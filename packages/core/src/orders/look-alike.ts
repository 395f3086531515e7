import type { AttemptRow } from '../contract/order-journal.js';
import type { BrokerOrder } from '../domain/order.js';
import { readPlaceRequest } from './command-text.js';

/** How far a broker's clock may be behind ours. */
const CLOCK_SLACK_MS = 60_000;

/**
 * Whether an order that carries no tag may be the one we look for: brokers have been seen to show a tag blank. Such a row
 * proves nothing, and it forbids the proof that ours is absent. (Where a broker replaces tags by its own, no book proves
 * an absence: that is grade G0.)
 */
export function mayBe(row: AttemptRow, order: BrokerOrder): boolean {
  if (order.tag !== null) return false;
  const placed = readPlaceRequest(row.request);
  if (placed === null) return true;
  const sameInstrument = order.instrument === null || order.instrument === placed.instrument;
  const sameTerms = order.side === placed.side && order.quantity === placed.quantity;
  const sameTime = order.placedAtMs === null || order.placedAtMs >= row.createdAtMs - CLOCK_SLACK_MS;
  return sameInstrument && sameTerms && sameTime;
}
