import fc from 'fast-check';
import { isAlgoError, parsePrice } from '@algo/core/adapter';
import type { CandleInterval, Listing, ModifyCommand, PlaceCommand } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { listingNamed } from '../../test/support/account.js';
import { toWireQuantity, unitsPerWireUnit } from './quantity.js';
import {
  CANDLE_INTERVALS,
  checkedOrderId,
  toCancelOrderBody,
  toCandleQueries,
  toMarginBody,
  toModifyOrderBody,
  toNeoSymbols,
  toPlaceOrderBody,
} from './to-wire.js';

const tcs = listingNamed('NSE:TCS');
const nifty = listingNamed('NSE:INDEX:NIFTY');
const future = listingNamed('NFO:NIFTY:2026-12-29:FUT');
const mcx: Listing = {
  ...future,
  instrument: 'MCX:GOLDM:2026-12-05:FUT',
  contract: { kind: 'future', exchange: 'MCX', underlying: 'GOLDM', expiry: '2026-12-05' },
  segment: 'mcx_fo',
};
const rupees = (price: number | string): number => parsePrice(price) ?? Number.NaN;

const place: PlaceCommand = {
  tag: 'AXQ3KZ7LMNB24CD',
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
  brokerOrderId: '250720000007242',
  tag: 'AXQ3KZ7LMNB25CD',
  order: { tag: 'AXQ3KZ7LMNB25CD', listing: tcs, side: 'SELL', type: 'LIMIT', product: 'CNC' },
  quantity: 40,
  type: 'SL',
  price: rupees(3345.8),
  triggerPrice: rupees(3346),
  validity: 'IOC',
};

const codeOf = (task: () => unknown): string => {
  try {
    task();
  } catch (error) {
    return isAlgoError(error) ? error.code : String(error);
  }
  return 'none';
};

test('a limit order is sent whole, every value as text, with the trading symbol and our tag', () => {
  expect(toPlaceOrderBody(place)).toEqual({
    am: 'NO',
    dq: '0',
    es: 'nse_cm',
    mp: '0',
    pc: 'MIS',
    pf: 'N',
    pr: '3345.8',
    pt: 'L',
    qt: '5',
    rt: 'DAY',
    tp: '0',
    ts: 'TCS-EQ',
    tt: 'B',
    ig: 'AXQ3KZ7LMNB24CD',
    os: 'NEOTRADEAPI',
  });
});

test('a market order carries a price of 0, whatever the command says', () => {
  expect(toPlaceOrderBody({ ...place, type: 'MARKET', triggerPrice: rupees(1) })).toMatchObject({
    pt: 'MKT',
    pr: '0',
    tp: '0',
  });
});

test('a stop order carries both prices', () => {
  expect(toPlaceOrderBody({ ...place, type: 'SL', side: 'SELL', triggerPrice: rupees('3340.05') })).toMatchObject({
    pt: 'SL',
    tt: 'S',
    pr: '3345.8',
    tp: '3340.05',
  });
});

test('a modify names the order, the contract and the whole new state, with the validity as vd', () => {
  expect(toModifyOrderBody(modify)).toEqual({
    no: '250720000007242',
    tk: '11536',
    ts: 'TCS-EQ',
    tt: 'S',
    es: 'nse_cm',
    pc: 'CNC',
    pt: 'SL',
    pr: '3345.8',
    tp: '3346',
    qt: '40',
    dq: '0',
    vd: 'IOC',
    mp: '0',
    dd: 'NA',
    am: 'NO',
    os: 'NEOTRADEAPI',
  });
});

test('a cancel names the order', () => {
  expect(toCancelOrderBody('250720000007242')).toEqual({ on: '250720000007242', am: 'NO' });
});

test('a margin question is sent whole', () => {
  expect(toMarginBody({ ...place, type: 'SL', triggerPrice: rupees(3340) })).toEqual({
    exSeg: 'nse_cm',
    prc: '3345.8',
    prcTp: 'SL',
    prod: 'MIS',
    qty: '5',
    tok: '11536',
    trnsTp: 'B',
    trgPrc: '3340',
    brkName: 'KOTAK',
    brnchId: 'ONLINE',
  });
});

