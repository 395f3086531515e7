import { createFakeClock } from '@algo/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { parseIst } from '../domain/time.js';
import { WarmUp } from './warm-up.js';
import type { WarmUpOptions } from './warm-up.js';

function start(ist: string, count = 1, options: Partial<WarmUpOptions> = {}) {
  const clock = createFakeClock(parseIst(ist) ?? 0);
  const warmed: number[][] = Array.from({ length: count }, () => []);
  const targets = warmed.map((times) => ({ warm: () => void times.push(clock.now()) }));
  const warmUp = new WarmUp({ clock, targets: () => targets, ...options });
  onTestFinished(() => warmUp.close());
  warmUp.start();
  warmUp.start();
  return { clock, warmed, warmUp };
}

const at = (ist: string): number => parseIst(ist) ?? 0;

test('from 09:14 until 09:16 on a weekday everybody connected is warmed every few seconds, and not outside', async () => {
  const { clock, warmed } = start('2026-11-20 08:00:00');
  await clock.advance(73 * 60_000 + 59_000);
  expect(warmed[0]).toEqual([]);
  await clock.advance(3 * 60_000);
  const [times = []] = warmed;
  expect(times[0]).toBe(at('2026-11-20 09:14:00'));
  expect(times.at(-1)).toBeGreaterThanOrEqual(at('2026-11-20 09:15:50'));
  expect(times.at(-1)).toBeLessThan(at('2026-11-20 09:16:00'));
  for (const [index, time] of times.slice(1).entries()) expect(time - (times[index] ?? 0)).toBeLessThanOrEqual(6_000);
  await clock.advance(20 * 3_600_000);
  expect(warmed[0]).toBe(times);
});

test('not on Saturday or Sunday, and on days that the host says', async () => {
  const weekend = start('2026-11-21 09:00:00');
  await weekend.clock.advance(40 * 3_600_000);
  expect(weekend.warmed).toEqual([[]]);

  const special = start('2026-11-22 09:00:00', 1, { isTradingDay: () => true, fromIst: '09:05', untilIst: '09:06' });
  await special.clock.advance(3_600_000);
  expect(special.warmed[0]?.[0]).toBe(at('2026-11-22 09:05:00'));
});

test('a clock that jumps into the minute is noticed, and one that jumps out of it as well', async () => {
  const { clock, warmed } = start('2026-11-20 07:00:00');
  await clock.advance(1_000);
  clock.jump(at('2026-11-20 09:14:30') - clock.now());
  await clock.advance(60_000);
  const count = warmed[0]?.length ?? 0;
  expect(count).toBeGreaterThan(0);
  clock.jump(3_600_000);
  await clock.advance(600_000);
  expect(warmed[0]?.length).toBe(count);
});

test('thousands are warmed a few at a time, all before the market opens', async () => {
  const { clock, warmed } = start('2026-11-20 09:13:59', 5_000);
  await clock.advance(60_000);
  expect(warmed.filter(([first]) => first === undefined)).toEqual([]);
  const perInstant = new Map<number, number>();
  for (const time of warmed.flat()) perInstant.set(time, (perInstant.get(time) ?? 0) + 1);
  expect(Math.max(...perInstant.values())).toBeLessThanOrEqual(10);
});

test('it costs one timer, and none once closed', async () => {
  const { clock, warmUp } = start('2026-11-20 09:13:00', 3);
  expect(clock.timers).toBe(1);
  await clock.advance(90_000);
  expect(clock.timers).toBe(1);
  warmUp.close();
  expect(clock.timers).toBe(0);
});
