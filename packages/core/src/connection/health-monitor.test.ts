import { expect, test } from 'vitest';
import { HealthMonitor } from './health-monitor.js';

/** So many good and failed calls at one moment, all taking equally long. */
function monitor(good: number, failed: number, tookMs = 10, nowMs = 1_000): HealthMonitor {
  const health = new HealthMonitor();
  for (let made = 0; made < good; made += 1) health.succeeded(nowMs, tookMs, true);
  for (let made = 0; made < failed; made += 1) health.failed(nowMs, tookMs, 'ALGO_DEADLINE');
  return health;
}

const gradeOf = (health: HealthMonitor, nowMs = 1_000) => {
  const { connectionQuality, colour } = health.metrics(nowMs);
  return [connectionQuality, colour];
};

test('says nothing before there were twenty calls', () => {
  expect(gradeOf(monitor(0, 0))).toEqual([null, null]);
  expect(gradeOf(monitor(0, 19))).toEqual([null, null]);
  expect(gradeOf(monitor(20, 0))).toEqual(['EXCELLENT', 'green']);
});

test('an untouched connection has nothing to show', () => {
  expect(new HealthMonitor().metrics(0)).toEqual({
    connectionQuality: null,
    colour: null,
    calls: 0,
    failures: 0,
    errorRate: 0,
    averageResponseMs: null,
    p95ResponseMs: null,
    lastSyncAtMs: null,
    lastErrorCode: null,
    lastErrorAtMs: null,
  });
});

test.each([
  [99, 1, 'EXCELLENT', 'green'], // 1 %
  [98, 2, 'GOOD', 'green'],
  [95, 5, 'GOOD', 'green'], // 5 %
  [94, 6, 'POOR', 'yellow'],
  [90, 10, 'POOR', 'yellow'], // 10 %
  [89, 11, 'CRITICAL', 'red'],
])('%d good and %d failed calls are %s', (good, failed, quality, colour) => {
  expect(gradeOf(monitor(good, failed))).toEqual([quality, colour]);
});

test.each([
  [1_000, 'EXCELLENT'],
  [1_001, 'GOOD'],
  [5_000, 'GOOD'],
  [5_001, 'POOR'],
  [10_000, 'POOR'],
  [10_001, 'CRITICAL'],
])('calls that take %d ms are %s', (tookMs, quality) => {
  expect(gradeOf(monitor(100, 0, tookMs))[0]).toBe(quality);
});

test('the slowest twentieth does not count in the p95, the one before does', () => {
  const health = new HealthMonitor();
  for (let made = 0; made < 95; made += 1) health.succeeded(0, 100, true);
  for (let made = 0; made < 5; made += 1) health.succeeded(0, 9_000, true);
  expect(health.metrics(0).p95ResponseMs).toBe(100);
  health.succeeded(0, 9_000, true);
  expect(health.metrics(0).p95ResponseMs).toBe(9_000);
  expect(health.metrics(0).averageResponseMs).toBeCloseTo((95 * 100 + 6 * 9_000) / 101, 6);
});

test('forgets what is older than five minutes', () => {
  const health = monitor(0, 50, 10, 0);
  expect(gradeOf(health, 300_000)[0]).toBe('CRITICAL');
  expect(health.metrics(300_001)).toMatchObject({
    calls: 0,
    connectionQuality: null,
    lastErrorCode: 'ALGO_DEADLINE',
    lastErrorAtMs: 0,
  });
});

test('keeps the newest calls when there are many', () => {
  const health = monitor(0, 300);
  for (let made = 0; made < 256; made += 1) health.succeeded(1_000, 10, false);
  expect(health.metrics(1_000)).toMatchObject({ calls: 256, failures: 0 });
});

test('only a read that worked is a sync', () => {
  const health = new HealthMonitor();
  health.succeeded(1, 5, false);
  expect(health.metrics(9).lastSyncAtMs).toBeNull();
  health.succeeded(2, 5, true);
  health.failed(3, 5, 'ALGO_BROKER_UNAVAILABLE');
  expect(health.metrics(9)).toMatchObject({
    lastSyncAtMs: 2,
    lastErrorCode: 'ALGO_BROKER_UNAVAILABLE',
    lastErrorAtMs: 3,
  });
});
