import { istText } from '../ist.js';

const IST_OFFSET_S = 19_800;

/** 1980-01-01 00:00 IST in epoch seconds: where NSE's clocks start. */
const NSE_EPOCH_S = 315_513_000;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `2020-12-21T14:59:41.1535468`: IST, no zone, up to 7 decimals and no zero at their end. */
export function fineTime(atMs: number, ticks: number): string {
  const digits = `${String(atMs % 1000).padStart(3, '0')}${String(ticks % 10_000).padStart(4, '0')}`.replace(/0+$/, '');
  return `${wholeTime(atMs)}${digits === '' ? '' : `.${digits}`}`;
}

/** `2020-12-21T14:59:42`: IST, no zone. */
export function wholeTime(atMs: number): string {
  return istText(atMs).replace(' ', 'T');
}

/** `2020-12-21T14:59:42+05:30`. */
export function zonedTime(atMs: number): string {
  return `${wholeTime(atMs)}+05:30`;
}

/** `Jun 18 2026 09:20:15`, IST: what newer servers send. */
export function spelledTime(atMs: number): string {
  const [date = '', time = ''] = istText(atMs).split(' ');
  const [year = '', month = '', day = ''] = date.split('-');
  return `${MONTHS[Number(month) - 1] ?? ''} ${day} ${year} ${time}`;
}

/** Seconds since 1980 by the IST wall clock in NSE's segments, since 1970 elsewhere (taken as UTC: no source says). */
export function feedSeconds(segmentNumber: number, atMs: number): number {
  const seconds = Math.floor(atMs / 1000);
  return segmentNumber <= 3 ? seconds - NSE_EPOCH_S : seconds;
}

/** Candle stamps: the IST wall clock written as if it were UTC. */
export function candleSeconds(atMs: number): number {
  return Math.floor(atMs / 1000) + IST_OFFSET_S;
}

/** Reads `Jan 27 2025 090000` as IST, or epoch seconds as true seconds (no source says). NaN when it is neither. */
export function chartInstant(text: string): number {
  if (/^\d{9,11}$/.test(text)) return Number(text) * 1000;
  const match = /^([A-Z][a-z]{2}) (\d{1,2}) (\d{4}) (\d{2})(\d{2})(\d{2})$/.exec(text);
  if (match === null) return Number.NaN;
  const [, name = '', day = '', year = '', hour = '', minute = '', second = ''] = match;
  const month = String(MONTHS.indexOf(name) + 1).padStart(2, '0');
  return Date.parse(`${year}-${month}-${day.padStart(2, '0')}T${hour}:${minute}:${second}+05:30`);
}

/** `30JUN2026` of `2026-06-30`, as in display names; `30Jun2026`, as asked for, once lower-cased. */
export function compactDate(date: string): string {
  const [year = '', month = '', day = ''] = date.split('-');
  return `${day}${(MONTHS[Number(month) - 1] ?? '').toUpperCase()}${year}`;
}

export function monthLetters(date: string): string {
  return (MONTHS[Number(date.slice(5, 7)) - 1] ?? '').toUpperCase();
}
