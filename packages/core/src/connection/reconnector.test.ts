import { AlgoError } from '../errors/algo-error.js';
import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Reconnector, waitAfter } from './reconnector.js';

interface Made {
  readonly clock: FakeClock;
  readonly reconnector: Reconnector;
  readonly scheduled: { readonly attempt: number; readonly inMs: number }[];
  readonly tries: () => number;
}

function make(fraction: () => number = () => 0.999_999): Made {
  const clock = createFakeClock();
  const scheduled: { attempt: number; inMs: number }[] = [];
  let tries = 0;
  const reconnector = new Reconnector({
    clock,
    fraction,
    attempt: () => void (tries += 1),
    onScheduled: (attempt, atMs) => void scheduled.push({ attempt, inMs: atMs - clock.now() }),
  });
  return { clock, reconnector, scheduled, tries: () => tries };
}

test('waits double from half a second to thirty seconds', () => {
  const { reconnector, scheduled } = make();
  for (let count = 0; count < 9; count += 1) reconnector.schedule(0);
  expect(scheduled.map(({ inMs }) => inMs)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  expect(scheduled.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('the jitter is full: a wait lies anywhere from nothing to its length, never beyond', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 0.999_999, noNaN: true }), { minLength: 1 }), (fractions) => {
      let at = 0;
      const { reconnector, scheduled } = make(() => fractions[at++ % fractions.length] ?? 0);
      for (const _ of fractions) reconnector.schedule(0);
      for (const [count, { inMs }] of scheduled.entries()) {
        const longest = Math.min(30_000, 500 * 2 ** count);
        expect(inMs).toBeGreaterThanOrEqual(0);
        expect(inMs).toBeLessThanOrEqual(longest);
        expect(Math.abs(inMs - longest * (fractions[count] ?? 0))).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test('a connection that held for a minute starts the waits anew, and one that held for less does not', async () => {
  const { clock, reconnector, scheduled } = make();
  reconnector.schedule(0);
  reconnector.schedule(0);
  reconnector.connected();
  await clock.advance(59_999);
  reconnector.schedule(0);
  expect(scheduled.at(-1)).toEqual({ attempt: 3, inMs: 2_000 });
  reconnector.connected();
  await clock.advance(60_000);
  reconnector.schedule(0);
  expect(scheduled.at(-1)).toEqual({ attempt: 1, inMs: 500 });
});

test('told twice that it is connected, it counts the stretch from the first time', async () => {
  const { clock, reconnector, scheduled } = make();
  for (let count = 0; count < 4; count += 1) reconnector.schedule(0);
  reconnector.connected();
  await clock.advance(40_000);
  reconnector.connected();
  await clock.advance(20_000);
  reconnector.schedule(0);
  expect(scheduled.at(-1)?.attempt).toBe(1);
});

test('never tries before what it was told to wait for', async () => {
  const { clock, reconnector, tries } = make();
  reconnector.schedule(15_000);
  await clock.advance(14_999);
  expect(tries()).toBe(0);
  await clock.advance(1);
  expect(tries()).toBe(1);
});

test('has one timer while it waits, whatever happens, and none once it is stopped', async () => {
  const { clock, reconnector, tries } = make();
  reconnector.schedule(0);
  reconnector.schedule(0);
  expect(clock.timers).toBe(1);
  reconnector.stop();
  expect(clock.timers).toBe(0);
  await clock.advance(60_000);
  expect(tries()).toBe(0);
});

test('tries at once when told to hurry, and only if a try was waiting', () => {
  const { clock, reconnector, tries } = make();
  reconnector.hurry();
  expect(tries()).toBe(0);
  reconnector.schedule(30_000);
  reconnector.hurry();
  expect(tries()).toBe(1);
  expect(clock.timers).toBe(0);
});

test.each([600_000, -600_000])('a wall clock that jumps by %d ms moves no try', async (jump) => {
  const { clock, reconnector, tries } = make();
  reconnector.schedule(10_000);
  clock.jump(jump);
  await clock.advance(9_999);
  expect(tries()).toBe(0);
  await clock.advance(1);
  expect(tries()).toBe(1);
});

test('a failure that names its time is waited for', () => {
  expect(waitAfter(new AlgoError('ALGO_RATE_LIMITED', { family: 'auth', retryAfterMs: 90_000 }), 0)).toBe(90_000);
  expect(waitAfter(new AlgoError('ALGO_CIRCUIT_OPEN', { lane: 'reads', retryAtMs: 5_000 }), 2_000)).toBe(3_000);
  expect(waitAfter(new AlgoError('ALGO_CIRCUIT_OPEN', { lane: 'reads', retryAtMs: 5_000 }), 9_000)).toBe(0);
  expect(waitAfter(new AlgoError('ALGO_INSTRUMENTS_REFUSED', { broker: 'dhan', why: 'empty' }), 0)).toBe(300_000);
  expect(waitAfter(new AlgoError('ALGO_DEADLINE', { deadlineMs: 1 }), 0)).toBe(0);
});
