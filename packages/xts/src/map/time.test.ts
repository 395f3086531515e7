import { expect, test } from 'vitest';
import { barStartMs, ohlcTime, rowTimeMs, since1980Ms } from './time.js';

test('the three forms of a row’s time are one instant', () => {
  const instant = Date.UTC(2026, 5, 18, 3, 50, 15);
  expect(rowTimeMs('2026-06-18T09:20:15')).toBe(instant);
  expect(rowTimeMs('2026-06-18T09:20:15.1535468')).toBe(instant + 153);
  expect(rowTimeMs('2026-06-18T09:20:15+05:30')).toBe(instant);
  expect(rowTimeMs('Jun 18 2026 09:20:15')).toBe(instant);
  expect(rowTimeMs('Jun 8 2026 09:20:15')).toBe(instant - 10 * 86_400_000);
});

test.each([
  null,
  '',
  '1980-01-01T00:00:00',
  'Jun 31 2026 09:20:15',
  'Foo 18 2026 09:20:15',
  '2026-06-18T09:20:15Z',
  '0',
])('%j is no time', (text) => {
  expect(rowTimeMs(text)).toBeNull();
});

test('a candle call is asked in IST, the month by its name', () => {
  expect(ohlcTime(Date.UTC(2025, 0, 27, 3, 30))).toBe('Jan 27 2025 090000');
  expect(ohlcTime(Date.UTC(2026, 11, 31, 18, 30, 5))).toBe('Jan 01 2027 000005');
});

test('a bar begins at a whole interval of the IST clock, five and a half hours before what its stamp seems to say', () => {
  const stamp = Date.UTC(2026, 5, 18, 9, 15, 59) / 1_000; // the wall clock of India, posing as UTC
  expect(barStartMs(stamp, 60_000)).toBe(Date.UTC(2026, 5, 18, 3, 45));
  expect(barStartMs(stamp + 14 * 60, 900_000)).toBe(Date.UTC(2026, 5, 18, 3, 45));
  expect(barStartMs(stamp, 86_400_000)).toBe(Date.UTC(2026, 5, 17, 18, 30));
});

test('seconds since 1980 on the IST clock', () => {
  expect(since1980Ms(1_477_388_590)).toBe((1_477_388_590 + 315_513_000) * 1_000);
  expect(since1980Ms(0)).toBeNull();
  expect(since1980Ms(null)).toBeNull();
});
