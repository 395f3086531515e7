import type { ConnectionRef } from '../domain/order.js';
import type { EventPair } from '../runtime/emitter.js';

/** Which connection serves. Times are epoch milliseconds. */
export interface RoutingEvents {
  'failover-switched': { readonly from: ConnectionRef; readonly to: ConnectionRef; readonly why: string };
  /** Calls go to the primary again. */
  'failover-recovered': { readonly from: ConnectionRef; readonly to: ConnectionRef };
  /** None of the strategy's connections answers: told once, until one does. */
  'brokers-down': { readonly connections: readonly ConnectionRef[]; readonly sinceMs: number };
  'brokers-up': { readonly connection: ConnectionRef; readonly downForMs: number };
}

export type EmitRoutingEvent = (...pair: EventPair<RoutingEvents>) => void;
