import { createWireReader, wireField } from '@algo/core/adapter';
import type { WireFields, WireReader } from '@algo/core/adapter';

export { isWireFields as isFields, wireField as field } from '@algo/core/adapter';
export type { WireFields as Fields } from '@algo/core/adapter';

/**
 * Readers for one house's XTS. Several houses may live in one process and every error names its own, so that the readers
 * are made per house and handed on.
 */
export interface XtsReader extends WireReader {
  readonly broker: string;
  /** A number that XTS may print as text with thousands commas, `1,254.50`; null for absent, empty and `NaN`. */
  optionalAmount(fields: WireFields, name: string): number | null;
  amountOf(fields: WireFields, name: string): number;
}

/** XTS prints `NaN` where it has no number. */
export function createReader(broker: string): XtsReader {
  const reader = createWireReader(broker, ['NaN']);
  const optionalAmount = (fields: WireFields, name: string): number | null => {
    const value = wireField(fields, name);
    const plain = typeof value === 'string' && GROUPED.test(value) ? value.replaceAll(',', '') : value;
    return reader.optionalNumber({ [name]: plain }, name);
  };
  return {
    ...reader,
    broker,
    optionalAmount,
    amountOf(fields, name) {
      const amount = optionalAmount(fields, name);
      if (amount !== null) return amount;
      throw reader.unreadable(`${name} is not a number`);
    },
  };
}

/** Groups of three, and of two as India writes lakhs. */
const GROUPED = /^-?\d{1,3}(?:,\d{2,3})+(?:\.\d{1,10})?$/;
