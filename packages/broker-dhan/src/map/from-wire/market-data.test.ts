import { isAlgoError } from '@algo/core/adapter';
import type { Listing } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { fixture, fixtureRow, listingNamed, NOW_MS } from '../../../test/support/account.js';
import { fromChart, fromQuotes, joinCandles } from './market-data.js';

const tcs = listingNamed('NSE:TCS');
const future = listingNamed('NFO:NIFTY:2026-09-29:FUT');
const option = (token: string): Listing => ({ ...future, token, instrument: `NFO:X:2026-11-24:${token}:CE` });

const codeOf = (task: () => unknown): string => {
  try {
    task();
  } catch (error) {
    return isAlgoError(error) ? error.code : String(error);
  }
  return 'none';
};

test('last prices come in the order asked, and what the broker left out is left out', () => {
  const asked = [option('49082'), tcs, option('99999'), option('49081'), listingNamed('BSE:TCS')];
  expect(fromQuotes(fixture('quote_ltp_200.json'), asked, 'ltp', NOW_MS)).toEqual([
    { instrument: 'NFO:X:2026-11-24:49082:CE', lastPrice: 694.35, asOfMs: NOW_MS, full: null },
    { instrument: 'NSE:TCS', lastPrice: 4520, asOfMs: NOW_MS, full: null },
    { instrument: 'NFO:X:2026-11-24:49081:CE', lastPrice: 368.15, asOfMs: NOW_MS, full: null },
  ]);
});

test('the full quote of the docs, value by value', () => {
  expect(fromQuotes(fixture('quote_full_200.json'), [option('49081')], 'full', NOW_MS)).toEqual([
    {
      instrument: 'NFO:X:2026-11-24:49081:CE',
      lastPrice: 368.15,
      asOfMs: NOW_MS,
      full: {
        open: 0,
        high: 0,
        low: 0,
        previousClose: 368.15,
        volume: 0,
        averagePrice: 0,
        openInterest: 0,
        lowerCircuit: 48.25,
        upperCircuit: 510.85,
        lastTradedAtMs: null,
        bids: [
          { price: 77, quantity: 1800, orders: 1 },
          { price: 50, quantity: 25, orders: 1 },
        ],
        asks: [],
      },
    },
  ]);
});

test('what never traded has no last price, and a share has no open interest', () => {
  const row = {
    last_price: 0,
    ohlc: { open: 0, high: 0, low: 0, close: 1 },
    volume: 0,
    average_price: 0,
    oi: 0,
    upper_circuit_limit: 0,
  };
  const body = { data: { NSE_EQ: { '11536': { ...row, last_trade_time: '20/11/2026 10:00:00' } } }, status: 'success' };
  expect(fromQuotes(body, [tcs], 'full', NOW_MS)).toMatchObject([
    {
      lastPrice: null,
      full: { openInterest: null, upperCircuit: null, lowerCircuit: null, lastTradedAtMs: NOW_MS, bids: [] },
    },
  ]);
});

test.each<[string, unknown]>([
  ['no data', { status: 'success' }],
  ['a price that is no number', { data: { NSE_EQ: { '11536': { last_price: 'x' } } } }],
  ['a row that is no object', { data: { NSE_EQ: { '11536': 5 } } }],
  ['a segment that is no object', { data: { NSE_EQ: [] } }],
  ['a list', []],
])('quotes with %s cannot be read', (_what, body) => {
  expect(codeOf(() => fromQuotes(body, [tcs], 'ltp', NOW_MS))).toBe('ALGO_REPLY_UNREADABLE');
});

test('a full quote without the day in it cannot be read', () => {
  const body = { data: { NSE_EQ: { '11536': { last_price: 1 } } } };
  expect(codeOf(() => fromQuotes(body, [tcs], 'full', NOW_MS))).toBe('ALGO_REPLY_UNREADABLE');
});

const all = { instrument: 'NSE:TCS', interval: '1d', fromMs: 0, toMs: NOW_MS } as const;

test('the daily candles of the docs, value by value', () => {
  const candles = fromChart(fixture('historical_daily_200.json'), all, tcs);
  expect(candles).toHaveLength(5);
  expect(candles[0]).toEqual({
    startMs: Date.UTC(2012, 0, 10, 18, 30),
    open: 3978,
    high: 3978,
    low: 3861,
    close: 3879.85,
    volume: 3937092,
    openInterest: null,
  });
  expect(candles[4]).toMatchObject({
    startMs: 1326565800000,
    open: 3877.85,
    high: 3977,
    low: 3860.05,
    close: 3968.15,
    volume: 3348123,
  });
});

test('candles are cut to the stretch asked for: its start belongs to it, its end does not', () => {
  const request = { ...all, fromMs: 1326306600000, toMs: 1326479400000 };
  expect(fromChart(fixture('historical_daily_200.json'), request, tcs).map(({ startMs }) => startMs)).toEqual([
    1326306600000, 1326393000000,
  ]);
});

test('a derivative has open interest, unless the broker sent none', () => {
  const chart = fixtureRow('historical_daily_200.json');
  expect(fromChart(chart, all, future)[0]?.openInterest).toBe(0);
  expect(fromChart({ ...chart, open_interest: [] }, all, future)[0]?.openInterest).toBeNull();
  expect(fromChart({ ...chart, open_interest: undefined }, all, future)[0]?.openInterest).toBeNull();
});

test('timestamps printed as floats are whole seconds', () => {
  const chart = { open: [1], high: [1], low: [1], close: [1], volume: [0], timestamp: [1.7375706e9] };
  expect(fromChart(chart, all, tcs)[0]?.startMs).toBe(1737570600000);
});

test('columns of different length, or of something else than numbers, cannot be read', () => {
  const chart = fixtureRow('historical_daily_200.json');
  expect(codeOf(() => fromChart({ ...chart, close: [1] }, all, tcs))).toBe('ALGO_REPLY_UNREADABLE');
  expect(codeOf(() => fromChart({ ...chart, close: ['a', 1, 1, 1, 1] }, all, tcs))).toBe('ALGO_REPLY_UNREADABLE');
  expect(codeOf(() => fromChart({}, all, tcs))).toBe('ALGO_REPLY_UNREADABLE');
});

test('parts are joined oldest first, each start once', () => {
  const [first, second, third] = fromChart(fixture('historical_daily_200.json'), all, tcs);
  if (!first || !second || !third) throw new Error('too few candles');
  expect(
    joinCandles([
      [second, third],
      [first, second],
    ]),
  ).toEqual([first, second, third]);
});
