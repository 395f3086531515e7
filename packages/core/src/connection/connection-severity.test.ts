import { expect, test } from 'vitest';
import { connectionSeverity } from './connection-severity.js';
import type { ConnectionState } from './connection-state.js';

const error = (needsPerson: boolean): ConnectionState => ({
  status: 'error',
  sinceMs: 0,
  code: 'ALGO_DEADLINE',
  needsPerson,
  retryAtMs: null,
});

const STATES: Readonly<Record<string, ConnectionState>> = {
  connected: { status: 'connected', sinceMs: 0 },
  disconnected: { status: 'disconnected', sinceMs: 0 },
  connecting: { status: 'connecting', sinceMs: 0, step: 'session' },
  maintenance: { status: 'maintenance', sinceMs: 0, code: 'ALGO_DEADLINE', untilMs: 1, retryAtMs: null },
  'an error that may pass': error(false),
  'an error that needs a person': error(true),
};

test.each([
  ['connected', 'info', 'info'],
  ['disconnected', 'info', 'info'],
  ['connecting', 'warning', 'info'],
  ['maintenance', 'warning', 'info'],
  ['an error that may pass', 'critical', 'info'],
  ['an error that needs a person', 'critical', 'warning'],
] as const)('%s is %s while a market is open and %s while all are closed', (name, open, closed) => {
  const state = STATES[name];
  if (state === undefined) throw new Error(`no state ${name}`);
  expect(connectionSeverity(state, 'open')).toBe(open);
  expect(connectionSeverity(state, 'unknown')).toBe(open);
  expect(connectionSeverity(state, 'closed')).toBe(closed);
});
