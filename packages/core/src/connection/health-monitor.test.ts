import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { expect, test } from 'vitest';
import { HealthMonitor } from './health-monitor.js';
import type { EndedCall } from './health-monitor.js';

const READ: EndedCall = { tookMs: 10, failure: null, kind: 'read' };
const MISSED: EndedCall = { ...READ, failure: 'ALGO_DEADLINE' };

interface Monitored {
  readonly health: HealthMonitor;
  readonly clock: FakeClock;
  readonly calls: (count: number, call?: EndedCall) => void;
}

function start(): Monitored {
  const clock = createFakeClock();
  const health = new HealthMonitor({ clock });
  const calls = (count: number, call: EndedCall = READ): void => {
    for (let made = 0; made < count; made += 1) health.ended(call);
  };
  return { health, clock, calls };
}

test('an untouched connection has nothing to show', () => {
  expect(start().health.metrics()).toEqual({
    connectionQuality: null,
    colour: null,
    stale: false,
    calls: 0,
    failures: 0,
    errorRate: 0,
    successRate: null,
    errorsLastHour: 0,
    averageResponseMs: null,
    p50ResponseMs: null,
    p95ResponseMs: null,
    orderSuccessRate: null,
    authFailures: 0,
    instrumentLookupFailures: 0,
    uptime: null,
    connectedSinceMs: null,
    lastSyncAtMs: null,
    lastErrorCode: null,
    lastErrorAtMs: null,
    alerts: [],
  });
});

test('grades by the calls of five minutes once there were twenty', () => {
  const { health, calls } = start();
  calls(19, MISSED);
  expect(health.metrics()).toMatchObject({ connectionQuality: null, colour: null });
  calls(1, MISSED);
  expect(health.metrics()).toMatchObject({ connectionQuality: 'CRITICAL', colour: 'red', stale: false });
});

test('forgets what is older than five minutes, and keeps the grade as stale', async () => {
  const { health, clock, calls } = start();
  calls(50, MISSED);
  await clock.advance(300_000);
  expect(health.metrics()).toMatchObject({ calls: 50, connectionQuality: 'CRITICAL', stale: false });
  const errorAtMs = clock.now() - 300_000;
  await clock.advance(1);
  expect(health.metrics()).toMatchObject({
    calls: 0,
    connectionQuality: 'CRITICAL',
    stale: true,
    errorsLastHour: 50,
    lastErrorCode: 'ALGO_DEADLINE',
    lastErrorAtMs: errorAtMs,
  });
});

test('a wall clock that jumps ten minutes either way forgets nothing and keeps nothing longer', async () => {
  for (const jump of [600_000, -600_000]) {
    const { health, clock, calls } = start();
    calls(30, MISSED);
    clock.jump(jump);
    expect(health.metrics()).toMatchObject({ calls: 30, failures: 30, errorsLastHour: 30 });
    expect(health.trouble()).toEqual({ misses60s: 30, calls5m: 30, failures5m: 30 });
    await clock.advance(300_001);
    expect(health.metrics().calls).toBe(0);
  }
});

test('gives response times, rates and the errors of an hour', async () => {
  const { health, clock, calls } = start();
  calls(3, { ...READ, tookMs: 100 });
  calls(1, { ...MISSED, tookMs: 500 });
  expect(health.metrics()).toMatchObject({
    averageResponseMs: 200,
    p50ResponseMs: 100,
    p95ResponseMs: 500,
    errorRate: 0.25,
    successRate: 0.75,
    errorsLastHour: 1,
  });
  await clock.advance(3_540_000);
  calls(2, MISSED);
  expect(health.metrics().errorsLastHour).toBe(3);
  await clock.advance(60_000);
  expect(health.metrics().errorsLastHour).toBe(2);
  await clock.advance(3_600_000);
  expect(health.metrics().errorsLastHour).toBe(0);
});

test('the order success rate counts orders only, and is null without one', () => {
  const { health, calls } = start();
  calls(10, MISSED);
  expect(health.metrics().orderSuccessRate).toBeNull();
  calls(3, { ...READ, kind: 'order' });
  calls(1, { ...MISSED, kind: 'order' });
  expect(health.metrics().orderSuccessRate).toBe(0.75);
});

test('only a read that worked is a sync', async () => {
  const { health, clock, calls } = start();
  calls(1, { ...READ, kind: 'order' });
  calls(1, { ...READ, kind: 'other' });
  expect(health.metrics().lastSyncAtMs).toBeNull();
  await clock.advance(5);
  calls(1);
  const syncAtMs = clock.now();
  await clock.advance(5);
  calls(1, MISSED);
  expect(health.metrics()).toMatchObject({ lastSyncAtMs: syncAtMs, lastErrorAtMs: clock.now() });
});

test('counts refused log-ins and instruments that were not found, over five minutes', async () => {
  const { health, clock } = start();
  for (let count = 0; count < 4; count += 1) health.authFailed();
  await clock.advance(100_000);
  for (let count = 0; count < 300; count += 1) health.lookupFailed();
  expect(health.metrics()).toMatchObject({ authFailures: 4, instrumentLookupFailures: 256, calls: 0 });
  await clock.advance(200_001);
  expect(health.metrics()).toMatchObject({ authFailures: 0, instrumentLookupFailures: 256 });
});

