import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { expect, test } from 'vitest';
import { silentLogger } from '../runtime/logger.js';
import { HealthMonitor } from './health-monitor.js';
import type { EndedCall } from './health-monitor.js';
import { HealthWatch } from './health-watch.js';
import type { HealthWatchOptions, WatchNews } from './health-watch.js';

const READ: EndedCall = { tookMs: 10, failure: null, kind: 'read' };
const FAILED: EndedCall = { ...READ, failure: 'ALGO_BROKER_UNAVAILABLE' };

interface Watching {
  readonly clock: FakeClock;
  readonly watch: HealthWatch;
  /** Adds a connected connection; what it was told and asked stands in the answer. */
  readonly add: (changes?: Partial<{ mayProbe: boolean; hang: boolean }>) => Watched;
}

interface Watched {
  readonly health: HealthMonitor;
  readonly news: { readonly atMs: number; readonly what: string }[];
  readonly probedAtMs: number[];
  readonly triedAtMs: number[];
  readonly calls: (count: number, call?: EndedCall) => void;
  readonly breaker: { dueMs: number };
  readonly release: () => void;
  readonly end: () => void;
}

const nameOf = (news: WatchNews): string =>
  news.kind === 'health-changed'
    ? `${news.previous ?? 'none'} to ${news.quality ?? 'none'}${news.health.stale ? ', stale' : ''}`
    : `${news.kind} ${news.alert.kind} ${news.alert.severity}`;

function start(options: Partial<HealthWatchOptions> = {}): Watching {
  const clock = createFakeClock();
  const random = { fraction: () => 0, fill: () => undefined };
  const watch = new HealthWatch({ clock, random, logger: silentLogger, ...options });
  return { clock, watch, add: (changes) => addTo(watch, clock, changes) };
}

function addTo(watch: HealthWatch, clock: FakeClock, { mayProbe = true, hang = false } = {}): Watched {
  const health = new HealthMonitor({ clock });
  const watched = {
    health,
    news: [] as { readonly atMs: number; readonly what: string }[],
    probedAtMs: [] as number[],
    triedAtMs: [] as number[],
    calls: (count: number, call = READ): void => {
      for (let made = 0; made < count; made += 1) health.ended(call);
    },
    breaker: { dueMs: Infinity },
    release: (): void => undefined,
  };
  const end = watch.watch({
    health,
    mayProbe: () => mayProbe,
    breakerDueMs: () => watched.breaker.dueMs,
    probe: async () => {
      watched.probedAtMs.push(clock.monotonic());
      if (hang) await new Promise<void>((resolve) => (watched.release = resolve));
      health.ended({ ...READ, probe: true });
    },
    tryBreakers: async () => {
      watched.triedAtMs.push(clock.monotonic());
      watched.breaker.dueMs = Infinity;
    },
    tell: (news) => void watched.news.push({ atMs: clock.monotonic(), what: nameOf(news) }),
  });
  health.connectionIs('connected');
  return { ...watched, end, release: () => watched.release() };
}

const told = ({ news }: Watched): readonly string[] => news.map(({ what }) => what);

test('a change of grade is told once, within half a second', async () => {
  const { clock, add } = start({ probeIdleMs: null });
  const watched = add();
  watched.calls(40);
  await clock.advance(500);
  expect(told(watched)).toEqual(['none to EXCELLENT']);
  watched.calls(4, FAILED);
  const atMs = clock.monotonic();
  await clock.advance(30_000);
  expect(told(watched)).toEqual(['none to EXCELLENT', 'EXCELLENT to POOR', 'alert-raised error-rate warning']);
  expect(watched.news[1]!.atMs - atMs).toBeLessThanOrEqual(500);
});

test('a better grade, and an alert that is over, are told after their sixty seconds though nothing more happens', async () => {
  const { clock, add } = start({ probeIdleMs: null });
  const watched = add();
  watched.calls(40);
  watched.calls(4, FAILED);
  await clock.advance(500);
  watched.calls(60);
  await clock.advance(61_000);
  expect(told(watched)).toEqual([
    'none to POOR',
    'alert-raised error-rate warning',
    'POOR to GOOD',
    'alert-resolved error-rate warning',
  ]);
});

test('a grade that got old is told as stale, when the last of its calls left the window', async () => {
  const { clock, add } = start({ probeIdleMs: null });
  const watched = add();
  watched.calls(20);
  await clock.advance(300_000);
  expect(told(watched)).toEqual(['none to EXCELLENT']);
  await clock.advance(500);
  expect(told(watched)).toEqual(['none to EXCELLENT', 'EXCELLENT to EXCELLENT, stale']);
});

