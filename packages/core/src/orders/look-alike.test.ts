import { expect, test } from 'vitest';
import type { AttemptRow } from '../contract/order-journal.js';
import type { BrokerOrder } from '../domain/order.js';
import { mayBe } from './look-alike.js';

const PLACED_MS = 1_000_000;

const row: AttemptRow = {
  userId: 'u',
  broker: 'kotak',
  account: 'main',
  owner: '',
  tag: 'AAAAAAAAAAAAAAB',
  kind: 'place',
  clientOrderId: 'c',
  number: 1,
  request: JSON.stringify({
    instrument: 'NSE:RELIANCE',
    side: 'BUY',
    quantity: 10,
    type: 'LIMIT',
    price: 100,
    triggerPrice: null,
    product: 'CNC',
    validity: 'DAY',
  }),
  state: 'AMBIGUOUS',
  tradingDay: '2026-11-20',
  createdAtMs: PLACED_MS,
  sendByMs: PLACED_MS,
  brokerOrderId: null,
  detail: null,
  updatedAtMs: PLACED_MS,
};

const order = (changes: Partial<BrokerOrder> = {}): BrokerOrder => ({
  brokerOrderId: 'B1',
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
  placedAtMs: PLACED_MS + 50,
  updatedAtMs: null,
  ...changes,
});

test.each<[string, Partial<BrokerOrder>, boolean]>([
  ['the same order with a blank tag', {}, true],
  ['the same order whose time is not told', { placedAtMs: null }, true],
  ['one in an instrument that is not in the master', { instrument: null }, true],
  ['one by a clock half a minute behind', { placedAtMs: PLACED_MS - 30_000 }, true],
  ['one by a clock ten minutes behind', { placedAtMs: PLACED_MS - 600_000 }, true],
  ['our tag in lower case', { tag: 'aaaaaaaaaaaaaab' }, true],
  ['our tag cut', { tag: 'AAAAAAAAAAAA' }, true],
  ['our tag behind a prefix', { tag: 'API-AAAAAAAAAAAAAAB' }, true],
  ['a word for no tag', { tag: 'NA' }, true],
  ['the same order by another program', { tag: 'SOMEONEELSE' }, true],
  ['another quantity in an instrument whose unit is not known', { instrument: null, quantity: 1 }, true],
  ['one whose price was changed meanwhile', { price: 105 }, true],
  ['another order of ours', { tag: 'AAAAAAAAAAAAAAC' }, false],
  ['another side', { side: 'SELL' }, false],
  ['another quantity', { quantity: 11 }, false],
  ['another instrument', { instrument: 'NSE:TCS' }, false],
  ['one from an hour before', { placedAtMs: PLACED_MS - 3_600_000 }, false],
])('%s', (_what, changes, expected) => {
  expect(mayBe(row, order(changes))).toBe(expected);
});
