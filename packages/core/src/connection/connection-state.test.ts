import { expect, test } from 'vitest';
import { advanceConnection, MOVES } from './connection-state.js';
import type { ConnectionEvent, ConnectionState } from './connection-state.js';

const NOW = 1_000;
const WINDOW_END = 9_000;

const STATES = {
  disconnected: { status: 'disconnected', sinceMs: 1 },
  connecting: { status: 'connecting', sinceMs: 2, step: 'session' },
  connected: { status: 'connected', sinceMs: 3 },
  error: { status: 'error', sinceMs: 4, code: 'ALGO_DEADLINE', needsPerson: false, retryAtMs: null },
  maintenance: { status: 'maintenance', sinceMs: 5, code: 'ALGO_DEADLINE', untilMs: WINDOW_END, retryAtMs: null },
} satisfies Record<string, ConnectionState>;

const EVENTS = {
  step: { kind: 'step', step: 'profile' },
  established: { kind: 'established' },
  outage: { kind: 'failed', code: 'ALGO_BROKER_UNREACHABLE', windowEndsMs: null },
  outageInWindow: { kind: 'failed', code: 'ALGO_BROKER_UNREACHABLE', windowEndsMs: WINDOW_END },
  refused: { kind: 'failed', code: 'ALGO_LOGIN_REFUSED', windowEndsMs: null },
  refusedInWindow: { kind: 'failed', code: 'ALGO_LOGIN_REFUSED', windowEndsMs: WINDOW_END },
  scheduled: { kind: 'retry-scheduled', atMs: 5_000 },
  closed: { kind: 'closed' },
} satisfies Record<string, ConnectionEvent>;

const same = 'unchanged';
const off: ConnectionState = { status: 'disconnected', sinceMs: NOW };
const up: ConnectionState = { status: 'connected', sinceMs: NOW };
const connecting = (sinceMs: number): ConnectionState => ({ status: 'connecting', sinceMs, step: 'profile' });
const down: ConnectionState = {
  status: 'error',
  sinceMs: NOW,
  code: 'ALGO_BROKER_UNREACHABLE',
  needsPerson: false,
  retryAtMs: null,
};
const refused: ConnectionState = { ...down, code: 'ALGO_LOGIN_REFUSED', needsPerson: true };
const inWindow: ConnectionState = {
  status: 'maintenance',
  sinceMs: NOW,
  code: 'ALGO_BROKER_UNREACHABLE',
  untilMs: WINDOW_END,
  retryAtMs: null,
};
const failing = { outage: down, outageInWindow: inWindow, refused, refusedInWindow: refused };

type Cell = ConnectionState | typeof same;
const TABLE: Readonly<Record<keyof typeof STATES, Readonly<Record<keyof typeof EVENTS, Cell>>>> = {
  disconnected: {
    step: connecting(NOW),
    established: same,
    outage: same,
    outageInWindow: same,
    refused: same,
    refusedInWindow: same,
    scheduled: same,
    closed: same,
  },
  connecting: { step: connecting(2), established: up, ...failing, scheduled: same, closed: off },
  connected: { step: connecting(NOW), established: same, ...failing, scheduled: same, closed: off },
  error: {
    step: connecting(NOW),
    established: same,
    ...failing,
    scheduled: { ...STATES.error, retryAtMs: 5_000 },
    closed: off,
  },
  maintenance: {
    step: connecting(NOW),
    established: same,
    ...failing,
    scheduled: { ...STATES.maintenance, retryAtMs: 5_000 },
    closed: off,
  },
};

const keysOf = <Key extends string>(record: Readonly<Record<Key, unknown>>): readonly Key[] =>
  Object.keys(record).filter((key): key is Key => key in record);

const CELLS = keysOf(TABLE).flatMap((state) => keysOf(EVENTS).map((event) => [state, event] as const));

test('the machine has a move for every state with every event, and this test a cell for each', () => {
  const kinds = new Set(keysOf(EVENTS).map((name) => EVENTS[name].kind));
  expect(new Set(keysOf(MOVES))).toEqual(new Set(keysOf(STATES)));
  for (const status of keysOf(MOVES)) expect(new Set(keysOf(MOVES[status]))).toEqual(kinds);
});

test.each(CELLS)('%s, %s', (state, event) => {
  const before: ConnectionState = STATES[state];
  const expected = TABLE[state][event];
  const after = advanceConnection(before, EVENTS[event], NOW);
  if (expected === same) expect(after).toBe(before);
  else expect(after).toEqual(expected);
});

const failedWith = (code: (ConnectionEvent & { kind: 'failed' })['code']): ConnectionState =>
  advanceConnection(STATES.connecting, { kind: 'failed', code, windowEndsMs: null }, NOW);

test.each([
  'ALGO_LOGIN_NEEDED',
  'ALGO_NO_CREDENTIALS',
  'ALGO_UNDECRYPTABLE',
  'ALGO_WRONG_ACCOUNT',
  'ALGO_STATIC_IP_REFUSED',
  'ALGO_SESSION_TAKEN_OVER',
  'ALGO_CONNECTION_OWNED',
] as const)('%s needs a person', (code) => {
  expect(failedWith(code)).toMatchObject({ needsPerson: true });
});

test.each(['ALGO_DEADLINE', 'ALGO_BROKER_UNREACHABLE', 'ALGO_CIRCUIT_OPEN', 'ALGO_RATE_LIMITED'] as const)(
  '%s may pass without a person',
  (code) => {
    expect(failedWith(code)).toMatchObject({ needsPerson: false });
  },
);
