import type { Body } from '../body.js';
import { isGiven, numberOf, textOf } from '../body.js';
import type { Problem } from './replies.js';
import { required } from './replies.js';

/** Reads the fields of one body and remembers everything that is wrong with them. Numbers may come as text. */
export interface FieldReader {
  readonly problems: readonly Problem[];
  /** One of the words of a table. */
  word<Value>(name: string, words: Readonly<Record<string, Value>>): Value | undefined;
  /** A whole number, 0 or more. */
  whole(name: string): number | undefined;
  /** A number, 0 or more. */
  amount(name: string): number | undefined;
  /** Text that may be left out, at most so long. */
  text(name: string, longest: number): string | undefined;
  complain(field: string, message: string, type: string): void;
}

export function createFieldReader(body: Body): FieldReader {
  const problems: Problem[] = [];
  const complain = (field: string, message: string, type: string): void => {
    problems.push({ field, location: 'body', message, type });
  };
  const isThere = (name: string): boolean => {
    const isThere = isGiven(body, name);
    if (!isThere) problems.push(required(name, 'body'));
    return isThere;
  };
  const amount = (name: string): number | undefined => {
    if (!isThere(name)) return undefined;
    const value = numberOf(body, name);
    if (value !== undefined && value >= 0) return value;
    complain(name, value === undefined ? 'must be a number' : 'must be larger than or equal to 0', 'number.base');
    return undefined;
  };

  return {
    problems,
    complain,
    amount,
    word(name, words) {
      if (!isThere(name)) return undefined;
      const word = textOf(body, name) ?? '';
      if (Object.hasOwn(words, word)) return words[word];
      complain(name, `must be one of [${Object.keys(words).join(', ')}]`, 'any.allowOnly');
      return undefined;
    },
    whole(name) {
      const value = amount(name);
      if (value === undefined || Number.isInteger(value)) return value;
      complain(name, 'must be an integer', 'number.integer');
      return undefined;
    },
    text(name, longest) {
      const value = textOf(body, name);
      if (value !== undefined && value.length <= longest) return value;
      complain(name, value === undefined ? 'must be a string' : `must be at most ${longest} characters`, 'string.max');
      return undefined;
    },
  };
}