test.each(['CNC', 'MIS', 'NRML', 'MTF'] as const)('product %s is the same word', (product) => {
  expect(toPlaceOrderBody({ ...place, product }).pc).toBe(product);
});

test.each<[string, Partial<PlaceCommand>, string]>([
  ['an index', { listing: nifty }, 'ALGO_NOT_SUPPORTED'],
  ['SL-M', { type: 'SL-M', triggerPrice: rupees(1) }, 'ALGO_NOT_SUPPORTED'],
  ['SL-M without a limit, which it has none of', { type: 'SL-M', price: null }, 'ALGO_NOT_SUPPORTED'],
  ['a limit order without a price', { price: null }, 'ALGO_PRICE_NOT_ALLOWED'],
  ['a limit order at 0, which Kotak would take for a market order', { price: 0 }, 'ALGO_PRICE_NOT_ALLOWED'],
  ['a price that is none', { price: Number.NaN }, 'ALGO_PRICE_NOT_ALLOWED'],
  ['a stop order at 0', { type: 'SL', price: 0, triggerPrice: rupees(1) }, 'ALGO_PRICE_NOT_ALLOWED'],
  ['a stop order without a trigger', { type: 'SL' }, 'ALGO_PRICE_NOT_ALLOWED'],
  ['no quantity', { quantity: 0 }, 'ALGO_INVALID_INPUT'],
  ['half a share', { quantity: 0.5 }, 'ALGO_INVALID_INPUT'],
  ['a negative quantity', { quantity: -1 }, 'ALGO_INVALID_INPUT'],
  ['no tag', { tag: '' }, 'ALGO_INVALID_INPUT'],
  ['a tag that is too long', { tag: 'A'.repeat(21) }, 'ALGO_INVALID_INPUT'],
  ['a tag with a hyphen, by which it could not be told from its suffix', { tag: 'ABC-D' }, 'ALGO_INVALID_INPUT'],
  ['IOC on MCX', { listing: mcx, validity: 'IOC' }, 'ALGO_NOT_SUPPORTED'],
])('%s is refused before anything is sent', (_what, change, code) => {
  expect(codeOf(() => toPlaceOrderBody({ ...place, ...change }))).toBe(code);
});

test('a modify is held to the same', () => {
  expect(codeOf(() => toModifyOrderBody({ ...modify, type: 'SL-M' }))).toBe('ALGO_NOT_SUPPORTED');
  expect(codeOf(() => toModifyOrderBody({ ...modify, price: 0 }))).toBe('ALGO_PRICE_NOT_ALLOWED');
  expect(codeOf(() => toModifyOrderBody({ ...modify, quantity: 1.5 }))).toBe('ALGO_INVALID_INPUT');
  expect(codeOf(() => toModifyOrderBody({ ...modify, brokerOrderId: 'x/y' }))).toBe('ALGO_INVALID_INPUT');
  expect(codeOf(() => toMarginBody({ ...place, listing: nifty }))).toBe('ALGO_NOT_SUPPORTED');
});

test('an order number can stand in a path, or is none', () => {
  expect(checkedOrderId('250720000007242')).toBe('250720000007242');
  for (const id of ['', '..', 'a/b', 'a?b', 'ä', 'a b', '9'.repeat(65)])
    expect(codeOf(() => checkedOrderId(id))).toBe('ALGO_INVALID_INPUT');
});

test('quantities are units where that is certain, lots where the host says so, and refused where nobody does', () => {
  expect(toWireQuantity(130, future)).toBe('130');
  const unknown: Listing = { ...mcx, quantityUnit: { kind: 'unknown' } };
  expect(codeOf(() => toWireQuantity(100, unknown))).toBe('ALGO_QUANTITY_UNIT_UNKNOWN');
  const lots: Listing = { ...mcx, quantityUnit: { kind: 'lots', unitsPerLot: 100 } };
  expect(toWireQuantity(300, lots)).toBe('3');
  expect(codeOf(() => toWireQuantity(150, lots))).toBe('ALGO_QUANTITY_OFF_LOT');
  expect([unitsPerWireUnit(lots), unitsPerWireUnit(unknown), unitsPerWireUnit(future), unitsPerWireUnit(null)]).toEqual(
    [100, 1, 1, 1],
  );
});

