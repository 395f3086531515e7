import fc from 'fast-check';
import { isAlgoError } from '@algo/core/adapter';
import type { BrokerOrder } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import {
  fixture,
  FUZZ_RUNS,
  liveOrder,
  lookupOf,
  recordingLogger,
  sampleListings,
  thrownBy,
} from '../../../test/support/account.js';
import type { AngelConfig } from '../../index.js';
import { fromOrderBook, pickOrder, varietyOf } from './orders.js';
import type { Reading } from './reading.js';

const readingWith = (config: AngelConfig = {}): Reading => ({
  instruments: lookupOf(sampleListings(config)),
  logger: recordingLogger(),
});
const reading = readingWith();

const bookOf = (...rows: readonly unknown[]): unknown => ({
  status: true,
  message: 'SUCCESS',
  errorcode: '',
  data: rows,
});
const read = (...rows: readonly unknown[]): ReturnType<typeof fromOrderBook> => fromOrderBook(bookOf(...rows), reading);
const only = (change: Readonly<Record<string, unknown>>): BrokerOrder | undefined => read(liveOrder(change)).orders[0];

test('the order of the old mock, value by value: its id is a number and its token null', () => {
  expect(fromOrderBook(fixture('order_book_200.json'), reading)).toEqual({
    complete: true,
    orders: [
      {
        brokerOrderId: '201020000000080',
        exchangeOrderId: '1100000000048358',
        tag: null,
        instrument: 'NSE:SBIN',
        symbol: 'SBIN-EQ',
        side: 'BUY',
        type: 'LIMIT',
        product: 'MIS',
        validity: 'DAY',
        quantity: 1,
        filledQuantity: 0,
        price: 194,
        triggerPrice: null,
        averagePrice: null,
        status: 'CANCELLED',
        brokerStatus: 'cancelled',
        reason: null,
        placedAtMs: Date.UTC(2020, 9, 20, 7, 40, 59),
        updatedAtMs: Date.UTC(2020, 9, 20, 7, 40, 59),
      },
    ],
  });
});

test('a live row, value by value: it echoes the tag and was filled in part', () => {
  expect(only({})).toEqual({
    brokerOrderId: '111111111111111',
    exchangeOrderId: null,
    tag: '10007712',
    instrument: 'NSE:SBIN',
    symbol: 'SBIN-EQ',
    side: 'BUY',
    type: 'MARKET',
    product: 'CNC',
    validity: 'DAY',
    quantity: 1_000,
    filledQuantity: 74,
    price: null,
    triggerPrice: null,
    averagePrice: 584.7,
    status: 'PARTIALLY_FILLED',
    brokerStatus: 'open',
    reason: null,
    placedAtMs: Date.UTC(2023, 9, 9, 12, 51, 12),
    updatedAtMs: Date.UTC(2023, 9, 9, 12, 52, 2),
  });
});

test('no orders is an empty book, and no book is an error', () => {
  expect(fromOrderBook({ status: true, data: null }, reading)).toEqual({ orders: [], complete: true });
  for (const body of [{ status: true }, { status: true, data: {} }, { status: true, data: '' }, []])
    expect(thrownBy(() => fromOrderBook(body, reading))).toBe('ALGO_REPLY_UNREADABLE');
});

