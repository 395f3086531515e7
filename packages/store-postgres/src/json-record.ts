import { isRow, misread } from './row.js';
import type { Row } from './row.js';

/** What a JSON column held, field by field; each reader says which field is not what was written. */
export function asRecord(value: unknown, column: string): Row {
  if (isRow(value)) return value;
  throw misread(column);
}

export function string(record: Row, field: string): string {
  const value = record[field];
  if (typeof value === 'string') return value;
  throw misread(field);
}
