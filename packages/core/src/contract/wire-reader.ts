import { AlgoError } from '../errors/algo-error.js';

export type WireFields = Readonly<Record<string, unknown>>;

/**
 * Readers for JSON from a broker. Extra fields are ignored; what is missing or of another kind than asked for is
 * `ALGO_REPLY_UNREADABLE`, because a guess about somebody's order is worse than no answer.
 */
export interface WireReader {
  /** The error for a good reply that does not say what it should. */
  unreadable(why: string): AlgoError<'ALGO_REPLY_UNREADABLE'>;
  fieldsOf(value: unknown, what: string): WireFields;
  rowsOf(value: unknown, what: string): readonly unknown[];
  /** Text that must be there, as sent. */
  textOf(fields: WireFields, name: string): string;
  /** Trimmed text; null for absent, null, empty and the broker's own words for "none". */
  optionalText(fields: WireFields, name: string): string | null;
  /** An id is text; one printed as a whole number is taken too. */
  idOf(fields: WireFields, name: string): string;
  /** Null for absent, null, empty, the words for "none" and `0`. */
  optionalId(fields: WireFields, name: string): string | null;
  /** A finite number; decimal text counts as one, since brokers print numbers both ways. */
  numberOf(fields: WireFields, name: string): number;
  /** Null for absent, null, empty and the words for "none". */
  optionalNumber(fields: WireFields, name: string): number | null;
  /** A whole number, negative ones included. */
  wholeOf(fields: WireFields, name: string): number;
  /** A quantity: whole and not negative. */
  quantityOf(fields: WireFields, name: string): number;
  /** A column of numbers. */
  numbersOf(fields: WireFields, name: string): readonly number[];
}

/** @param none words the broker prints for "nothing here", such as `NA`, beside null and the empty text */
export function createWireReader(broker: string, none: readonly string[] = []): WireReader {
  // Only bodies of successful replies reach these readers, hence the status.
  const unreadable = (why: string): AlgoError<'ALGO_REPLY_UNREADABLE'> =>
    new AlgoError('ALGO_REPLY_UNREADABLE', { broker, status: 200, why });

  const isNone = (value: unknown): value is undefined | null | '' =>
    value === undefined || value === null || value === '' || (typeof value === 'string' && none.includes(value));

  const rowsOf = (value: unknown, what: string): readonly unknown[] => {
    if (Array.isArray(value)) return value;
    throw unreadable(`${what} is not a list`);
  };

  const optionalText = (fields: WireFields, name: string): string | null => {
    const value = wireField(fields, name);
    if (isNone(value)) return null;
    if (typeof value !== 'string') throw unreadable(`${name} is not a text`);
    const trimmed = value.trim();
    return isNone(trimmed) ? null : trimmed;
  };

  const optionalId = (fields: WireFields, name: string): string | null => {
    const value = wireField(fields, name);
    if (typeof value === 'number') {
      if (!Number.isSafeInteger(value) || value < 0) throw unreadable(`${name} is not an id`);
      return value === 0 ? null : String(value);
    }
    const text = optionalText(fields, name);
    return text === '0' ? null : text;
  };

  const optionalNumber = (fields: WireFields, name: string): number | null => {
    const value = wireField(fields, name);
    if (isNone(value)) return null;
    const number = typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
    throw unreadable(`${name} is not a number`);
  };

  const numberOf = (fields: WireFields, name: string): number => {
    const number = optionalNumber(fields, name);
    if (number !== null) return number;
    throw unreadable(`${name} is not a number`);
  };

  const wholeOf = (fields: WireFields, name: string): number => {
    const number = numberOf(fields, name);
    if (Number.isSafeInteger(number)) return number;
    throw unreadable(`${name} is not a whole number`);
  };

  return {
    unreadable,
    rowsOf,
    optionalText,
    optionalId,
    optionalNumber,
    numberOf,
    wholeOf,

    fieldsOf(value, what) {
      if (isWireFields(value)) return value;
      throw unreadable(`${what} is not an object`);
    },

    textOf(fields, name) {
      const value = wireField(fields, name);
      if (typeof value === 'string' && value !== '') return value;
      throw unreadable(`${name} is not a text`);
    },

    idOf(fields, name) {
      const id = optionalId(fields, name);
      if (id !== null) return id;
      throw unreadable(`${name} is not an id`);
    },

    quantityOf(fields, name) {
      const number = wholeOf(fields, name);
      if (number >= 0) return number;
      throw unreadable(`${name} is negative`);
    },

    numbersOf(fields, name) {
      const numbers: number[] = [];
      for (const value of rowsOf(wireField(fields, name), name)) {
        if (typeof value !== 'number' || !Number.isFinite(value))
          throw unreadable(`${name} holds something else than numbers`);
        numbers.push(value);
      }
      return numbers;
    },
  };
}

export const isWireFields = (value: unknown): value is WireFields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * One field of what was JSON; undefined where there is none. What every object inherits is functions, which JSON has none
 * of, so that a name such as `constructor` finds nothing; asking for own fields alone costs three times as much.
 */
export function wireField(fields: WireFields, name: string): unknown {
  const value = fields[name];
  return typeof value === 'function' ? undefined : value;
}

const DECIMAL = /^-?\d{1,15}(\.\d{1,10})?$/;
