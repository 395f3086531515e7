/** India has one zone and no summer time, so a fixed offset is exact. */
const IST_OFFSET_MS = 5.5 * 3_600_000;
const DAY_MS = 86_400_000;

/** The IST calendar day of an instant, as `YYYY-MM-DD`. */
export const tradingDayOf = (epochMs: number): string => istDate(epochMs).toISOString().slice(0, 10);

/**
 * `tradingDayOf` for a caller that asks often: it remembers the day it told last, since orders of one second are of one
 * day and making its text costs more than the rest of their check.
 */
export function createDayTeller(): (epochMs: number) => string {
  let startMs = 0;
  let endMs = 0;
  let day = '';
  return (epochMs) => {
    if (epochMs < startMs || epochMs >= endMs) {
      endMs = endOfDay(epochMs);
      startMs = endMs - DAY_MS;
      day = tradingDayOf(epochMs);
    }
    return day;
  };
}

/** First instant after that IST calendar day, epoch milliseconds. */
export function endOfDay(epochMs: number): number {
  return Math.floor((epochMs + IST_OFFSET_MS) / DAY_MS + 1) * DAY_MS - IST_OFFSET_MS;
}

/** `YYYY-MM-DD HH:MM:SS` as an IST wall clock shows it. */
export const formatIst = (epochMs: number): string => istDate(epochMs).toISOString().slice(0, 19).replace('T', ' ');

/**
 * Reads IST wall-clock text without a zone, `2025-02-16 16:04:37` or `2026-01-01T00:00:00.000`, into epoch
 * milliseconds. Null when it is not such a text, names no real date, or is a broker's "unset" (year 1 or 1980).
 *
 * Every row of an order book has two of these, so it reads digits where they stand instead of matching a pattern.
 */
export function parseIst(printed: string): number | null {
  const text = printed.trim();
  if (text[4] !== '-' || text[7] !== '-' || (text[10] !== ' ' && text[10] !== 'T') || text[13] !== ':') return null;
  const seconds = secondsAt(text, 16);
  if (seconds === null) return null;
  const year = digitsAt(text, 0, 4);
  const month = digitsAt(text, 5, 2);
  const day = digitsAt(text, 8, 2);
  const hour = digitsAt(text, 11, 2);
  const minute = digitsAt(text, 14, 2);
  if (!(year >= 1981) || !(month >= 1 && month <= 12) || !(hour < 24 && minute < 60 && seconds < 60)) return null;
  const dayMs = Date.UTC(year, month - 1, day);
  if (new Date(dayMs).getUTCDate() !== day) return null; // 30 February is another day
  return dayMs + (hour * 60 + minute) * 60_000 + Math.round(seconds * 1_000) - IST_OFFSET_MS;
}

/** `:SS` with or without a fraction, or nothing; null for anything else. */
function secondsAt(text: string, at: number): number | null {
  if (text.length === at) return 0;
  const whole = text[at] === ':' ? digitsAt(text, at + 1, 2) : Number.NaN;
  const rest = text.length - at - 3;
  if (rest === 0 && !Number.isNaN(whole)) return whole;
  if (rest < 2 || text[at + 3] !== '.' || Number.isNaN(digitsAt(text, at + 4, rest - 1))) return null;
  const millis = digitsAt(text.slice(at + 4, at + 7).padEnd(3, '0'), 0, 3);
  return Number.isNaN(whole) ? null : whole + millis / 1_000;
}

/** NaN when one of them is no digit. */
function digitsAt(text: string, at: number, count: number): number {
  let number = 0;
  for (let index = at; index < at + count; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}

const istDate = (epochMs: number): Date => new Date(epochMs + IST_OFFSET_MS);
