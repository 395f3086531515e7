import { isAlgoError } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { fixture, fixtureRow, lookupOf, recordingLogger, sampleListings } from '../../../test/support/account.js';
import { fromFunds, fromHoldings, fromPositions } from './portfolio.js';
import { fromProfile, tokenEndsAtMs } from './account.js';
import type { Reading } from './reading.js';

const reading: Reading = { instruments: lookupOf(sampleListings()), logger: recordingLogger(), wallClock: 'IST' };
const position = fixtureRow('positions_200.json');
const holding = fixtureRow('holdings_200.json');

const codeOf = (task: () => unknown): string => {
  try {
    task();
  } catch (error) {
    return isAlgoError(error) ? error.code : String(error);
  }
  return 'none';
};

test('the position of the docs, value by value', () => {
  expect(fromPositions(fixture('positions_200.json'), reading)).toEqual([
    {
      instrument: 'NSE:TCS',
      symbol: 'TCS',
      product: 'CNC',
      quantity: 40,
      boughtQuantity: 40,
      soldQuantity: 0,
      averageBuyPrice: 3345.8,
      averageSellPrice: 0,
      realizedProfit: 0,
      unrealizedProfit: 6122,
    },
  ]);
});

test('a short position is negative and a closed one is 0', () => {
  const short = { ...position, positionType: 'SHORT', netQty: -40, buyQty: 0, sellQty: 40 };
  expect(fromPositions([short], reading)[0]).toMatchObject({ quantity: -40, soldQuantity: 40 });
  expect(fromPositions([{ ...position, positionType: 'CLOSED', netQty: 0 }], reading)[0]?.quantity).toBe(0);
});

test.each([
  ['LONG', -40],
  ['SHORT', 40],
  ['CLOSED', 1],
  ['FLAT', 0],
])('a position that says %s over a net quantity of %s fails the reading', (positionType, netQty) => {
  expect(codeOf(() => fromPositions([{ ...position, positionType, netQty }], reading))).toBe('ALGO_REPLY_UNREADABLE');
});

test.each(['netQty', 'buyAvg', 'securityId', 'realizedProfit'])('a position without %s fails the reading', (name) => {
  expect(codeOf(() => fromPositions([position, { ...position, [name]: null }], reading))).toBe('ALGO_REPLY_UNREADABLE');
});

test('where Dhan counts lots, a position shows units', () => {
  const config = { quantityUnits: { MCX: { kind: 'lots', unitsPerLot: { GOLDM: 100 } } } } as const;
  const inLots = { ...reading, instruments: lookupOf(sampleListings(config)) };
  const gold = {
    ...position,
    exchangeSegment: 'MCX_COMM',
    securityId: '571445',
    netQty: 2,
    buyQty: 2,
    productType: 'MARGIN',
  };
  expect(fromPositions([gold], inLots)[0]).toMatchObject({ quantity: 200, boughtQuantity: 200, product: 'NRML' });
});

test('the holding of the docs, value by value', () => {
  expect(fromHoldings(fixture('holdings_200.json'), reading)).toEqual([
    {
      instrument: null,
      symbol: 'HDFC',
      isin: 'INE001A01036',
      quantity: 1000,
      availableQuantity: 1000,
      pledgedQuantity: 0,
      averagePrice: 2655,
      lastPrice: null,
    },
  ]);
});

test('a holding is found at NSE by its id, unless the ISIN is that of another paper', () => {
  const reliance = { ...holding, securityId: '2885', isin: 'INE002A01018', lastTradedPrice: 1_400.5 };
  expect(fromHoldings([reliance], reading)[0]).toMatchObject({ instrument: 'NSE:RELIANCE', lastPrice: 1_400.5 });
  expect(fromHoldings([{ ...reliance, isin: 'INE999A01018' }], reading)[0]?.instrument).toBeNull();
  expect(fromHoldings([{ ...reliance, securityId: null }], reading)[0]?.instrument).toBeNull();
  expect(fromHoldings([{ ...reliance, lastTradedPrice: 0 }], reading)[0]?.lastPrice).toBeNull();
});

test('a holding of BSE alone needs the exchange or the ISIN to say so', () => {
  const think = { ...holding, securityId: '539310', isin: 'INE365S01037' };
  expect(fromHoldings([think], reading)[0]?.instrument).toBeNull();
  expect(fromHoldings([{ ...think, exchange: 'BSE' }], reading)[0]?.instrument).toBe('BSE:THINKINK');
  expect(fromHoldings([{ ...think, exchange: 'NSE' }], reading)[0]?.instrument).toBeNull();
  const listings = sampleListings().map((listing) =>
    listing.token === '539310' ? { ...listing, isin: 'INE365S01037' } : listing,
  );
  expect(fromHoldings([think], { ...reading, instruments: lookupOf(listings) })[0]?.instrument).toBe('BSE:THINKINK');
});

test('a holding that cannot be read fails the reading', () => {
  expect(codeOf(() => fromHoldings([holding, { ...holding, totalQty: null }], reading))).toBe('ALGO_REPLY_UNREADABLE');
  expect(codeOf(() => fromHoldings({}, reading))).toBe('ALGO_REPLY_UNREADABLE');
});

test('the funds of the docs, value by value', () => {
  expect(fromFunds(fixture('fundlimit_200.json'))).toEqual({
    available: 98440,
    used: 15202,
    collateral: 0,
    withdrawable: 98310,
    openingBalance: 113642,
  });
  expect(codeOf(() => fromFunds({ ...fixtureRow('fundlimit_200.json'), availabelBalance: null }))).toBe(
    'ALGO_REPLY_UNREADABLE',
  );
});

test('the profile of the docs, value by value', () => {
  expect(fromProfile(fixture('profile_200.json'))).toEqual({
    clientId: '1100003626',
    name: null,
    sessionEndsAtMs: Date.UTC(2025, 2, 30, 10, 7),
    segments: ['Equity', 'Derivative', 'Currency', 'Commodity'],
    dataPlanActive: true,
  });
});

test('a shorter profile, as the sandbox sends it, is one too', () => {
  expect(fromProfile({ dhanClientId: '1100003626' })).toMatchObject({
    segments: [],
    dataPlanActive: null,
    sessionEndsAtMs: null,
  });
  expect(fromProfile({ dhanClientId: '1100003626', dataPlan: 'Deactive' }).dataPlanActive).toBe(false);
  expect(codeOf(() => fromProfile({}))).toBe('ALGO_REPLY_UNREADABLE');
});

test('a token ends when the broker says, else when it says itself, else nobody knows', () => {
  const exp = Date.UTC(2026, 10, 21) / 1_000;
  expect(tokenEndsAtMs('2026-01-01T00:00:00.000', exp)).toBe(Date.UTC(2025, 11, 31, 18, 30));
  expect(tokenEndsAtMs('2025-09-23T12:37:23', exp)).toBe(Date.UTC(2025, 8, 23, 7, 7, 23));
  expect(tokenEndsAtMs('soon', exp)).toBe(exp * 1_000);
  expect(tokenEndsAtMs(null, exp)).toBe(exp * 1_000);
  for (const odd of [undefined, 'x', Number.NaN, 0, -1, exp * 1_000, 1e300])
    expect(tokenEndsAtMs(null, odd)).toBeNull();
});
