import { AlgoError } from '../errors/algo-error.js';

/** Longest text of one value, in bytes of UTF-8. */
export const LARGEST_VALUE = 65_536;
const DEEPEST = 32;
/** Names that would reach an object's prototype when somebody merges the value into another one. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * A value as JSON with sorted keys: equal values are equal texts.
 *
 * @param refuseKey what is wrong with a key, or null
 * @throws {AlgoError} `ALGO_INVALID_INPUT` naming the place, for anything that JSON would drop or change on its way
 */
export function writeCanonical(value: unknown, refuseKey: (key: string) => string | null = () => null): string {
  const pieces: string[] = [];
  let length = 0;

  const put = (text: string): void => {
    pieces.push(text);
    length += text.length;
    if (length > LARGEST_VALUE) throw tooLarge();
  };
  const writeList = (list: readonly unknown[], place: string, depth: number): void => {
    put('[');
    for (let at = 0; at < list.length; at += 1) {
      if (at > 0) put(',');
      write(list[at], `${place}.${at}`, depth);
    }
    put(']');
  };
  const writeObject = (object: object, place: string, depth: number): void => {
    put('{');
    const entries = Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [at, [key, held]] of entries.entries()) {
      const here = `${place}.${key.slice(0, 60)}`;
      const problem = FORBIDDEN.has(key) ? 'is a name that is not allowed' : refuseKey(key);
      if (problem !== null) throw refused(here, problem);
      put(`${at > 0 ? ',' : ''}${JSON.stringify(key)}:`);
      write(held, here, depth);
    }
    put('}');
  };
  const write = (held: unknown, place: string, depth: number): void => {
    if (depth > DEEPEST) throw refused(place.slice(0, 200), `is nested deeper than ${DEEPEST} levels`);
    if (held === null || typeof held === 'boolean' || typeof held === 'string' || Number.isFinite(held)) {
      put(JSON.stringify(held));
    } else if (Array.isArray(held)) writeList(held, place, depth + 1);
    else if (isPlain(held)) writeObject(held, place, depth + 1);
    else throw refused(place, 'must be JSON: a text, a finite number, true, false, null, a list or a plain object');
  };

  write(value, 'value', 0);
  const text = pieces.join('');
  if (Buffer.byteLength(text) > LARGEST_VALUE) throw tooLarge();
  return text;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const tooLarge = (): AlgoError => refused('value', `must be at most ${LARGEST_VALUE} bytes of JSON`);

const refused = (field: string, problem: string): AlgoError =>
  new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem }] });
