import { createFakeClock, TRADING_DAY_MS } from '@algo/testkit';
import { expect, test } from 'vitest';

test('stands still until it is told to move', async () => {
  const clock = createFakeClock();

  await new Promise((resolve) => setTimeout(resolve, 5));

  expect([clock.now(), clock.monotonic()]).toEqual([TRADING_DAY_MS, 0]);
});

test('fires timers in order, each at its own moment', async () => {
  const clock = createFakeClock(0);
  const fired: (readonly [string, number])[] = [];
  clock.after(30, () => fired.push(['late', clock.now()]));
  clock.after(10, () => fired.push(['early', clock.now()]));
  clock.every(20, () => fired.push(['often', clock.now()]));

  await clock.advance(45);

  expect(fired).toEqual([
    ['early', 10],
    ['often', 20],
    ['late', 30],
    ['often', 40],
  ]);
});

test('fires what a timer asks for while it fires, and nothing that was cancelled', async () => {
  const clock = createFakeClock(0);
  const fired: string[] = [];
  const cancel = clock.after(20, () => fired.push('cancelled'));
  clock.after(10, () => {
    cancel();
    clock.after(5, () => fired.push('asked for'));
  });

  await clock.advance(30);

  expect(fired).toEqual(['asked for']);
  expect(clock.timers).toBe(0);
});

test('a jump moves the wall clock alone', async () => {
  const clock = createFakeClock(1_000_000);
  const fired: number[] = [];
  clock.after(100, () => fired.push(clock.monotonic()));

  clock.jump(-600_000);
  await clock.advance(100);

  expect(clock.now()).toBe(400_100);
  expect(fired).toEqual([100]);
});

test('runs until a promise settles, and gives up at its limit', async () => {
  const clock = createFakeClock();
  const later = new Promise<string>((resolve) => void clock.after(5_000, () => resolve('done')));

  expect(await clock.runUntil(later)).toBe('done');
  expect(clock.monotonic()).toBe(5_000);
  await expect(clock.runUntil(new Promise(() => undefined), { limitMs: 1_000 })).rejects.toThrow('1000 ms');
  await expect(clock.runUntil(Promise.reject(new Error('its own')))).rejects.toThrow('its own');
});
