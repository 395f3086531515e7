import { isAlgoError } from '@algo/core/adapter';
import type { Listing } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { fixture, listingNamed, NOW_MS } from '../../../test/support/account.js';
import { fromCandles, fromQuotes, joinCandles } from './market-data.js';

const tcs = listingNamed('NSE:TCS');
const future = listingNamed('NFO:NIFTY:2026-12-29:FUT');
const sensex: Listing = {
  ...tcs,
  instrument: 'BSE:INDEX:SENSEX',
  contract: { kind: 'index', exchange: 'BSE', symbol: 'SENSEX' },
  segment: 'bse_cm',
  token: '1',
};

const codeOf = (task: () => unknown): string => {
  try {
    task();
  } catch (error) {
    return isAlgoError(error) ? error.code : String(error);
  }
  return 'none';
};

/** By the field list of the documentation; the one printed reply is of an index. */
const quote = (change: object = {}): object => ({
  exchange_token: '11536',
  display_symbol: 'TCS-EQ',
  exchange: 'nse_cm',
  lstup_time: '1795149000',
  ltp: '3345.8000',
  last_volume: '1200',
  avg_cost: '3340.1200',
  open_int: '55',
  low_price_range: '3011.2000',
  high_price_range: '3680.4000',
  ohlc: { open: '3330', high: '3350', low: '3325', close: '3328.5000' },
  depth: {
    buy: [
      { price: '3345.75', quantity: '10', orders: '2' },
      { price: '0', quantity: '0', orders: '0' },
    ],
    sell: [{ price: '3345.85', quantity: '7', orders: '1' }],
  },
  ...change,
});

test('the quote of the documentation: an index, asked by its name', () => {
  expect(fromQuotes(fixture('quotes_docs_200.json'), [sensex], 'full', NOW_MS)).toEqual([
    {
      instrument: 'BSE:INDEX:SENSEX',
      lastPrice: 81809.34,
      asOfMs: NOW_MS,
      full: {
        open: 81925.51,
        high: 81998.51,
        low: 81779.82,
        previousClose: 81904.7,
        volume: 0,
        averagePrice: 0,
        openInterest: null,
        lowerCircuit: null,
        upperCircuit: null,
        lastTradedAtMs: null,
        bids: [],
        asks: [],
      },
    },
  ]);
});

test('a full quote of a share, value by value', () => {
  expect(fromQuotes([quote()], [tcs], 'full', NOW_MS)[0]?.full).toEqual({
    open: 3330,
    high: 3350,
    low: 3325,
    previousClose: 3328.5,
    volume: 1200,
    averagePrice: 3340.12,
    openInterest: null,
    lowerCircuit: 3011.2,
    upperCircuit: 3680.4,
    lastTradedAtMs: null,
    bids: [{ price: 3345.75, quantity: 10, orders: 2 }],
    asks: [{ price: 3345.85, quantity: 7, orders: 1 }],
  });
  const [derivative] = fromQuotes([quote({ exchange: 'nse_fo', exchange_token: '900101' })], [future], 'full', NOW_MS);
  expect(derivative?.full?.openInterest).toBe(55);
  expect(fromQuotes([quote({ depth: null })], [tcs], 'full', NOW_MS)[0]?.full).toMatchObject({ bids: [], asks: [] });
});

test('last prices come in the order asked; what is left out is left out, what never traded has none', () => {
  const rows = [quote({ exchange: 'nse_fo', exchange_token: '900101', ltp: '0' }), quote()];
  expect(fromQuotes(rows, [tcs, sensex, future], 'ltp', 5)).toEqual([
    { instrument: 'NSE:TCS', lastPrice: 3345.8, asOfMs: 5, full: null },
    { instrument: 'NFO:NIFTY:2026-12-29:FUT', lastPrice: null, asOfMs: 5, full: null },
  ]);
});

