import fc from 'fast-check';
import { parsePrice } from '@algo/core/adapter';
import type { Listing, ModifyCommand, PlaceCommand } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { FUZZ_RUNS, codeNow, listingNamed } from '../../test/support/account.js';
import { toWireQuantity, unitsPerWireUnit } from './quantity.js';
import {
  checkedOrderId,
  checkedTag,
  lengthOf,
  toModifyOrderBody,
  toOhlcQueries,
  toPlaceOrderBody,
  toQuoteBody,
} from './to-wire.js';
import type { Sender } from './to-wire.js';

const investor: Sender = { broker: 'jainam', dealtFor: null };
const dealer: Sender = { broker: 'jainam', dealtFor: 'C1' };
const reliance = listingNamed('NSE:RELIANCE');
const future = listingNamed('NFO:NIFTY:2026-06-30:FUT');

const place: PlaceCommand = {
  tag: 'ABC234',
  listing: reliance,
  side: 'BUY',
  quantity: 5,
  type: 'LIMIT',
  price: 12_885_000,
  triggerPrice: null,
  product: 'CNC',
  validity: 'DAY',
};

const modify: ModifyCommand = {
  brokerOrderId: '10026325',
  tag: 'DEF567',
  order: { tag: 'ABC234', listing: reliance, side: 'BUY', type: 'LIMIT', product: 'MIS' },
  quantity: 40,
  type: 'LIMIT',
  price: 12_880_000,
  triggerPrice: null,
  validity: 'DAY',
};

const sent = (body: unknown): unknown => JSON.parse(JSON.stringify(body));

test('a limit order is sent whole, with numbers as numbers and without a client', () => {
  expect(sent(toPlaceOrderBody(place, investor))).toEqual({
    exchangeSegment: 'NSECM',
    exchangeInstrumentID: 2885,
    productType: 'CNC',
    orderType: 'LIMIT',
    orderSide: 'BUY',
    timeInForce: 'DAY',
    disclosedQuantity: 0,
    orderQuantity: 5,
    limitPrice: 1288.5,
    stopPrice: 0,
    orderUniqueIdentifier: 'ABC234',
  });
});

test('a dealer names the client in the body', () => {
  expect(sent(toPlaceOrderBody(place, dealer))).toMatchObject({ clientID: 'C1' });
  expect(sent(toModifyOrderBody(modify, dealer))).toMatchObject({ clientID: 'C1' });
});

test('a modify is sent whole, with the total quantity, and the product and tag the order has', () => {
  expect(sent(toModifyOrderBody(modify, investor))).toEqual({
    appOrderID: 10026325,
    modifiedProductType: 'MIS',
    modifiedOrderType: 'LIMIT',
    modifiedOrderQuantity: 40,
    modifiedDisclosedQuantity: 0,
    modifiedLimitPrice: 1288,
    modifiedStopPrice: 0,
    modifiedTimeInForce: 'DAY',
    orderUniqueIdentifier: 'ABC234',
  });
});

test.each([
  ['MARKET', 'MARKET', 0, 0],
  ['LIMIT', 'LIMIT', 1288.5, 0],
  ['SL', 'STOPLIMIT', 1288.5, 1290.05],
  ['SL-M', 'STOPMARKET', 0, 1290.05],
] as const)('%s is %s and carries the prices it needs and no other', (type, word, limitPrice, stopPrice) => {
  const prices = { price: 12_885_000, triggerPrice: 12_900_500 };
  expect(toPlaceOrderBody({ ...place, ...prices, type }, investor)).toMatchObject({
    orderType: word,
    limitPrice,
    stopPrice,
  });
  expect(toModifyOrderBody({ ...modify, ...prices, type }, investor)).toMatchObject({
    modifiedOrderType: word,
    modifiedLimitPrice: limitPrice,
    modifiedStopPrice: stopPrice,
  });
});

test.each(['CNC', 'MIS', 'NRML'] as const)('product %s keeps its word', (product) => {
  expect(toPlaceOrderBody({ ...place, product }, investor).productType).toBe(product);
});

test.each<[string, Partial<PlaceCommand>, string]>([
  ['an index', { listing: listingNamed('NSE:INDEX:NIFTY') }, 'ALGO_NOT_SUPPORTED'],
  ['MTF', { product: 'MTF' }, 'ALGO_NOT_SUPPORTED'],
  ['a limit order without a price', { price: null }, 'ALGO_PRICE_NOT_ALLOWED'],
  ['a price of 0', { price: 0 }, 'ALGO_PRICE_NOT_ALLOWED'],
  ['a stop order without a trigger', { type: 'SL' }, 'ALGO_PRICE_NOT_ALLOWED'],
  ['a stop market order without a trigger', { type: 'SL-M' }, 'ALGO_PRICE_NOT_ALLOWED'],
  ['a quantity of 0', { quantity: 0 }, 'ALGO_INVALID_INPUT'],
  ['half a share', { quantity: 0.5 }, 'ALGO_INVALID_INPUT'],
  ['a tag of 21 characters', { tag: 'A'.repeat(21) }, 'ALGO_INVALID_INPUT'],
  ['no tag', { tag: '' }, 'ALGO_INVALID_INPUT'],
  ['a tag with a hyphen', { tag: 'A-B' }, 'ALGO_INVALID_INPUT'],
  ['a token that is no number', { listing: { ...reliance, token: 'x' } }, 'ALGO_INVALID_INPUT'],
  [
    'a contract whose unit nobody said',
    { listing: { ...future, quantityUnit: { kind: 'unknown' } } },
    'ALGO_QUANTITY_UNIT_UNKNOWN',
  ],
])('%s is refused before anything is sent', (_what, change, code) => {
  expect(codeNow(() => toPlaceOrderBody({ ...place, ...change }, investor))).toBe(code);
});

