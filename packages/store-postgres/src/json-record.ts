import { isRow, misread } from './row.js';
import type { Row } from './row.js';

/** What a JSON column held, field by field; each reader says which field is not what was written. */
export function asRecord(value: unknown, column: string): Row {
  if (isRow(value)) return value;
  throw misread(column);
}

export function list(value: unknown, column: string): readonly Row[] {
  if (!Array.isArray(value)) throw misread(column);
  return value.map((item) => asRecord(item, column));
}

export function string(record: Row, field: string): string {
  const value = record[field];
  if (typeof value === 'string') return value;
  throw misread(field);
}

export const stringOrNull = (record: Row, field: string): string | null =>
  record[field] === null ? null : string(record, field);

export function number(record: Row, field: string): number {
  const value = record[field];
  if (typeof value === 'number') return value;
  throw misread(field);
}

export const numberOrNull = (record: Row, field: string): number | null =>
  record[field] === null ? null : number(record, field);

/** The words a field may hold, spelled out as keys so that the compiler misses none of them. */
export type Words<Word extends string> = Readonly<Record<Word, true>>;

export function word<Word extends string>(record: Row, field: string, words: Words<Word>): Word {
  const value = string(record, field);
  if (isOneOf(value, words)) return value;
  throw misread(field);
}

export const wordOrNull = <Word extends string>(record: Row, field: string, words: Words<Word>): Word | null =>
  record[field] === null ? null : word(record, field, words);

const isOneOf = <Word extends string>(value: string, words: Words<Word>): value is Word => Object.hasOwn(words, value);
