import type { GateRefusal, OrderOutcome } from '../domain/order-outcome.js';

/** Our own gate stopped it. */
export const notSent = (clientOrderId: string, why: GateRefusal): OrderOutcome => ({
  kind: 'not-sent',
  clientOrderId,
  proof: { by: 'gate', why },
});

/** A change of an order that never got there needs no sending. */
export const notAtBroker = (clientOrderId: string): OrderOutcome => notSent(clientOrderId, 'order-not-at-broker');
