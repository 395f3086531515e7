import { parseIst, tradingDayOf } from '@algo/core/adapter';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

const MONTH_NAME = /^(\d{2})-([A-Z][a-z]{2})-(\d{4}) (\d{2}): ?(\d{2}): ?(\d{2})$/;

/** `22-Jan-2025 14:28:01`, IST, into epoch milliseconds; the spaces of `14: 32: 53` are borne. Null for anything else. */
export function monthNameMs(text: string | null): number | null {
  const match = text === null ? null : MONTH_NAME.exec(text.trim());
  if (!match) return null;
  const [, day = '', name = '', year = '', hour = '', minute = '', second = ''] = match;
  const month = MONTHS.findIndex((known) => known === name) + 1;
  return month === 0 ? null : parseIst(`${year}-${String(month).padStart(2, '0')}-${day} ${hour}:${minute}:${second}`);
}

/** `2025/01/22 14:28:01`, IST, into epoch milliseconds; null for anything else. */
export const slashedMs = (text: string | null): number | null =>
  text !== null && SLASHED.test(text) ? parseIst(text.replaceAll('/', '-')) : null;

const SLASHED = /^\d{4}\/\d{2}\/\d{2} /;

/** `2026-08-20T09:15:00+0530` into epoch milliseconds; null for anything else, another zone included. */
export const candleMs = (text: string): number | null => {
  const match = INDIAN.exec(text.trim());
  return match?.[1] === undefined ? null : parseIst(match[1]);
};

const INDIAN = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\+05:?30$/;

/** Seconds from 1970 to midnight of 1980-01-01 as a clock in India shows it. */
const FROM_1980 = 315_513_000;

const YEAR_MS = 366 * 86_400_000;

/**
 * The day a contract ends, `YYYY-MM-DD`, from the number in a master: seconds since 1980 or since 1970, by segment. The
 * rules are ten years apart, so that a date outside of what can be listed, a year back to six years ahead, shows that
 * the file follows the other one. Null when it follows neither.
 *
 * @see the official SDK and openalgo, both 2026-08; they differ by half an hour, which never changes the date
 */
export function expiryDay(seconds: number, since: 1970 | 1980, nowMs: number): string | null {
  const [first, second] = since === 1980 ? [FROM_1980, 0] : [0, FROM_1980];
  for (const offset of [first, second]) {
    const ms = (seconds + offset) * 1_000;
    if (ms > nowMs - YEAR_MS && ms < nowMs + 6 * YEAR_MS) return dayOf(ms);
  }
  return null;
}

/**
 * The day in India, but for the last minute of a day by UTC: MCX rows print 23:59:59 UTC of the day their symbol names
 * (GOLDM25SEP26148500CE with 1790380799, file of 2026-07-14), and no market of India closes at 05:29.
 */
const dayOf = (ms: number): string =>
  ms % DAY_MS >= DAY_MS - 60_000 ? new Date(ms).toISOString().slice(0, 10) : tradingDayOf(ms);

const DAY_MS = 86_400_000;
