import type { AlgoErrorCode } from '../errors/codes.js';

/** What a host sees of a connection. */
export type ConnectionStatus = 'connected' | 'connecting' | 'disconnected' | 'error' | 'maintenance';

/** What establishing a connection does, in this order. */
export type ConnectStep = 'session' | 'profile' | 'portfolio' | 'instruments' | 'orders';

/**
 * One account's connection. Members own their fields: `sinceMs` is when the state began, `retryAtMs` when it is tried
 * again by itself (null: not by itself, or that is under way). Times are epoch milliseconds.
 */
export type ConnectionState =
  | { readonly status: 'disconnected'; readonly sinceMs: number }
  | { readonly status: 'connecting'; readonly sinceMs: number; readonly step: ConnectStep }
  | { readonly status: 'connected'; readonly sinceMs: number }
  | {
      readonly status: 'error';
      readonly sinceMs: number;
      readonly code: AlgoErrorCode;
      /** No retry mends it: somebody has to act, then call `retryConnection`. */
      readonly needsPerson: boolean;
      readonly retryAtMs: number | null;
    }
  | {
      /** It failed within a window that the broker announced. */
      readonly status: 'maintenance';
      readonly sinceMs: number;
      readonly code: AlgoErrorCode;
      /** When the window ends. */
      readonly untilMs: number;
      readonly retryAtMs: number | null;
    };

export type ConnectionEvent =
  | { readonly kind: 'step'; readonly step: ConnectStep }
  | { readonly kind: 'established' }
  /** `windowEndsMs`: end of the broker's maintenance window that it happened in; null outside of any. */
  | { readonly kind: 'failed'; readonly code: AlgoErrorCode; readonly windowEndsMs: number | null }
  | { readonly kind: 'retry-scheduled'; readonly atMs: number }
  | { readonly kind: 'closed' };

/** What an event may do to a state. `fails` leads to `maintenance` for an outage within a window, else to `error`. */
export type ConnectionMove = 'connects' | 'connected' | 'fails' | 'waits' | 'disconnected' | 'stays';

type EventKind = ConnectionEvent['kind'];

/**
 * Every cell of the machine. Where an event is not legal the state stays as it is, and the comment says why.
 *
 * A failing or ended connection comes back through `connecting` alone, so that nobody is told `connected` without the
 * account, its portfolio and its orders having been read again.
 */
export const MOVES: Readonly<Record<ConnectionStatus, Readonly<Record<EventKind, ConnectionMove>>>> = {
  disconnected: {
    step: 'connects',
    established: 'stays', // a session that came too late for a log-out
    failed: 'stays', // what was on its way when its owner logged out says nothing new
    'retry-scheduled': 'stays', // who logged out is not connected again by itself
    closed: 'stays',
  },
  connecting: {
    step: 'connects',
    established: 'connected',
    failed: 'fails',
    'retry-scheduled': 'stays', // a try is under way
    closed: 'disconnected',
  },
  connected: {
    step: 'connects', // the session was lost, and a new one is on its way
    established: 'stays',
    failed: 'fails',
    'retry-scheduled': 'stays', // there is nothing to mend
    closed: 'disconnected',
  },
  error: {
    step: 'connects',
    established: 'stays', // only by way of connecting
    failed: 'fails',
    'retry-scheduled': 'waits',
    closed: 'disconnected',
  },
  maintenance: {
    step: 'connects',
    established: 'stays', // only by way of connecting
    failed: 'fails',
    'retry-scheduled': 'waits',
    closed: 'disconnected',
  },
};

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
  'ALGO_SESSION_TAKEN_OVER',
  'ALGO_CONNECTION_OWNED',
  'ALGO_BROKER_DISABLED',
  'ALGO_INVALID_INPUT',
]);

/** What a broker's maintenance looks like from here. */
const OUTAGES: ReadonlySet<AlgoErrorCode> = new Set<AlgoErrorCode>([
  'ALGO_BROKER_UNREACHABLE',
  'ALGO_BROKER_UNAVAILABLE',
  'ALGO_REPLY_UNREADABLE',
  'ALGO_DEADLINE',
  'ALGO_CIRCUIT_OPEN',
]);

/** Whether nothing but a person's doing mends this failure. */
export const needsPerson = (code: AlgoErrorCode): boolean => NEEDS_PERSON.has(code);

/** Whether the broker did not answer, or not sensibly. */
export const isOutage = (code: AlgoErrorCode): boolean => OUTAGES.has(code);

/** The next state; the same object when the event changes nothing. */
export function advanceConnection(state: ConnectionState, event: ConnectionEvent, nowMs: number): ConnectionState {
  switch (MOVES[state.status][event.kind]) {
    case 'connects': {
      const sinceMs = state.status === 'connecting' ? state.sinceMs : nowMs;
      return event.kind === 'step' ? { status: 'connecting', sinceMs, step: event.step } : state;
    }
    case 'connected':
      return { status: 'connected', sinceMs: nowMs };
    case 'fails':
      return event.kind === 'failed' ? failed(event, nowMs) : state;
    case 'waits':
      return event.kind === 'retry-scheduled' && 'retryAtMs' in state ? { ...state, retryAtMs: event.atMs } : state;
    case 'disconnected':
      return { status: 'disconnected', sinceMs: nowMs };
    case 'stays':
      return state;
  }
}

function failed({ code, windowEndsMs }: ConnectionEvent & { kind: 'failed' }, sinceMs: number): ConnectionState {
  if (windowEndsMs !== null && isOutage(code)) {
    return { status: 'maintenance', sinceMs, code, untilMs: windowEndsMs, retryAtMs: null };
  }
  return { status: 'error', sinceMs, code, needsPerson: needsPerson(code), retryAtMs: null };
}
