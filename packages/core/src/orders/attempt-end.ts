import type { GateRefusal, OrderOutcome, RejectReason } from '../domain/order-outcome.js';

/** The broker cannot be had just now. Every other refusal is of this order, or of everything of its user. */
const OUT_OF_REACH: ReadonlySet<GateRefusal> = new Set<GateRefusal>([
  'circuit-open',
  'not-connected',
  'login-needed',
  'not-reconciled',
]);

/** What another connection, or a later moment, may answer otherwise. The rules decide of margin. */
const OF_THE_BROKER: ReadonlySet<RejectReason> = new Set<RejectReason>([
  'broker-down',
  'session',
  'static-ip',
  'not-enabled',
  'margin',
]);

/**
 * Whether another attempt may be thought of at all, whatever the rules say: it is certain that nothing is at the broker,
 * and what stopped it was the broker's state, not the order.
 */
export function mayGoOn(outcome: OrderOutcome): boolean {
  switch (outcome.kind) {
    case 'rejected':
      return OF_THE_BROKER.has(outcome.reason);
    case 'not-sent':
      if (outcome.proof.by === 'gate') return OUT_OF_REACH.has(outcome.proof.why);
      return outcome.proof.by === 'send-record'; // absence is for the reconciler: hold and surface
    default:
      return false;
  }
}

/** Why a queued order did not go this time, though it may the next: nothing of it was claimed. */
export const PASSING: ReadonlySet<GateRefusal> = new Set<GateRefusal>([
  ...OUT_OF_REACH,
  'deadline',
  'rate-limited',
  'journal-unavailable',
]);
