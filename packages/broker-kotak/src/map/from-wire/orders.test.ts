import fc from 'fast-check';
import { isAlgoError } from '@algo/core/adapter';
import type { BrokerOrder, Trade } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { fixtureRow, fixtureRows, lookupOf, recordingLogger, sampleListings } from '../../../test/support/account.js';
import type { RecordingLogger } from '../../../test/support/account.js';
import { STATUS_OF } from '../words.js';
import { fromOneOrder, fromOrderBook, fromTrades } from './orders.js';
import type { Reading } from './reading.js';

const instruments = lookupOf(sampleListings());
const withLog = (logger: RecordingLogger = recordingLogger()): Reading => ({ instruments, logger });
const reading = withLog();

const ROW = fixtureRow('order_book_200.json');
const orderFrom = (change: object, logger?: RecordingLogger): BrokerOrder | undefined =>
  fromOrderBook([{ ...ROW, ...change }], withLog(logger)).orders[0];

const codeOf = (task: () => unknown): string => {
  try {
    task();
  } catch (error) {
    return isAlgoError(error) ? error.code : String(error);
  }
  return 'none';
};

test('the recorded live book, value by value', () => {
  expect(fromOrderBook(fixtureRows('order_book_200.json'), reading)).toEqual({
    complete: true,
    orders: [
      {
        brokerOrderId: '250122000612876',
        exchangeOrderId: '1100000059569867',
        tag: null,
        instrument: 'NSE:IDEA',
        symbol: 'IDEA-EQ',
        side: 'BUY',
        type: 'LIMIT',
        product: 'NRML',
        validity: 'DAY',
        quantity: 1,
        filledQuantity: 0,
        price: 9.39,
        triggerPrice: null,
        averagePrice: null,
        status: 'OPEN',
        brokerStatus: 'open',
        reason: null,
        placedAtMs: Date.UTC(2025, 0, 22, 8, 58, 1),
        updatedAtMs: Date.UTC(2025, 0, 22, 8, 58, 1),
      },
    ],
  });
});

test.each([...STATUS_OF])('status "%s" is %s, in any case and with spaces around', (word, status) => {
  const logger = recordingLogger();
  expect(orderFrom({ ordSt: word }, logger)?.status).toBe(status);
  expect(orderFrom({ ordSt: ` ${word.toUpperCase()} ` }, logger)).toMatchObject({
    status,
    brokerStatus: word.toUpperCase(),
  });
  expect(logger.lines).toEqual([]);
});

test.each([...STATUS_OF].filter(([, status]) => status === 'OPEN'))('status "%s" with a fill is partial', (ordSt) => {
  expect(orderFrom({ ordSt, qty: 10, fldQty: 4 })).toMatchObject({ status: 'PARTIALLY_FILLED', filledQuantity: 4 });
});

test('a cancelled order keeps what was filled', () => {
  expect(orderFrom({ ordSt: 'cancelled', qty: 10, fldQty: 4 })).toMatchObject({
    status: 'CANCELLED',
    filledQuantity: 4,
  });
});

test.each(['frozen', 'NEW WORD', 'completed?', 'constructor'])(
  'status "%s" is not known: it ends nothing and is logged',
  (ordSt) => {
    const logger = recordingLogger();
    expect(orderFrom({ ordSt }, logger)).toMatchObject({ status: 'PENDING', brokerStatus: ordSt });
    expect(logger.lines).toEqual([
      `kotak.order-status-unknown ${JSON.stringify({ orderId: ROW['nOrdNo'], status: ordSt })}`,
    ]);
  },
);

test('the status is read from stat where ordSt is missing', () => {
  expect(orderFrom({ ordSt: '', stat: 'complete' })?.status).toBe('FILLED');
});

test('a rejected order carries the reason, and no other order does', () => {
  const rejRsn = 'RMS:Margin Exceeds,Required:100';
  expect(orderFrom({ ordSt: 'rejected', rejRsn })?.reason).toBe(rejRsn);
  expect(orderFrom({ ordSt: 'rejected' })?.reason).toBeNull();
  expect(orderFrom({ ordSt: 'open', rejRsn })?.reason).toBeNull();
});

