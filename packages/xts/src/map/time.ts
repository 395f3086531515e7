import { formatIst, parseIst } from '@algo/core/adapter';

const IST_SECONDS = 19_800;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const MONTH_FIRST = /^([A-Z][a-z]{2}) (\d{1,2}) (\d{4}) (\d{2}:\d{2}:\d{2})$/;

/**
 * The times of order and trade rows, epoch milliseconds: `2020-12-21T14:59:41.1535468` and `Jun 18 2026 09:20:15` (IST),
 * `2020-12-21T14:59:42+05:30`. Null for "unset" (1980) and for anything else.
 */
export function rowTimeMs(text: string | null): number | null {
  if (text === null) return null;
  const match = MONTH_FIRST.exec(text.trim());
  if (!match) return parseIst(text.trim().replace(/\+05:?30$/, ''));
  const [, name = '', day = '', year = '', time = ''] = match;
  const month = MONTHS.findIndex((known) => known === name) + 1;
  return month === 0 ? null : parseIst(`${year}-${twoDigits(month)}-${day.padStart(2, '0')} ${time}`);
}

/** `Jan 27 2025 090000`, IST: how the candle call wants its times. */
export function ohlcTime(epochMs: number): string {
  const [date = '', time = ''] = formatIst(epochMs).split(' ');
  const [year = '', month = '', day = ''] = date.split('-');
  return `${MONTHS[Number(month) - 1] ?? ''} ${day} ${year} ${time.replaceAll(':', '')}`;
}

/**
 * First instant of the bar that a candle's stamp lies in. The stamp is the IST wall clock at the bar's last second,
 * encoded as if it were UTC, and bars begin at whole intervals of that clock.
 */
export function barStartMs(stamp: number, intervalMs: number): number {
  const intervalSeconds = intervalMs / 1_000;
  return (Math.floor(stamp / intervalSeconds) * intervalSeconds - IST_SECONDS) * 1_000;
}

/** Seconds since 1980 on the IST wall clock, as NSE's feed counts them, into epoch milliseconds; null for 0. */
export const since1980Ms = (seconds: number | null): number | null =>
  seconds === null || seconds <= 0 ? null : (seconds + 315_532_800 - IST_SECONDS) * 1_000;

const twoDigits = (number: number): string => String(number).padStart(2, '0');
