import { isDigits } from '@algo/core/adapter';
import type { Span } from '@algo/core/adapter';

const HYPHEN = 0x2d;
const DOT = 0x2e;

/**
 * Finds the underlying in a trading symbol of the compact master, read from the right by its bytes:
 * `BAJAJ-AUTO-Jul2026-FUT`, `EURINR-Aug2025-102.75-CE`. False for a symbol of another form.
 */
export function underlyingIn(row: Uint8Array, symbol: Span, isOption: boolean, underlying: Span): boolean {
  const { from } = symbol;
  let end = symbol.to;
  if (isOption) {
    if (!isRight(row, end)) return false;
    const strikeEnd = end - 3;
    end = hyphenBefore(row, from, strikeEnd);
    if (!isDecimal(row, end + 1, strikeEnd)) return false;
  } else {
    if (end - from < 4 || row[end - 4] !== HYPHEN || letters(row, end - 3) !== FUT) return false;
    end -= 4;
  }
  const hyphen = hyphenBefore(row, from, end);
  if (hyphen <= from || !isMonth(row, hyphen + 1, end)) return false;
  underlying.from = from;
  underlying.to = hyphen;
  return true;
}

const FUT = 0x465554;

const letters = (row: Uint8Array, at: number): number =>
  (row[at] ?? 0) * 65_536 + (row[at + 1] ?? 0) * 256 + (row[at + 2] ?? 0);

/** `-CE` or `-PE` right before `end`. */
const isRight = (row: Uint8Array, end: number): boolean =>
  row[end - 3] === HYPHEN && row[end - 1] === 0x45 && (row[end - 2] === 0x43 || row[end - 2] === 0x50);

function hyphenBefore(row: Uint8Array, from: number, end: number): number {
  let at = end - 1;
  while (at > from && row[at] !== HYPHEN) at -= 1;
  return at;
}

function isDecimal(row: Uint8Array, from: number, to: number): boolean {
  let dot = from;
  while (dot < to && row[dot] !== DOT) dot += 1;
  return isDigits(row, from, dot, 12) && (dot === to || isDigits(row, dot + 1, to, 12));
}

/** `Jul2026`, `05Nov2026`. */
function isMonth(row: Uint8Array, from: number, to: number): boolean {
  const length = to - from;
  if (length !== 7 && length !== 9) return false;
  if (length === 9 && !isDigits(row, from, from + 2, 2)) return false;
  const month = to - 7;
  return (
    isBetween(row[month], 0x41, 0x5a) &&
    isBetween(row[month + 1], 0x61, 0x7a) &&
    isBetween(row[month + 2], 0x61, 0x7a) &&
    isDigits(row, to - 4, to, 4)
  );
}

const isBetween = (byte: number | undefined, first: number, last: number): boolean =>
  byte !== undefined && byte >= first && byte <= last;
