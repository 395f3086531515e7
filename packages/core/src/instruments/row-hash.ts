import type { RowMarks, Span } from '../contract/instrument-master.js';
import { dayNumber } from '../domain/calendar-day.js';
import { EXCHANGES } from '../domain/vocabulary.js';
import type { Exchange } from '../domain/vocabulary.js';

/**
 * Hashes of the texts a row is found by, made from the row's bytes or from text with the same result: FNV-1a, which
 * takes one step a character. What it finds is always compared in full.
 */
export const hashText = (text: string, start = FNV_START): number => {
  let hash = start;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  return hash;
};

/** The token and the symbol are names of their own within a segment. */
export const hashIn = (segment: string, text: string): number => hashText(text, hashByte(hashText(segment), SPACE));

const FNV_START = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;
const SPACE = 0x20;
const COLON = 0x3a;
const LAST_PRINTABLE = 0x7e;
const DIGIT_0 = 0x30;
const LONGEST_NAME = 64;

const hashByte = (hash: number, byte: number): number => Math.imul(hash ^ byte, FNV_PRIME);

const hashBytes = (row: Uint8Array, from: number, to: number, start: number): number => {
  let hash = start;
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (row[at] ?? 0), FNV_PRIME);
  return hash;
};

const EXCHANGE_STARTS: Readonly<Record<Exchange, number>> = {
  NSE: hashText('NSE:'),
  BSE: hashText('BSE:'),
  NFO: hashText('NFO:'),
  BFO: hashText('BFO:'),
  CDS: hashText('CDS:'),
  BCD: hashText('BCD:'),
  MCX: hashText('MCX:'),
};

/** What a row is found and filtered by. */
export interface RowKeys {
  /** Hash of the canonical text. */
  instrument: number;
  /** Hash of segment and token. */
  token: number;
  /** Hash of segment and trading symbol; 0 where the layout does not promise unique ones. */
  symbol: number;
  /** Hash of the symbol of a share or index, or of the underlying of a derivative. */
  name: number;
  traits: number;
  /** Days since 2000-01-01; 0 for none. */
  expiry: number;
}

export const newKeys = (): RowKeys => ({ instrument: 0, token: 0, symbol: 0, name: 0, traits: 0, expiry: 0 });

/** Exchange and kind in one byte. */
export const traitsOf = (exchange: Exchange, kind: RowMarks['kind']): number =>
  (EXCHANGE_NUMBERS[exchange] << 2) | KINDS[kind];

const EXCHANGE_NUMBERS: Readonly<Record<Exchange, number>> = { NSE: 0, BSE: 1, NFO: 2, BFO: 3, CDS: 4, BCD: 5, MCX: 6 };
const KINDS: Readonly<Record<RowMarks['kind'], number>> = { equity: 0, index: 1, future: 2, option: 3 };

export const kindOf = (traits: number): RowMarks['kind'] | undefined => KIND_NAMES[traits & 3];
export const exchangeOf = (traits: number): Exchange | undefined =>
  EXCHANGES.find((exchange) => EXCHANGE_NUMBERS[exchange] === traits >>> 2);
export const isDerivative = (traits: number): boolean => (traits & 3) >= 2;

const KIND_NAMES = ['equity', 'index', 'future', 'option'] as const satisfies readonly RowMarks['kind'][];

/** Fills `keys` from marks; false for what only the reader of text can judge. */
export function keysOfMarks(row: Uint8Array, marks: RowMarks, withSymbol: boolean, keys: RowKeys): boolean {
  const { name, token, symbol, kind, exchange, segment } = marks;
  if (name.to - name.from > LONGEST_NAME || name.from >= name.to || !isPlain(row, token)) return false;
  let named = EXCHANGE_STARTS[exchange];
  if (kind === 'index') named = hashText('INDEX:', named);
  let alone = FNV_START;
  for (let at = name.from; at < name.to; at += 1) {
    const byte = row[at] ?? 0;
    if (byte < SPACE || byte > LAST_PRINTABLE || byte === COLON) return false;
    named = hashByte(named, byte);
    alone = hashByte(alone, byte);
  }
  keys.name = alone;
  keys.traits = traitsOf(exchange, kind);
  keys.expiry = 0;
  keys.instrument = named;
  if (kind === 'equity' && !equityKeys(row, marks.series, named, keys)) return false;
  if ((kind === 'future' || kind === 'option') && !derivativeKeys(row, marks, named, keys)) return false;

  const within = hashByte(hashText(segment), SPACE);
  keys.token = hashBytes(row, token.from, token.to, within);
  keys.symbol = 0;
  if (!withSymbol) return true;
  keys.symbol = hashBytes(row, symbol.from, symbol.to, within);
  return isPlain(row, symbol);
}

function equityKeys(row: Uint8Array, series: Span, named: number, keys: RowKeys): boolean {
  if (series.from === series.to) return true;
  keys.instrument = hashBytes(row, series.from, series.to, hashByte(named, COLON));
  return isName(row, series);
}

function derivativeKeys(row: Uint8Array, marks: RowMarks, named: number, keys: RowKeys): boolean {
  const { expiry, strike } = marks;
  const day = dayNumber(expiry);
  if (day === null) return false;
  keys.expiry = day;
  const dated = hashByte(hashDate(expiry, hashByte(named, COLON)), COLON);
  if (marks.kind === 'future') {
    keys.instrument = hashText('FUT', dated);
    return true;
  }
  keys.instrument = hashText(marks.right, hashByte(hashBytes(row, strike.from, strike.to, dated), COLON));
  return strike.from < strike.to;
}

/** `20261124` as `2026-11-24`. */
function hashDate(date: number, start: number): number {
  const year = Math.trunc(date / 10_000);
  const month = Math.trunc(date / 100) % 100;
  let hash = hashTwo(Math.trunc(year / 100), start);
  hash = hashByte(hashTwo(year % 100, hash), HYPHEN);
  hash = hashByte(hashTwo(month, hash), HYPHEN);
  return hashTwo(date % 100, hash);
}

const HYPHEN = 0x2d;

const hashTwo = (number: number, start: number): number =>
  hashByte(hashByte(start, DIGIT_0 + Math.trunc(number / 10)), DIGIT_0 + (number % 10));

/** What can stand in the canonical text without being taken for another part of it. */
function isName(row: Uint8Array, span: Span): boolean {
  return span.to - span.from <= LONGEST_NAME && isPlain(row, span, COLON);
}

/** Printable ASCII, at least one character, and none that is `not`. */
function isPlain(row: Uint8Array, { from, to }: Span, not = 0): boolean {
  for (let at = from; at < to; at += 1) {
    const byte = row[at] ?? 0;
    if (byte < SPACE || byte > LAST_PRINTABLE || byte === not) return false;
  }
  return from < to;
}
