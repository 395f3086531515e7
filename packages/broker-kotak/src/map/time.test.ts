import { expect, test } from 'vitest';
import { candleMs, expiryDay, monthNameMs, slashedMs } from './time.js';

const NOW_MS = Date.UTC(2026, 10, 20, 4, 30);
const RECORDED_MS = Date.UTC(2025, 0, 22, 8, 58, 1);

test('times with a month name are IST, stray spaces and all', () => {
  expect(monthNameMs('22-Jan-2025 14:28:01')).toBe(RECORDED_MS);
  expect(monthNameMs('22-Jan-2025 14: 28: 01')).toBe(RECORDED_MS);
  for (const text of [
    null,
    '',
    'NA',
    '22-Foo-2025 14:28:01',
    '31-Feb-2025 14:28:01',
    '22-Jan-2025',
    '2025-01-22 14:28:01',
  ])
    expect(monthNameMs(text)).toBeNull();
});

test('times with slashes are IST', () => {
  expect(slashedMs('2025/01/22 14:28:01')).toBe(RECORDED_MS);
  for (const text of [null, 'NA', '22/01/2025 14:28:01', '2025/13/22 14:28:01']) expect(slashedMs(text)).toBeNull();
});

test('candle times must be of India', () => {
  expect(candleMs('2026-08-20T09:15:00+0530')).toBe(Date.UTC(2026, 7, 20, 3, 45));
  expect(candleMs('2026-08-20T09:15:00+05:30')).toBe(Date.UTC(2026, 7, 20, 3, 45));
  for (const text of ['2026-08-20T09:15:00Z', '2026-08-20T09:15:00+0000', '2026-08-20', ''])
    expect(candleMs(text)).toBeNull();
});

test('expiries are counted from 1980 or from 1970, and the wrong rule is noticed', () => {
  expect(expiryDay(1_483_021_800, 1980, NOW_MS)).toBe('2026-12-29');
  expect(expiryDay(1_483_020_000, 1980, NOW_MS)).toBe('2026-12-29'); // half an hour less, as the other reading has it
  expect(expiryDay(1_798_707_600, 1970, NOW_MS)).toBe('2026-12-31');
  expect(expiryDay(1_483_021_800, 1970, NOW_MS)).toBe('2026-12-29');
  expect(expiryDay(1_798_707_600, 1980, NOW_MS)).toBe('2026-12-31');
});

test('the last second of a day is that day, by the clock of India and by UTC', () => {
  expect(expiryDay(1_785_436_199, 1970, NOW_MS)).toBe('2026-07-30'); // SENSEX26JUL85300CE
  expect(expiryDay(1_790_380_799, 1970, NOW_MS)).toBe('2026-09-25'); // GOLDM25SEP26148500CE
  expect(expiryDay(1_474_554_600, 1980, NOW_MS)).toBe('2026-09-22'); // NIFTY22SEP2621000.00PE
});

test.each([0, 1, 777_859_200, 1_100_000_000, 4_000_000_000, 99_999_999_999])(
  '%i is an expiry by neither rule',
  (seconds) => {
    expect(expiryDay(seconds, 1980, NOW_MS)).toBeNull();
    expect(expiryDay(seconds, 1970, NOW_MS)).toBeNull();
  },
);
