import fc from 'fast-check';
import type { BrokerOrder } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import {
  FUZZ_RUNS,
  codeNow,
  listingNamed,
  orderRow,
  readingWith,
  recordingLogger,
  resultOf,
} from '../../../test/support/account.js';
import { fromOrderBook, fromOrderHistory, fromTrades } from './orders.js';

const reading = readingWith();
const row = orderRow();

const onlyOrder = (change: Readonly<Record<string, unknown>>): BrokerOrder => {
  const [order] = fromOrderBook([{ ...row, ...change }], reading).orders;
  if (order === undefined) throw new Error('the row was skipped');
  return order;
};

test('the recorded book, value by value: filled rows keep their tag', () => {
  const shared = {
    instrument: null,
    symbol: '',
    type: 'MARKET',
    product: 'MIS',
    validity: 'DAY',
    quantity: 75,
    filledQuantity: 75,
    price: null,
    triggerPrice: null,
    status: 'FILLED',
    brokerStatus: 'Filled',
    reason: null,
  };
  expect(fromOrderBook(resultOf('order_book_200.json'), reading)).toEqual({
    complete: true,
    orders: [
      {
        ...shared,
        brokerOrderId: '10026335',
        exchangeOrderId: 'X_30698353',
        tag: '123888',
        side: 'BUY',
        averagePrice: 23.9,
        placedAtMs: Date.UTC(2020, 11, 21, 9, 29, 41, 153),
        updatedAtMs: Date.UTC(2020, 11, 21, 9, 29, 42, 127),
      },
      {
        ...shared,
        brokerOrderId: '10026325',
        exchangeOrderId: 'X_30698343',
        tag: '123777',
        side: 'SELL',
        averagePrice: 31.8,
        placedAtMs: Date.UTC(2020, 11, 21, 9, 19, 16, 28),
        updatedAtMs: Date.UTC(2020, 11, 21, 9, 19, 16, 350),
      },
    ],
  });
});

test('a row is found in the master by segment and id, whether the segment is a word or a number', () => {
  const { instrument, token } = listingNamed('NFO:NIFTY:2026-06-30:FUT');
  for (const ExchangeSegment of ['NSEFO', 'nsefo', '2', 2]) {
    expect(onlyOrder({ ExchangeSegment, ExchangeInstrumentID: Number(token) })).toMatchObject({
      instrument,
      symbol: 'NIFTY26JUNFUT',
    });
  }
});

test('a row of a newer server reads the same: upper case, and another form of dates', () => {
  const newer = {
    AppOrderID: '10026335',
    OrderSide: 'BUY',
    OrderType: 'LIMIT',
    OrderStatus: 'FILLED',
    OrderAverageTradedPrice: '1,023.90',
    OrderGeneratedDateTime: 'Jun 18 2026 09:20:15',
  };
  expect(onlyOrder(newer)).toMatchObject({
    brokerOrderId: '10026335',
    side: 'BUY',
    type: 'LIMIT',
    status: 'FILLED',
    averagePrice: 1023.9,
    placedAtMs: Date.UTC(2026, 5, 18, 3, 50, 15),
  });
});

test.each<[string | number, Readonly<Record<string, unknown>>, string]>([
  ['PendingNew', {}, 'PENDING'],
  ['New', { CumulativeQuantity: 0 }, 'OPEN'],
  ['Open', { CumulativeQuantity: 0 }, 'OPEN'],
  ['New', { CumulativeQuantity: 5 }, 'PARTIALLY_FILLED'],
  ['New', { CumulativeQuantity: 0, OrderType: 'StopLimit' }, 'TRIGGER_PENDING'],
  ['New', { CumulativeQuantity: 0, OrderType: 'STOPMARKET' }, 'TRIGGER_PENDING'],
  ['New', { CumulativeQuantity: 5, OrderType: 'StopLimit' }, 'PARTIALLY_FILLED'],
  ['New', { CumulativeQuantity: 0, OrderType: 'Market', OrderStopPrice: 5 }, 'OPEN'],
  ['PendingReplace', { CumulativeQuantity: 0 }, 'OPEN'],
  ['Replaced', { CumulativeQuantity: 0 }, 'OPEN'],
  ['PendingCancel', { CumulativeQuantity: 0 }, 'OPEN'],
  ['PendingCancel', { CumulativeQuantity: 5 }, 'PARTIALLY_FILLED'],
  ['Trigger Pending', {}, 'TRIGGER_PENDING'],
  ['TriggerPending', {}, 'TRIGGER_PENDING'],
  ['PartiallyFilled', {}, 'PARTIALLY_FILLED'],
  ['Partially Filled', {}, 'PARTIALLY_FILLED'],
  ['Filled', {}, 'FILLED'],
  ['FILLED', {}, 'FILLED'],
  ['Cancelled', {}, 'CANCELLED'],
  ['Canceled', {}, 'CANCELLED'],
  ['Rejected', {}, 'REJECTED'],
  ['Expired', {}, 'EXPIRED'],
  [48, { CumulativeQuantity: 0 }, 'OPEN'],
  [49, {}, 'PARTIALLY_FILLED'],
  ['50', {}, 'FILLED'],
  [52, {}, 'CANCELLED'],
  [53, { CumulativeQuantity: 0 }, 'OPEN'],
  [54, { CumulativeQuantity: 0 }, 'OPEN'],
  [56, {}, 'REJECTED'],
  [65, {}, 'PENDING'],
  [67, {}, 'EXPIRED'],
  [69, { CumulativeQuantity: 0 }, 'OPEN'],
])('%s with %j is %s', (OrderStatus, change, status) => {
  const order = onlyOrder({ ...change, OrderStatus });
  expect(order.status).toBe(status);
  expect(order.brokerStatus).toBe(String(OrderStatus));
});

