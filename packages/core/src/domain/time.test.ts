import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endOfDay, formatIst, parseIst, tradingDayOf } from './time.js';

const DAY_MS = 86_400_000;
const instant = fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2100, 0, 1) });

test.each<readonly [string, number]>([
  ['2025-02-16 16:04:37', Date.UTC(2025, 1, 16, 10, 34, 37)],
  ['2026-01-01T00:00:00.000', Date.UTC(2025, 11, 31, 18, 30)],
  ['2026-01-01T00:00:00.7', Date.UTC(2025, 11, 31, 18, 30, 0, 700)],
  ['2026-01-01T00:00:00.123456', Date.UTC(2025, 11, 31, 18, 30, 0, 123)],
  ['2026-01-01 09:15', Date.UTC(2026, 0, 1, 3, 45)],
  ['  2026-01-01 09:15:00  ', Date.UTC(2026, 0, 1, 3, 45)],
  ['2024-02-29 12:00:00', Date.UTC(2024, 1, 29, 6, 30)],
  ['1981-01-01 00:00:00', Date.UTC(1980, 11, 31, 18, 30)],
])('reads %s as an IST wall clock', (text, expected) => {
  expect(parseIst(text)).toBe(expected);
});

test.each([
  '0001-01-01 00:00:00',
  '1980-01-01 00:00:00',
  '1980-12-31 23:59:59',
  '2026-02-29 10:00:00',
  '2026-02-30 10:00:00',
  '2026-13-01 10:00:00',
  '2026-00-10 10:00:00',
  '2026-04-31 10:00:00',
  '2026-04-00 10:00:00',
  '2026-04-01 24:00:00',
  '2026-04-01 10:60:00',
  '2026-04-01 10:00:60',
  '2026-04-01',
  '2026-04-01T10:00:00Z',
  '2026-04-01T10:00:00+05:30',
  '01-04-2026 10:00:00',
  '2026/04/01 10:00:00',
  '2026-4-1 10:00:00',
  '2026-04-01 10:00:00 AM',
  '',
  'NA',
  '0',
])('refuses %o', (text) => {
  expect(parseIst(text)).toBeNull();
});

test('what it prints, it reads back to the second', () => {
  fc.assert(
    fc.property(instant, (ms) => {
      expect(parseIst(formatIst(ms))).toBe(ms - (ms % 1_000));
      expect(parseIst(formatIst(ms).replace(' ', 'T'))).toBe(ms - (ms % 1_000));
    }),
    { numRuns: 500 },
  );
});

test('the trading day changes at midnight in India, not in Greenwich', () => {
  const midnight = Date.UTC(2026, 10, 19, 18, 30);
  expect(tradingDayOf(midnight - 1)).toBe('2026-11-19');
  expect(tradingDayOf(midnight)).toBe('2026-11-20');
  expect(tradingDayOf(Date.UTC(2026, 10, 20, 0, 0))).toBe('2026-11-20');
  expect(tradingDayOf(Date.UTC(2026, 11, 31, 18, 30))).toBe('2027-01-01');
});

test('the end of a day is the first instant of the next one', () => {
  fc.assert(
    fc.property(instant, (ms) => {
      const end = endOfDay(ms);
      expect(end).toBeGreaterThan(ms);
      expect(end - ms).toBeLessThanOrEqual(DAY_MS);
      expect(tradingDayOf(end - 1)).toBe(tradingDayOf(ms));
      expect(tradingDayOf(end)).not.toBe(tradingDayOf(ms));
    }),
    { numRuns: 500 },
  );
  const midnight = Date.UTC(2026, 10, 19, 18, 30);
  expect(endOfDay(midnight)).toBe(midnight + DAY_MS);
  expect(endOfDay(midnight - 1)).toBe(midnight);
});

test('reads what a pattern and the system’s calendar read, whatever the text', () => {
  const pattern = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?$/;
  const reference = (text: string): number | null => {
    const match = pattern.exec(text.trim());
    if (match === null) return null;
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
      .slice(1, 7)
      .map((part) => Number(part ?? 0));
    const utc = Date.UTC(year, month - 1, day, hour, minute, second, Number((match[7] ?? '0').padEnd(3, '0')));
    const real = new Date(utc).getUTCMonth() === month - 1 && new Date(utc).getUTCDate() === day;
    return year >= 1981 && real && hour < 24 && minute < 60 && second < 60 ? utc - 19_800_000 : null;
  };
  const two = fc.integer({ min: 0, max: 99 }).map((number) => String(number).padStart(2, '0'));
  const texts = fc
    .tuple(
      fc.integer({ min: 1979, max: 2101 }),
      two,
      two,
      fc.constantFrom(' ', 'T', '_'),
      two,
      two,
      two,
      fc.constantFrom('', '.', '.1', '.12', '.1234567', '.x', 'Z', ' '),
    )
    .map(
      ([year, month, day, between, hour, minute, second, end]) =>
        `${year}-${month}-${day}${between}${hour}:${minute}:${second}${end}`,
    );
  const near = fc
    .date({ min: new Date('1981-01-01'), max: new Date('2099-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, -1));
  const cut = fc.tuple(near, fc.integer({ min: 0, max: 23 })).map(([text, length]) => text.slice(0, length));
  fc.assert(
    fc.property(fc.oneof(texts, near, cut, fc.string()), (text) => {
      expect(parseIst(text)).toBe(reference(text));
    }),
    { numRuns: 20_000 },
  );
});
