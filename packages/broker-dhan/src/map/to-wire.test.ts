import fc from 'fast-check';
import { isAlgoError, parsePrice } from '@algo/core/adapter';
import type { Listing, ModifyCommand, PlaceCommand } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { fixtureRow, listingNamed } from '../../test/support/account.js';
import {
  checkedOrderId,
  checkedTag,
  toChartBodies,
  toModifyOrderBody,
  toPlaceOrderBody,
  toQuoteBody,
} from './to-wire.js';
import { toWireQuantity, unitsPerWireUnit } from './quantity.js';

const tcs = listingNamed('NSE:TCS');
const rupees = (price: number | string): number => parsePrice(price) ?? Number.NaN;
const sent = (body: unknown): unknown => JSON.parse(JSON.stringify(body));

const place: PlaceCommand = {
  tag: 'ABC234',
  listing: tcs,
  side: 'BUY',
  quantity: 5,
  type: 'LIMIT',
  price: rupees(3345.8),
  triggerPrice: null,
  product: 'MIS',
  validity: 'DAY',
};

const modify: ModifyCommand = {
  brokerOrderId: '112111182045',
  tag: 'ABC234',
  order: { tag: 'ABC234', listing: tcs, side: 'BUY', type: 'LIMIT', product: 'MIS' },
  quantity: 40,
  type: 'LIMIT',
  price: rupees(3345.8),
  triggerPrice: null,
  validity: 'DAY',
};

const codeOf = (task: () => unknown): string => {
  try {
    task();
  } catch (error) {
    return isAlgoError(error) ? error.code : String(error);
  }
  return 'none';
};

test('a limit order is sent whole, with numbers as numbers and nothing that is not used', () => {
  expect(sent(toPlaceOrderBody(place, '1000000003'))).toEqual({
    dhanClientId: '1000000003',
    correlationId: 'ABC234',
    transactionType: 'BUY',
    exchangeSegment: 'NSE_EQ',
    productType: 'INTRADAY',
    orderType: 'LIMIT',
    validity: 'DAY',
    securityId: '11536',
    quantity: 5,
    price: 3345.8,
  });
});

test('a market order carries no price, whatever the command says', () => {
  const body = sent(toPlaceOrderBody({ ...place, type: 'MARKET', triggerPrice: rupees(1) }, '1000000003'));
  expect(body).not.toHaveProperty('price');
  expect(body).not.toHaveProperty('triggerPrice');
});

test('a stop order carries both prices', () => {
  const body = toPlaceOrderBody({ ...place, type: 'SL', side: 'SELL', triggerPrice: rupees('3340.05') }, '1000000003');
  expect(sent(body)).toMatchObject({
    orderType: 'STOP_LOSS',
    transactionType: 'SELL',
    price: 3345.8,
    triggerPrice: 3340.05,
  });
});

test('every field of a place and a modify is one of the documented request', () => {
  const placed = Object.keys(toPlaceOrderBody({ ...place, type: 'SL', triggerPrice: 1 }, '1'));
  expect(Object.keys(fixtureRow('order_place_request.json'))).toEqual(expect.arrayContaining(placed));
  const modified = Object.keys(toModifyOrderBody({ ...modify, type: 'SL', triggerPrice: 1 }, '1'));
  expect(Object.keys(fixtureRow('order_modify_request.json'))).toEqual(expect.arrayContaining(modified));
});

test('a modify is sent whole, with the total quantity', () => {
  expect(sent(toModifyOrderBody(modify, '1000000009'))).toEqual({
    dhanClientId: '1000000009',
    orderId: '112111182045',
    orderType: 'LIMIT',
    legName: '',
    quantity: 40,
    price: 3345.8,
    validity: 'DAY',
  });
});

test.each([
  ['CNC', 'CNC'],
  ['MIS', 'INTRADAY'],
  ['NRML', 'MARGIN'],
  ['MTF', 'MTF'],
] as const)('product %s is %s', (product, word) => {
  expect(toPlaceOrderBody({ ...place, product }, '1').productType).toBe(word);
});

