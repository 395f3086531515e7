import { parseIst, tradingDayOf } from '@algo/core/adapter';

const DAY_MONTH = /^(\d{2})-([A-Za-z]{3})-(\d{4}) (\d{2}:\d{2}:\d{2})$/;
const DAY_MONTH_YEAR = /^(\d{2})([A-Za-z]{3})(\d{4})$/;
const TIME_OF_DAY = /^\d{2}:\d{2}:\d{2}$/;

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'] as const;

/** `29-Dec-2023 09:01:02`, IST, into epoch milliseconds; null for anything else. */
export function dayMonthMs(text: string | null): number | null {
  const match = text === null ? null : DAY_MONTH.exec(text.trim());
  if (!match) return null;
  const [, day = '', month = '', year = '', time = ''] = match;
  return parseIst(`${year}-${monthNumber(month)}-${day} ${time}`);
}

/** `28JUL2026` or `04Apr2024` as `2026-07-28`; null for anything that names no date. */
export function isoDate(text: string): string | null {
  const match = DAY_MONTH_YEAR.exec(text);
  if (!match) return null;
  const [, day = '', month = '', year = ''] = match;
  const date = `${year}-${monthNumber(month)}-${day}`;
  return year >= '2000' && parseIst(`${date} 00:00`) !== null ? date : null;
}

/** Two digits; `00`, which no date has, for a word that names no month. */
const monthNumber = (word: string): string =>
  String(MONTHS.findIndex((month) => month === word.toUpperCase()) + 1).padStart(2, '0');

/** A clock five minutes behind the exchange's must not lose the times of its fills. */
const SKEW_MS = 5 * 60_000;

/**
 * `13:27:53`, IST, on the trading day of now, into epoch milliseconds. Null for anything else, and for a time still to
 * come: after midnight the book may still show the day before, and a guess would put its fills a day late.
 */
export function timeOfDayMs(text: string | null, nowMs: number): number | null {
  if (text === null || !TIME_OF_DAY.test(text)) return null;
  const ms = parseIst(`${tradingDayOf(nowMs)} ${text}`);
  return ms !== null && ms <= nowMs + SKEW_MS ? ms : null;
}

const DAY_MS = 86_400_000;

/** The midnight in India that comes next. */
export function nextMidnightMs(nowMs: number): number {
  const today = parseIst(`${tradingDayOf(nowMs)} 00:00`);
  return (today ?? nowMs) + DAY_MS;
}

const OFFSET_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:\d{2})$/;

/** `2023-09-06T11:15:00+05:30` into epoch milliseconds; null for a text that does not name its zone. */
export function offsetTimeMs(text: string): number | null {
  const ms = OFFSET_TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}
