import { createWireReader, isWireFields, wireField } from '@algo/core/adapter';
import type { WireFields } from '@algo/core/adapter';

export { isWireFields as isFields, wireField as field } from '@algo/core/adapter';
export type { WireFields as Fields } from '@algo/core/adapter';

export const BROKER = 'angel';

export const {
  unreadable,
  fieldsOf,
  rowsOf,
  textOf,
  optionalText,
  idOf,
  optionalId,
  numberOf,
  optionalNumber,
  wholeOf,
  quantityOf,
} = createWireReader(BROKER);

/**
 * What lies in the envelope of a good reply.
 *
 * @see SmartAPI docs, "Introduction", copy of 2024: `{status, message, errorcode, data}`
 */
export const dataOf = (body: unknown): unknown => wireField(fieldsOf(body, 'the reply'), 'data');

/** A list in the envelope; Angel prints `data: null` for an empty one. */
export function listOf(body: unknown, what: string): readonly unknown[] {
  const data = dataOf(body);
  if (data === null) return [];
  return rowsOf(data, what);
}

/** A quantity that Angel may leave blank, which means none. */
export const quantityOrZero = (fields: WireFields, name: string): number =>
  optionalNumber(fields, name) === null ? 0 : quantityOf(fields, name);

/** The same fields with `- 2235.80` as `-2235.80`: position rows print a minus sign apart from its number. */
export function withJoinedSigns(value: unknown): unknown {
  if (!isWireFields(value)) return value;
  const joined = Object.entries(value).map(([name, text]) => [name, typeof text === 'string' ? joinSign(text) : text]);
  return Object.fromEntries(joined);
}

const joinSign = (text: string): string => text.replace(/^\s*-\s+(?=\d)/, '-');
