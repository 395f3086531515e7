import { AlgoError } from '@algo/core/adapter';
import type { Listing } from '@algo/core/adapter';
import { BROKER } from '../wire/read.js';

/**
 * Our units as the number Angel wants.
 *
 * @throws {AlgoError} `ALGO_QUANTITY_UNIT_UNKNOWN` where nobody said what Angel counts in, `ALGO_QUANTITY_OFF_LOT` when
 * it counts lots and the quantity is not a whole number of them
 */
export function toWireQuantity(quantity: number, { instrument, quantityUnit }: Listing): number {
  if (!Number.isSafeInteger(quantity) || quantity <= 0) {
    throw new AlgoError('ALGO_INVALID_INPUT', {
      problems: [{ field: 'quantity', problem: 'must be a whole number above 0' }],
    });
  }
  if (quantityUnit.kind === 'units') return quantity;
  if (quantityUnit.kind === 'unknown')
    throw new AlgoError('ALGO_QUANTITY_UNIT_UNKNOWN', { instrument, broker: BROKER });

  const { unitsPerLot } = quantityUnit;
  if (quantity % unitsPerLot === 0) return quantity / unitsPerLot;
  const nearest = Math.max(1, Math.round(quantity / unitsPerLot)) * unitsPerLot;
  throw new AlgoError('ALGO_QUANTITY_OFF_LOT', { quantity, lotSize: unitsPerLot, nearest });
}

/** How many of our units one of Angel's is. 1 where that is not known: the number is then shown as the broker prints it. */
export const unitsPerWireUnit = (listing: Listing | null): number =>
  listing?.quantityUnit.kind === 'lots' ? listing.quantityUnit.unitsPerLot : 1;
