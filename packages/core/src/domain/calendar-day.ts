/** Days from 1970-01-01 to 2000-01-01. */
const EPOCH_TO_2000 = 10_957;
const DAY_MS = 86_400_000;

/** Days since 1999-12-31 of a date written as a number, `20261124`; null when it is not a real date of 2000 to 2099. */
export function dayNumber(date: number): number | null {
  if (!Number.isInteger(date)) return null;
  const year = Math.trunc(date / 10_000);
  const month = Math.trunc(date / 100) % 100;
  const day = date % 100;
  if (year < 2000 || year > 2099 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  const before = year - 2000;
  const leapDays = Math.trunc((before + 3) / 4);
  const passed = (DAYS_BEFORE[month - 1] ?? 0) + (month > 2 && year % 4 === 0 ? 1 : 0);
  return before * 365 + leapDays + passed + day;
}

/** The number of a date in ISO text, `2026-11-24`; null when it is not a real date of 2000 to 2099. */
export const dayOf = (iso: string): number | null =>
  ISO_DATE.test(iso)
    ? dayNumber(Number(iso.slice(0, 4)) * 10_000 + Number(iso.slice(5, 7)) * 100 + Number(iso.slice(8)))
    : null;

/** Whether a text is a real date of 2000 to 2099, `2026-11-24`. */
export const isIsoDate = (text: string): boolean => dayOf(text) !== null;

/** ISO text of a day number. */
export const isoDate = (day: number): string => new Date((EPOCH_TO_2000 + day - 1) * DAY_MS).toISOString().slice(0, 10);

const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;
const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const;

/** Every fourth year of these hundred is a leap year, 2000 too. */
function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
