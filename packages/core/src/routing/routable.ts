import type { ConnectionStatus } from '../connection/connection-state.js';
import type { CallTrouble } from '../connection/health-monitor.js';
import type { Lane } from '../contract/http.js';
import type { ConnectionRef } from '../domain/order.js';
import { isSameConnection } from './choose-connection.js';
import type { Trouble } from './failover-policy.js';

/** A connection as routing sees it. Asked before calls, so each answer is cheap. */
export interface Routable extends ConnectionRef {
  readonly state: { readonly status: ConnectionStatus };
  trouble(): CallTrouble;
  /**
   * It is connected, and the breaker of that lane takes calls: closed, or an order lane on trial. One that is half-open is
   * not usable: it is tried with probes of its own, but for the data lane.
   */
  isUsable(lane: Lane): boolean;
  /** It is connected, and one read may try what its breaker keeps shut. @default never */
  mayTry?(lane: Lane): boolean;
}

const NO_TRAFFIC: CallTrouble = { misses60s: 0, calls5m: 0, failures5m: 0 };

/** Nothing is wrong. */
export const CALM: Trouble = { ...NO_TRAFFIC, down: false };

/** Of one lane: a broker whose quotes fail may still take orders. A connection never established is down. */
export function troubleOf(connection: Routable | null, lane: Lane): Trouble {
  if (connection === null) return { ...NO_TRAFFIC, down: true };
  const { misses60s, calls5m, failures5m } = connection.trouble();
  return { misses60s, calls5m, failures5m, down: !connection.isUsable(lane) };
}

export const findConnection = <Candidate extends ConnectionRef>(
  connections: readonly Candidate[],
  ref: ConnectionRef,
): Candidate | null => connections.find((connection) => isSameConnection(connection, ref)) ?? null;

export const refOf = ({ broker, account }: ConnectionRef): ConnectionRef => ({ broker, account });

export const nameOf = ({ broker, account }: ConnectionRef): string => `${broker}/${account}`;
