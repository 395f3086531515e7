import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RateWindow } from '../contract/rate-limits.js';
import { RateLimiter } from './rate-limiter.js';

/** Asks at every moment and keeps the moments that were granted. */
function grantedAt(limiter: RateLimiter, moments: readonly number[]): number[] {
  return moments.filter((moment) => limiter.take(moment) === 0);
}

/** The largest number of grants in any stretch of `perMs`; a stretch that begins at a grant is the worst one. */
function mostWithin(grants: readonly number[], perMs: number): number {
  return Math.max(0, ...grants.map((from) => grants.filter((at) => at >= from && at < from + perMs).length));
}

const windows = fc.array(fc.record({ limit: fc.integer({ min: 1, max: 9 }), perMs: fc.integer({ min: 1, max: 60 }) }), {
  minLength: 1,
  maxLength: 4,
});
const schedule = fc
  .array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 120 })
  .map((gaps) => gaps.reduce<number[]>((moments, gap) => [...moments, (moments.at(-1) ?? 0) + gap], []));

test('never lets more than the limit through in any sliding stretch of any window', () => {
  fc.assert(
    fc.property(windows, schedule, (held, moments) => {
      const grants = grantedAt(new RateLimiter(held), moments);
      for (const { limit, perMs } of held) expect(mostWithin(grants, perMs)).toBeLessThanOrEqual(limit);
    }),
    { numRuns: 500 },
  );
});

test('refuses only what one of the windows would be broken by, and names the moment it frees', () => {
  fc.assert(
    fc.property(windows, schedule, (held, moments) => {
      const limiter = new RateLimiter(held);
      const grants: number[] = [];
      for (const moment of moments) {
        const wait = limiter.take(moment);
        const wouldBreak = held.some(({ limit, perMs }) => grants.filter((at) => at > moment - perMs).length >= limit);
        expect(wait > 0).toBe(wouldBreak);
        if (wait === 0) grants.push(moment);
        else expect(limiter.waitMs(moment + wait)).toBe(0);
      }
    }),
    { numRuns: 500 },
  );
});

test('asking how long to wait takes nothing', () => {
  const limiter = new RateLimiter([{ limit: 1, perMs: 1_000 }]);
  for (let asked = 0; asked < 10; asked += 1) expect(limiter.waitMs(0)).toBe(0);

  expect(limiter.take(0)).toBe(0);
  expect(limiter.waitMs(400)).toBe(600);
  expect(limiter.waitMs(400)).toBe(600);
  expect(limiter.take(1_000)).toBe(0);
});

test('a refused request does not use up a place', () => {
  const limiter = new RateLimiter([{ limit: 1, perMs: 100 }]);
  limiter.take(0);
  for (let moment = 1; moment < 100; moment += 1) expect(limiter.take(moment)).toBe(100 - moment);

  expect(limiter.take(100)).toBe(0);
});

test('does not let a second burst through at the edge of a fixed window', () => {
  const limiter = new RateLimiter([{ limit: 10, perMs: 1_000 }]);
  const late = Array.from({ length: 10 }, () => 990);
  const early = Array.from({ length: 10 }, () => 1_010);

  expect(grantedAt(limiter, late)).toHaveLength(10);
  expect(grantedAt(limiter, early)).toHaveLength(0);
  expect(limiter.waitMs(1_010)).toBe(980);
  expect(limiter.take(1_989)).toBe(1);
  expect(limiter.take(1_990)).toBe(0);
});

test('holds the windows of a second, a minute and a day at once', () => {
  const held: readonly RateWindow[] = [
    { limit: 10, perMs: 1_000 },
    { limit: 250, perMs: 60_000 },
    { limit: 7_000, perMs: 86_400_000 },
  ];
  const limiter = new RateLimiter(held);
  const grants: number[] = [];
  let now = 0;
  while (grants.length < 7_000) {
    const wait = limiter.take(now);
    if (wait === 0) grants.push(now);
    now += wait;
  }

  expect(limiter.waitMs(now)).toBe(86_400_000 - now);
  for (let at = 0; at + 10 < grants.length; at += 1) {
    expect((grants[at + 10] ?? 0) - (grants[at] ?? 0)).toBeGreaterThanOrEqual(1_000);
  }
  for (let at = 0; at + 250 < grants.length; at += 1) {
    expect((grants[at + 250] ?? 0) - (grants[at] ?? 0)).toBeGreaterThanOrEqual(60_000);
  }
});

test('keeps the order of its times while the ring grows and wraps', () => {
  for (const limit of [64, 65, 127, 128, 129, 300]) {
    const limiter = new RateLimiter([{ limit, perMs: 10_000 }]);
    for (let at = 0; at < limit; at += 1) expect(limiter.take(at)).toBe(0);
    for (let at = 0; at < 2 * limit; at += 1) {
      const freeAt = at < limit ? 10_000 + at : 20_000 + at - limit;
      if (limiter.waitMs(freeAt - 1) !== 1 || limiter.take(freeAt) !== 0)
        throw new Error(`${at} of ${limit} is out of order`);
    }
  }
});

test('a family without windows is never held up', () => {
  const limiter = new RateLimiter([]);
  for (let count = 0; count < 1_000; count += 1) expect(limiter.take(0)).toBe(0);
});

test('a day begins at midnight in IST: what went yesterday takes nothing from today', () => {
  const beforeMidnight = Date.parse('2026-11-20T23:59:59+05:30');
  let wall = beforeMidnight;
  const limiter = new RateLimiter([{ limit: 3, perMs: 86_400_000, counted: 'ist-day' }], () => wall);
  const take = (): number => limiter.take(wall - beforeMidnight);
  expect([take(), take(), take()]).toEqual([0, 0, 0]);
  expect(take()).toBe(1_000);

  wall += 1_000;
  expect([take(), take(), take()]).toEqual([0, 0, 0]);
  expect(take()).toBe(86_400_000);
});

test('a clock that goes back gives no place of the day back', () => {
  let wall = Date.parse('2026-11-20T12:00:00+05:30');
  const limiter = new RateLimiter([{ limit: 1, perMs: 86_400_000, counted: 'ist-day' }], () => wall);
  expect(limiter.take(0)).toBe(0);
  wall -= 600_000;
  expect(limiter.take(1)).toBeGreaterThan(0);
  wall -= 86_400_000;
  expect(limiter.take(2)).toBeGreaterThan(0);
});

test('a sliding window and one of the day hold at once', () => {
  const limiter = new RateLimiter(
    [
      { limit: 2, perMs: 1_000 },
      { limit: 3, perMs: 86_400_000, counted: 'ist-day' },
    ],
    () => 0,
  );
  expect([limiter.take(0), limiter.take(0)]).toEqual([0, 0]);
  expect(limiter.take(0)).toBe(1_000);
  expect(limiter.take(1_000)).toBe(0);
  expect(limiter.take(2_000)).toBeGreaterThan(1_000);
});

test('is idle when its windows have run out, and not before', () => {
  let wall = Date.parse('2026-11-20T12:00:00+05:30');
  const sliding = new RateLimiter([{ limit: 2, perMs: 1_000 }]);
  const daily = new RateLimiter([{ limit: 2, perMs: 86_400_000, counted: 'ist-day' }], () => wall);
  expect([sliding.isIdle(0), daily.isIdle(0)]).toEqual([true, true]);
  sliding.take(0);
  daily.take(0);
  expect([sliding.isIdle(999), sliding.isIdle(1_000), daily.isIdle(1_000)]).toEqual([false, true, false]);
  wall += 12 * 3_600_000;
  expect(daily.isIdle(43_200_000)).toBe(true);
});