test('an outage is told as CRITICAL, with one alert, and its end with one as well', async () => {
  const { clock, add } = start({ probeIdleMs: null });
  const watched = add();
  watched.calls(20);
  await clock.advance(500);
  for (let round = 0; round < 30; round += 1) {
    watched.health.connectionIs('error');
    await clock.advance(1_000);
    watched.health.connectionIs('connecting');
    await clock.advance(1_000);
  }
  watched.health.connectionIs('connected');
  await clock.advance(60_500);
  expect(told(watched)).toEqual([
    'none to EXCELLENT',
    'EXCELLENT to CRITICAL',
    'alert-raised disconnected critical',
    'CRITICAL to EXCELLENT',
    'alert-resolved disconnected critical',
  ]);
});

test('a connection that was idle for a minute is probed, and one with traffic is not', async () => {
  const { clock, add } = start();
  const idle = add();
  const busy = add();
  for (let second = 0; second < 125; second += 1) {
    busy.calls(1);
    await clock.advance(1_000);
  }
  expect(idle.probedAtMs).toHaveLength(2);
  expect(idle.probedAtMs[0]).toBeGreaterThanOrEqual(60_000);
  expect(idle.probedAtMs[0]).toBeLessThanOrEqual(60_500);
  expect(busy.probedAtMs).toEqual([]);
});

test('what may not be probed is not, however long it is idle', async () => {
  const { clock, add } = start();
  const watched = add({ mayProbe: false });
  await clock.advance(600_000);
  expect(watched.probedAtMs).toEqual([]);
});

test('probes are spread: up to a quarter later than due', async () => {
  let fraction = 0;
  const random = { fraction: () => (fraction = (fraction + 0.1) % 1), fill: () => undefined };
  const { clock, add } = start({ random });
  const all = Array.from({ length: 9 }, () => add());
  for (let second = 0; second < 76; second += 1) await clock.advance(1_000);
  const moments = all.flatMap(({ probedAtMs }) => probedAtMs.slice(0, 1));
  expect(new Set(moments).size).toBe(9);
  expect(Math.min(...moments)).toBeGreaterThan(61_000);
  expect(Math.max(...moments)).toBeLessThanOrEqual(75_000);
});

test('no more than eight probes are under way at once, and the next follows as soon as one ends', async () => {
  const { clock, add } = start();
  const all = Array.from({ length: 20 }, () => add({ hang: true }));
  const probed = (): number => all.filter(({ probedAtMs }) => probedAtMs.length > 0).length;
  await clock.advance(70_000);
  expect(probed()).toBe(8);
  all.find(({ probedAtMs }) => probedAtMs.length > 0)?.release();
  await clock.advance(0);
  expect(probed()).toBe(9);
});

test('a lane that a breaker keeps shut is tried when its time has come', async () => {
  const { clock, add } = start({ probeIdleMs: null });
  const watched = add();
  watched.breaker.dueMs = 15_000;
  watched.health.breakerIs('orders', true);
  await clock.advance(14_999);
  expect(watched.triedAtMs).toEqual([]);
  await clock.advance(500);
  expect(watched.triedAtMs).toEqual([15_000]);
});

test('a thousand connections cost one timer, and none once they are closed', async () => {
  const { clock, watch, add } = start();
  const all = Array.from({ length: 1_000 }, () => add());
  for (const watched of all) watched.calls(20);
  expect(clock.timers).toBe(1);
  await clock.advance(500);
  expect(clock.timers).toBe(1);
  for (const watched of all) expect(told(watched)).toEqual(['none to EXCELLENT']);
  all[0]!.health.connectionIs('disconnected');
  for (const { end } of all) end();
  expect(told(all[0]!)).toEqual(['none to EXCELLENT', 'EXCELLENT to CRITICAL']); // it had its last word
  expect(clock.timers).toBe(0);
  add();
  watch.close();
  expect(clock.timers).toBe(0);
});

test('rests while nothing can change: an idle hour without probes wakes nobody', async () => {
  const { clock, add } = start({ probeIdleMs: null });
  const watched = add();
  watched.calls(1);
  await clock.advance(301_000);
  expect(clock.timers).toBe(0);
});

test('a connection that throws when told keeps no other from being told', async () => {
  const { clock, watch, add } = start();
  const health = new HealthMonitor({ clock });
  watch.watch({
    health,
    mayProbe: () => false,
    breakerDueMs: () => Infinity,
    probe: async () => undefined,
    tryBreakers: async () => undefined,
    tell: () => {
      throw new Error('a fault of its own');
    },
  });
  for (let made = 0; made < 20; made += 1) health.ended(READ);
  const other = add();
  other.calls(20);
  await clock.advance(500);
  expect(told(other)).toEqual(['none to EXCELLENT']);
});
