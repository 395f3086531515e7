import { AlgoError } from '@algo/core/adapter';

/** Readers for JSON from outside. Extra keys are ignored; what is missing or of another kind is `ALGO_REPLY_UNREADABLE`. */

export const BROKER = 'dhan';

export type Fields = Readonly<Record<string, unknown>>;

/** Only bodies of successful replies reach these readers, hence the status. */
export const unreadable = (why: string): AlgoError<'ALGO_REPLY_UNREADABLE'> =>
  new AlgoError('ALGO_REPLY_UNREADABLE', { broker: BROKER, status: 200, why });

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function fieldsOf(value: unknown, what: string): Fields {
  if (isFields(value)) return value;
  throw unreadable(`${what} is not an object`);
}

export function rowsOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw unreadable(`${what} is not a list`);
}

/** One own field; undefined where there is none, so that a name such as `constructor` finds nothing. */
export const field = (fields: Fields, name: string): unknown =>
  Object.hasOwn(fields, name) ? fields[name] : undefined;

/** Text that must be there, as sent. */
export function textOf(fields: Fields, name: string): string {
  const value = field(fields, name);
  if (typeof value === 'string' && value !== '') return value;
  throw unreadable(`${name} is not a text`);
}

/** Text or null for the ways Dhan says "none": absent, null, empty, `NA`. */
export function optionalText(fields: Fields, name: string): string | null {
  const value = field(fields, name);
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw unreadable(`${name} is not a text`);
  const trimmed = value.trim();
  return trimmed === '' || trimmed === 'NA' ? null : trimmed;
}

/** An id is text; one printed as a whole number is taken too. */
export function idOf(fields: Fields, name: string): string {
  const id = optionalId(fields, name);
  if (id !== null) return id;
  throw unreadable(`${name} is not an id`);
}

/** Null for absent, null, empty, `NA` and `0`, which is how Dhan prints an id that does not exist yet. */
export function optionalId(fields: Fields, name: string): string | null {
  const value = field(fields, name);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || value < 0) throw unreadable(`${name} is not an id`);
    return value === 0 ? null : String(value);
  }
  const text = optionalText(fields, name);
  return text === '0' ? null : text;
}

/** A finite number; decimal text counts as one, since Dhan's own examples print numbers both ways. */
export function numberOf(fields: Fields, name: string): number {
  const number = optionalNumber(fields, name);
  if (number !== null) return number;
  throw unreadable(`${name} is not a number`);
}

/** Null for absent, null and empty. */
export function optionalNumber(fields: Fields, name: string): number | null {
  const value = field(fields, name);
  if (value === undefined || value === null || value === '') return null;
  const number = typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw unreadable(`${name} is not a number`);
}

const DECIMAL = /^-?\d{1,15}(\.\d{1,10})?$/;

/** A whole number, negative ones included. */
export function wholeOf(fields: Fields, name: string): number {
  const number = numberOf(fields, name);
  if (Number.isSafeInteger(number)) return number;
  throw unreadable(`${name} is not a whole number`);
}

/** A quantity: whole and not negative. */
export function quantityOf(fields: Fields, name: string): number {
  const number = wholeOf(fields, name);
  if (number >= 0) return number;
  throw unreadable(`${name} is negative`);
}

/** A column of numbers. */
export function numbersOf(fields: Fields, name: string): readonly number[] {
  const column = rowsOf(field(fields, name), name);
  const numbers: number[] = [];
  for (const value of column) {
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw unreadable(`${name} holds something else than numbers`);
    numbers.push(value);
  }
  return numbers;
}
