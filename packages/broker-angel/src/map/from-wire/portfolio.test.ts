import fc from 'fast-check';
import { isAlgoError } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import {
  fixture,
  fixtureRow,
  FUZZ_RUNS,
  lookupOf,
  NOW_MS,
  recordingLogger,
  sampleListings,
  thrownBy,
} from '../../../test/support/account.js';
import { fromProfile, sessionEndsAtMs } from './account.js';
import { fromFunds, fromHoldings, fromMargin, fromPositions } from './portfolio.js';
import type { Reading } from './reading.js';

const reading: Reading = { instruments: lookupOf(sampleListings()), logger: recordingLogger() };
const envelope = (data: unknown): unknown => ({ status: true, message: 'SUCCESS', errorcode: '', data });

test('the position of the docs, value by value', () => {
  expect(fromPositions(fixture('positions_200.json'), reading)).toEqual([
    {
      instrument: 'NSE:RELIANCE',
      symbol: 'RELIANCE-EQ',
      product: 'CNC',
      quantity: 1,
      boughtQuantity: 1,
      soldQuantity: 0,
      averageBuyPrice: 2235.8,
      averageSellPrice: 0,
      realizedProfit: 0,
      unrealizedProfit: 0,
    },
  ]);
});

const position = (change: Readonly<Record<string, unknown>>): unknown =>
  envelope([{ ...fixtureRow('positions_200.json'), ...change }]);

test.each([
  ['-5', -5],
  ['- 5', -5],
  ['-  5', -5],
  [' - 5', -5],
  ['0', 0],
  [12, 12],
])('a net quantity of %j is %s', (netqty, quantity) => {
  expect(fromPositions(position({ netqty }), reading)[0]?.quantity).toBe(quantity);
});

test.each(['', null, '5 -', '--5', '1.5', 'short'])('a net quantity of %j fails the reading', (netqty) => {
  expect(thrownBy(() => fromPositions(position({ netqty }), reading))).toBe('ALGO_REPLY_UNREADABLE');
});

test('what was carried over counts, and what was closed has its profit', () => {
  const [read] = fromPositions(
    position({
      buyqty: '10',
      cfbuyqty: '5',
      sellqty: '12',
      cfsellqty: '',
      netqty: '3',
      totalbuyavgprice: '100.10',
      totalsellavgprice: '101.35',
    }),
    reading,
  );
  expect(read).toMatchObject({ boughtQuantity: 15, soldQuantity: 12, quantity: 3, realizedProfit: 15 });
});

test('where the totals are missing, the prices of the day stand for them', () => {
  const change = { totalbuyavgprice: '', totalsellavgprice: null, buyavgprice: '7', sellavgprice: '8' };
  expect(fromPositions(position(change), reading)[0]).toMatchObject({ averageBuyPrice: 7, averageSellPrice: 8 });
});

test('no positions is an empty list', () => {
  expect(fromPositions(envelope(null), reading)).toEqual([]);
});

test('the holding of the docs, value by value', () => {
  expect(fromHoldings(fixture('holding_200.json'), reading)).toEqual([
    {
      instrument: null, // the sample master lists no Tata Steel
      symbol: 'TATASTEEL-EQ',
      isin: 'INE081A01020',
      quantity: 2,
      availableQuantity: 2,
      pledgedQuantity: 0,
      averagePrice: 111.87,
      lastPrice: 130.15,
    },
  ]);
});

test('what is pledged or bought yesterday is not offered for sale', () => {
  const row = {
    ...fixtureRow('holding_200.json'),
    symboltoken: '3045',
    exchange: 'NSE',
    quantity: 10,
    t1quantity: 3,
    realisedquantity: 7,
    collateralquantity: 4,
    ltp: 0,
  };
  expect(fromHoldings(envelope([row]), reading)).toMatchObject([
    { instrument: 'NSE:SBIN', quantity: 10, availableQuantity: 3, pledgedQuantity: 4, lastPrice: null },
  ]);
  expect(fromHoldings(envelope([{ ...row, collateralquantity: 9 }]), reading)[0]?.availableQuantity).toBe(0);
});