/** Every status word, with nothing filled, with a part, and with all. */
const STATUSES: readonly (readonly [string, string, string, string])[] = [
  ['put order req received', 'PENDING', 'PENDING', 'PENDING'],
  ['validation pending', 'PENDING', 'PENDING', 'PENDING'],
  ['open pending', 'PENDING', 'PENDING', 'PENDING'],
  ['after market order req received', 'PENDING', 'PENDING', 'PENDING'],
  ['modify after market order req received', 'PENDING', 'PENDING', 'PENDING'],
  ['AMO SUBMITTED', 'PENDING', 'PENDING', 'PENDING'],
  ['open', 'OPEN', 'PARTIALLY_FILLED', 'OPEN'],
  ['modified', 'OPEN', 'PARTIALLY_FILLED', 'OPEN'],
  ['modify pending', 'OPEN', 'PARTIALLY_FILLED', 'OPEN'],
  ['modify validation pending', 'OPEN', 'PARTIALLY_FILLED', 'OPEN'],
  ['not modified', 'OPEN', 'PARTIALLY_FILLED', 'OPEN'],
  ['cancel pending', 'OPEN', 'PARTIALLY_FILLED', 'OPEN'],
  ['not cancelled', 'OPEN', 'PARTIALLY_FILLED', 'OPEN'],
  ['trigger pending', 'TRIGGER_PENDING', 'TRIGGER_PENDING', 'TRIGGER_PENDING'],
  ['complete', 'FILLED', 'FILLED', 'FILLED'],
  ['cancelled', 'CANCELLED', 'CANCELLED', 'CANCELLED'],
  ['cancelled after market order', 'CANCELLED', 'CANCELLED', 'CANCELLED'],
  ['rejected', 'REJECTED', 'REJECTED', 'REJECTED'],
  ['a word nobody knows', 'PENDING', 'PENDING', 'PENDING'],
  ['constructor', 'PENDING', 'PENDING', 'PENDING'],
];

test.each(STATUSES)('status %j', (orderstatus, untouched, inPart, whole) => {
  const statusAt = (filledshares: string, unfilledshares: string): string | undefined =>
    only({ orderstatus, status: 'x', quantity: '10', filledshares, unfilledshares })?.status;
  expect(statusAt('0', '10')).toBe(untouched);
  expect(statusAt('4', '6')).toBe(inPart);
  expect(statusAt('10', '0')).toBe(whole);
  expect(statusAt('4', '')).toBe(inPart); // what is left is reckoned then
  expect(only({ orderstatus: orderstatus.toUpperCase(), filledshares: '' })?.status).toBe(untouched);
});

test('the state is said by orderstatus, and by status where that is silent', () => {
  expect(only({ orderstatus: 'trigger pending', status: 'modified' })).toMatchObject({
    status: 'TRIGGER_PENDING',
    brokerStatus: 'trigger pending',
  });
  expect(only({ orderstatus: '', status: 'complete' })?.status).toBe('FILLED');
  expect(only({ orderstatus: null, status: null })).toMatchObject({ status: 'PENDING', brokerStatus: '' });
});

test('a status nobody knows is logged and ends nothing', () => {
  const logger = recordingLogger();
  fromOrderBook(bookOf(liveOrder({ orderstatus: 'expired?' })), { ...reading, logger });
  expect(logger.lines).toEqual(['angel.order-status-unknown {"orderId":"111111111111111","status":"expired?"}']);
});

test('why an order was rejected is the text beside it', () => {
  const text = 'Insufficient Funds. Available funds - Rs. 937.00 . You require Rs. 2298.25';
  expect(only({ orderstatus: 'rejected', text })?.reason).toBe(text);
  expect(only({ orderstatus: 'rejected', text: '' })?.reason).toBeNull();
  expect(only({ orderstatus: 'open', text })?.reason).toBeNull();
});

test('numbers and texts are taken both ways', () => {
  expect(
    only({ price: '194.05', triggerprice: 193, quantity: 10, filledshares: 10, averageprice: '194' }),
  ).toMatchObject({
    price: 194.05,
    triggerPrice: 193,
    quantity: 10,
    filledQuantity: 10,
    averagePrice: 194,
  });
});

test('an instrument the master does not list has no identity, only its symbol', () => {
  expect(only({ symboltoken: '1', tradingsymbol: 'NEW-EQ' })).toMatchObject({ instrument: null, symbol: 'NEW-EQ' });
  expect(only({ symboltoken: '', tradingsymbol: 'NEW-EQ', instrumenttype: '' })?.instrument).toBe('NSE:NEW');
  expect(only({ symboltoken: null, tradingsymbol: 'NIFTY28JUL26FUT', exchange: 'NFO' })?.instrument).toBeNull();
});

