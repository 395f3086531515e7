import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Clock } from './clock.js';
import { createTicker } from './ticker.js';

function start(): { clock: FakeClock; ticker: ReturnType<typeof createTicker>; fired: (string | number)[] } {
  const clock = createFakeClock();
  return { clock, ticker: createTicker(clock), fired: [] };
}

test('a thousand waits cost one timer', () => {
  const { clock, ticker } = start();
  for (let at = 1; at <= 1_000; at += 1) ticker.at(at, () => undefined);
  expect(clock.timers).toBe(1);
});

test('has no timer before anybody waits and none after the last one was served', async () => {
  const { clock, ticker, fired } = start();
  expect(clock.timers).toBe(0);
  ticker.at(10, () => fired.push('a'));
  ticker.at(100, () => fired.push('b'));
  await clock.advance(50);
  expect(clock.timers).toBe(1);
  await clock.advance(60);
  expect(fired).toEqual(['a', 'b']);
  expect(clock.timers).toBe(0);
});

test('serves whoever comes after it had stopped', async () => {
  const { clock, ticker, fired } = start();
  ticker.at(4, () => fired.push('first'));
  await clock.advance(8);
  ticker.at(clock.monotonic() + 4, () => fired.push('second'));
  await clock.advance(8);
  expect(fired).toEqual(['first', 'second']);
  expect(clock.timers).toBe(0);
});

test('calls everyone once, never early, in the order of their moments', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { maxLength: 40 }), async (moments) => {
      const { clock, ticker } = start();
      const heard: { readonly at: number; readonly due: number }[] = [];
      for (const due of moments) ticker.at(due, () => heard.push({ at: clock.monotonic(), due }));
      await clock.advance(320);

      expect(heard.map(({ due }) => due).sort((a, b) => a - b)).toEqual([...moments].sort((a, b) => a - b));
      for (const { at, due } of heard) {
        expect(at).toBeGreaterThanOrEqual(due);
        expect(at).toBeLessThanOrEqual(due + 8);
      }
      expect(heard.map(({ at }) => at)).toEqual(heard.map(({ at }) => at).sort((a, b) => a - b));
      expect(clock.timers).toBe(0);
    }),
    { numRuns: 200 },
  );
});

test('a cancelled wait is not called, and its neighbours in the same slot are', async () => {
  const { clock, ticker, fired } = start();
  ticker.at(9, () => fired.push('a'));
  const cancel = ticker.at(9, () => fired.push('b'));
  ticker.at(9, () => fired.push('c'));
  cancel();
  cancel();
  await clock.advance(20);
  expect(fired).toEqual(['a', 'c']);
});

test('the same task twice in one slot is two waits', async () => {
  const { clock, ticker, fired } = start();
  const task = (): void => void fired.push('again');
  ticker.at(9, task);
  const cancel = ticker.at(9, task);
  cancel();
  ticker.at(10, task);
  await clock.advance(20);
  expect(fired).toEqual(['again', 'again']);
});

test('one that cancels its neighbour while both are due is obeyed', async () => {
  const { clock, ticker, fired } = start();
  let cancelSecond = (): void => undefined;
  ticker.at(4, () => {
    fired.push('first');
    cancelSecond();
  });
  cancelSecond = ticker.at(4, () => fired.push('second'));
  await clock.advance(20);
  expect(fired).toEqual(['first']);
});

test('a moment that has passed is served at the next tick, also when asked for during one', async () => {
  const { clock, ticker, fired } = start();
  await clock.advance(100);
  ticker.at(3, () => {
    fired.push(clock.monotonic());
    ticker.at(0, () => fired.push(clock.monotonic()));
  });
  await clock.advance(40);
  expect(fired).toEqual([104, 108]);
});

test('closing calls everyone who waits at once, so that nobody waits for ever, and stops the timer', async () => {
  const { clock, ticker, fired } = start();
  ticker.at(10, () => fired.push('waited'));
  ticker.close();
  expect(clock.timers).toBe(0);
  expect(fired).toEqual(['waited']);
  await clock.advance(100);
  expect(fired).toEqual(['waited']);
});

test('stops its timer at the first tick after the last wait was cancelled', async () => {
  const { clock, ticker } = start();
  const cancels = [ticker.at(10, () => undefined), ticker.at(10, () => undefined), ticker.at(60_000, () => undefined)];
  for (const cancel of cancels) {
    expect(clock.timers).toBe(1);
    cancel();
    cancel();
  }
  await clock.advance(4);
  expect(clock.timers).toBe(0);
});

test('one that throws keeps no neighbour from its time, in its own slot or a later one', async () => {
  const { clock, ticker, fired } = start();
  ticker.at(4, () => fired.push('before'));
  ticker.at(4, () => {
    throw new Error('a fault of its own');
  });
  ticker.at(4, () => fired.push('beside'));
  ticker.at(8, () => fired.push('after'));
  await expect(clock.advance(4)).rejects.toThrow('a fault of its own');
  expect(fired).toEqual(['before', 'beside']);
  await clock.advance(12);
  expect(fired).toEqual(['before', 'beside', 'after']);
  expect(clock.timers).toBe(0);
});

test('a timer that woke up late serves every moment that has passed although each of them throws', () => {
  let now = 0;
  const ticks = new Set<() => void>();
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    every(_everyMs, task) {
      ticks.add(task);
      return () => void ticks.delete(task);
    },
    after: () => () => undefined,
  };
  const ticker = createTicker(clock);
  const fired: number[] = [];
  for (const moment of [8, 12, 16]) {
    ticker.at(moment, () => {
      fired.push(moment);
      throw new Error('a fault of its own');
    });
  }
  now = 1_000;
  for (let turn = 0; turn < 4; turn += 1) {
    for (const tick of ticks) {
      try {
        tick();
      } catch (error) {
        expect(String(error)).toContain('a fault of its own');
      }
    }
  }
  expect(fired).toEqual([8, 12, 16]);
  expect(ticks.size).toBe(0);
});

test('whoever comes after the only wait was cancelled is served', async () => {
  const { clock, ticker, fired } = start();
  ticker.at(100_000, () => fired.push('cancelled'))();
  await clock.advance(4);
  expect(clock.timers).toBe(0);
  ticker.at(8, () => fired.push('next'));
  expect(clock.timers).toBe(1);
  await clock.advance(12);
  expect(fired).toEqual(['next']);
  expect(clock.timers).toBe(0);
});
