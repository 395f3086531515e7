import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { systemClock } from './clock.js';

test('tells the wall time, and a monotonic time that never goes back', () => {
  const clock = systemClock();
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
  let last = clock.monotonic();
  for (let read = 0; read < 10_000; read += 1) {
    const now = clock.monotonic();
    if (now < last) throw new Error('time went back');
    last = now;
  }
});

test('calls once after a time, and not at all when cancelled', async () => {
  const clock = systemClock();
  const heard: string[] = [];
  clock.after(5, () => heard.push('kept'));
  clock.after(5, () => heard.push('cancelled'))();
  await pause(40);
  expect(heard).toEqual(['kept']);
});

test('a wait that is longer than a timer of the system can be does not end at once', async () => {
  const clock = systemClock();
  const heard: string[] = [];
  const cancel = clock.after(30 * 86_400_000, () => heard.push('early'), { background: true });
  await pause(40);
  cancel();
  expect(heard).toEqual([]);
});

test('calls again and again until stopped', async () => {
  const clock = systemClock();
  let calls = 0;
  const stop = clock.every(2, () => (calls += 1));
  await pause(40);
  stop();
  const atStop = calls;
  await pause(20);
  expect(atStop).toBeGreaterThan(1);
  expect(calls).toBe(atStop);
});

const waiting = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

test('a timer that somebody waits for keeps the process alive, one in the background does not', () => {
  const clock = systemClock();
  const before = waiting();
  const cancelBackground = clock.after(60_000, () => undefined, { background: true });
  expect(waiting()).toBe(before);
  const cancel = clock.after(60_000, () => undefined);
  const stop = clock.every(60_000, () => undefined);
  expect(waiting()).toBe(before + 2);
  cancel();
  stop();
  cancelBackground();
  expect(waiting()).toBe(before);
});
