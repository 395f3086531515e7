import { expect, test } from 'vitest';
import { NOW_MS } from '../../test/support/account.js';
import { dayMonthMs, isoDate, nextMidnightMs, offsetTimeMs, timeOfDayMs } from './time.js';

test('the text of a row is IST', () => {
  expect(dayMonthMs('29-Dec-2023 09:01:02')).toBe(Date.UTC(2023, 11, 29, 3, 31, 2));
  expect(dayMonthMs(' 21-Jun-2023 10:46:10 ')).toBe(Date.UTC(2023, 5, 21, 5, 16, 10));
  expect(dayMonthMs('29-DEC-2023 09:01:02')).toBe(dayMonthMs('29-dec-2023 09:01:02'));
});

test.each([null, '', '29-Dez-2023 09:01:02', '31-Feb-2023 09:01:02', '29-12-2023 09:01:02', '01-Jan-1980 00:00:00'])(
  '%j is no time',
  (text) => {
    expect(dayMonthMs(text)).toBeNull();
  },
);

test.each([
  ['28JUL2026', '2026-07-28'],
  ['04Apr2024', '2024-04-04'],
  ['30DEC2025', '2025-12-30'],
  ['29FEB2028', '2028-02-29'],
  ['29FEB2027', null],
  ['31JUN2026', null],
  ['28JULY2026', null],
  ['28XXX2026', null],
  ['28JUL1999', null],
  ['', null],
])('the expiry %j is %j', (text, date) => {
  expect(isoDate(text)).toBe(date);
});

test('the time of a fill is of the trading day of now', () => {
  expect(timeOfDayMs('09:27:53', NOW_MS)).toBe(Date.UTC(2026, 10, 20, 3, 57, 53));
  expect(timeOfDayMs('10:04:59', NOW_MS)).toBe(NOW_MS + 299_000);
});

test('a time still to come, or none at all, is not known', () => {
  for (const text of ['10:05:01', '13:27:53', '', '9:27', '25:00:00', '09:61:00', null])
    expect(timeOfDayMs(text, NOW_MS)).toBeNull();
});

test('the day ends at midnight in India', () => {
  const midnight = Date.UTC(2026, 10, 20, 18, 30);
  expect(nextMidnightMs(NOW_MS)).toBe(midnight);
  expect(nextMidnightMs(midnight - 1)).toBe(midnight);
  expect(nextMidnightMs(midnight)).toBe(midnight + 86_400_000);
});

test('a bar names its own zone, or it has no time', () => {
  expect(offsetTimeMs('2023-09-06T11:15:00+05:30')).toBe(Date.UTC(2023, 8, 6, 5, 45));
  for (const text of ['2023-09-06T11:15:00', '2023-09-06', 'soon', '2023-13-06T11:15:00+05:30'])
    expect(offsetTimeMs(text)).toBeNull();
});
