import { expect, test } from 'vitest';
import { dayNumber, dayOf, isIsoDate, isoDate } from './calendar-day.js';

test('every day of the century has the number after the one before it, and its text back', () => {
  let expected = 0;
  for (let at = Date.UTC(2000, 0, 1); at < Date.UTC(2100, 0, 1); at += 86_400_000) {
    const iso = new Date(at).toISOString().slice(0, 10);
    expected += 1;
    if (dayOf(iso) !== expected || isoDate(expected) !== iso) throw new Error(iso);
  }
  expect(expected).toBe(36_525);
});

test.each(['2026-02-29', '2026-04-31', '2026-13-01', '2026-00-10', '2026-01-00', '1999-12-31', '2100-01-01'])(
  '%s is not a day',
  (iso) => {
    expect(isIsoDate(iso)).toBe(false);
    expect(dayNumber(Number(iso.replaceAll('-', '')))).toBeNull();
  },
);

test.each(['', '20261124', '2026-11-24 ', 'x', '2026-1-24'])('%j is not the text of a day', (text) => {
  expect(isIsoDate(text)).toBe(false);
});

test('a number that is no date is none', () => {
  expect([-1, 0, Number.NaN, 1.5].map(dayNumber)).toEqual([null, null, null, null]);
});
