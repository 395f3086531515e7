import { shown } from './source/shown.js';

/** One field that two copies of a record do not agree on; values are shortened. */
export interface FieldDifference {
  readonly field: string;
  readonly inFile: string;
  readonly inStore: string;
}

/** Field by field, those of nested records as `order.price`. */
export function differences(inFile: object, inStore: object, prefix = ''): readonly FieldDifference[] {
  const one = new Map<string, unknown>(Object.entries(inFile));
  const other = new Map<string, unknown>(Object.entries(inStore));
  return [...new Set([...one.keys(), ...other.keys()])].flatMap((field) => {
    const left = one.get(field);
    const right = other.get(field);
    if (isObject(left) && isObject(right)) return differences(left, right, `${prefix}${field}.`);
    if (Object.is(left, right)) return [];
    return [{ field: prefix + field, inFile: shown(left), inStore: shown(right) }];
  });
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
