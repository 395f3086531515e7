import type { AlgoErrorCode } from '../errors/codes.js';

/** What a host sees of a connection. */
export type ConnectionStatus = 'connected' | 'connecting' | 'disconnected' | 'error' | 'maintenance';

export type ConnectStep = 'session' | 'profile' | 'instruments' | 'orders';

/** One account's connection. Members own their fields: `sinceMs` is when the state began. */
export type ConnectionState =
  | { readonly status: 'disconnected'; readonly sinceMs: number }
  | { readonly status: 'connecting'; readonly sinceMs: number; readonly step: ConnectStep }
  | { readonly status: 'connected'; readonly sinceMs: number }
  | { readonly status: 'error'; readonly sinceMs: number; readonly code: AlgoErrorCode; readonly needsPerson: boolean }
  | { readonly status: 'maintenance'; readonly sinceMs: number };

export type ConnectionEvent =
  | { readonly kind: 'step'; readonly step: ConnectStep }
  | { readonly kind: 'established' }
  | { readonly kind: 'failed'; readonly code: AlgoErrorCode }
  | { readonly kind: 'closed' };

/** Failures that no retry mends: somebody has to act. */
const NEEDS_PERSON: ReadonlySet<AlgoErrorCode> = new Set<AlgoErrorCode>([
  'ALGO_LOGIN_NEEDED',
  'ALGO_LOGIN_REFUSED',
  'ALGO_NO_CREDENTIALS',
  'ALGO_UNDECRYPTABLE',
  'ALGO_KEY_UNUSABLE',
  'ALGO_WRONG_ACCOUNT',
  'ALGO_STATIC_IP_REFUSED',
  'ALGO_NOT_ENTITLED',
  'ALGO_HOST_NOT_ALLOWED',
]);

/** The next state; the same object when the event changes nothing. */
export function advanceConnection(state: ConnectionState, event: ConnectionEvent, nowMs: number): ConnectionState {
  switch (event.kind) {
    case 'step':
      return { status: 'connecting', sinceMs: state.status === 'connecting' ? state.sinceMs : nowMs, step: event.step };
    case 'established':
      return state.status === 'connected' ? state : { status: 'connected', sinceMs: nowMs };
    case 'failed':
      return { status: 'error', sinceMs: nowMs, code: event.code, needsPerson: NEEDS_PERSON.has(event.code) };
    case 'closed':
      return state.status === 'disconnected' ? state : { status: 'disconnected', sinceMs: nowMs };
  }
}
