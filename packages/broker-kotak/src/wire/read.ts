import { createWireReader, wireField } from '@algo/core/adapter';
import type { WireFields } from '@algo/core/adapter';

export { isWireFields as isFields, wireField as field } from '@algo/core/adapter';
export type { WireFields as Fields } from '@algo/core/adapter';

export const BROKER = 'kotak';

/** Kotak prints `NA`, `--` or `-` where it has nothing (order and trade rows of 2025-01-22). */
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
  quantityOf,
} = createWireReader(BROKER, ['NA', '--', '-']);

/**
 * A price or an amount; null where it is not stated. Kotak prints floats whole, `19.409999999999997`: more places than a
 * wire number may have.
 */
export function optionalMoney(fields: WireFields, name: string): number | null {
  const value = wireField(fields, name);
  const cut = typeof value === 'string' ? LONG.exec(value)?.[1] : undefined;
  return cut === undefined ? optionalNumber(fields, name) : Number(cut);
}

const LONG = /^(-?\d{1,15}\.\d{10})\d{1,20}$/;

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export const moneyOf = (fields: WireFields, name: string): number =>
  optionalMoney(fields, name) ?? numberOf(fields, name);
