import { AlgoError } from '@algo/core/store';
import { originalText } from './keys.js';

/**
 * A row as it comes over the wire: every column is text or null. The readers below turn columns into what was written,
 * or say that it is not that.
 */
export type Row = Readonly<Record<string, unknown>>;

export function asRow(value: unknown): Row {
  if (isRow(value)) return value;
  throw misread('row');
}

export const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const text = (row: Row, column: string): string => originalText(raw(row, column));

export const textOrNull = (row: Row, column: string): string | null =>
  row[column] === null ? null : text(row, column);

/** A number that a double holds exactly. */
export function integer(row: Row, column: string): number {
  const value = Number(raw(row, column));
  if (Number.isSafeInteger(value)) return value;
  throw misread(column);
}

export const integerOrNull = (row: Row, column: string): number | null =>
  row[column] === null ? null : integer(row, column);

export function decimal(row: Row, column: string): number {
  const value = Number(raw(row, column));
  if (Number.isFinite(value)) return value;
  throw misread(column);
}

export const decimalOrNull = (row: Row, column: string): number | null =>
  row[column] === null ? null : decimal(row, column);

export function flag(row: Row, column: string): boolean {
  const value = raw(row, column);
  if (value === 't' || value === 'f') return value === 't';
  throw misread(column);
}

/** Plain bytes: a Buffer would print and compare differently from what was handed in. */
export function bytes(row: Row, column: string): Uint8Array {
  const value = raw(row, column);
  if (!value.startsWith('\\x')) throw misread(column);
  return new Uint8Array(Buffer.from(value.slice(2), 'hex'));
}

/** A column that holds JSON. */
export function json(row: Row, column: string): unknown {
  try {
    return JSON.parse(raw(row, column));
  } catch {
    throw misread(column);
  }
}

function raw(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === 'string') return value;
  throw misread(column);
}

/** Names the column and never what was found in it. */
export const misread = (column: string): AlgoError =>
  new AlgoError('ALGO_STORE_FAILED', {
    what: 'reading a row',
    why: `the column ${column} holds something this package never wrote; check who else writes to the database`,
  });