test.each([
  ['AXQ3KZ7LMNB24CD', 'AXQ3KZ7LMNB24CD'],
  ['AXQ3KZ7LMNB24CD-1764830112', 'AXQ3KZ7LMNB24CD'],
  ['1764830112-12-XXXX-ADMINAPI', '1764830112-12-XXXX-ADMINAPI'],
  ['NA', null],
  ['  ', null],
])('GuiOrdId "%s" is tag %s', (GuiOrdId, tag) => {
  expect(orderFrom({ GuiOrdId })?.tag).toBe(tag);
});

test.each([
  ['L', 'LIMIT'],
  ['LMT', 'LIMIT'],
  ['MKT', 'MARKET'],
  ['SL', 'SL'],
  ['SL-M', 'SL-M'],
])('type %s is %s', (prcTp, type) => {
  expect(orderFrom({ prcTp })?.type).toBe(type);
});

test('other words are mapped, and products of the past have none', () => {
  expect(
    orderFrom({ trnsTp: 'S', vldt: 'IOC', prod: 'MIS', prcTp: 'SL', trgPrc: '9.30', avgPrc: '9.3333333333333' }),
  ).toMatchObject({
    side: 'SELL',
    validity: 'IOC',
    product: 'MIS',
    triggerPrice: 9.3,
    averagePrice: 9.3333333333,
  });
  expect(orderFrom({ prod: 'BO' })?.product).toBeNull();
  expect(orderFrom({ vldt: undefined, ordDur: 'DAY' })?.validity).toBe('DAY');
});

test('an order in something that the master does not list is shown by its symbol', () => {
  expect(orderFrom({ tok: '424242' })).toMatchObject({ instrument: null, symbol: 'IDEA-EQ' });
  expect(orderFrom({ tok: 'NA' })).toMatchObject({ instrument: 'NSE:IDEA' });
  expect(orderFrom({ tok: '', trdSym: 'NA' })).toMatchObject({ instrument: null, symbol: '' });
  expect(orderFrom({ exSeg: 'NA' })).toMatchObject({ instrument: null });
});

test('where Kotak counts lots, an order is shown in units', () => {
  const [listing] = sampleListings().filter(({ instrument }) => instrument === 'NSE:IDEA');
  if (listing === undefined) throw new Error('no IDEA');
  const inLots = lookupOf([{ ...listing, quantityUnit: { kind: 'lots', unitsPerLot: 100 } }]);
  const { orders } = fromOrderBook([{ ...ROW, qty: 3, fldQty: 1 }], { instruments: inLots, logger: recordingLogger() });
  expect(orders[0]).toMatchObject({ quantity: 300, filledQuantity: 100 });
});

test.each<[string, unknown]>([
  ['no row at all', null],
  ['no order number', { ...ROW, nOrdNo: '' }],
  ['no status', { ...ROW, ordSt: '', stat: '' }],
  ['no filled quantity', { ...ROW, fldQty: undefined }],
  ['a negative quantity', { ...ROW, qty: -1 }],
  ['half a share filled', { ...ROW, fldQty: 0.5 }],
  ['a side nobody knows', { ...ROW, trnsTp: 'X' }],
  ['a type nobody knows', { ...ROW, prcTp: 'ICEBERG' }],
  ['a validity nobody knows', { ...ROW, vldt: 'GTC' }],
  ['a price that is none', { ...ROW, prc: 'nine' }],
])('a row with %s is left out and logged, and makes the book incomplete', (_what, bad) => {
  const logger = recordingLogger();
  const { orders, complete } = fromOrderBook([bad, ROW], withLog(logger));
  expect([orders.length, complete, logger.lines.length]).toEqual([1, false, 1]);
  expect(logger.lines[0]).toContain('kotak.order-row-unreadable');
});

test('rows that are cut short, as the documentation prints them, make the book incomplete', () => {
  expect(fromOrderBook(fixtureRows('order_book_rejected_and_amo_200.json'), reading)).toEqual({
    orders: [],
    complete: false,
  });
});

test('a book that is no list is an error', () => {
  for (const body of [null, undefined, {}, 'x', 0]) {
    expect(codeOf(() => fromOrderBook(body, reading))).toBe('ALGO_REPLY_UNREADABLE');
  }
});

