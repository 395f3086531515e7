import type { ConnectionRef } from '../domain/order.js';
import type { Diagnostics } from '../runtime/diagnostics.js';
import type { Emitter } from '../runtime/emitter.js';
import type { ManagerEvents } from './manager-events.js';

/**
 * Hands a user's events to whoever listens on `node:diagnostics_channel` or by a hook: order moves, sessions,
 * connections and breakers. Calls and rate limits are told where they happen.
 */
export function tellDiagnostics(userId: string, events: Emitter<ManagerEvents>, diagnostics: Diagnostics): void {
  const ownerOf = ({ broker, account }: ConnectionRef) => ({ userId, broker, account });
  const { order, session, connection: connections, breaker } = diagnostics;
  events.on('order-changed', ({ connection, clientOrderId, command, state, brokerOrderId, atMs }) => {
    if (order.wanted) order.tell({ ...ownerOf(connection), clientOrderId, command, state, brokerOrderId, atMs });
  });
  events.on('login-needed', ({ connection, endsAtMs }) => {
    if (session.wanted) session.tell({ ...ownerOf(connection), what: 'login-needed', endsAtMs });
  });
  events.on('session-taken-over', ({ connection, times, stopped }) => {
    if (session.wanted) session.tell({ ...ownerOf(connection), what: 'taken-over', times, stopped });
  });
  events.on('connection-changed', ({ connection, state, previous }) => {
    if (!connections.wanted) return;
    const code = state.status === 'error' ? state.code : null;
    const moved = { status: state.status, previous: previous.status, sinceMs: state.sinceMs, code };
    connections.tell({ ...ownerOf(connection), ...moved });
  });
  events.on('breaker-changed', ({ connection, lane, state, previous }) => {
    if (!breaker.wanted) return;
    const untilMs = state.kind === 'open' && Number.isFinite(state.untilMs) ? state.untilMs : null;
    const openings = state.kind === 'closed' ? 0 : state.openings;
    breaker.tell({ ...ownerOf(connection), lane, state: state.kind, previous: previous.kind, untilMs, openings });
  });
}