test('a status nobody knows never ends an order, and is logged', () => {
  const logger = recordingLogger();
  for (const OrderStatus of ['Frozen', 'constructor', 'Complete']) {
    const { orders, complete } = fromOrderBook([{ ...row, OrderStatus }], readingWith(logger));
    expect(complete).toBe(true);
    expect(orders[0]).toMatchObject({ status: 'PENDING', brokerStatus: OrderStatus });
  }
  expect(logger.lines).toHaveLength(3);
  expect(logger.lines[0]).toBe('jainam.order-status-unknown {"orderId":"10026335","status":"Frozen"}');
});

test('a cancelled order keeps what was filled, whatever LeavesQuantity says', () => {
  const order = onlyOrder({ OrderStatus: 'Cancelled', CumulativeQuantity: 25, LeavesQuantity: 75 });
  expect(order).toMatchObject({ status: 'CANCELLED', quantity: 75, filledQuantity: 25 });
});

test('a rejected order carries the whole reason; others carry none', () => {
  const CancelRejectReason = 'RMS : Margin Exceeds, Required:100.00, Available:5.00';
  expect(onlyOrder({ OrderStatus: 'Rejected', CancelRejectReason }).reason).toBe(CancelRejectReason);
  expect(onlyOrder({ OrderStatus: 'Cancelled', CancelRejectReason }).reason).toBeNull();
});

test('a row without an identifier has no tag, and unless the terminal made it the book proves no absence', () => {
  const without = (change: Readonly<Record<string, unknown>>): unknown => ({
    ...row,
    OrderUniqueIdentifier: '',
    ...change,
  });
  const terminal = fromOrderBook([without({ GeneratedBy: 'TWS' }), row], reading);
  expect(terminal.complete).toBe(true);
  expect(terminal.orders.map(({ tag }) => tag)).toEqual([null, '123888']);
  for (const GeneratedBy of ['TWSAPI', '', undefined, 'RMS']) {
    const book = fromOrderBook([without({ GeneratedBy })], reading);
    expect(book.complete).toBe(false);
    expect(book.orders).toHaveLength(1);
  }
});

test.each<[string, Readonly<Record<string, unknown>>]>([
  ['no id', { AppOrderID: undefined }],
  ['an id of 0', { AppOrderID: 0 }],
  ['an id that is no number', { AppOrderID: 'AX1' }],
  ['an id that no number can carry', { AppOrderID: '90071992547409931' }],
  ['a side nobody knows', { OrderSide: 'Short' }],
  ['a type nobody knows', { OrderType: 'Bracket' }],
  ['a validity nobody knows', { TimeInForce: 'GTC' }],
  ['half a share', { OrderQuantity: 0.5 }],
  ['a negative fill', { CumulativeQuantity: -1 }],
  ['a price that is no number', { OrderPrice: 'x' }],
  ['no status', { OrderStatus: '' }],
])('a row with %s is left out, logged, and makes the book incomplete', (_what, change) => {
  const logger = recordingLogger();
  const book = fromOrderBook([{ ...row, ...change }, row], readingWith(logger));
  expect(book.complete).toBe(false);
  expect(book.orders).toHaveLength(1);
  expect(logger.lines).toHaveLength(1);
  expect(logger.lines[0]).toMatch(/^jainam\.order-row-unreadable /);
});

