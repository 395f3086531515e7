import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CallWindow } from './health-window.js';
import type { CallSample } from './health-window.js';

const WINDOW_MS = 1_000;
const sample = (atMs: number, changes: Partial<CallSample> = {}): CallSample => ({
  atMs,
  tookMs: 10,
  failed: false,
  order: false,
  ...changes,
});

test('an empty window has no times and never changes', () => {
  const window = new CallWindow(WINDOW_MS);
  expect(window.totals()).toEqual({ calls: 0, failures: 0, orders: 0, orderFailures: 0, averageMs: null });
  expect(window.spread()).toBeNull();
  expect(window.nextChangeMs).toBe(Infinity);
});

test('keeps a call for the length of the window, and not a millisecond longer', () => {
  const window = new CallWindow(WINDOW_MS);
  window.add(sample(5, { failed: true, order: true }));
  window.forget(1_005);
  expect(window.totals()).toMatchObject({ calls: 1, failures: 1, orders: 1, orderFailures: 1 });
  window.forget(1_005.5);
  expect(window.totals()).toMatchObject({ calls: 0, failures: 0, orders: 0, orderFailures: 0 });
});

test('the slowest twentieth does not count in the p95, the one before does; the p50 is the middle', () => {
  const window = new CallWindow(WINDOW_MS);
  for (let made = 0; made < 95; made += 1) window.add(sample(0, { tookMs: made < 50 ? 100 : 200 }));
  for (let made = 0; made < 5; made += 1) window.add(sample(0, { tookMs: 9_000 }));
  expect(window.spread()).toEqual({ p50Ms: 100, p95Ms: 200 });
  window.add(sample(0, { tookMs: 9_000 }));
  expect(window.spread()).toEqual({ p50Ms: 200, p95Ms: 9_000 });
});

test('above 4096 calls the newest are kept', () => {
  const window = new CallWindow(WINDOW_MS);
  for (let made = 0; made < 300; made += 1) window.add(sample(0, { failed: true }));
  for (let made = 0; made < 4_096; made += 1) window.add(sample(0));
  expect(window.totals()).toMatchObject({ calls: 4_096, failures: 0 });
});

test('counts what a list of every call would, whatever comes when', () => {
  const step = fc.record({
    afterMs: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 1_500 })),
    tookMs: fc.integer({ min: 0, max: 20_000 }),
    failed: fc.boolean(),
    order: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const window = new CallWindow(WINDOW_MS);
      let now = 0;
      let all: CallSample[] = [];
      for (const { afterMs, ...rest } of steps) {
        now += afterMs;
        window.add({ atMs: now, ...rest });
        all = [...all, { atMs: now, ...rest }].filter(({ atMs }) => now - atMs <= WINDOW_MS);
        const orders = all.filter(({ order }) => order);
        expect(window.totals()).toMatchObject({
          calls: all.length,
          failures: all.filter(({ failed }) => failed).length,
          orders: orders.length,
          orderFailures: orders.filter(({ failed }) => failed).length,
        });
        const times = all.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
        expect(window.spread()).toEqual({
          p50Ms: times[Math.ceil(times.length * 0.5) - 1],
          p95Ms: times[Math.ceil(times.length * 0.95) - 1],
        });
      }
    }),
    { numRuns: 100 },
  );
});
