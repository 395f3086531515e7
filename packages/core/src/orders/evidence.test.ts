import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OrderBookReading } from '../contract/broker-adapter.js';
import type { BrokerCapabilities } from '../contract/capabilities.js';
import type { AttemptRow, CommandKind } from '../contract/order-journal.js';
import type { BrokerOrder } from '../domain/order.js';
import { CANCEL_REQUEST, writeModifyRequest } from './command-text.js';
import { Evidence } from './evidence.js';

const WALL_MS = 1_700_000_000_000;

const identity = (changes: Partial<BrokerCapabilities['orderIdentity']> = {}): BrokerCapabilities['orderIdentity'] => ({
  grade: 'G2',
  tagLength: 15,
  visibleWithinMs: 120_000,
  ...changes,
});

const order = (changes: Partial<BrokerOrder> = {}): BrokerOrder => ({
  brokerOrderId: 'other',
  exchangeOrderId: null,
  tag: null,
  instrument: 'NSE:RELIANCE',
  symbol: 'RELIANCE',
  side: 'BUY',
  type: 'LIMIT',
  product: 'CNC',
  validity: 'DAY',
  quantity: 10,
  filledQuantity: 0,
  price: 100,
  triggerPrice: null,
  averagePrice: null,
  status: 'OPEN',
  brokerStatus: 'open',
  reason: null,
  placedAtMs: null,
  updatedAtMs: null,
  ...changes,
});

const book = (ids: readonly string[] = ['other'], complete = true): OrderBookReading => ({
  orders: ids.map((brokerOrderId) => order({ brokerOrderId })),
  complete,
});

const row = (kind: CommandKind, request: string): AttemptRow => ({
  userId: 'u',
  broker: 'dhan',
  account: 'main',
  owner: '',
  tag: 'TAG',
  kind,
  clientOrderId: 'c',
  number: 1,
  request,
  state: 'AMBIGUOUS',
  tradingDay: '2026-11-20',
  createdAtMs: 0,
  sendByMs: 0,
  brokerOrderId: 'B1',
  detail: null,
  updatedAtMs: 0,
});

/** Good books at these moments, and a look-up at each of them. */
function after(evidence: Evidence, ...moments: readonly number[]): Evidence {
  for (const at of moments) {
    evidence.addLookUp(at);
    evidence.addBook(book(), [], at, WALL_MS + at);
  }
  return evidence;
}

test('two spaced books and a look-up, the last ones after the window, are a proof', () => {
  const evidence = after(new Evidence(0, identity()), 60_000, 120_000);
  expect(evidence.missing()).toBe('');
  expect(evidence.absence()).toEqual({ by: 'absent', books: 2, lookUps: 2, lastReadAtMs: WALL_MS + 120_000 });
});

test('nothing read is no evidence', () => {
  expect(new Evidence(0, identity()).absence()).toBeNull();
  expect(new Evidence(0, identity()).missing()).toBe('no book was read');
});

test('one book is not enough, however late', () => {
  expect(after(new Evidence(0, identity()), 500_000).absence()).toBeNull();
});

test('two books closer than five seconds count as one', () => {
  expect(after(new Evidence(0, identity()), 120_000, 124_999).absence()).toBeNull();
  expect(after(new Evidence(0, identity()), 120_000, 125_000).absence()).not.toBeNull();
});

test('a last book before the end of the window is not enough', () => {
  const evidence = after(new Evidence(1_000, identity()), 60_000, 120_999);
  expect(evidence.absence()).toBeNull();
  expect(evidence.missing()).toBe('no usable book after the window');
});

test('a broker that hides orders for longer is waited for longer, and never for less than 120 s', () => {
  const slow = new Evidence(0, identity({ visibleWithinMs: 200_000 }));
  expect(after(slow, 60_000, 199_999).absence()).toBeNull();
  expect(after(slow, 205_000).absence()).not.toBeNull();
  expect(after(new Evidence(0, identity({ visibleWithinMs: 1 })), 60_000, 119_999).absence()).toBeNull();
});

test.each<readonly [string, OrderBookReading, readonly string[], RegExp]>([
  ['an empty book', book([]), [], /empty/],
  ['an incomplete book', book(['other'], false), [], /whole/],
  ['a book without an order we were told of', book(['other']), ['known'], /older/],
  ['an empty book that lacks one', book([]), ['known'], /empty/],
])('%s is no evidence', (_name, reading, acknowledged, why) => {
  const evidence = new Evidence(0, identity());
  for (const at of [120_000, 130_000, 140_000]) {
    evidence.addLookUp(at);
    evidence.addBook(reading, acknowledged, at, WALL_MS);
  }
  expect(evidence.absence()).toBeNull();
  expect(evidence.missing()).toMatch(why);
});