test('one order is found among the rows shown, and another one is none', () => {
  expect(fromOneOrder([ROW], '250122000612876', reading)?.instrument).toBe('NSE:IDEA');
  expect(fromOneOrder([null, { nOrdNo: {} }, ROW], '250122000612876', reading)?.instrument).toBe('NSE:IDEA');
  expect(fromOneOrder([], '250122000612876', reading)).toBeNull();
  expect(codeOf(() => fromOneOrder([ROW], '1', reading))).toBe('ALGO_REPLY_UNREADABLE');
  expect(codeOf(() => fromOneOrder([{ ...ROW, qty: 'x' }], '250122000612876', reading))).toBe('ALGO_REPLY_UNREADABLE');
});

const TRADE = fixtureRow('trade_book_200.json');
const tradesFrom = (...changes: readonly object[]): readonly Trade[] =>
  fromTrades(
    changes.map((change) => ({ ...TRADE, ...change })),
    null,
    reading,
  );

test('the recorded fill: its contract by the trading symbol, its size by what was filled', () => {
  expect(tradesFrom({})).toEqual([
    {
      tradeId: '207983744',
      brokerOrderId: '250122000612876',
      exchangeOrderId: '1100000059569867',
      instrument: 'NSE:IDEA',
      symbol: 'IDEA-EQ',
      side: 'BUY',
      product: 'NRML',
      quantity: 1,
      price: 9.39,
      tradedAtMs: Date.UTC(2025, 0, 22, 8, 58, 16),
    },
  ]);
});

test('a fill with a token is found by it, and its time is the exchange time where it has no other', () => {
  expect(tradesFrom({ tok: '11536', flTm: 'NA' })).toMatchObject([
    { instrument: 'NSE:TCS', tradedAtMs: Date.UTC(2025, 0, 22, 8, 58, 1) },
  ]);
  expect(tradesFrom({ trdSym: 'NOBODY-EQ', flDt: '', exTm: '' })).toMatchObject([
    { instrument: null, symbol: 'NOBODY-EQ', tradedAtMs: null },
  ]);
});

test('fills without an id are told apart by what happened and counted', () => {
  const ids = tradesFrom({ flId: '' }, { flId: 'NA' }, { flId: '', fldQty: 2 }, {}).map(({ tradeId }) => tradeId);
  expect(new Set(ids).size).toBe(4);
});

test('fills of one order are those and no others', () => {
  const rows = [TRADE, { ...TRADE, nOrdNo: '2', flId: '9' }];
  expect(fromTrades(rows, '2', reading).map(({ tradeId }) => tradeId)).toEqual(['9']);
  expect(fromTrades(rows, '3', reading)).toEqual([]);
});

test('a fill that cannot be read fails the reading', () => {
  for (const change of [{ fldQty: 'x' }, { trnsTp: 'X' }, { nOrdNo: null }]) {
    expect(codeOf(() => tradesFrom(change))).toBe('ALGO_REPLY_UNREADABLE');
  }
});

const INPUTS = process.env['ALGO_TEST_FULL'] === '1' ? 100_000 : 10_000;
const anyValue = fc.oneof(fc.jsonValue(), fc.constantFrom('NA', '--', 'B', 'L', 'DAY', '0.00', 2 ** 60));
const anyRow = fc
  .dictionary(fc.constantFrom(...Object.keys(ROW), ...Object.keys(TRADE)), anyValue)
  .map((change) => ({ ...ROW, ...change }));

test('whatever a book holds, nothing but an error of ours comes of it, and no row is lost in silence', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(anyRow, fc.jsonValue()), { maxLength: 4 }), (rows) => {
      const { orders, complete } = fromOrderBook(rows, withLog());
      expect(complete).toBe(orders.length === rows.length);
      for (const { quantity, filledQuantity } of orders)
        expect(Math.min(quantity, filledQuantity)).toBeGreaterThanOrEqual(0);
      expect(codeOf(() => fromOneOrder(rows, '250122000612876', reading))).toMatch(/^(?:none|ALGO_REPLY_UNREADABLE)$/);
      expect(codeOf(() => fromTrades(rows, null, reading))).toMatch(/^(?:none|ALGO_REPLY_UNREADABLE)$/);
    }),
    { numRuns: INPUTS },
  );
});
