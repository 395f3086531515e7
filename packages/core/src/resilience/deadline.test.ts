import { createFakeClock } from '@algo/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTicker } from '../runtime/ticker.js';
import { Deadline } from './deadline.js';

function start(lengthMs: number) {
  const clock = createFakeClock();
  const deadline = new Deadline(lengthMs, () => clock.monotonic(), createTicker(clock));
  const heard: number[] = [];
  deadline.onOver(() => heard.push(clock.monotonic()));
  return { clock, deadline, heard };
}

test('fires once, never early and at most one tick late', async () => {
  await fc.assert(
    fc.asyncProperty(fc.double({ min: 0.01, max: 500, noNaN: true }), async (lengthMs) => {
      const { clock, deadline, heard } = start(lengthMs);
      await clock.advance(1_000);
      expect(heard).toHaveLength(1);
      expect(heard[0]).toBeGreaterThanOrEqual(lengthMs);
      expect(heard[0]).toBeLessThanOrEqual(lengthMs + 4);
      expect(deadline.over).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('tells how much is left, down to nothing', async () => {
  const { clock, deadline } = start(1_000);
  expect(deadline.remainingMs()).toBe(1_000);
  await clock.advance(400);
  expect(deadline.remainingMs()).toBe(600);
  await clock.advance(10_000);
  expect(deadline.remainingMs()).toBe(0);
});

test('ends by hand, once, and has nothing left then', async () => {
  const { clock, deadline, heard } = start(1_000);
  await clock.advance(100);
  deadline.expire();
  deadline.expire();
  expect(heard).toEqual([100]);
  expect(deadline.remainingMs()).toBe(0);
  await clock.advance(5_000);
  expect(heard).toEqual([100]);
});

test('tells nobody once the call is done', async () => {
  const { clock, deadline, heard } = start(1_000);
  deadline.done();
  deadline.expire();
  deadline.onOver(() => heard.push(-1));
  await clock.advance(5_000);
  expect(heard).toEqual([]);
  expect(deadline.over).toBe(false);
});

test('a listener that comes late hears at once', async () => {
  const { clock, deadline, heard } = start(8);
  await clock.advance(12);
  deadline.onOver(() => heard.push(99));
  expect(heard).toEqual([8, 99]);
});

test('is over for its listeners when they are told', async () => {
  const { clock, deadline } = start(4);
  const seen: boolean[] = [];
  deadline.onOver(() => seen.push(deadline.over));
  await clock.advance(8);
  expect(seen).toEqual([true]);
});

test('a wall clock that jumps moves no deadline', async () => {
  const { clock, heard } = start(1_000);
  clock.jump(600_000);
  await clock.advance(500);
  expect(heard).toEqual([]);
  clock.jump(-1_200_000);
  await clock.advance(500);
  expect(heard).toEqual([1_000]);
});

test('a listener that throws keeps no other from hearing, at its time or by hand', async () => {
  const faulty = (deadline: Deadline): void =>
    deadline.onOver(() => {
      throw new Error('a fault of its own');
    });
  const { clock, deadline, heard } = start(8);
  faulty(deadline);
  deadline.onOver(() => heard.push(-1));
  await expect(clock.advance(12)).rejects.toThrow('a fault of its own');
  expect(heard).toEqual([8, -1]);
  expect(deadline.over).toBe(true);

  const byHand = start(1_000);
  faulty(byHand.deadline);
  byHand.deadline.onOver(() => byHand.heard.push(-1));
  expect(() => byHand.deadline.expire()).toThrow('a fault of its own');
  byHand.deadline.expire();
  expect(byHand.heard).toEqual([0, -1]);
  await byHand.clock.advance(4);
  expect(byHand.clock.timers).toBe(0);
});