test('every price goes out as the plain decimal it is, and every quantity as plain digits', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 ** 12 }), fc.integer({ min: 1, max: 10 ** 9 }), (price, quantity) => {
      const { pr, qt } = toPlaceOrderBody({ ...place, price, quantity });
      expect(pr).toMatch(/^\d+(\.\d{1,4})?$/);
      expect(parsePrice(pr)).toBe(price);
      expect(qt).toBe(quantity.toFixed(0));
    }),
  );
});

test('quotes are asked by token, and of an index by its name', () => {
  expect(toNeoSymbols([tcs, nifty, future])).toBe('nse_cm|11536,nse_cm|Nifty%2050,nse_fo|900101');
  const other: Listing = {
    ...nifty,
    token: '26999',
    contract: { kind: 'index', exchange: 'NSE', symbol: 'NIFTY OF TOMORROW' },
  };
  expect(toNeoSymbols([other])).toBe('nse_cm|26999');
  expect(codeOf(() => toNeoSymbols([{ ...tcs, token: '1/../x' }]))).toBe('ALGO_INVALID_INPUT');
  expect(codeOf(() => toNeoSymbols([{ ...tcs, segment: 'NSE EQ' }]))).toBe('ALGO_INVALID_INPUT');
});

const DAY_MS = 86_400_000;
const FROM_MS = Date.UTC(2026, 5, 1, 3, 45); // 09:15 IST
const asked = (interval: CandleInterval, days: number, listing: Listing = tcs): readonly unknown[] =>
  toCandleQueries(listing, { instrument: 'x', interval, fromMs: FROM_MS, toMs: FROM_MS + days * DAY_MS }).map(
    ({ fromdate, todate, interval: word }) => [fromdate, todate, word],
  );

test('a stretch of candles is asked in parts that Kotak takes', () => {
  expect(asked('1m', 1)).toEqual([['2026-06-01', '2026-06-02', '1min']]);
  expect(asked('5m', 40)).toEqual([
    ['2026-06-01', '2026-06-30', '5min'],
    ['2026-06-30', '2026-07-11', '5min'],
  ]);
  expect(asked('1d', 200)).toHaveLength(2);
  expect(asked('1d', 0)).toEqual([]);
});

test('weeks are asked whole, from Monday', () => {
  // 2026-06-01 is a Monday, 175 days later is one too.
  expect(asked('1w', 200)).toEqual([
    ['2026-06-01', '2026-11-22', 'W'],
    ['2026-11-23', '2026-12-18', 'W'],
  ]);
  const midweek = {
    instrument: 'x',
    interval: '1w',
    fromMs: FROM_MS + 3 * DAY_MS,
    toMs: FROM_MS + 4 * DAY_MS,
  } as const;
  expect(toCandleQueries(tcs, midweek)).toMatchObject([{ fromdate: '2026-06-01', todate: '2026-06-05' }]);
});

test('what Kotak has no candles of is said', () => {
  expect(codeOf(() => asked('2m', 1))).toBe('ALGO_NOT_SUPPORTED');
  expect(codeOf(() => asked('1m', 1, mcx))).toBe('ALGO_NOT_SUPPORTED');
});

test('every interval of the capabilities can be asked, in parts without a gap and never longer than documented', () => {
  const longest: Partial<Record<CandleInterval, number>> = { '1m': 30, '3m': 30, '5m': 30, '10m': 60, '15m': 60 };
  for (const interval of CANDLE_INTERVALS) {
    const parts = toCandleQueries(tcs, { instrument: 'x', interval, fromMs: FROM_MS, toMs: FROM_MS + 400 * DAY_MS });
    const limit = longest[interval] ?? (interval.endsWith('m') ? 90 : 180);
    let covered = '2026-06-01';
    for (const { fromdate, todate } of parts) {
      expect((Date.parse(todate) - Date.parse(fromdate)) / DAY_MS + 1).toBeLessThanOrEqual(limit);
      expect(Date.parse(fromdate) - Date.parse(covered)).toBeLessThanOrEqual(DAY_MS);
      covered = todate;
    }
    expect(covered).toBe('2027-07-06');
  }
});
