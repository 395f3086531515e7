import type { RefusedRow } from './refusals.js';

/** One row of a file, before anybody knows what its columns mean. */
export interface RawRow {
  /** As `RefusedRow` counts. */
  readonly row: number;
  /** What stands in a column; undefined where there is none. A dot steps into an object: `order_response.orderId`. */
  at(column: string): unknown;
}

/** What a file holds: its rows, and those that could not even be cut out. */
export interface RawRows {
  readonly rows: readonly RawRow[];
  readonly broken: readonly RefusedRow[];
  /** What a list of orders that failed holds, shortened; empty where there is none. */
  readonly failed: readonly string[];
}

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Own fields alone: what an object inherits was not in the file. */
export const ownField = (fields: Fields, name: string): unknown =>
  Object.hasOwn(fields, name) ? fields[name] : undefined;

/** Follows a dotted path; a field whose own name has the dots in it comes first. */
export function fieldAt(fields: Fields, path: string): unknown {
  const whole = ownField(fields, path);
  if (whole !== undefined || !path.includes('.')) return whole;
  let value: unknown = fields;
  for (const part of path.split('.')) {
    if (!isFields(value)) return undefined;
    value = ownField(value, part);
  }
  return value;
}
