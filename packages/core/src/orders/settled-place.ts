import type { AttemptRow } from '../contract/order-journal.js';
import type { Accepted, OrderOutcome } from '../domain/order-outcome.js';
import type { OrderRoad } from './order-road.js';
import { outcomeOfRow } from './outcome-of-row.js';

/**
 * What became of a place at last; an UNRESOLVED one may still turn up the same day.
 *
 * @param placing its outcome, if it is under way in this process
 */
export async function settledPlace(
  place: AttemptRow,
  road: OrderRoad,
  placing: Promise<OrderOutcome> | null,
): Promise<OrderOutcome> {
  let outcome = placing === null ? outcomeOfRow(place, () => road.reconciler.settledOf(place)) : await placing;
  while (outcome.kind === 'unknown') {
    const next = await outcome.settled;
    if (next === outcome) break;
    outcome = next;
  }
  return outcome;
}

/** Whether another attempt may have followed: not one that was lost from sight, nor one that its broker has. */
export const mayHaveMoved = ({ state }: AttemptRow): boolean =>
  state === 'INTENT' || state === 'SUBMITTING' || state === 'NOT_SENT' || state === 'REJECTED';

/** Whether this connection itself acknowledged the order. False says nothing: then the journal has to tell where it is. */
export const wasTakenHere = ({ acknowledged }: OrderRoad, { clientOrderId, brokerOrderId }: Accepted): boolean =>
  acknowledged.brokerOrderIdOf(clientOrderId) === brokerOrderId;
