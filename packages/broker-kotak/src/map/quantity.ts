import { AlgoError } from '@algo/core/adapter';
import type { Listing } from '@algo/core/adapter';
import { BROKER } from '../wire/read.js';

/**
 * Our units as the text Kotak wants.
 *
 * @throws {AlgoError} `ALGO_QUANTITY_UNIT_UNKNOWN` where nobody said what Kotak counts in, `ALGO_QUANTITY_OFF_LOT` when
 * it counts lots and the quantity is not a whole number of them
 */
export function toWireQuantity(quantity: number, { instrument, quantityUnit }: Listing): string {
  if (!Number.isSafeInteger(quantity) || quantity <= 0) {
    const problems = [{ field: 'quantity', problem: 'must be a whole number above 0' }];
    throw new AlgoError('ALGO_INVALID_INPUT', { problems });
  }
  switch (quantityUnit.kind) {
    case 'units':
      return String(quantity);
    case 'unknown':
      throw new AlgoError('ALGO_QUANTITY_UNIT_UNKNOWN', { instrument, broker: BROKER });
    case 'lots': {
      const lotSize = quantityUnit.unitsPerLot;
      if (quantity % lotSize === 0) return String(quantity / lotSize);
      const nearest = Math.max(1, Math.round(quantity / lotSize)) * lotSize;
      throw new AlgoError('ALGO_QUANTITY_OFF_LOT', { quantity, lotSize, nearest });
    }
  }
}

/** How many of our units one of Kotak's is. 1 where that is not known: the number is then shown as the broker prints it. */
export const unitsPerWireUnit = (listing: Listing | null): number =>
  listing?.quantityUnit.kind === 'lots' ? listing.quantityUnit.unitsPerLot : 1;
