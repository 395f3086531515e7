import { expect, test } from 'vitest';
import { advanceConnection } from './connection-state.js';
import type { ConnectionEvent, ConnectionState } from './connection-state.js';

const NOW = 1_000;

const STATES = {
  disconnected: { status: 'disconnected', sinceMs: 1 },
  connecting: { status: 'connecting', sinceMs: 2, step: 'session' },
  connected: { status: 'connected', sinceMs: 3 },
  error: { status: 'error', sinceMs: 4, code: 'ALGO_DEADLINE', needsPerson: false },
  maintenance: { status: 'maintenance', sinceMs: 5 },
} satisfies Record<string, ConnectionState>;

const EVENTS = {
  step: { kind: 'step', step: 'profile' },
  established: { kind: 'established' },
  failed: { kind: 'failed', code: 'ALGO_LOGIN_REFUSED' },
  closed: { kind: 'closed' },
} satisfies Record<string, ConnectionEvent>;

const at = (status: 'connected' | 'disconnected'): ConnectionState => ({ status, sinceMs: NOW });
const refused: ConnectionState = { status: 'error', sinceMs: NOW, code: 'ALGO_LOGIN_REFUSED', needsPerson: true };
const profileSince = (sinceMs: number): ConnectionState => ({ status: 'connecting', sinceMs, step: 'profile' });
const same = 'unchanged';

const TABLE: readonly (readonly [keyof typeof STATES, keyof typeof EVENTS, ConnectionState | typeof same])[] = [
  ['disconnected', 'step', profileSince(NOW)],
  ['disconnected', 'established', at('connected')],
  ['disconnected', 'failed', refused],
  ['disconnected', 'closed', same],
  ['connecting', 'step', profileSince(2)],
  ['connecting', 'established', at('connected')],
  ['connecting', 'failed', refused],
  ['connecting', 'closed', at('disconnected')],
  ['connected', 'step', profileSince(NOW)],
  ['connected', 'established', same],
  ['connected', 'failed', refused],
  ['connected', 'closed', at('disconnected')],
  ['error', 'step', profileSince(NOW)],
  ['error', 'established', at('connected')],
  ['error', 'failed', refused],
  ['error', 'closed', at('disconnected')],
  ['maintenance', 'step', profileSince(NOW)],
  ['maintenance', 'established', at('connected')],
  ['maintenance', 'failed', refused],
  ['maintenance', 'closed', at('disconnected')],
];

test('the table names every state with every event', () => {
  expect(TABLE).toHaveLength(Object.keys(STATES).length * Object.keys(EVENTS).length);
});

test.each(TABLE)('%s, %s', (state, event, expected) => {
  const before = STATES[state];
  const after = advanceConnection(before, EVENTS[event], NOW);
  if (expected === same) expect(after).toBe(before);
  else expect(after).toEqual(expected);
});

test.each([
  'ALGO_LOGIN_NEEDED',
  'ALGO_NO_CREDENTIALS',
  'ALGO_UNDECRYPTABLE',
  'ALGO_WRONG_ACCOUNT',
  'ALGO_STATIC_IP_REFUSED',
] as const)('%s needs a person', (code) => {
  expect(advanceConnection(STATES.connecting, { kind: 'failed', code }, NOW)).toMatchObject({ needsPerson: true });
});

test.each(['ALGO_DEADLINE', 'ALGO_BROKER_UNREACHABLE', 'ALGO_CIRCUIT_OPEN', 'ALGO_RATE_LIMITED'] as const)(
  '%s may pass without a person',
  (code) => {
    expect(advanceConnection(STATES.connecting, { kind: 'failed', code }, NOW)).toMatchObject({ needsPerson: false });
  },
);
