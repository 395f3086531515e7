import type { CandleRequest } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { fixture, listingNamed, NOW_MS, thrownBy } from '../../../test/support/account.js';
import { fromCandles, fromQuotes, joinCandles } from './market-data.js';

const sbin = listingNamed('NSE:SBIN');
const future = listingNamed('NFO:NIFTY:2026-07-28:FUT');
const envelope = (data: unknown): unknown => ({ status: true, message: 'SUCCESS', errorcode: '', data });

test('last prices come in the order asked, and what the broker left out is left out', () => {
  const row = { exchange: 'NFO', symbolToken: '61093', ltp: '24000.5' };
  const body = envelope({
    fetched: [{ exchange: 'NSE', symbolToken: '3045', ltp: 0 }, row],
    unfetched: [{ exchange: 'NSE', symbolToken: '2885' }],
  });
  expect(fromQuotes(body, [future, listingNamed('NSE:RELIANCE'), sbin], 'ltp', NOW_MS)).toEqual([
    { instrument: 'NFO:NIFTY:2026-07-28:FUT', lastPrice: 24_000.5, asOfMs: NOW_MS, full: null },
    { instrument: 'NSE:SBIN', lastPrice: null, asOfMs: NOW_MS, full: null },
  ]);
  expect(fromQuotes(fixture('quote_ltp_200.json'), [sbin], 'ltp', NOW_MS)[0]?.lastPrice).toBe(571.75);
});

test('one token at two exchanges is two instruments', () => {
  const body = envelope({ fetched: [{ exchange: 'BSE', symbolToken: '3045', ltp: 9 }], unfetched: [] });
  expect(fromQuotes(body, [sbin], 'ltp', NOW_MS)).toEqual([]);
});

test('the full quote of the docs, value by value', () => {
  const [quote] = fromQuotes(fixture('quote_full_200.json'), [sbin], 'full', NOW_MS);
  expect(quote?.full).toEqual({
    open: 567.4,
    high: 569.35,
    low: 566.1,
    previousClose: 567.4,
    volume: 3_556_150,
    averagePrice: 567.83,
    openInterest: null,
    lowerCircuit: 510.7,
    upperCircuit: 624.1,
    lastTradedAtMs: Date.UTC(2023, 5, 21, 5, 16, 9),
    bids: [
      { price: 568.2, quantity: 511, orders: 2 },
      { price: 568.15, quantity: 411, orders: 2 },
      { price: 568.1, quantity: 31, orders: 2 },
      { price: 568.05, quantity: 1_020, orders: 8 },
      { price: 568, quantity: 1_704, orders: 28 },
    ],
    asks: [
      { price: 568.25, quantity: 3_348, orders: 5 },
      { price: 568.3, quantity: 4_447, orders: 13 },
      { price: 568.35, quantity: 3_768, orders: 11 },
      { price: 568.4, quantity: 8_500, orders: 40 },
      { price: 568.45, quantity: 4_814, orders: 17 },
    ],
  });
});

test('a derivative has open interest, a level of zeros is no level, and depth may be missing', () => {
  const row = {
    exchange: 'NFO',
    symbolToken: '61093',
    ltp: 1,
    open: 1,
    high: 1,
    low: 1,
    close: 1,
    avgPrice: 1,
    tradeVolume: 5,
    opnInterest: 77,
    upperCircuit: 0,
  };
  const zeros = { buy: [{ price: 0, quantity: 0, orders: 0 }], sell: [] };
  const full = (change: object): unknown =>
    fromQuotes(envelope({ fetched: [{ ...row, ...change }] }), [future], 'full', NOW_MS)[0]?.full;
  expect(full({ depth: zeros })).toMatchObject({
    openInterest: 77,
    upperCircuit: null,
    bids: [],
    asks: [],
    lastTradedAtMs: null,
  });
  expect(full({})).toMatchObject({ bids: [], asks: [] });
});

test.each<[string, unknown]>([
  ['no data', { status: true }],
  ['a price that is no number', envelope({ fetched: [{ exchange: 'NSE', symbolToken: '3045', ltp: 'x' }] })],
  ['a row that is no object', envelope({ fetched: [5] })],
  ['a list', envelope([])],
  ['nothing fetched said', envelope({ unfetched: [] })],
])('quotes with %s cannot be read', (_what, body) => {
  expect(thrownBy(() => fromQuotes(body, [sbin], 'ltp', NOW_MS))).toBe('ALGO_REPLY_UNREADABLE');
});

test('nothing fetched is no quotes', () => {
  expect(fromQuotes(envelope({ fetched: null, unfetched: [] }), [sbin], 'ltp', NOW_MS)).toEqual([]);
});

const AT = Date.UTC(2023, 8, 6, 5, 45);
const request: CandleRequest = { instrument: 'NSE:SBIN', interval: '5m', fromMs: 0, toMs: NOW_MS };

test('the candle of the docs, value by value', () => {
  expect(fromCandles(fixture('candles_200.json'), request)).toEqual([
    { startMs: AT, open: 19_571.2, high: 19_573.35, low: 19_534.4, close: 19_552.05, volume: 0, openInterest: null },
  ]);
});

test('candles are cut to the stretch asked for: its start belongs to it, its end does not', () => {
  const body = fixture('candles_200.json');
  expect(fromCandles(body, { ...request, fromMs: AT })).toHaveLength(1);
  expect(fromCandles(body, { ...request, fromMs: AT + 1 })).toHaveLength(0);
  expect(fromCandles(body, { ...request, toMs: AT })).toHaveLength(0);
});

test('no candles is an empty list', () => {
  expect(fromCandles(envelope(null), request)).toEqual([]);
  expect(fromCandles(envelope([]), request)).toEqual([]);
});

test.each<[string, unknown]>([
  ['no list', {}],
  ['a candle that is no list', [5]],
  ['a candle cut short', [['2023-09-06T11:15:00+05:30', 1, 2, 3]]],
  ['a price as text', [['2023-09-06T11:15:00+05:30', '1', 2, 3, 4, 5]]],
  ['a time without a zone', [['2023-09-06T11:15:00', 1, 2, 3, 4, 5]]],
  ['a time that is a number', [[1_693_979_100, 1, 2, 3, 4, 5]]],
])('candles with %s cannot be read', (_what, data) => {
  expect(thrownBy(() => fromCandles(envelope(data), request))).toBe('ALGO_REPLY_UNREADABLE');
});

test('parts are joined oldest first, each start once', () => {
  const bar = (startMs: number) => ({ startMs, open: 1, high: 1, low: 1, close: 1, volume: 1, openInterest: null });
  expect(
    joinCandles([
      [bar(2), bar(3)],
      [bar(1), bar(2)],
    ]).map(({ startMs }) => startMs),
  ).toEqual([1, 2, 3]);
});
