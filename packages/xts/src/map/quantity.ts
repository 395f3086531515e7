import { AlgoError } from '@algo/core/adapter';
import type { Listing } from '@algo/core/adapter';

/**
 * Our units as the number XTS wants.
 *
 * @throws {AlgoError} `ALGO_QUANTITY_UNIT_UNKNOWN` where nobody said what the house counts in, `ALGO_QUANTITY_OFF_LOT` when
 * it counts lots and the quantity is not a whole number of them
 */
export function toWireQuantity(quantity: number, { instrument, quantityUnit }: Listing, broker: string): number {
  if (!Number.isSafeInteger(quantity) || quantity <= 0) {
    const problems = [{ field: 'quantity', problem: 'must be a whole number above 0' }];
    throw new AlgoError('ALGO_INVALID_INPUT', { problems });
  }
  switch (quantityUnit.kind) {
    case 'units':
      return quantity;
    case 'unknown':
      throw new AlgoError('ALGO_QUANTITY_UNIT_UNKNOWN', { instrument, broker });
    case 'lots':
      return lots(quantity, quantityUnit.unitsPerLot);
  }
}

function lots(quantity: number, unitsPerLot: number): number {
  if (quantity % unitsPerLot === 0) return quantity / unitsPerLot;
  const nearest = Math.max(1, Math.round(quantity / unitsPerLot)) * unitsPerLot;
  throw new AlgoError('ALGO_QUANTITY_OFF_LOT', { quantity, lotSize: unitsPerLot, nearest });
}

/** How many of our units one of the house's is. 1 where that is not known: the number is then shown as it is printed. */
export const unitsPerWireUnit = (listing: Listing | null): number =>
  listing?.quantityUnit.kind === 'lots' ? listing.quantityUnit.unitsPerLot : 1;
