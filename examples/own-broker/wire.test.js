import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as map from './broker/map.js';

/** What the suite cannot know: Monsoon's words as its pages print them. A pair swapped both ways would pass there. */
const order = {
  tag: 'ABC234',
  listing: { segment: 'CASH', token: '101', contract: { kind: 'equity' } },
  side: 'SELL',
  quantity: 10,
  type: 'SL',
  price: 13_985_000,
  triggerPrice: 13_990_000,
  product: 'CNC',
  validity: 'IOC',
};
const words = { side: 'S', type: 'STOP', product: 'DELIVERY', validity: 'NOW' };
const body = {
  ref: 'ABC234',
  segment: 'CASH',
  token: '101',
  ...words,
  quantity: 10,
  price: 139_850,
  triggerPrice: 139_900,
};

test('an order goes out in the words of Monsoon, its prices in paise', () => {
  assert.deepEqual(map.toOrder(order), body);
});

test('each product and type has the word of the page', () => {
  const sent = (changes) => map.toOrder({ ...order, ...changes });
  assert.equal(sent({ product: 'MIS' }).product, 'DAYTRADE');
  assert.equal(sent({ product: 'NRML' }).product, 'CARRY');
  assert.equal(sent({ type: 'MARKET', price: null, triggerPrice: null }).type, 'MKT');
  assert.throws(() => sent({ product: 'MTF' }), { code: 'ALGO_NOT_SUPPORTED' });
});

test('a part of a paisa is refused, not rounded', () => {
  assert.throws(() => map.toOrder({ ...order, price: 13_985_050 }), { code: 'ALGO_INVALID_INPUT' });
});

test('a side that nobody knows makes the row unreadable, a product that nobody knows does not', () => {
  const times = { placed: '2026-11-20 10:00:00', changed: '2026-11-20 10:00:01' };
  const row = { ...body, id: '1', symbol: 'RELIANCE', state: 'WAITING', filledQuantity: 0, ...times };
  const instruments = { byToken: () => null };
  const logger = { warn: () => assert.fail('nothing is odd here') };
  assert.throws(() => map.fromOrder({ ...row, side: 'X' }, instruments, logger), { code: 'ALGO_REPLY_UNREADABLE' });
  const { product, instrument, side, triggerPrice } = map.fromOrder({ ...row, product: 'NEW' }, instruments, logger);
  assert.deepEqual(
    { product, instrument, side, triggerPrice },
    { product: null, instrument: null, side: 'SELL', triggerPrice: 1_399 },
  );
});
