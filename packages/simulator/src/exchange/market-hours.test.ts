import { expect, test } from 'vitest';
import { isOpen, isTradingDay, nextOpen, sessionClose } from './market-hours.js';

const at = (text: string): number => Date.parse(`${text}:00+05:30`);

test('opens shares from 09:15 up to, not including, 15:30', () => {
  const times = ['09:14', '09:15', '15:29', '15:30'].map((time) => isOpen('NSE_EQ', at(`2026-11-20T${time}`)));
  expect(times).toEqual([false, true, true, false]);
});

test('keeps derivatives open ten minutes longer since 2026-08-03', () => {
  expect(isOpen('NSE_FNO', at('2026-07-31T15:35'))).toBe(false);
  expect(isOpen('NSE_FNO', at('2026-08-03T15:35'))).toBe(true);
});

test('keeps commodities open to 23:55 in winter and 23:30 in summer', () => {
  expect(sessionClose('MCX_COMM', at('2026-11-20T10:00'))).toBe(at('2026-11-20T23:55'));
  expect(sessionClose('MCX_COMM', at('2026-07-20T10:00'))).toBe(at('2026-07-20T23:30'));
});

test('knows weekends and holidays', () => {
  expect(
    ['2026-11-20', '2026-11-21', '2026-11-22', '2026-11-24'].map((day) => isTradingDay(at(`${day}T12:00`))),
  ).toEqual([true, false, false, false]);
});

test('finds the next opening past a weekend and a holiday', () => {
  expect(nextOpen('NSE_EQ', at('2026-11-20T09:00'))).toBe(at('2026-11-20T09:15'));
  expect(nextOpen('NSE_EQ', at('2026-11-20T09:15'))).toBe(at('2026-11-23T09:15'));
  expect(nextOpen('NSE_EQ', at('2026-11-23T16:00'))).toBe(at('2026-11-25T09:15'));
});
