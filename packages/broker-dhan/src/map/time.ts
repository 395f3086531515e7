import { parseIst } from '@algo/core/adapter';

/** Which clock the wall-clock texts of order and trade rows show: IST at the live hosts, UTC in the sandbox (seen 2026). */
export type WallClock = 'IST' | 'UTC';

const IST_OFFSET_MS = 5.5 * 3_600_000;

/** `2025-02-16 16:04:37` into epoch milliseconds; null for "unset" in all its spellings (`0001-01-01 …`, `NA`, nothing). */
export function wallClockMs(text: string | null, clock: WallClock): number | null {
  const read = text === null ? null : parseIst(text);
  return read === null || clock === 'IST' ? read : read + IST_OFFSET_MS;
}

const DAY_FIRST = /^(\d{2})\/(\d{2})\/(\d{4}) (\d{2}:\d{2}(?::\d{2})?)$/;

/** `30/03/2025 15:37` or `20/11/2026 10:15:00`, IST, into epoch milliseconds; null for anything else and for 1980. */
export function dayFirstMs(text: string | null): number | null {
  const match = text === null ? null : DAY_FIRST.exec(text.trim());
  if (!match) return null;
  const [, day = '', month = '', year = '', time = ''] = match;
  return parseIst(`${year}-${month}-${day} ${time}`);
}
