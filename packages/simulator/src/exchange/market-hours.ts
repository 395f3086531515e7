import { DAY_MS, istDate, istMidnight, istMinuteOfDay, istWeekday } from '../ist.js';
import type { Segment } from './instrument.js';

/** Minutes since midnight IST. */
interface Hours {
  readonly open: number;
  readonly close: number;
}

const EQUITY: Hours = { open: 9 * 60 + 15, close: 15 * 60 + 30 };
const CURRENCY: Hours = { open: 9 * 60, close: 17 * 60 };

/** Derivatives close at 15:40 since 2026-08-03, at 15:30 before. */
const derivatives = (date: string): Hours => ({
  open: 9 * 60 + 15,
  close: date >= '2026-08-03' ? 15 * 60 + 40 : 15 * 60 + 30,
});

/** MCX closes at 23:55 in US winter time and at 23:30 in summer; by month is near enough for a pretend exchange. */
const commodities = (date: string): Hours => {
  const month = Number(date.slice(5, 7));
  return { open: 9 * 60, close: month >= 11 || month <= 2 ? 23 * 60 + 55 : 23 * 60 + 30 };
};

/** Weekdays on which NSE and BSE stay shut. Known up to the end of 2026; later years count as without holidays. */
const HOLIDAYS: ReadonlySet<string> = new Set([
  '2026-01-15',
  '2026-01-26',
  '2026-03-03',
  '2026-03-26',
  '2026-03-31',
  '2026-04-03',
  '2026-04-14',
  '2026-05-01',
  '2026-05-28',
  '2026-06-26',
  '2026-09-14',
  '2026-10-02',
  '2026-10-20',
  '2026-11-10',
  '2026-11-24',
  '2026-12-25',
]);

export function isTradingDay(atMs: number): boolean {
  const weekday = istWeekday(atMs);
  return weekday !== 0 && weekday !== 6 && !HOLIDAYS.has(istDate(atMs));
}

export function isOpen(segment: Segment, atMs: number): boolean {
  const { open, close } = hoursOf(segment, istDate(atMs));
  const minute = istMinuteOfDay(atMs);
  return isTradingDay(atMs) && minute >= open && minute < close;
}

/** The next time the segment opens, strictly after the instant. */
export function nextOpen(segment: Segment, atMs: number): number {
  for (let day = istMidnight(atMs); ; day += DAY_MS) {
    const openMs = day + hoursOf(segment, istDate(day)).open * 60_000;
    if (openMs > atMs && isTradingDay(day)) return openMs;
  }
}

/** The close of the session that contains the instant, or that follows it. */
export function sessionClose(segment: Segment, atMs: number): number {
  const openMs = isOpen(segment, atMs) ? atMs : nextOpen(segment, atMs);
  return istMidnight(openMs) + hoursOf(segment, istDate(openMs)).close * 60_000;
}

/** Opening and closing instants of the segment on the day that contains the instant. */
export function sessionOf(segment: Segment, atMs: number): { readonly openMs: number; readonly closeMs: number } {
  const midnight = istMidnight(atMs);
  const { open, close } = hoursOf(segment, istDate(atMs));
  return { openMs: midnight + open * 60_000, closeMs: midnight + close * 60_000 };
}

function hoursOf(segment: Segment, date: string): Hours {
  switch (segment) {
    case 'NSE_EQ':
    case 'BSE_EQ':
    case 'INDEX':
      return EQUITY;
    case 'NSE_FNO':
    case 'BSE_FNO':
      return derivatives(date);
    case 'NSE_CURRENCY':
    case 'BSE_CURRENCY':
      return CURRENCY;
    case 'MCX_COMM':
      return commodities(date);
  }
}