test('holdings come as a list, in an object, or as none', () => {
  const row = fixtureRow('holding_200.json');
  expect(fromHoldings(envelope({ holdings: [row], totalholding: {} }), reading)).toHaveLength(1);
  expect(fromHoldings(envelope({ holdings: null, totalholding: null }), reading)).toEqual([]);
  expect(fromHoldings(envelope(null), reading)).toEqual([]);
  for (const data of [undefined, 'x', {}, [{}]])
    expect(thrownBy(() => fromHoldings(envelope(data), reading))).toBe('ALGO_REPLY_UNREADABLE');
});

test('the funds of the docs, and texts that are null', () => {
  expect(fromFunds(fixture('rms_200.json'))).toEqual({
    available: 9_999_999_999_999,
    used: 0,
    collateral: 0,
    withdrawable: 0,
    openingBalance: 9_999_999_999_999,
  });
  expect(fromFunds(envelope({ net: '900.5', availablecash: null, utiliseddebits: '99.5', collateral: '- 1' }))).toEqual(
    {
      available: 900.5,
      used: 99.5,
      collateral: -1,
      withdrawable: 0,
      openingBalance: 1_000,
    },
  );
  expect(thrownBy(() => fromFunds(envelope({ net: null, availablecash: null })))).toBe('ALGO_REPLY_UNREADABLE');
  expect(thrownBy(() => fromFunds(envelope(null)))).toBe('ALGO_REPLY_UNREADABLE');
});

test('the margin of the docs', () => {
  expect(fromMargin(fixture('margin_batch_200.json'))).toEqual({ required: 29_612.35, available: null });
  expect(thrownBy(() => fromMargin(envelope({})))).toBe('ALGO_REPLY_UNREADABLE');
});

test('the profile of the docs: a list within a text', () => {
  expect(fromProfile(fixture('profile_200.json'))).toEqual({
    clientId: 'YOUR_CLIENT_CODE',
    name: 'YOUR_NAME',
    sessionEndsAtMs: null,
    segments: ['NSE', 'BSE', 'MCX', 'CDS', 'NCDEX', 'NFO'],
    dataPlanActive: null,
  });
});

test.each<[unknown, readonly string[]]>([
  [['NSE', 5], ['NSE']],
  ['NSE', []],
  ['"NSE"', []],
  [null, []],
])('exchanges written as %j', (exchanges, segments) => {
  expect(fromProfile(envelope({ clientcode: 'D1', exchanges })).segments).toEqual(segments);
});

test('a profile that names nobody cannot be read', () => {
  expect(thrownBy(() => fromProfile(envelope({ name: 'x' })))).toBe('ALGO_REPLY_UNREADABLE');
});

const MIDNIGHT = Date.UTC(2026, 10, 20, 18, 30);

test('a session ends at midnight, or when its token says so before', () => {
  expect(sessionEndsAtMs(NOW_MS, (NOW_MS + 3_600_000) / 1_000)).toBe(NOW_MS + 3_600_000);
  expect(sessionEndsAtMs(NOW_MS, (MIDNIGHT + 3_600_000) / 1_000)).toBe(MIDNIGHT);
  for (const odd of [undefined, 'soon', Number.NaN, 0, -1, NOW_MS, 1e300])
    expect(sessionEndsAtMs(NOW_MS, odd)).toBe(MIDNIGHT);
});

test('no portfolio, however odd, throws anything but an AlgoError', () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.constantFrom(null, '', '- 5', '1.5'), fc.anything());
  const rowOf = (name: string): fc.Arbitrary<unknown> =>
    fc
      .dictionary(fc.constantFrom(...Object.keys(fixtureRow(name))), value)
      .map((change) => ({ ...fixtureRow(name), ...change }));
  const body = fc
    .oneof(
      fc.array(fc.oneof(rowOf('positions_200.json'), rowOf('holding_200.json'), rowOf('rms_200.json')), {
        maxLength: 2,
      }),
      fc.anything(),
    )
    .map(envelope);
  fc.assert(
    fc.property(body, (reply) => {
      for (const task of [
        () => fromPositions(reply, reading),
        () => fromHoldings(reply, reading),
        () => fromFunds(reply),
        () => fromMargin(reply),
        () => fromProfile(reply),
      ]) {
        try {
          task();
        } catch (error) {
          expect(isAlgoError(error)).toBe(true);
        }
      }
    }),
    { numRuns: FUZZ_RUNS / 5 },
  );
});
