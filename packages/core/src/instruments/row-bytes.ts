import type { Span } from '../contract/instrument-master.js';

/** What a `RowReader.mark` is made of: parts of a row judged by their bytes, since making texts is what takes the time. */

const QUOTE = 0x22;
const DOT = 0x2e;
const HYPHEN = 0x2d;
const SPACE = 0x20;
const DIGIT_0 = 0x30;

/**
 * Finds the fields of a delimited row: field `n` stands between `cuts[n] + 1` and `cuts[n + 1]`. Gives how many there are,
 * also when `cuts` has no room for all; 0 for a row with quotes, which only a reader of text understands.
 */
export function splitRow(row: Uint8Array, from: number, to: number, separator: number, cuts: Int32Array): number {
  let fields = 1;
  cuts[0] = from - 1;
  for (let at = from; at < to; at += 1) {
    const byte = row[at] ?? 0;
    if (byte > separator) continue; // nearly all of a row with commas
    if (byte === separator) {
      cuts[fields] = at; // beyond the length of a typed array nothing is written
      fields += 1;
    } else if (byte === QUOTE) return 0;
  }
  cuts[fields] = to;
  return fields;
}

/** Whether a part of a row is exactly these bytes. */
export function bytesAre(row: Uint8Array, from: number, to: number, bytes: Uint8Array): boolean {
  if (to - from !== bytes.length) return false;
  for (let at = 0; at < bytes.length; at += 1) if (row[from + at] !== bytes[at]) return false;
  return true;
}

/** Finds a word of ASCII letters anywhere in a part of a row: a letter that it does not have lets it leap (Horspool). */
export function bytesFinder(word: string): (row: Uint8Array, from: number, to: number) => boolean {
  const bytes = new TextEncoder().encode(word);
  const last = bytes.length - 1;
  const leaps = new Uint8Array(256).fill(bytes.length);
  for (let at = 0; at < last; at += 1) leaps[bytes[at] ?? 0] = last - at;
  return (row, from, to) => {
    for (let end = from + last; end < to; end += leaps[row[end] ?? 0] ?? 1) {
      if (bytesAre(row, end - last, end + 1, bytes)) return true;
    }
    return false;
  };
}

/** Whether a part of a row is so many digits and nothing else. */
export function isDigits(row: Uint8Array, from: number, to: number, most: number): boolean {
  if (to <= from || to - from > most) return false;
  for (let at = from; at < to; at += 1) if (!isDigit(row[at] ?? 0)) return false;
  return true;
}

/** A whole number of at most twelve digits, `65` or `65.0`; -1 for anything else. */
export function wholeIn(row: Uint8Array, from: number, to: number): number {
  let number = 0;
  let at = from;
  for (; at < to && row[at] !== DOT; at += 1) {
    const byte = row[at] ?? 0;
    if (!isDigit(byte)) return -1;
    number = number * 10 + byte - DIGIT_0;
  }
  if (at === from || at - from > 12) return -1;
  for (at += 1; at < to; at += 1) if (row[at] !== DIGIT_0) return -1;
  return number;
}

/** A decimal of rupees, `27650.00000`, in ten-thousandths of a rupee; -1 for anything `parsePrice` should look at. */
export function priceIn(row: Uint8Array, from: number, to: number): number {
  let units = 0;
  let at = from;
  for (; at < to && row[at] !== DOT; at += 1) {
    const byte = row[at] ?? 0;
    if (!isDigit(byte)) return -1;
    units = units * 10 + byte - DIGIT_0;
  }
  if (at === from || at - from > 9 || at === to - 1) return -1;
  let places = 0;
  for (at += 1; at < to; at += 1) {
    const byte = row[at] ?? 0;
    if (!isDigit(byte) || (places >= 4 && byte !== DIGIT_0)) return -1;
    if (places < 4) units = units * 10 + byte - DIGIT_0;
    places += 1;
  }
  return places > 10 ? -1 : units * (TENS[4 - Math.min(places, 4)] ?? 0);
}

const TENS = [1, 10, 100, 1_000, 10_000] as const;

/** The date `2026-11-24` as the number 20261124; -1 for anything of another form. Whether it is real is not checked. */
export function dateIn(row: Uint8Array, from: number, to: number): number {
  if (to - from !== 10 || row[from + 4] !== HYPHEN || row[from + 7] !== HYPHEN) return -1;
  let date = 0;
  for (let at = from; at < to; at += 1) {
    if (at === from + 4 || at === from + 7) continue;
    const byte = row[at] ?? 0;
    if (!isDigit(byte)) return -1;
    date = date * 10 + byte - DIGIT_0;
  }
  return date;
}

/** Whether a part of a row begins or ends with space, which a reader of text may take away. */
export const isPadded = (row: Uint8Array, from: number, to: number): boolean =>
  to > from && ((row[from] ?? 0) <= SPACE || (row[to - 1] ?? 0) <= SPACE);

/** Where a decimal ends when the zeros that say nothing are left out: `102.75000` as `102.75`, `27650.0` as `27650`. */
export function withoutZeros(row: Uint8Array, from: number, to: number): number {
  let dot = from;
  while (dot < to && row[dot] !== DOT) dot += 1;
  let end = to;
  while (end > dot && row[end - 1] === DIGIT_0) end -= 1;
  return end === dot + 1 ? dot : end;
}

const isDigit = (byte: number): boolean => byte >= DIGIT_0 && byte <= DIGIT_0 + 9;

/**
 * Finds the text fields of a flat JSON object, `{"token":"3045","symbol":"SBIN-EQ"}`, by name. Gives a function that
 * points `spans`, in the order of `names`, at their values; it says false for an object that holds anything but texts
 * without escapes, or not all of these fields once each.
 */
export function textFields(
  names: readonly string[],
): (row: Uint8Array, from: number, to: number, spans: readonly Span[]) => boolean {
  const wanted = names.map((name) => new TextEncoder().encode(name));
  return (row, from, to, spans) => {
    let found = 0;
    let at = skipSpace(row, from + 1, to);
    for (let next = 0; row[at] === QUOTE; next += 1) {
      const nameFrom = at + 1;
      const nameTo = textEnd(row, nameFrom, to);
      at = skipSpace(row, nameTo + 1, to);
      if (nameTo === -1 || row[at] !== COLON) return false;
      at = skipSpace(row, at + 1, to);
      const valueTo = row[at] === QUOTE ? textEnd(row, at + 1, to) : -1;
      if (valueTo === -1) return false;
      const which = fieldNamed(row, nameFrom, nameTo, wanted, next);
      const span = spans[which];
      if (span !== undefined) {
        span.from = at + 1;
        span.to = valueTo;
        found += 1;
      }
      at = skipSpace(row, valueTo + 1, to);
      if (row[at] === COMMA) at = skipSpace(row, at + 1, to);
    }
    return found === wanted.length && at === to - 1;
  };
}

const COLON = 0x3a;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

function skipSpace(row: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && (row[at] ?? 0) <= SPACE) at += 1;
  return at;
}

/** Where the text that began before `from` ends, or -1 when it holds an escape or does not end. */
function textEnd(row: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at += 1) {
    const byte = row[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) return -1;
  }
  return -1;
}

/** Fields mostly come in the order they are asked for, so that one is looked at first. */
function fieldNamed(row: Uint8Array, from: number, to: number, wanted: readonly Uint8Array[], likely: number): number {
  const first = wanted[likely];
  if (first !== undefined && bytesAre(row, from, to, first)) return likely;
  return wanted.findIndex((name) => bytesAre(row, from, to, name));
}
