/** India Standard Time is UTC+05:30 all year: no daylight saving. */
const IST_OFFSET_MS = 19_800_000;

export const DAY_MS = 86_400_000;

/** `YYYY-MM-DD HH:MM:SS` in IST, the way Indian brokers print times: no zone. */
export function istText(epochMs: number): string {
  return new Date(epochMs + IST_OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ');
}

/** `YYYY-MM-DD` in IST. */
export function istDate(epochMs: number): string {
  return istText(epochMs).slice(0, 10);
}

/** Minutes since midnight IST, with a fraction. */
export function istMinuteOfDay(epochMs: number): number {
  return ((epochMs + IST_OFFSET_MS) % DAY_MS) / 60_000;
}

/** Midnight IST of the day that contains the instant. */
export function istMidnight(epochMs: number): number {
  return epochMs - ((epochMs + IST_OFFSET_MS) % DAY_MS);
}

/** 0 is Sunday. */
export function istWeekday(epochMs: number): number {
  return new Date(epochMs + IST_OFFSET_MS).getUTCDay();
}

/** Reads `YYYY-MM-DD`, with an optional ` HH:MM[:SS]`, as IST. NaN when it is neither. */
export function istInstant(text: string): number {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2})(:\d{2})?)?$/.exec(text.trim());
  if (match === null) return Number.NaN;
  return Date.parse(`${match[1] ?? ''}T${match[2] ?? '00:00'}${match[3] ?? ':00'}+05:30`);
}