test('a product without a word of ours is none', () => {
  expect(onlyOrder({ ProductType: 'BO' }).product).toBeNull();
  expect(onlyOrder({ ProductType: undefined }).product).toBeNull();
  expect(onlyOrder({ ProductType: 'Nrml' }).product).toBe('NRML');
});

test('the latest row of a history counts: by its time, and the last of equal ones', () => {
  const filled = { ...row, LastUpdateDateTime: '2020-12-21T14:59:42.5', OrderStatus: 'Filled' };
  const opened = { ...row, LastUpdateDateTime: '2020-12-21T14:59:41', OrderStatus: 'New' };
  const pending = { ...row, LastUpdateDateTime: '2020-12-21T14:59:41', OrderStatus: 'PendingNew' };
  const statusOf = (rows: readonly unknown[]): unknown => fromOrderHistory(rows, '10026335', reading)?.status;
  expect(statusOf([pending, opened, filled])).toBe('FILLED');
  expect(statusOf([filled, opened, pending])).toBe('FILLED');
  expect(statusOf([pending, { ...opened, CumulativeQuantity: 0 }])).toBe('OPEN');
  expect(statusOf([])).toBeUndefined();
});

test('a history of another order, or one that cannot be read, is no answer', () => {
  expect(codeNow(() => fromOrderHistory([row], '1', reading))).toBe('ALGO_REPLY_UNREADABLE');
  expect(codeNow(() => fromOrderHistory([{ ...row, OrderSide: 'x' }], '10026335', reading))).toBe(
    'ALGO_REPLY_UNREADABLE',
  );
  expect(codeNow(() => fromOrderHistory({}, '10026335', reading))).toBe('ALGO_REPLY_UNREADABLE');
  expect(codeNow(() => fromOrderBook('x', reading))).toBe('ALGO_REPLY_UNREADABLE');
});

const trade = {
  ...row,
  LastTradedPrice: '23.90',
  LastTradedQuantity: 75,
  LastExecutionTransactTime: '2020-12-21T14:59:42',
  ExecutionID: '402597456',
};

test('a fill, value by value', () => {
  expect(fromTrades([trade], null, reading)).toEqual([
    {
      tradeId: '402597456',
      brokerOrderId: '10026335',
      exchangeOrderId: 'X_30698353',
      instrument: null,
      symbol: '',
      side: 'BUY',
      product: 'MIS',
      quantity: 75,
      price: 23.9,
      tradedAtMs: Date.UTC(2020, 11, 21, 9, 29, 42),
    },
  ]);
});

test('the fills of one order are those of its id', () => {
  const other = { ...trade, AppOrderID: 10026325, ExecutionID: '2' };
  expect(fromTrades([trade, other], '10026325', reading).map(({ tradeId }) => tradeId)).toEqual(['2']);
});

test('fills without an id are told apart', () => {
  const without = { ...trade, ExecutionID: '' };
  const ids = fromTrades([without, without, { ...without, LastTradedPrice: 1 }], null, reading).map(
    (one) => one.tradeId,
  );
  expect(new Set(ids).size).toBe(3);
});

test('a fill that cannot be read fails the reading instead of vanishing', () => {
  for (const broken of [{ ...trade, LastTradedQuantity: null }, { ...trade, LastTradedPrice: 'NaN' }, 5])
    expect(codeNow(() => fromTrades([trade, broken], null, reading))).toBe('ALGO_REPLY_UNREADABLE');
});

test('no row, however odd, throws anything but an AlgoError', () => {
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('NaN', '0', '', null, -1, 1e308, Number.MAX_SAFE_INTEGER + 2));
  const names = Object.keys(trade);
  const rows = fc.array(fc.tuple(fc.constantFrom(...names, '__proto__', 'constructor'), value), { maxLength: 6 });
  fc.assert(
    fc.property(rows, (changes) => {
      const odd = { ...trade, ...Object.fromEntries(changes) };
      expect(fromOrderBook([odd], reading).orders.length).toBeLessThanOrEqual(1);
      expect(['none', 'ALGO_REPLY_UNREADABLE']).toContain(codeNow(() => fromOrderHistory([odd], '10026335', reading)));
      expect(['none', 'ALGO_REPLY_UNREADABLE']).toContain(codeNow(() => fromTrades([odd], null, reading)));
    }),
    { numRuns: FUZZ_RUNS },
  );
});
