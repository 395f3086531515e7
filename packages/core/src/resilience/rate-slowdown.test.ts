import { expect, test } from 'vitest';
import { RateLimiter } from './rate-limiter.js';

const TEN_A_SECOND = [{ limit: 10, perMs: 1_000 }];

/** Asks every 10 ms and keeps the moments that were granted; `then` hears of each. */
function goes(limiter: RateLimiter, fromMs: number, untilMs: number, then: (atMs: number) => void = () => undefined) {
  const moments: number[] = [];
  for (let at = fromMs; at < untilMs; at += 10) {
    if (limiter.take(at) > 0) continue;
    moments.push(at);
    then(at);
  }
  return moments;
}

test('nothing goes for a second, or as long as the broker named', () => {
  const unnamed = new RateLimiter(TEN_A_SECOND);
  expect(unnamed.slowDown(5_000, null)).toBe(1_000);
  expect(unnamed.waitMs(5_000)).toBe(1_000);
  expect(unnamed.waitMs(6_000)).toBe(0);

  const named = new RateLimiter(TEN_A_SECOND);
  expect(named.slowDown(5_000, 7_500)).toBe(7_500);
  expect(named.waitMs(12_499)).toBe(1);
  expect(named.waitMs(12_500)).toBe(0);
});

test('a family without windows is slowed down too', () => {
  const limiter = new RateLimiter([]);
  limiter.slowDown(0, null);
  expect(limiter.take(999)).toBe(1);
  expect(limiter.take(1_000)).toBe(0);
});

test('after the pause one request is tried, and the others go when its answer is known', () => {
  const limiter = new RateLimiter(TEN_A_SECOND);
  limiter.slowDown(0, null);
  expect(goes(limiter, 1_000, 4_000)).toEqual([1_000]);

  limiter.ended(4_000);
  expect(limiter.waitMs(4_000)).toBe(50); // the adapter reads the answer in that time
  expect(goes(limiter, 4_050, 5_000).length).toBeGreaterThan(1);
});

test('then at half the rate, halved again for each time it was said, which every clean half minute doubles', () => {
  const limiter = new RateLimiter([{ limit: 16, perMs: 1_000 }]);
  for (const [saidAtMs, triedAtMs] of [
    [0, 1_000],
    [1_000, 3_000],
    [3_000, 7_000],
  ] as const) {
    limiter.slowDown(saidAtMs, null);
    expect(limiter.take(triedAtMs)).toBe(0);
  }
  limiter.ended(7_000); // three times: an eighth of the rate

  expect(goes(limiter, 8_000, 9_000)).toHaveLength(2);
  expect(goes(limiter, 37_000, 38_000)).toHaveLength(4);
  expect(goes(limiter, 67_000, 68_000)).toHaveLength(8);
  expect(goes(limiter, 97_000, 98_000)).toHaveLength(16);
});

test('is never slower than one request in a window', () => {
  const limiter = new RateLimiter([{ limit: 1, perMs: 1_000 }]);
  limiter.slowDown(0, null);
  limiter.take(1_000);
  limiter.ended(1_000);
  expect(goes(limiter, 2_000, 5_000)).toEqual([2_000, 3_000, 4_000]);
});

test('a broker that says it for ever sees one request per pause, and the pauses grow to half a minute', () => {
  const limiter = new RateLimiter(TEN_A_SECOND);
  limiter.slowDown(0, null);
  const asked = goes(limiter, 0, 600_000, (at) => {
    limiter.ended(at);
    limiter.slowDown(at, 1_000); // what it names is shorter than our own back-off by now
  });

  expect(asked.slice(0, 7)).toEqual([1_000, 3_000, 7_000, 15_000, 31_000, 61_000, 91_000]);
  expect(asked.length).toBeLessThan(25);
});

test('the answers to what was sent before the pause count as one', () => {
  const limiter = new RateLimiter(TEN_A_SECOND);
  for (let at = 0; at < 5; at += 1) limiter.slowDown(at * 100, null);
  expect(limiter.waitMs(999)).toBe(1);
  limiter.take(1_000);
  limiter.ended(1_000);
  expect(goes(limiter, 2_000, 3_000)).toHaveLength(5); // halved once
});

test('a day that a broker names is asked again after an hour', () => {
  expect(new RateLimiter(TEN_A_SECOND).slowDown(0, 86_400_000)).toBe(3_600_000);
});
