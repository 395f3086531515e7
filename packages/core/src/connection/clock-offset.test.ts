import { expect, test } from 'vitest';
import { isClockOff, readClock } from './clock-offset.js';

const NOON = Date.UTC(2026, 10, 20, 6, 30);
const printed = (ms: number): string => new Date(ms).toUTCString();

test('a clock like ours is not off, wherever in its second the header was written', () => {
  for (let within = 0; within < 1_000; within += 50) {
    const reading = readClock(printed(NOON + within), NOON + within, 0);
    expect(Math.abs(reading?.offsetMs ?? Infinity)).toBeLessThanOrEqual(500);
  }
});

test('tells how far the other clock is ahead or behind, taking half of the way off', () => {
  expect(readClock(printed(NOON + 60_000), NOON, 0)).toEqual({ offsetMs: 60_500, uncertaintyMs: 500 });
  expect(readClock(printed(NOON - 60_000), NOON, 2_000)).toEqual({ offsetMs: -58_500, uncertaintyMs: 1_500 });
});

test.each([null, '', 'yesterday'])('a reply that says "%s" shows no clock', (date) => {
  expect(readClock(date, NOON, 0)).toBeNull();
});

test.each([
  [5_400, 500, false],
  [5_501, 500, true],
  [-5_501, 500, true],
  [-5_400, 500, false],
  [9_000, 4_500, false], // a reply this slow proves nothing yet
])('%i ms, give or take %i: off is %s', (offsetMs, uncertaintyMs, off) => {
  expect(isClockOff({ offsetMs, uncertaintyMs })).toBe(off);
});