test.each([
  ['NSE:RELIANCE', 'NSE_EQ'],
  ['BSE:RELIANCE', 'BSE_EQ'],
  ['NFO:NIFTY:2026-09-29:FUT', 'NSE_FNO'],
  ['BFO:SENSEX:2026-09-17:74300:CE', 'BSE_FNO'],
] as const)('%s goes to %s', (instrument, segment) => {
  expect(toPlaceOrderBody({ ...place, listing: listingNamed(instrument) }, '1').exchangeSegment).toBe(segment);
});

test.each<[string, Partial<PlaceCommand>, string]>([
  ['SL-M', { type: 'SL-M' }, 'ALGO_NOT_SUPPORTED'],
  ['an index', { listing: listingNamed('NSE:INDEX:NIFTY') }, 'ALGO_NOT_SUPPORTED'],
  ['a limit order without a price', { price: null }, 'ALGO_PRICE_NOT_ALLOWED'],
  ['a price of 0', { price: 0 }, 'ALGO_PRICE_NOT_ALLOWED'],
  ['a stop order without a trigger', { type: 'SL' }, 'ALGO_PRICE_NOT_ALLOWED'],
  ['a quantity of 0', { quantity: 0 }, 'ALGO_INVALID_INPUT'],
  ['half a share', { quantity: 0.5 }, 'ALGO_INVALID_INPUT'],
  ['a tag of 26 characters', { tag: 'A'.repeat(26) }, 'ALGO_INVALID_INPUT'],
  ['no tag', { tag: '' }, 'ALGO_INVALID_INPUT'],
  [
    'a commodity whose unit nobody said',
    { listing: listingNamed('MCX:GOLDM:2026-11-05:FUT') },
    'ALGO_QUANTITY_UNIT_UNKNOWN',
  ],
  [
    'a currency whose unit nobody said',
    { listing: listingNamed('CDS:EURINR:2025-08-01:102.75:CE') },
    'ALGO_QUANTITY_UNIT_UNKNOWN',
  ],
])('%s is refused before anything is sent', (_what, change, code) => {
  expect(codeOf(() => toPlaceOrderBody({ ...place, ...change }, '1'))).toBe(code);
});

test('a broker that counts lots gets lots, and a quantity between two lots is refused', () => {
  const config = { quantityUnits: { MCX: { kind: 'lots', unitsPerLot: { GOLDM: 100 } } } } as const;
  const listing = listingNamed('MCX:GOLDM:2026-11-05:FUT', config);
  expect(listing.lotSize).toBe(100);
  expect(toPlaceOrderBody({ ...place, listing, quantity: 300 }, '1').quantity).toBe(3);
  expect(codeOf(() => toPlaceOrderBody({ ...place, listing, quantity: 250 }, '1'))).toBe('ALGO_QUANTITY_OFF_LOT');
  expect(codeOf(() => toModifyOrderBody({ ...modify, order: { ...modify.order, listing }, quantity: 250 }, '1'))).toBe(
    'ALGO_QUANTITY_OFF_LOT',
  );
});

test('only plain tags and order ids come near a path', () => {
  for (const good of ['A', 'ABC-123', 'a'.repeat(25)]) expect(checkedTag(good)).toBe(good);
  for (const bad of ['', '..', 'A/B', 'A B', 'Ä', 'A?b=1', '%2e', 'a'.repeat(26)]) {
    expect(codeOf(() => checkedTag(bad))).toBe('ALGO_INVALID_INPUT');
  }
  expect(checkedOrderId('112111182045')).toBe('112111182045');
  for (const bad of ['', '..', '1/2', '1 2', '1'.repeat(65)])
    expect(codeOf(() => checkedOrderId(bad))).toBe('ALGO_INVALID_INPUT');
});

test('every price on the grid of ten-thousandths reaches the wire as the same decimal', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000_000_000 }), (price) => {
      const written = JSON.stringify(toPlaceOrderBody({ ...place, price }, '1').price);
      expect(parsePrice(written)).toBe(price);
    }),
    { numRuns: 2_000 },
  );
});

