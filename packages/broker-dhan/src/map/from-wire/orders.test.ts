import fc from 'fast-check';
import { isAlgoError } from '@algo/core/adapter';
import type { BrokerOrder } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import {
  fixture,
  fixtureRow,
  FUZZ_RUNS,
  lookupOf,
  recordingLogger,
  sampleListings,
} from '../../../test/support/account.js';
import { fromOneOrder, fromOrderBook, fromTaggedOrders, fromTrades } from './orders.js';
import type { Reading } from './reading.js';

const listings = sampleListings();
const reading: Reading = { instruments: lookupOf(listings), logger: recordingLogger(), wallClock: 'IST' };
const row = fixtureRow('orders_docs_200.json');

const onlyOrder = (change: Readonly<Record<string, unknown>>): BrokerOrder => {
  const [order] = fromOrderBook([{ ...row, ...change }], reading).orders;
  if (order === undefined) throw new Error('the row was skipped');
  return order;
};

const codeOf = (task: () => unknown): string => {
  try {
    task();
  } catch (error) {
    return isAlgoError(error) ? error.code : String(error);
  }
  return 'none';
};

test('the order of the docs, value by value', () => {
  expect(fromOrderBook(fixture('orders_docs_200.json'), reading)).toEqual({
    complete: true,
    orders: [
      {
        brokerOrderId: '112111182198',
        exchangeOrderId: null,
        tag: '123abc678',
        instrument: 'NSE:TCS',
        symbol: 'TCS',
        side: 'BUY',
        type: 'MARKET',
        product: 'MIS',
        validity: 'DAY',
        quantity: 5,
        filledQuantity: 0,
        price: null,
        triggerPrice: null,
        averagePrice: null,
        status: 'OPEN',
        brokerStatus: 'PENDING',
        reason: null,
        placedAtMs: Date.UTC(2021, 10, 24, 8, 3, 3),
        updatedAtMs: Date.UTC(2021, 10, 24, 8, 3, 3),
      },
    ],
  });
});

test('a recorded order waiting for the market to open, value by value', () => {
  expect(fromOrderBook(fixture('orders_live_amo_200.json'), reading)).toEqual({
    complete: true,
    orders: [
      {
        brokerOrderId: '952502167319',
        exchangeOrderId: null,
        tag: null,
        instrument: 'BSE:THINKINK',
        symbol: 'THINKINK',
        side: 'BUY',
        type: 'LIMIT',
        product: 'CNC',
        validity: 'DAY',
        quantity: 20,
        filledQuantity: 0,
        price: 0.36,
        triggerPrice: null,
        averagePrice: null,
        status: 'PENDING',
        brokerStatus: 'PENDING',
        reason: null,
        placedAtMs: Date.UTC(2025, 1, 16, 10, 34, 37),
        updatedAtMs: Date.UTC(2025, 1, 16, 10, 34, 37),
      },
    ],
  });
});

test.each<[string, Readonly<Record<string, unknown>>, string]>([
  ['TRANSIT', {}, 'PENDING'],
  ['PENDING', {}, 'OPEN'],
  ['PENDING', { filledQty: 2 }, 'PARTIALLY_FILLED'],
  ['PENDING', { orderType: 'STOP_LOSS' }, 'TRIGGER_PENDING'],
  ['PENDING', { orderType: 'STOP_LOSS_MARKET' }, 'TRIGGER_PENDING'],
  ['PENDING', { orderType: 'STOP_LOSS', filledQty: 2 }, 'PARTIALLY_FILLED'],
  ['PENDING', { afterMarketOrder: true, exchangeOrderId: '0' }, 'PENDING'],
  ['PENDING', { afterMarketOrder: true, exchangeOrderId: '0', orderType: 'STOP_LOSS' }, 'PENDING'],
  ['PENDING', { afterMarketOrder: true, exchangeOrderId: '1100' }, 'OPEN'],
  ['PART_TRADED', { filledQty: 2 }, 'PARTIALLY_FILLED'],
  ['TRADED', { filledQty: 5 }, 'FILLED'],
  ['REJECTED', {}, 'REJECTED'],
  ['CANCELLED', {}, 'CANCELLED'],
  ['EXPIRED', {}, 'EXPIRED'],
  ['TRIGGERED', {}, 'OPEN'],
  ['CLOSED', {}, 'FILLED'],
  ['CONFIRM', {}, 'TRIGGER_PENDING'],
  ['MODIFIED', {}, 'OPEN'],
  ['INACTIVE', {}, 'OPEN'],
  ['Cancelled', {}, 'CANCELLED'],
])('%s with %j is %s', (orderStatus, change, status) => {
  const order = onlyOrder({ ...change, orderStatus });
  expect(order.status).toBe(status);
  expect(order.brokerStatus).toBe(orderStatus);
});

