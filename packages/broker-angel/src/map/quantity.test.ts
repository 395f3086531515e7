import { expect, test } from 'vitest';
import { listingNamed, thrownBy } from '../../test/support/account.js';
import { toWireQuantity, unitsPerWireUnit } from './quantity.js';

const GOLD = 'MCX:GOLD:2026-08-05:FUT';
const inLots = listingNamed(GOLD, { quantityUnits: { MCX: { kind: 'lots', unitsPerLot: { GOLD: 100 } } } });

test('units go out as they are, lots as whole lots', () => {
  expect(toWireQuantity(130, listingNamed('NFO:NIFTY:2026-07-28:FUT'))).toBe(130);
  expect(toWireQuantity(300, inLots)).toBe(3);
  expect(thrownBy(() => toWireQuantity(150, inLots))).toBe('ALGO_QUANTITY_OFF_LOT');
});

test('nobody said what one of GOLD is, so none is sent', () => {
  expect(thrownBy(() => toWireQuantity(1, listingNamed(GOLD)))).toBe('ALGO_QUANTITY_UNIT_UNKNOWN');
});

test.each([0, -1, 1.5, Number.NaN])('%s is no quantity', (quantity) => {
  expect(thrownBy(() => toWireQuantity(quantity, listingNamed('NSE:SBIN')))).toBe('ALGO_INVALID_INPUT');
});

test('a number of the broker is shown as printed where its unit is not known', () => {
  expect(unitsPerWireUnit(inLots)).toBe(100);
  expect(unitsPerWireUnit(listingNamed(GOLD))).toBe(1);
  expect(unitsPerWireUnit(null)).toBe(1);
});