test('an unusable book does not stand in for the last one after the window', () => {
  const evidence = after(new Evidence(0, identity()), 60_000, 70_000);
  evidence.addLookUp(130_000);
  evidence.addBook(book([]), [], 130_000, WALL_MS);
  evidence.addBook(book(['other'], false), [], 140_000, WALL_MS);
  evidence.addBook(book(['other']), ['known'], 150_000, WALL_MS);
  expect(evidence.absence()).toBeNull();
});

test('a book that lists all we were told of is good', () => {
  const evidence = new Evidence(0, identity());
  for (const at of [60_000, 130_000]) {
    evidence.addLookUp(at);
    evidence.addBook(book(['a', 'b', 'c']), ['c', 'a'], at, WALL_MS);
  }
  expect(evidence.absence()).not.toBeNull();
});

test('where the broker can look a tag up, a look-up after the window is needed', () => {
  const evidence = new Evidence(0, identity());
  evidence.addLookUp(119_999);
  for (const at of [60_000, 130_000]) evidence.addBook(book(), [], at, WALL_MS);
  expect(evidence.missing()).toBe('no look-up by tag after the window');
  expect(evidence.absence()).toBeNull();
  evidence.addLookUp(130_000);
  expect(evidence.absence()).not.toBeNull();
});

test('where it cannot, the books are enough', () => {
  const evidence = new Evidence(0, identity({ grade: 'G1' }));
  evidence.hasNoLookUp();
  for (const at of [60_000, 130_000]) evidence.addBook(book(), [], at, WALL_MS);
  expect(evidence.absence()).toEqual({ by: 'absent', books: 2, lookUps: 0, lastReadAtMs: WALL_MS });
});

test('a broker that does not echo our tag never proves an absence', () => {
  const evidence = after(new Evidence(0, identity({ grade: 'G0' })), 60_000, 130_000, 200_000, 5_000_000);
  expect(evidence.absence()).toBeNull();
  expect(evidence.missing()).toContain('does not echo');
  expect(after(Evidence.none(), 60_000, 130_000).absence()).toBeNull();
});

test('whatever was read before the window ended, nothing is proven before', () => {
  const moments = fc
    .array(fc.integer({ min: 0, max: 119_999 }), { maxLength: 30 })
    .map((all) => all.sort((a, b) => a - b));
  fc.assert(
    fc.property(moments, (early) => {
      expect(after(new Evidence(0, identity()), ...early).absence()).toBeNull();
    }),
    { numRuns: 300 },
  );
});

test('a cancelled order shows that the cancel worked', () => {
  const cancel = row('cancel', CANCEL_REQUEST);
  const evidence = new Evidence(0, identity());
  expect(evidence.addOrder(cancel, order({ status: 'CANCELLED' }), 1, WALL_MS)).toBe(true);
  for (const status of ['OPEN', 'FILLED', 'REJECTED', 'PARTIALLY_FILLED'] as const) {
    expect(evidence.addOrder(cancel, order({ status }), 1, WALL_MS)).toBe(false);
  }
});

test('an order that still works at two readings, the last after the window, shows that the cancel did not arrive', () => {
  const evidence = new Evidence(0, identity());
  evidence.addOrder(row('cancel', CANCEL_REQUEST), order(), 60_000, WALL_MS);
  expect(evidence.absence()).toBeNull();
  evidence.addOrder(row('cancel', CANCEL_REQUEST), order(), 130_000, WALL_MS);
  expect(evidence.absence()).not.toBeNull();
});

const wanted = { quantity: 20, type: 'SL', price: 101, triggerPrice: 100.5, validity: 'DAY' } as const;
const shown = { quantity: 20, type: 'SL', price: 101, triggerPrice: 100.5 } as const;

test('an order in its new state shows that the modify worked', () => {
  const evidence = new Evidence(0, identity());
  expect(evidence.addOrder(row('modify', writeModifyRequest(wanted)), order(shown), 1, WALL_MS)).toBe(true);
});

test.each<readonly [string, Partial<BrokerOrder>]>([
  ['quantity', { quantity: 10 }],
  ['price', { price: 100 }],
  ['trigger', { triggerPrice: 100 }],
  ['type', { type: 'LIMIT' }],
])('an order with another %s does not', (_field, changes) => {
  const evidence = new Evidence(0, identity());
  const modify = row('modify', writeModifyRequest(wanted));
  expect(evidence.addOrder(modify, order({ ...shown, ...changes }), 1, WALL_MS)).toBe(false);
});

test('prices that a modify left out are not compared', () => {
  const modify = row('modify', writeModifyRequest({ ...wanted, type: 'MARKET', price: null, triggerPrice: null }));
  const evidence = new Evidence(0, identity());
  expect(
    evidence.addOrder(modify, order({ quantity: 20, type: 'MARKET', price: 0, triggerPrice: 0 }), 1, WALL_MS),
  ).toBe(true);
  expect(evidence.addOrder(row('modify', '{}'), order(shown), 1, WALL_MS)).toBe(false);
});