test('a status nobody knows never ends an order, and is logged', () => {
  const logger = recordingLogger();
  for (const orderStatus of ['FROZEN', 'constructor', 'DONE']) {
    const { orders } = fromOrderBook([{ ...row, orderStatus }], { ...reading, logger });
    expect(orders[0]).toMatchObject({ status: 'PENDING', brokerStatus: orderStatus });
  }
  expect(logger.lines).toHaveLength(3);
  expect(logger.lines[0]).toBe('dhan.order-status-unknown {"orderId":"112111182198","status":"FROZEN"}');
});

test('a cancelled order keeps what was filled', () => {
  const order = onlyOrder({ orderStatus: 'CANCELLED', filledQty: 2, averageTradedPrice: 3345.8 });
  expect(order).toMatchObject({ status: 'CANCELLED', filledQuantity: 2, averagePrice: 3345.8 });
});

test('a rejected order carries the whole reason; others carry none', () => {
  const omsErrorDescription = `Insufficient funds ${'x'.repeat(1_000)}`;
  expect(onlyOrder({ orderStatus: 'REJECTED', omsErrorDescription }).reason).toBe(omsErrorDescription);
  expect(onlyOrder({ orderStatus: 'TRADED', omsErrorDescription }).reason).toBeNull();
});

test.each([null, '', 'NA'])('a tag of %j is none', (correlationId) => {
  expect(onlyOrder({ correlationId }).tag).toBeNull();
});

test.each([null, '', 'NA', '0', 0, undefined])('an exchange order id of %j is none', (exchangeOrderId) => {
  expect(onlyOrder({ exchangeOrderId }).exchangeOrderId).toBeNull();
});

test('an instrument that the master does not list is null and keeps the symbol of the broker', () => {
  expect(onlyOrder({ securityId: '999999', tradingSymbol: 'NEWCO' })).toMatchObject({
    instrument: null,
    symbol: 'NEWCO',
  });
});

test('products of the past have no word of ours', () => {
  expect(onlyOrder({ productType: 'CO' }).product).toBeNull();
  expect(onlyOrder({ productType: 'MARGIN' }).product).toBe('NRML');
});

test('sandbox times are UTC', () => {
  const { orders } = fromOrderBook([row], { ...reading, wallClock: 'UTC' });
  expect(orders[0]?.placedAtMs).toBe(Date.UTC(2021, 10, 24, 13, 33, 3));
});

test('where Dhan counts lots, the book shows units', () => {
  const config = { quantityUnits: { MCX: { kind: 'lots', unitsPerLot: { GOLDM: 100 } } } } as const;
  const inLots = { ...reading, instruments: lookupOf(sampleListings(config)) };
  const lots = { ...row, exchangeSegment: 'MCX_COMM', securityId: '571445', quantity: 3, filledQty: 1 };
  expect(fromOrderBook([lots], inLots).orders[0]).toMatchObject({ quantity: 300, filledQuantity: 100 });
  expect(fromOrderBook([lots], reading).orders[0]).toMatchObject({ quantity: 3, filledQuantity: 1 });
});

test.each<[string, unknown]>([
  ['no object', 5],
  ['null', null],
  ['no id', { ...row, orderId: '' }],
  ['an id of 0', { ...row, orderId: '0' }],
  ['no status', { ...row, orderStatus: null }],
  ['an unknown side', { ...row, transactionType: 'HOLD' }],
  ['an unknown type', { ...row, orderType: 'OCO' }],
  ['an unknown validity', { ...row, validity: 'GTC' }],
  ['half a share', { ...row, quantity: 0.5 }],
  ['a negative quantity', { ...row, filledQty: -1 }],
  ['a quantity that is no number', { ...row, quantity: 'many' }],
  ['a price that is no number', { ...row, price: true }],
])('a row with %s is skipped, logged, and makes the book incomplete', (_what, bad) => {
  const logger = recordingLogger();
  const book = fromOrderBook([bad, row], { ...reading, logger });
  expect(book.complete).toBe(false);
  expect(book.orders).toHaveLength(1);
  expect(logger.lines).toHaveLength(1);
  expect(logger.lines[0]).toMatch(/^dhan\.order-row-unreadable /);
});

test('an empty book is complete, and what is not a list is no book', () => {
  expect(fromOrderBook([], reading)).toEqual({ orders: [], complete: true });
  for (const body of [{}, null, 'x', { data: [] }])
    expect(codeOf(() => fromOrderBook(body, reading))).toBe('ALGO_REPLY_UNREADABLE');
});

test('numbers printed as text are read', () => {
  expect(onlyOrder({ quantity: '5', price: '3345.80', filledQty: '0' })).toMatchObject({ quantity: 5, price: 3345.8 });
});

