import { istText } from '../ist.js';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

export const monthName = (month: number): string => MONTHS[month - 1] ?? '';

/** `22-Jan-2025`, IST. */
export function dateText(atMs: number): string {
  const [year = '', month = '', day = ''] = istText(atMs).slice(0, 10).split('-');
  return `${day}-${monthName(Number(month))}-${year}`;
}

/** `14:28:01`, IST. */
export const clockText = (atMs: number): string => istText(atMs).slice(11);

/** `22-Jan-2025 14:28:01`, IST, as in books. */
export const bookTime = (atMs: number): string => `${dateText(atMs)} ${clockText(atMs)}`;

/** `22-Jan-2025 14: 28: 01`: the order history prints its times with spaces. */
export const historyTime = (atMs: number): string => bookTime(atMs).replaceAll(':', ': ');

/** `2025/01/22 14:28:01`, IST. */
export const updateTime = (atMs: number): string => istText(atMs).replaceAll('-', '/');

/** `28 Jul, 2026` from `2026-07-28`. */
export function expiryText(expiry: string): string {
  const [year = '', month = '', day = ''] = expiry.split('-');
  return `${day} ${monthName(Number(month))}, ${year}`;
}

/** Midnight UTC of the expiry date, in Unix seconds. */
export const expirySeconds = (expiry: string): number => Date.parse(`${expiry}T00:00:00Z`) / 1_000;

export const secondsOf = (atMs: number): number => Math.floor(atMs / 1_000);

/** Nanoseconds: past the integers that JSON numbers carry exactly, as on the wire. */
export const receivedNanos = (atMs: number): number => atMs * 1_000_000 + 15_920;
