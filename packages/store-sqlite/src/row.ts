import { AlgoError } from '@algo/core/store';

/** A row as the driver gives it. The readers below turn its columns into what was written, or say that it is not that. */
export type Row = Readonly<Record<string, unknown>>;

export function asRow(value: unknown): Row {
  if (isRow(value)) return value;
  throw misread('row');
}

export const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === 'string') return value;
  throw misread(column);
}

export const textOrNull = (row: Row, column: string): string | null =>
  row[column] === null ? null : text(row, column);

export function integer(row: Row, column: string): number {
  const value = row[column];
  if (Number.isSafeInteger(value)) return Number(value);
  throw misread(column);
}

export const integerOrNull = (row: Row, column: string): number | null =>
  row[column] === null ? null : integer(row, column);

/** Plain bytes: the driver's Buffer would print and compare differently from what was handed in. */
export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (value instanceof Uint8Array) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw misread(column);
}

/** The words a field may hold, spelled out as keys so that the compiler misses none of them. */
export type Words<Word extends string> = Readonly<Record<Word, true>>;

export function word<Word extends string>(row: Row, field: string, words: Words<Word>): Word {
  const value = text(row, field);
  if (isOneOf(value, words)) return value;
  throw misread(field);
}

const isOneOf = <Word extends string>(value: string, words: Words<Word>): value is Word => Object.hasOwn(words, value);

/** A text column that holds a JSON object. */
export function json(row: Row, column: string): Row {
  try {
    return asRow(JSON.parse(text(row, column)));
  } catch {
    throw misread(column);
  }
}

/** A text column that holds a JSON list of objects. */
export function jsonList(row: Row, column: string): readonly Row[] {
  try {
    const list: unknown = JSON.parse(text(row, column));
    if (Array.isArray(list)) return list.map(asRow);
  } catch {
    // falls through: which part of it could not be read makes no difference
  }
  throw misread(column);
}

/** The text of a JSON column. Throws a RangeError for a number JSON has no word for: it would come back as null. */
export const toJson = (value: object): string => JSON.stringify(value, refuseNotFinite);

function refuseNotFinite(_key: string, part: unknown): unknown {
  if (typeof part === 'number' && !Number.isFinite(part)) throw new RangeError('not a finite number');
  return part;
}

/** Names the column and never what was found in it. */
export const misread = (column: string): AlgoError =>
  new AlgoError('ALGO_STORE_FAILED', {
    what: 'reading a row',
    why: `the column ${column} holds something this package never wrote; check who else writes to the file`,
  });
