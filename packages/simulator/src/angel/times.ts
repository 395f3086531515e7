import { istText } from '../ist.js';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `29-Dec-2023 09:01:02` IST, as order rows and quotes print it. */
export function wordyTime(atMs: number): string {
  const text = istText(atMs);
  return `${text.slice(8, 10)}-${monthOf(text)}-${text.slice(0, 4)} ${text.slice(11)}`;
}

/** `13:27:53` IST: fills come without their date. */
export function timeOfDay(atMs: number): string {
  return istText(atMs).slice(11);
}

/** `2023-09-06T11:15:00+05:30`, as candles are stamped. */
export function stampedTime(atMs: number): string {
  return `${istText(atMs).replace(' ', 'T')}+05:30`;
}

/** `2026-07-28` as `28JUL2026`. */
export function expiryText(date: string): string {
  return `${date.slice(8, 10)}${monthOf(date).toUpperCase()}${date.slice(0, 4)}`;
}

/** `201020` for 20 October 2020: how order ids begin. */
export function dayDigits(atMs: number): string {
  return istText(atMs).slice(2, 10).replaceAll('-', '');
}

function monthOf(date: string): string {
  return MONTHS[Number(date.slice(5, 7)) - 1] ?? '';
}
