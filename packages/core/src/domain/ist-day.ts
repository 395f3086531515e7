import { endOfDay } from './time.js';

const DAY_MS = 86_400_000;
/** 1970-01-01 was a Thursday. */
const FIRST_WEEKDAY = 4;

/** First instant of that IST calendar day, epoch milliseconds. */
export const startOfDay = (epochMs: number): number => endOfDay(epochMs) - DAY_MS;

/** Minutes since midnight IST, 0 to 1439. */
export const istMinuteOfDay = (epochMs: number): number => Math.floor((epochMs - startOfDay(epochMs)) / 60_000);

/** 0 for Sunday to 6 for Saturday, in IST. */
export function istWeekday(epochMs: number): number {
  const days = Math.floor(endOfDay(epochMs) / DAY_MS); // the day's end lies on the same UTC date
  return (((days + FIRST_WEEKDAY) % 7) + 7) % 7;
}
