import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from './backoff.js';

const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('is anywhere from nothing to the doubled wait, and never above the cap', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2_000 }), fraction, (attempt, part) => {
      const wait = backoffMs({ baseMs: 200, capMs: 5_000 }, attempt, part);
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(Math.min(5_000, 200 * 2 ** attempt));
      expect(Number.isInteger(wait)).toBe(true);
    }),
  );
});

test('doubles until the cap', () => {
  const longest = [0, 1, 2, 3, 4, 5, 6].map((attempt) => backoffMs({ baseMs: 200, capMs: 5_000 }, attempt, 1));
  expect(longest).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
});

test('uses the whole range, down to no wait at all', () => {
  const waits = [0, 0.25, 0.5, 0.75].map((part) => backoffMs({ baseMs: 400, capMs: 5_000 }, 1, part));
  expect(waits).toEqual([0, 200, 400, 600]);
});
