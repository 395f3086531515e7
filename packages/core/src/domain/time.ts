/** India has one zone and no summer time, so a fixed offset is exact. */
const IST_OFFSET_MS = 5.5 * 3_600_000;
const DAY_MS = 86_400_000;

const TEXT = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?$/;

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
 */
export function parseIst(text: string): number | null {
  const match = TEXT.exec(text.trim());
  if (!match) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  if (year < 1981) return null;
  const millis = Number((match[7] ?? '0').padEnd(3, '0'));
  const utc = Date.UTC(year, month - 1, day, hour, minute, second, millis);
  const read = new Date(utc);
  const real = read.getUTCMonth() === month - 1 && read.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  return real ? utc - IST_OFFSET_MS : null;
}

const istDate = (epochMs: number): Date => new Date(epochMs + IST_OFFSET_MS);