test('lots of the broker are units of ours, where the host said how many', () => {
  const inLots = readingWith({ quantityUnits: { MCX: { kind: 'lots', unitsPerLot: { GOLD: 100 } } } });
  const row = liveOrder({
    exchange: 'MCX',
    symboltoken: '466583',
    quantity: '3',
    filledshares: '1',
    unfilledshares: '2',
  });
  expect(fromOrderBook(bookOf(row), inLots).orders[0]).toMatchObject({ quantity: 300, filledQuantity: 100 });
  expect(fromOrderBook(bookOf(row), reading).orders[0]).toMatchObject({ quantity: 3, filledQuantity: 1 });
});

test.each<[string, unknown]>([
  ['no id', liveOrder({ orderid: '' })],
  ['an id too large for a number', liveOrder({ orderid: 2 ** 60 })],
  ['a quantity that is none', liveOrder({ quantity: 'many' })],
  ['a negative quantity', liveOrder({ filledshares: '-1' })],
  ['half a share', liveOrder({ quantity: '1.5' })],
  ['a side nobody knows', liveOrder({ transactiontype: 'HOLD' })],
  ['a type nobody knows', liveOrder({ ordertype: 'ICEBERG' })],
  ['a duration nobody knows', liveOrder({ duration: 'GTD' })],
  ['nothing in it', {}],
  ['no object', 'row'],
  ['null', null],
])('a row with %s is left out, logged, and makes the book incomplete', (_what, row) => {
  const logger = recordingLogger();
  const book = fromOrderBook(bookOf(row, liveOrder()), { ...reading, logger });
  expect(book.orders.map(({ brokerOrderId }) => brokerOrderId)).toEqual(['111111111111111']);
  expect(book.complete).toBe(false);
  expect(logger.lines).toHaveLength(1);
  expect(logger.lines[0]).toContain('angel.order-row-unreadable');
});

test('a product without a word of ours is no product, and no reason to lose the order', () => {
  expect(only({ producttype: 'BO' })?.product).toBeNull();
  expect(only({ producttype: '' })?.product).toBeNull();
});

test('an order is picked by its id; an unreadable row may hide it', () => {
  const book = read(liveOrder(), liveOrder({ orderid: '222' }));
  expect(pickOrder(book, '222')?.brokerOrderId).toBe('222');
  expect(pickOrder(book, '333')).toBeNull();
  expect(thrownBy(() => pickOrder({ ...book, complete: false }, '333'))).toBe('ALGO_REPLY_UNREADABLE');
  expect(pickOrder({ ...book, complete: false }, '222')?.brokerOrderId).toBe('222');
});

test('the variety of an order is read even from a row that says little else', () => {
  const book = bookOf({ nothing: 1 }, { orderid: '5', variety: 'STOPLOSS' }, { orderid: '6', variety: '' });
  expect(varietyOf(book, '5')).toBe('STOPLOSS');
  expect(varietyOf(book, '6')).toBeNull();
  expect(varietyOf(book, '7')).toBeNull();
});

test('no book, however odd, throws anything but an AlgoError, and what cannot be read is never passed over in silence', () => {
  const value = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.double(),
    fc.constantFrom(null, '', '0', '- 5', 'open', 'NSE', 'BUY'),
    fc.anything(),
  );
  const row = fc.oneof(
    fc.dictionary(fc.constantFrom(...Object.keys(liveOrder())), value).map((change) => liveOrder(change)),
    fc.anything(),
  );
  const quiet = {
    ...reading,
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  };
  fc.assert(
    fc.property(fc.array(row, { maxLength: 4 }), (rows) => {
      try {
        const { orders, complete } = fromOrderBook(bookOf(...rows), quiet);
        expect(complete).toBe(orders.length === rows.length);
      } catch (error) {
        expect(isAlgoError(error)).toBe(true);
      }
    }),
    { numRuns: FUZZ_RUNS },
  );
  fc.assert(
    fc.property(fc.anything(), (body) => {
      try {
        fromOrderBook(body, quiet);
      } catch (error) {
        expect(isAlgoError(error)).toBe(true);
      }
    }),
    { numRuns: FUZZ_RUNS / 10 },
  );
});