test('an index that answers by its token is found too', () => {
  const rows = [quote({ exchange: 'bse_cm', exchange_token: '1', ltp: '81000' })];
  expect(fromQuotes(rows, [sensex], 'ltp', 5)).toMatchObject([{ lastPrice: 81000 }]);
});

test.each<[string, unknown]>([
  ['no list', {}],
  ['a row that is none', [1]],
  ['a price that is none', [quote({ ltp: 'x' })]],
  ['no price', [quote({ ltp: undefined })]],
  ['no token', [quote({ exchange_token: '' })]],
])('quotes with %s are unreadable', (_what, body) => {
  expect(codeOf(() => fromQuotes(body, [tcs], 'ltp', 5))).toBe('ALGO_REPLY_UNREADABLE');
});

test('a full quote without the range of the day is unreadable', () => {
  expect(codeOf(() => fromQuotes([quote({ ohlc: undefined })], [tcs], 'full', 5))).toBe('ALGO_REPLY_UNREADABLE');
  expect(codeOf(() => fromQuotes([quote({ depth: { buy: 1 } })], [tcs], 'full', 5))).toBe('ALGO_REPLY_UNREADABLE');
});

const FIRST_MS = Date.UTC(2026, 7, 20, 3, 45);
const request = { instrument: 'NSE:TCS', interval: '1m', fromMs: FIRST_MS, toMs: FIRST_MS + 120_000 } as const;
const body = fixture('historical_candles_200.json');

test('the candles of the documentation, value by value', () => {
  expect(fromCandles(body, request, tcs)).toEqual([
    {
      startMs: FIRST_MS,
      open: 12009.9,
      high: 12019.35,
      low: 12001.25,
      close: 12001.5,
      volume: 163275,
      openInterest: null,
    },
    {
      startMs: FIRST_MS + 60_000,
      open: 12001,
      high: 12003,
      low: 11998.25,
      close: 12001,
      volume: 105750,
      openInterest: null,
    },
  ]);
  expect(fromCandles(body, request, future)[0]?.openInterest).toBe(13667775);
});

test('candles are cut to the stretch asked for: the end is not in it', () => {
  expect(fromCandles(body, { ...request, toMs: FIRST_MS + 60_000 }, tcs)).toHaveLength(1);
  expect(fromCandles(body, { ...request, fromMs: FIRST_MS + 1 }, tcs)).toHaveLength(1);
});

const withCandle = (...candle: readonly unknown[]): unknown => ({ status: 'success', data: { candles: [candle] } });
const START = '2026-08-20T09:15:00+0530';

test('open interest that is not filled in is none', () => {
  expect(fromCandles(withCandle(START, 1, 1, 1, 1, 1, 0), request, future)[0]?.openInterest).toBeNull();
  expect(fromCandles(withCandle(START, 1, 1, 1, 1, 1), request, future)[0]?.openInterest).toBeNull();
});

test.each<[string, unknown]>([
  ['no word of success', { data: { candles: [] } }],
  ['an error', { status: 'error', data: { candles: [] } }],
  ['no data', { status: 'success' }],
  ['a row that is none', { status: 'success', data: { candles: [{}] } }],
  ['no time', withCandle(1, 1, 1, 1, 1, 1)],
  ['a time of another zone', withCandle('2026-08-20T09:15:00Z', 1, 1, 1, 1, 1)],
  ['a price that is text', withCandle(START, '1', 1, 1, 1, 1)],
  ['too few numbers', withCandle(START, 1, 1, 1)],
])('candles with %s are unreadable', (_what, wrong) => {
  expect(codeOf(() => fromCandles(wrong, request, tcs))).toBe('ALGO_REPLY_UNREADABLE');
});

test('parts are joined in order, each start once', () => {
  const [first, second] = fromCandles(body, request, tcs);
  if (first === undefined || second === undefined) throw new Error('no candles');
  expect(joinCandles([[second], [first, second]])).toEqual([first, second]);
});
