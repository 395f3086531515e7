import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FUZZ_RUNS, NOW_MS, codeNow, listingNamed, reader, resultOf } from '../../../test/support/account.js';
import { fromOhlc, fromQuotes, joinCandles } from './market-data.js';

const reliance = listingNamed('NSE:RELIANCE');
const future = listingNamed('NFO:NIFTY:2026-06-30:FUT');
const sensex = listingNamed('BFO:SENSEX:2026-06-25:FUT');
const quotes = resultOf('quotes_1502_200.SYNTHETIC.json');

const listed = (...rows: readonly unknown[]): unknown => ({ listQuotes: rows });
const quote = (change: object): unknown => ({
  ExchangeSegment: 1,
  ExchangeInstrumentID: 2885,
  LastTradedPrice: 5,
  ...change,
});

test('a full quote, value by value', () => {
  expect(fromQuotes(reader, quotes, [reliance], 'full', NOW_MS)).toEqual([
    {
      instrument: 'NSE:RELIANCE',
      lastPrice: 1288.55,
      asOfMs: NOW_MS,
      full: {
        open: 1284,
        high: 1291.9,
        low: 1279.3,
        previousClose: 1283.16,
        volume: 3_201_445,
        averagePrice: 1285.12,
        openInterest: null,
        lowerCircuit: null,
        upperCircuit: null,
        lastTradedAtMs: (1_477_388_590 + 315_513_000) * 1_000,
        bids: [
          { price: 1288.5, quantity: 10, orders: 2 },
          { price: 1288.4, quantity: 25, orders: 3 },
        ],
        asks: [
          { price: 1288.6, quantity: 40, orders: 4 },
          { price: 1288.7, quantity: 5, orders: 1 },
        ],
      },
    },
  ]);
});

test('only the last price is read where only it was asked for', () => {
  const odd = quote({ Touchline: { LastTradedPrice: 7, Open: 'x' }, Bids: 'x' });
  expect(fromQuotes(reader, listed(odd), [reliance], 'ltp', NOW_MS)).toEqual([
    { instrument: 'NSE:RELIANCE', lastPrice: 7, asOfMs: NOW_MS, full: null },
  ]);
  expect(codeNow(() => fromQuotes(reader, listed(odd), [reliance], 'full', NOW_MS))).toBe('ALGO_REPLY_UNREADABLE');
});

test('in the order asked; what has no quote, or an empty one, is left out', () => {
  const rows = listed('', null, JSON.stringify(quote({})), quote({ ExchangeSegment: 2, ExchangeInstrumentID: 62329 }));
  const asked = [sensex, future, reliance];
  expect(fromQuotes(reader, rows, asked, 'ltp', NOW_MS).map(({ instrument }) => instrument)).toEqual([
    future.instrument,
    'NSE:RELIANCE',
  ]);
});

test('a flat touchline, an untraded instrument and padded depth', () => {
  const flat = quote({ LastTradedPrice: 0, Open: '1,284', Bids: [{ Size: 0, Price: 0 }], LastTradedTime: 0 });
  expect(fromQuotes(reader, listed(flat), [reliance], 'full', NOW_MS)[0]).toMatchObject({
    lastPrice: null,
    full: { open: 1284, high: 0, bids: [], asks: [], lastTradedAtMs: null },
  });
});

test('outside of NSE nobody knows from when times are counted', () => {
  const row = quote({ ExchangeSegment: 12, ExchangeInstrumentID: 1105863, LastTradedTime: 1_477_388_590 });
  expect(fromQuotes(reader, listed(row), [sensex], 'full', NOW_MS)[0]?.full?.lastTradedAtMs).toBeNull();
});

test('quotes that cannot be read fail the reading', () => {
  for (const odd of [
    {},
    { listQuotes: {} },
    listed('{'),
    listed(5),
    listed({}),
    listed(quote({ LastTradedPrice: 'x' })),
  ])
    expect(codeNow(() => fromQuotes(reader, odd, [reliance], 'ltp', NOW_MS))).toBe('ALGO_REPLY_UNREADABLE');
});

const START = Date.UTC(2026, 5, 18, 3, 45); // 09:15 IST
const day = { instrument: 'NSE:RELIANCE', interval: '1m', fromMs: 0, toMs: NOW_MS } as const;

test('candles of the sample: the stamp is India’s clock posing as UTC, at the end of the bar', () => {
  const candles = fromOhlc(reader, resultOf('ohlc_200.SYNTHETIC.json'), day, reliance, 60_000);
  expect(candles).toEqual([
    { startMs: START, open: 1284, high: 1286.5, low: 1283.1, close: 1285.9, volume: 41_250, openInterest: null },
    {
      startMs: START + 60_000,
      open: 1285.9,
      high: 1287,
      low: 1285.2,
      close: 1286.4,
      volume: 22_110,
      openInterest: null,
    },
  ]);
});

test('candles are cut to the stretch asked for; contracts have open interest', () => {
  const body = resultOf('ohlc_200.SYNTHETIC.json');
  const later = { ...day, fromMs: START + 60_000 };
  expect(fromOhlc(reader, body, later, future, 60_000)).toMatchObject([{ startMs: START + 60_000, openInterest: 0 }]);
  expect(fromOhlc(reader, body, { ...day, toMs: START }, reliance, 60_000)).toEqual([]);
  expect(fromOhlc(reader, { dataReponse: '' }, day, reliance, 60_000)).toEqual([]);
});

test('candles that cannot be read fail the reading', () => {
  for (const odd of ['1781774159|1284', '1781774159|x|1|1|1|1|0|', 'soon|1|1|1|1|1|0|', '<html>'])
    expect(codeNow(() => fromOhlc(reader, { dataReponse: odd }, day, reliance, 60_000))).toBe('ALGO_REPLY_UNREADABLE');
  expect(codeNow(() => fromOhlc(reader, {}, day, reliance, 60_000))).toBe('ALGO_REPLY_UNREADABLE');
});

test('parts join oldest first, each start once', () => {
  const bar = (startMs: number): ReturnType<typeof joinCandles>[number] => ({
    startMs,
    open: 1,
    high: 1,
    low: 1,
    close: 1,
    volume: 1,
    openInterest: null,
  });
  expect(
    joinCandles([
      [bar(2), bar(3)],
      [bar(1), bar(2)],
    ]).map(({ startMs }) => startMs),
  ).toEqual([1, 2, 3]);
});

test('no quote and no row of candles, however odd, throws anything but an AlgoError', () => {
  const rows = fc.array(fc.oneof(fc.jsonValue(), fc.json(), fc.record({ ExchangeSegment: fc.jsonValue() })));
  fc.assert(
    fc.property(rows, fc.string(), (list, candles) => {
      expect(['none', 'ALGO_REPLY_UNREADABLE']).toContain(
        codeNow(() => fromQuotes(reader, { listQuotes: list }, [reliance], 'full', NOW_MS)),
      );
      expect(['none', 'ALGO_REPLY_UNREADABLE']).toContain(
        codeNow(() => fromOhlc(reader, { dataReponse: candles }, day, reliance, 60_000)),
      );
    }),
    { numRuns: FUZZ_RUNS / 5 },
  );
});
