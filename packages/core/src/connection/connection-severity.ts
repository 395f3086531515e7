import type { MarketPhase } from '../domain/market-hours.js';
import type { ConnectionState } from './connection-state.js';

/** How much a connection's state matters right now. */
export type ConnectionSeverity = 'info' | 'warning' | 'critical';

/**
 * Weighs a state by the hour. Market hours and announced maintenance change how bad a failure is, never whether it is
 * one: the state tells the truth, this tells whom to wake.
 *
 * A market of which nobody knows whether it is open counts as open.
 */
export function connectionSeverity(state: ConnectionState, market: MarketPhase): ConnectionSeverity {
  const trading = market !== 'closed';
  switch (state.status) {
    case 'connected':
    case 'disconnected': // somebody meant it
      return 'info';
    case 'connecting':
    case 'maintenance':
      return trading ? 'warning' : 'info';
    case 'error':
      if (trading) return 'critical';
      return state.needsPerson ? 'warning' : 'info'; // what heals by itself may do so until the open
  }
}
