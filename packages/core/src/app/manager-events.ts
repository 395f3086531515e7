import type { ConnectionState } from '../connection/connection-state.js';
import type { ConnectionRef } from '../domain/order.js';
import type { Alert } from '../connection/health-alerts.js';
import type { BrokerHealthMetrics, ConnectionQuality } from '../connection/health-monitor.js';
import type { Lane } from '../contract/http.js';
import type { OrderEvents } from '../orders/order-events.js';
import type { BreakerState } from '../resilience/circuit-breaker.js';
import type { RoutingEvents } from '../routing/routing-events.js';

/** What a user's manager tells its host. Times are epoch milliseconds. */
export interface ManagerEvents extends OrderEvents, SessionEvents, RoutingEvents {
  'connection-changed': {
    readonly connection: ConnectionRef;
    readonly state: ConnectionState;
    readonly previous: ConnectionState;
  };
  /** A connection is tried again by itself. */
  'reconnect-scheduled': { readonly connection: ConnectionRef; readonly attempt: number; readonly atMs: number };
  /** The grade changed, or its mark as stale. */
  'health-changed': {
    readonly connection: ConnectionRef;
    readonly quality: ConnectionQuality | null;
    readonly previous: ConnectionQuality | null;
    readonly health: BrokerHealthMetrics;
  };
  /** Raised once and resolved once, however long it lasts. */
  'alert-raised': { readonly connection: ConnectionRef; readonly alert: Alert };
  'alert-resolved': { readonly connection: ConnectionRef; readonly alert: Alert };
  'breaker-changed': {
    readonly connection: ConnectionRef;
    readonly lane: Lane;
    readonly state: BreakerState;
    readonly previous: BreakerState;
  };
  /** The broker takes no orders from the address that calls leave from; reads go on. */
  'egress-not-registered': {
    readonly connection: ConnectionRef;
    readonly address: string;
    readonly registered: readonly string[];
  };
  /** Accounts of several users leave from one address; live orders stop unless the host accepts it. */
  'egress-shared': { readonly address: string; readonly users: number };
}

/** What becomes of log-ins. */
export interface SessionEvents {
  /** Its session ends and only a person makes another; told ahead of time, and again when it is over. */
  'login-needed': { readonly connection: ConnectionRef; readonly endsAtMs: number | null; readonly why: string };
  /** Another log-in ended the session. `stopped`: it happened too often, and nobody logs in again by itself. */
  'session-taken-over': { readonly connection: ConnectionRef; readonly times: number; readonly stopped: boolean };
}