test('one order comes as an object or as a list, and an empty list is none', () => {
  const asObject = fixture('order_by_id_docs_object_200.json');
  expect(fromOneOrder(asObject, '112111182198', reading)?.tag).toBe('123abc678');
  expect(fromOneOrder([asObject], '112111182198', reading)?.tag).toBe('123abc678');
  expect(fromOneOrder([], '112111182198', reading)).toBeNull();
});

test('another order than the one asked for is no answer', () => {
  expect(codeOf(() => fromOneOrder([row], '999', reading))).toBe('ALGO_REPLY_UNREADABLE');
});

test('orders by tag come as an object or a list, sliced ones as several', () => {
  expect(fromTaggedOrders(row, '123abc678', reading)).toHaveLength(1);
  expect(fromTaggedOrders([row, { ...row, orderId: '2' }], '123abc678', reading)).toHaveLength(2);
  expect(fromTaggedOrders([], '123abc678', reading)).toEqual([]);
});

test('an order without the tag asked for proves neither presence nor absence', () => {
  expect(codeOf(() => fromTaggedOrders([row], 'ANOTHER', reading))).toBe('ALGO_REPLY_UNREADABLE');
  expect(codeOf(() => fromTaggedOrders([{ ...row, correlationId: 'NA' }], '123abc678', reading))).toBe(
    'ALGO_REPLY_UNREADABLE',
  );
  expect(codeOf(() => fromTaggedOrders([{ ...row, quantity: null }], '123abc678', reading))).toBe(
    'ALGO_REPLY_UNREADABLE',
  );
});

test('the trades of the docs, value by value, as a list and as an object', () => {
  const trade = {
    tradeId: '15112111182045',
    brokerOrderId: '112111182045',
    exchangeOrderId: '15112111182045',
    instrument: 'NSE:TCS',
    symbol: 'TCS',
    side: 'BUY',
    product: 'MIS',
    quantity: 40,
    price: 3345.8,
    tradedAtMs: Date.UTC(2021, 10, 25, 12, 5, 12),
  };
  expect(fromTrades(fixture('trades_docs_200.json'), null, reading)).toEqual([trade]);
  expect(fromTrades(fixture('trades_by_order_docs_object_200.json'), '112111182045', reading)).toEqual([trade]);
});

test('a row of the trade history reads as well', () => {
  expect(fromTrades(fixture('trade_history_200.json'), null, reading)).toEqual([
    {
      tradeId: '407958',
      brokerOrderId: '212212307731',
      exchangeOrderId: '76036896',
      instrument: null,
      symbol: '',
      side: 'BUY',
      product: 'CNC',
      quantity: 1,
      price: 390.9,
      tradedAtMs: Date.UTC(2022, 11, 30, 4, 30, 46),
    },
  ]);
});

test('fills without an id stay apart, even when they are alike', () => {
  const trade = { ...fixtureRow('trades_docs_200.json'), exchangeTradeId: '0' };
  const ids = fromTrades([trade, trade, { ...trade, tradedPrice: 1 }], null, reading).map(({ tradeId }) => tradeId);
  expect(new Set(ids).size).toBe(3);
});

test('a trade that cannot be read or belongs elsewhere fails the reading instead of vanishing', () => {
  const trade = fixtureRow('trades_docs_200.json');
  expect(codeOf(() => fromTrades([trade, { ...trade, tradedQuantity: null }], null, reading))).toBe(
    'ALGO_REPLY_UNREADABLE',
  );
  expect(codeOf(() => fromTrades([trade], '999', reading))).toBe('ALGO_REPLY_UNREADABLE');
  expect(codeOf(() => fromTrades('x', null, reading))).toBe('ALGO_REPLY_UNREADABLE');
});

test('no row, however odd, throws anything but an AlgoError', () => {
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('NA', '0', '', null, -1, 1e308, Number.MAX_SAFE_INTEGER + 2));
  const names = Object.keys(row);
  const rows = fc.array(fc.tuple(fc.constantFrom(...names, '__proto__', 'constructor'), value), { maxLength: 6 });
  fc.assert(
    fc.property(rows, fc.string(), (changes, id) => {
      const odd = { ...row, ...Object.fromEntries(changes) };
      expect(fromOrderBook([odd], reading).orders.length).toBeLessThanOrEqual(1);
      expect(['none', 'ALGO_REPLY_UNREADABLE']).toContain(codeOf(() => fromOneOrder(odd, id, reading)));
      expect(['none', 'ALGO_REPLY_UNREADABLE']).toContain(codeOf(() => fromTrades(odd, null, reading)));
    }),
    { numRuns: FUZZ_RUNS },
  );
});