test('units to lots and back is the same quantity', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 100_000 }), (unitsPerLot, lots) => {
      const listing: Listing = { ...tcs, quantityUnit: { kind: 'lots', unitsPerLot } };
      const wire = toWireQuantity(lots * unitsPerLot, listing);
      expect(wire).toBe(lots);
      expect(wire * unitsPerWireUnit(listing)).toBe(lots * unitsPerLot);
    }),
    { numRuns: 2_000 },
  );
});

test('quotes are asked by segment with integer ids', () => {
  const listings = ['NSE:TCS', 'BSE:TCS', 'NSE:RELIANCE', 'NSE:INDEX:NIFTY'].map((instrument) =>
    listingNamed(instrument),
  );
  expect(toQuoteBody(listings)).toEqual({ NSE_EQ: [11536, 2885], BSE_EQ: [532540], IDX_I: [13] });
  expect(codeOf(() => toQuoteBody([{ ...tcs, token: 'abc' }]))).toBe('ALGO_INVALID_INPUT');
});

const at = (day: number, hour: number, minute = 0): number => Date.UTC(2026, 8, day, hour, minute) - 5.5 * 3_600_000;

test('daily candles are asked by date, the last day left out of the range as Dhan wants it', () => {
  const request = { instrument: 'NSE:TCS', interval: '1d', fromMs: at(1, 0), toMs: at(4, 0) } as const;
  expect(toChartBodies(tcs, request)).toEqual([
    {
      securityId: '11536',
      exchangeSegment: 'NSE_EQ',
      instrument: 'EQUITY',
      oi: false,
      fromDate: '2026-09-01',
      toDate: '2026-09-04',
    },
  ]);
  expect(toChartBodies(tcs, { ...request, toMs: at(4, 12) })[0]?.toDate).toBe('2026-09-05');
});

test('intraday candles are asked a minute early, since a bar at the very start is not returned', () => {
  const request = { instrument: 'NSE:TCS', interval: '25m', fromMs: at(1, 9, 15), toMs: at(1, 15, 30) } as const;
  expect(toChartBodies(tcs, request)).toMatchObject([
    { interval: '25', fromDate: '2026-09-01 09:14:00', toDate: '2026-09-01 15:30:00' },
  ]);
});

test('a long stretch becomes several calls, none longer than 90 days, without a gap', () => {
  const day = 86_400_000;
  for (const days of [1, 89, 90, 91, 200, 400]) {
    const request = { instrument: 'NSE:TCS', interval: '1m', fromMs: at(1, 9), toMs: at(1, 9) + days * day } as const;
    const bodies = toChartBodies(tcs, request);
    expect(bodies).toHaveLength(Math.ceil(days / 89));
    expect(bodies.at(-1)?.toDate).toBe(
      new Date(request.toMs + 5.5 * 3_600_000).toISOString().slice(0, 19).replace('T', ' '),
    );
    bodies.forEach((body, index) => {
      const span = Date.parse(body.toDate) - Date.parse(body.fromDate);
      expect(span).toBeLessThanOrEqual(90 * day);
      const before = bodies[index - 1];
      if (before) expect(Date.parse(body.fromDate)).toBeLessThan(Date.parse(before.toDate));
    });
  }
});

test('an empty stretch needs no call', () => {
  expect(toChartBodies(tcs, { instrument: 'NSE:TCS', interval: '1m', fromMs: 2, toMs: 2 })).toEqual([]);
});

test.each([
  ['NSE:RELIANCE', 'EQUITY'],
  ['NSE:INDEX:NIFTY', 'INDEX'],
  ['NFO:NIFTY:2026-09-29:FUT', 'FUTIDX'],
  ['NFO:RELIANCE:2026-07-28:FUT', 'FUTSTK'],
  ['BFO:SENSEX:2026-09-17:74300:CE', 'OPTIDX'],
  ['MCX:CRUDEOIL:2026-09-21:FUT', 'FUTCOM'],
  ['CDS:EURINR:2025-08-01:102.75:CE', 'OPTCUR'],
])('the chart of %s is one of %s', (instrument, word) => {
  const request = { instrument, interval: '1d', fromMs: at(1, 0), toMs: at(2, 0) } as const;
  expect(toChartBodies(listingNamed(instrument), request)[0]?.instrument).toBe(word);
});
