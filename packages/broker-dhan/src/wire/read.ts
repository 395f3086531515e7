import { createWireReader } from '@algo/core/adapter';

export { isWireFields as isFields, wireField as field } from '@algo/core/adapter';
export type { WireFields as Fields } from '@algo/core/adapter';

export const BROKER = 'dhan';

/** Dhan prints `NA` where it has nothing. */
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
  numbersOf,
} = createWireReader(BROKER, ['NA']);