test('up time is the share of the time connected since it was first connected', async () => {
  const { health, clock } = start();
  await clock.advance(500_000); // before it was connected: does not count
  health.connectionIs('connecting');
  health.connectionIs('connected');
  const sinceMs = clock.now();
  await clock.advance(30_000);
  expect(health.metrics()).toMatchObject({ uptime: 1, connectedSinceMs: sinceMs });
  health.connectionIs('error');
  await clock.advance(5_000);
  health.connectionIs('connecting');
  await clock.advance(5_000);
  expect(health.metrics()).toMatchObject({ uptime: 0.75, connectedSinceMs: null });
  health.connectionIs('connected');
  await clock.advance(60_000);
  expect(health.metrics().uptime).toBe(0.9);
});

test.each(['disconnected', 'connecting', 'error', 'maintenance'] as const)(
  'is CRITICAL while it is %s, once it was connected',
  (status) => {
    const { health, calls } = start();
    health.connectionIs('connecting');
    expect(health.metrics().connectionQuality).toBeNull();
    health.connectionIs('connected');
    calls(20);
    expect(health.metrics().connectionQuality).toBe('EXCELLENT');
    health.connectionIs(status);
    expect(health.metrics()).toMatchObject({ connectionQuality: 'CRITICAL', colour: 'red', stale: false });
  },
);

test('is CRITICAL while one of its breakers is open, and a minute longer', async () => {
  const { health, clock, calls } = start();
  health.connectionIs('connected');
  calls(100);
  health.breakerIs('orders', true);
  health.breakerIs('reads', true);
  expect(health.metrics().connectionQuality).toBe('CRITICAL');
  health.breakerIs('orders', false);
  await clock.advance(60_000);
  expect(health.metrics().connectionQuality).toBe('CRITICAL');
  health.breakerIs('reads', false);
  health.metrics();
  await clock.advance(60_000);
  expect(health.metrics().connectionQuality).toBe('EXCELLENT');
});

test('tells what routing asks: deadlines missed within a minute, calls and failures within five', async () => {
  const { health, clock, calls } = start();
  calls(2, MISSED);
  await clock.advance(60_000);
  calls(1, { ...READ, failure: 'ALGO_BROKER_UNAVAILABLE' });
  calls(3);
  expect(health.trouble()).toEqual({ misses60s: 2, calls5m: 6, failures5m: 3 });
  await clock.advance(1);
  expect(health.trouble()).toEqual({ misses60s: 0, calls5m: 6, failures5m: 3 });
  await clock.advance(240_000);
  expect(health.trouble()).toEqual({ misses60s: 0, calls5m: 4, failures5m: 1 });
});

test('the history has a point for each minute with traffic, and none for minutes of nothing but probes', async () => {
  const { health, clock, calls } = start();
  const beganMs = Math.floor(clock.now() / 60_000) * 60_000;
  calls(24, { ...READ, tookMs: 40 });
  calls(1, MISSED);
  health.metrics();
  await clock.advance(60_000);
  calls(1, { ...READ, probe: true });
  await clock.advance(60_000);
  calls(2);
  await clock.advance(60_000);
  const times = { p50ResponseMs: 40, p95ResponseMs: 40 };
  expect(health.history()).toEqual([
    { atMs: beganMs, calls: 25, failures: 1, ...times, quality: 'GOOD' },
    { atMs: beganMs + 120_000, calls: 2, failures: 0, ...times, quality: 'GOOD' },
  ]);
});

test('the history reaches back a day and holds no more than its minutes', async () => {
  const { health, clock, calls } = start();
  for (let minute = 0; minute < 1_500; minute += 1) {
    calls(1);
    await clock.advance(60_000);
  }
  const points = health.history();
  expect(points).toHaveLength(1_440);
  expect(points[0]!.atMs).toBe(points.at(-1)!.atMs - 1_439 * 60_000);
});

test('alerts name themselves in the metrics until they are resolved', async () => {
  const { health, clock } = start();
  health.connectionIs('connected');
  health.connectionIs('error');
  expect(health.judge().alerts.map(({ kind }) => kind)).toEqual(['raised']);
  expect(health.metrics().alerts).toMatchObject([{ kind: 'disconnected', severity: 'critical' }]);
  health.connectionIs('connected');
  expect(health.judge().alerts).toEqual([]);
  await clock.advance(60_000);
  expect(health.judge().alerts.map(({ kind }) => kind)).toEqual(['resolved']);
  expect(health.metrics().alerts).toEqual([]);
});

test('a connection that somebody closed, or that was never made, raises no alert', () => {
  const { health } = start();
  health.connectionIs('error');
  expect(health.judge().alerts).toEqual([]);
  health.connectionIs('connected');
  health.connectionIs('disconnected');
  expect(health.judge().alerts).toEqual([]);
});
