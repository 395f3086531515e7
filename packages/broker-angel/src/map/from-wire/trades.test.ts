import { expect, test } from 'vitest';
import {
  fixture,
  fixtureRow,
  fullLookupOf,
  liveOrder,
  lookupOf,
  NOW_MS,
  recordingLogger,
  sampleListings,
  thrownBy,
} from '../../../test/support/account.js';
import { fromTrades, readTrades } from './trades.js';
import type { Reading } from './reading.js';

const reading: Reading = { instruments: lookupOf(sampleListings()), logger: recordingLogger() };
const trade = (change: Readonly<Record<string, unknown>> = {}): unknown => ({
  ...fixtureRow('trade_book_200.json'),
  ...change,
});
const envelope = (...rows: readonly unknown[]): unknown => ({ status: true, data: rows });
const future = {
  exchange: 'NFO',
  tradingsymbol: 'NIFTY28JUL26FUT',
  instrumenttype: 'FUTIDX',
  orderid: '42',
  fillsize: '65',
};

test('a share is known by its symbol, and its time is of today', () => {
  const trades = readTrades(fixture('trade_book_200.json'), null, reading);
  expect(trades.needsBook).toBe(false);
  const afternoon = NOW_MS + 5 * 3_600_000;
  expect(fromTrades(trades, null, afternoon, reading)).toEqual([
    {
      tradeId: '50005750',
      brokerOrderId: '201020000000095',
      exchangeOrderId: null,
      instrument: 'NSE:ITC',
      symbol: 'ITC-EQ',
      side: 'BUY',
      product: 'CNC',
      quantity: 1,
      price: 175,
      tradedAtMs: Date.UTC(2026, 10, 20, 7, 57, 53),
    },
  ]);
  expect(fromTrades(trades, null, NOW_MS, reading)[0]?.tradedAtMs).toBeNull();
});

test('a derivative gets its instrument from its order', () => {
  const trades = readTrades(envelope(trade(future)), null, reading);
  expect(trades.needsBook).toBe(true);
  const book = envelope(
    'junk',
    liveOrder({ orderid: '42', exchange: 'NFO', symboltoken: '61093', instrumenttype: 'FUTIDX' }),
  );
  expect(fromTrades(trades, book, NOW_MS, reading)).toMatchObject([
    { instrument: 'NFO:NIFTY:2026-07-28:FUT', quantity: 65 },
  ]);
});

test('where symbols can be looked up, the order book is not needed', () => {
  const instruments = fullLookupOf(sampleListings({ quantityUnits: { MCX: { kind: 'lots', unitsPerLot: 100 } } }));
  const gold = { exchange: 'MCX', tradingsymbol: 'GOLD05AUG26FUT', instrumenttype: 'FUTCOM', fillsize: '2' };
  const full = { ...reading, instruments };
  const trades = readTrades(envelope(trade(future), trade(gold)), null, full);
  expect(trades.needsBook).toBe(false);
  expect(fromTrades(trades, null, NOW_MS, full)).toMatchObject([
    { instrument: 'NFO:NIFTY:2026-07-28:FUT', quantity: 65 },
    { instrument: 'MCX:GOLD:2026-08-05:FUT', quantity: 200 },
  ]);
});

test('a fill of an order that the book does not name keeps its symbol', () => {
  const trades = readTrades(envelope(trade(future)), null, reading);
  expect(fromTrades(trades, envelope(), NOW_MS, reading)).toMatchObject([
    { instrument: null, symbol: 'NIFTY28JUL26FUT' },
  ]);
});

test('lots of the broker are units of ours in fills too', () => {
  const instruments = lookupOf(sampleListings({ quantityUnits: { MCX: { kind: 'lots', unitsPerLot: 100 } } }));
  const trades = readTrades(envelope(trade({ ...future, exchange: 'MCX', fillsize: '2' })), null, reading);
  const book = envelope(liveOrder({ orderid: '42', exchange: 'MCX', symboltoken: '466583' }));
  expect(fromTrades(trades, book, NOW_MS, { ...reading, instruments })[0]?.quantity).toBe(200);
});

test('trades of one order are picked from the book of all', () => {
  const body = envelope(trade({ orderid: '1' }), trade(future), trade({ orderid: '1', fillid: '2' }));
  expect(readTrades(body, '1', reading).rows).toHaveLength(2);
  expect(readTrades(body, '1', reading).needsBook).toBe(false);
  expect(readTrades(body, '9', reading).rows).toEqual([]);
});

test('equal fills without an id stay two', () => {
  const trades = readTrades(envelope(trade({ fillid: '' }), trade({ fillid: null })), null, reading);
  const ids = fromTrades(trades, null, NOW_MS, reading).map(({ tradeId }) => tradeId);
  expect(new Set(ids).size).toBe(2);
});

test('no trades is an empty list', () => {
  expect(readTrades({ status: true, data: null }, null, reading).rows).toEqual([]);
});

test.each<[string, unknown]>([
  ['no size', trade({ fillsize: null })],
  ['no price', trade({ fillprice: '' })],
  ['no order', trade({ orderid: null })],
  ['no object', 7],
])('a trade with %s fails the reading: a fill must not vanish', (_what, row) => {
  expect(thrownBy(() => readTrades(envelope(row), null, reading))).toBe('ALGO_REPLY_UNREADABLE');
});

test('a side nobody knows fails the reading', () => {
  const trades = readTrades(envelope(trade({ transactiontype: 'X' })), null, reading);
  expect(thrownBy(() => fromTrades(trades, null, NOW_MS, reading))).toBe('ALGO_REPLY_UNREADABLE');
});