test('a tag goes out whole, of any length that fits', () => {
  for (const tag of ['A', 'ABCDEFGHIJ23456', 'A'.repeat(20)]) {
    expect(toPlaceOrderBody({ ...place, tag }, investor).orderUniqueIdentifier).toBe(tag);
    expect(checkedTag(tag)).toBe(tag);
  }
});

test('an order id is digits that a number can carry', () => {
  for (const good of ['1', '10026325', '9007199254740991']) expect(checkedOrderId(good)).toBe(good);
  for (const bad of ['', '0', '01', '-1', '1.5', 'abc', '1&clientID=x', '9007199254740993', '1'.repeat(17)])
    expect(codeNow(() => checkedOrderId(bad))).toBe('ALGO_INVALID_INPUT');
});

test('every price on the grid of ten-thousandths reaches the wire as the same decimal', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000_000_000 }), (price) => {
      expect(parsePrice(JSON.stringify(toPlaceOrderBody({ ...place, price }, investor).limitPrice))).toBe(price);
    }),
    { numRuns: FUZZ_RUNS / 5 },
  );
});

test('units to lots and back is the same quantity, and what lies between two lots is refused', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 10_000 }), fc.integer({ min: 1, max: 100_000 }), (unitsPerLot, lots) => {
      const listing: Listing = { ...future, quantityUnit: { kind: 'lots', unitsPerLot } };
      const wire = toWireQuantity(lots * unitsPerLot, listing, 'jainam');
      expect(wire * unitsPerWireUnit(listing)).toBe(lots * unitsPerLot);
      expect(codeNow(() => toWireQuantity(lots * unitsPerLot + 1, listing, 'jainam'))).toBe('ALGO_QUANTITY_OFF_LOT');
    }),
    { numRuns: FUZZ_RUNS / 5 },
  );
});

test('quotes are asked by the number of the segment', () => {
  const listings = ['NSE:RELIANCE', 'NSE:INDEX:NIFTY', 'BFO:SENSEX:2026-06-25:FUT'].map((one) => listingNamed(one));
  expect(toQuoteBody(listings, 1502)).toEqual({
    instruments: [
      { exchangeSegment: 1, exchangeInstrumentID: 2885 },
      { exchangeSegment: 1, exchangeInstrumentID: 26000 },
      { exchangeSegment: 12, exchangeInstrumentID: 1105863 },
    ],
    xtsMessageCode: 1502,
    publishFormat: 'JSON',
  });
  expect(codeNow(() => toQuoteBody([{ ...reliance, segment: 'XYZ' }], 1501))).toBe('ALGO_INVALID_INPUT');
});

const DAY_MS = 86_400_000;
const ist = (day: number, hour: number, minute = 0): number => Date.UTC(2026, 5, day, hour, minute) - 5.5 * 3_600_000;
const asked = { broker: 'jainam', daysPerCall: 7 };

test('candles are asked in IST, one bar further, since bars are stamped at their end', () => {
  const request = {
    instrument: 'NSE:RELIANCE',
    interval: '5m',
    fromMs: ist(18, 9, 15),
    toMs: ist(18, 15, 30),
  } as const;
  expect(toOhlcQueries(reliance, request, asked)).toEqual([
    {
      exchangeSegment: '1',
      exchangeInstrumentID: '2885',
      startTime: 'Jun 18 2026 091500',
      endTime: 'Jun 18 2026 153500',
      compressionValue: '300',
    },
  ]);
});

test('a long stretch becomes several calls, without a gap between them', () => {
  const request = {
    instrument: 'NSE:RELIANCE',
    interval: '1d',
    fromMs: ist(1, 0),
    toMs: ist(1, 0) + 15 * DAY_MS,
  } as const;
  const queries = toOhlcQueries(reliance, request, asked);
  expect(queries.map(({ startTime, endTime, compressionValue }) => [startTime, endTime, compressionValue])).toEqual([
    ['Jun 01 2026 000000', 'Jun 09 2026 000000', 'D'],
    ['Jun 08 2026 000000', 'Jun 16 2026 000000', 'D'],
    ['Jun 15 2026 000000', 'Jun 17 2026 000000', 'D'],
  ]);
  expect(toOhlcQueries(reliance, { ...request, toMs: request.fromMs }, asked)).toEqual([]);
});

test.each([
  ['1m', '60'],
  ['2m', '120'],
  ['3m', '180'],
  ['5m', '300'],
  ['10m', '600'],
  ['15m', '900'],
  ['30m', '1800'],
  ['60m', '3600'],
  ['1d', 'D'],
] as const)('bars of %s are asked as %s', (interval, word) => {
  const request = { instrument: 'NSE:RELIANCE', interval, fromMs: ist(18, 9), toMs: ist(18, 10) };
  expect(toOhlcQueries(reliance, request, asked)[0]?.compressionValue).toBe(word);
});

test('bars that XTS does not make are refused', () => {
  for (const interval of ['25m', '1w'] as const)
    expect(codeNow(() => lengthOf(interval, 'jainam'))).toBe('ALGO_NOT_SUPPORTED');
});
