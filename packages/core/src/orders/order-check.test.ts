import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BrokerCapabilities } from '../contract/capabilities.js';
import type { Contract, Listing } from '../domain/instrument.js';
import type { OrderRequest } from '../domain/order.js';
import { ORDER_TYPES, PRODUCTS, VALIDITIES } from '../domain/vocabulary.js';
import { isAlgoError } from '../errors/algo-error.js';
import type { AnyAlgoError } from '../errors/algo-error.js';
import { checkClientOrderId, checkDeadline, checkOrder, checkQuantity, checkShape } from './order-check.js';

const TODAY = '2026-11-20';

const equity: Contract = { kind: 'equity', exchange: 'NSE', symbol: 'RELIANCE', series: null };
const future: Contract = { kind: 'future', exchange: 'NFO', underlying: 'NIFTY', expiry: '2026-11-24' };

const listing = (changes: Partial<Listing> = {}): Listing => ({
  instrument: 'NSE:RELIANCE',
  contract: equity,
  token: '2885',
  segment: 'NSE_EQ',
  symbol: 'RELIANCE',
  name: 'Reliance',
  isin: null,
  lotSize: 1,
  tick: 500,
  freezeQuantity: null,
  quantityUnit: { kind: 'units' },
  ...changes,
});
const lots = listing({ contract: future, instrument: 'NFO:NIFTY:2026-11-24:FUT', lotSize: 65, freezeQuantity: 1_756 });

const capabilities: BrokerCapabilities = {
  exchanges: ['NSE', 'NFO'],
  products: PRODUCTS,
  orderTypes: ORDER_TYPES,
  validities: VALIDITIES,
  orderIdentity: { grade: 'G2', tagLength: 15, visibleWithinMs: 120_000 },
  session: { lastsMs: null, endsDailyAt: null, secondLogin: 'unsure' },
  margin: false,
  candleIntervals: [],
  quoteBatch: 1,
  modificationsPerOrder: null,
};

const request = (changes: Partial<OrderRequest> = {}): OrderRequest => ({
  instrument: 'NSE:RELIANCE',
  side: 'BUY',
  quantity: 10,
  type: 'LIMIT',
  price: 100,
  product: 'CNC',
  ...changes,
});

function without(field: keyof OrderRequest, changes: Partial<OrderRequest> = {}): OrderRequest {
  const { [field]: _left, ...rest } = request(changes);
  return rest as OrderRequest;
}

function failure(run: () => unknown): AnyAlgoError {
  try {
    run();
  } catch (error) {
    if (isAlgoError(error)) return error;
    throw error;
  }
  throw new Error('must be refused');
}

const check = (given: OrderRequest, at: Listing = listing(), changes: Partial<BrokerCapabilities> = {}) =>
  checkOrder(given, at, { id: 'dhan', capabilities: { ...capabilities, ...changes } }, TODAY);

/** What a caller without types could hand in. */
const shapeOf = (changes: Record<string, unknown>): AnyAlgoError =>
  failure(() => checkShape({ ...request(), ...changes }));

test('a whole order passes, with every optional field and without', () => {
  expect(() => checkShape(request())).not.toThrow();
  const whole = request({ clientOrderId: 'A-1_b.c', type: 'SL', triggerPrice: '99.5', validity: 'IOC', deadlineMs: 1 });
  expect(() => checkShape(whole)).not.toThrow();
  expect(() => checkShape(request({ price: '100.05', deadlineMs: 120_000, quantity: 1_000_000_000 }))).not.toThrow();
});

const HUGE = 'canary'.repeat(1_700_000);

test.each<readonly [string, string, unknown]>([
  ['a quantity of zero', 'quantity', 0],
  ['a negative quantity', 'quantity', -1],
  ['half a unit', 'quantity', 0.5],
  ['a quantity that is no number', 'quantity', NaN],
  ['an endless quantity', 'quantity', Infinity],
  ['a quantity as text', 'quantity', '10'],
  ['no quantity', 'quantity', undefined],
  ['a quantity beyond any order', 'quantity', 1_000_000_001],
  ['a bigint quantity', 'quantity', 10n],
  ['an unknown side', 'side', 'HOLD'],
  ['a side in lower case', 'side', 'buy'],
  ['a side that is an object', 'side', { toString: () => 'BUY' }],
  ['no side', 'side', undefined],
  ['an unknown type', 'type', 'STOP'],
  ['an inherited word as type', 'type', 'constructor'],
  ['an unknown product', 'product', 'BO'],
  ['a null product', 'product', null],
  ['an unknown validity', 'validity', 'GTC'],
  ['a null validity', 'validity', null],
  ['no instrument', 'instrument', undefined],
  ['an empty instrument', 'instrument', ''],
  ['an instrument that is a number', 'instrument', 2_885],
  ['an instrument of ten megabytes', 'instrument', HUGE],
  ['an instrument list', 'instrument', ['NSE:RELIANCE']],
  ['a price that is no number', 'price', NaN],
  ['an endless price', 'price', -Infinity],
  ['a price of ten megabytes', 'price', HUGE],
  ['a null price', 'price', null],
  ['a price that is true', 'price', true],
  ['a trigger that is an object', 'triggerPrice', {}],
  ['a trigger of ten megabytes', 'triggerPrice', HUGE],
  ['an empty client order id', 'clientOrderId', ''],
  ['a client order id with a space', 'clientOrderId', 'canary 1'],
  ['a client order id with a line break', 'clientOrderId', 'canary\n'],
  ['a client order id of 65', 'clientOrderId', 'x'.repeat(65)],
  ['a client order id of ten megabytes', 'clientOrderId', HUGE],
  ['a client order id that is a number', 'clientOrderId', 7],
  ['a connection that is a text', 'connection', 'canary/main'],
  ['a null connection', 'connection', null],
  ['a connection that is a number', 'connection', 7],
  ['a connection that is a list', 'connection', ['canary', 'main']],
  ['an empty connection', 'connection', {}],
  ['a connection without an account', 'connection', { broker: 'canary' }],
  ['a connection without a broker', 'connection', { account: 'canary' }],
  ['a connection to a broker without a name', 'connection', { broker: '', account: 'canary' }],
  ['a connection to an account that is a number', 'connection', { broker: 'canary', account: 7 }],
  ['a connection to an account of ten megabytes', 'connection', { broker: 'dhan', account: HUGE }],
  ['a connection to a broker that is an object', 'connection', { broker: { canary: 1 }, account: 'main' }],
  ['a deadline of zero', 'deadlineMs', 0],
  ['a negative deadline', 'deadlineMs', -1],
  ['a deadline above two minutes', 'deadlineMs', 120_001],
  ['a deadline that is no number', 'deadlineMs', NaN],
  ['a deadline as text', 'deadlineMs', '5000'],
])('%s is refused by the name of its field, and not repeated', (_name, field, value) => {
  const error = shapeOf({ [field]: value });
  expect(error.code).toBe('ALGO_INVALID_INPUT');
  if (error.code !== 'ALGO_INVALID_INPUT') return;
  expect(error.details.problems.map((problem) => problem.field)).toEqual([field]);
  expect(error.effect).toBe('none');
  expect(error.message).not.toContain('canary');
  expect(error.message.length).toBeLessThan(300);
});

test.each([null, undefined, 7, 'order', true])('an order that is %o is refused', (given) => {
  expect(failure(() => checkShape(given as unknown as OrderRequest)).code).toBe('ALGO_INVALID_INPUT');
});

test('every problem is told at once', () => {
  const error = failure(() => checkShape({} as unknown as OrderRequest));
  if (error.code !== 'ALGO_INVALID_INPUT') throw error;
  const fields = error.details.problems.map(({ field }) => field);
  expect(fields).toEqual(['instrument', 'side', 'quantity', 'type', 'product']);
});

test('a client order id and a deadline are checked the same way alone', () => {
  expect(() => checkClientOrderId('parent/1')).toThrow();
  expect(() => checkClientOrderId('x'.repeat(64))).not.toThrow();
  expect(() => checkDeadline(undefined)).not.toThrow();
  expect(() => checkDeadline(0.5)).toThrow();
  expect(() => checkDeadline(5_000)).not.toThrow();
});

test('whatever is handed in, the answer is a pass or an error of ours', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), fc.anything(), (quantity, price, instrument) => {
      try {
        checkShape({ ...request(), quantity, price, instrument } as unknown as OrderRequest);
      } catch (error) {
        expect(isAlgoError(error)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

// Against what the broker lists and can do.

test('a checked order has exact prices, and DAY unless it says otherwise', () => {
  const checked = check(request({ type: 'SL', price: '100.05', triggerPrice: 99.95 }));
  expect(checked).toMatchObject({ price: 1_000_500, triggerPrice: 999_500, validity: 'DAY', quantity: 10 });
  expect(check(without('price', { type: 'MARKET' }))).toMatchObject({ price: null, triggerPrice: null });
});

test.each<readonly [string, OrderRequest, Listing, Partial<BrokerCapabilities>, string]>([
  [
    'an index',
    request(),
    listing({ contract: { kind: 'index', exchange: 'NSE', symbol: 'NIFTY' } }),
    {},
    'ALGO_NOT_SUPPORTED',
  ],
  ['an unknown unit', request(), listing({ quantityUnit: { kind: 'unknown' } }), {}, 'ALGO_QUANTITY_UNIT_UNKNOWN'],
  ['delivery in derivatives', request({ quantity: 65 }), lots, {}, 'ALGO_PRODUCT_NOT_ALLOWED'],
  ['carry in shares', request({ product: 'NRML' }), listing(), {}, 'ALGO_PRODUCT_NOT_ALLOWED'],
  [
    'a product this broker lacks',
    request({ product: 'MTF' }),
    listing(),
    { products: ['CNC', 'MIS'] },
    'ALGO_PRODUCT_NOT_ALLOWED',
  ],
  ['a type this broker lacks', request(), listing(), { orderTypes: ['MARKET'] }, 'ALGO_NOT_SUPPORTED'],
  [
    'a validity this broker lacks',
    request({ validity: 'IOC' }),
    listing(),
    { validities: ['DAY'] },
    'ALGO_NOT_SUPPORTED',
  ],
  ['off the lot', request({ quantity: 66, product: 'NRML' }), lots, {}, 'ALGO_QUANTITY_OFF_LOT'],
  ['above the freeze', request({ quantity: 1_820, product: 'NRML' }), lots, {}, 'ALGO_QUANTITY_ABOVE_FREEZE'],
  ['off the tick', request({ price: 100.03 }), listing(), {}, 'ALGO_PRICE_OFF_TICK'],
  ['five places', request({ price: '100.00001' }), listing(), {}, 'ALGO_INVALID_INPUT'],
  ['a price in words', request({ price: 'hundred' }), listing(), {}, 'ALGO_INVALID_INPUT'],
  ['a price of zero', request({ price: 0 }), listing(), {}, 'ALGO_PRICE_NOT_ALLOWED'],
  ['a negative price', request({ price: '-5' }), listing(), {}, 'ALGO_PRICE_NOT_ALLOWED'],
  ['a limit without a price', without('price'), listing(), {}, 'ALGO_PRICE_NOT_ALLOWED'],
  ['a market order with a price', request({ type: 'MARKET' }), listing(), {}, 'ALGO_PRICE_NOT_ALLOWED'],
  ['a limit with a trigger', request({ triggerPrice: 99 }), listing(), {}, 'ALGO_PRICE_NOT_ALLOWED'],
  ['a stop without a trigger', request({ type: 'SL' }), listing(), {}, 'ALGO_PRICE_NOT_ALLOWED'],
  ['a stop-market with a price', request({ type: 'SL-M', triggerPrice: 99 }), listing(), {}, 'ALGO_PRICE_NOT_ALLOWED'],
  ['a stop-market without a trigger', without('price', { type: 'SL-M' }), listing(), {}, 'ALGO_PRICE_NOT_ALLOWED'],
  ['a trigger off the tick', request({ type: 'SL', triggerPrice: 99.99 }), listing(), {}, 'ALGO_PRICE_OFF_TICK'],
  [
    'a buy stop above its limit',
    request({ type: 'SL', triggerPrice: 100.05 }),
    listing(),
    {},
    'ALGO_PRICE_NOT_ALLOWED',
  ],
  [
    'a sell stop below its limit',
    request({ side: 'SELL', type: 'SL', triggerPrice: 99.95 }),
    listing(),
    {},
    'ALGO_PRICE_NOT_ALLOWED',
  ],
])('%s is refused', (_name, given, at, changes, code) => {
  const error = failure(() => check(given, at, changes));
  expect(error.code).toBe(code);
  expect(error.effect).toBe('none');
});

test('a contract trades through its last day and not after', () => {
  const nrml = request({ quantity: 65, product: 'NRML' });
  const ending = (expiry: string): Listing => ({ ...lots, contract: { ...future, expiry } });
  expect(() => check(nrml, ending('2026-11-20'))).not.toThrow();
  expect(failure(() => check(nrml, ending('2026-11-19'))).code).toBe('ALGO_CONTRACT_EXPIRED');
  expect(failure(() => check(nrml, ending('2025-12-31'))).code).toBe('ALGO_CONTRACT_EXPIRED');
});

test('the largest quantity passes and one lot more does not, with the largest in the error', () => {
  const nrml = (quantity: number): OrderRequest => request({ quantity, product: 'NRML' });
  expect(check(nrml(1_755), lots).quantity).toBe(1_755);
  expect(failure(() => check(nrml(1_820), lots)).details).toEqual({ quantity: 1_820, largest: 1_755 });
});

test.each<readonly [number, number]>([
  [1, 65],
  [64, 65],
  [66, 65],
  [97, 65],
  [98, 130],
])('%d units are off the lot and %d is the nearest', (quantity, nearest) => {
  const error = failure(() => check(request({ quantity, product: 'NRML' }), lots));
  expect(error.details).toEqual({ quantity, lotSize: 65, nearest });
});

test.each<readonly [number, number]>([
  [1_756, 1_755],
  [1_787, 1_755],
  [1_788, 1_755], // nearer to 1,820, which is frozen
  [5_000, 1_755],
  [1_000_000_000, 1_755],
])('%d units are off the lot and above the freeze, and %d is the nearest that passes', (quantity, nearest) => {
  const error = failure(() => check(request({ quantity, product: 'NRML' }), lots));
  expect(error.details).toEqual({ quantity, lotSize: 65, nearest });
});

test('the nearest quantity that an error names always passes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.integer({ min: 1, max: 2_000 }),
      fc.option(fc.integer({ min: 1, max: 500 }), { nil: null }),
      fc.constantFrom('NFO', 'BFO'),
      (quantity, lotSize, lotsAllowed, exchange) => {
        const freezeQuantity = lotsAllowed === null ? null : lotsAllowed * lotSize + 1;
        const at: Listing = { ...lots, contract: { ...future, exchange }, lotSize, freezeQuantity };
        try {
          checkQuantity(quantity, at);
        } catch (error) {
          if (!isAlgoError(error)) throw error;
          if (error.code === 'ALGO_QUANTITY_OFF_LOT') checkQuantity(error.details.nearest, at);
          else if (error.code === 'ALGO_QUANTITY_ABOVE_FREEZE') checkQuantity(error.details.largest, at);
          else throw error;
        }
      },
    ),
    { numRuns: 500 },
  );
});

test.each<readonly [number | string, number, string]>([
  [100.03, 500, '100.05'],
  ['100.02', 500, '100.00'],
  [0.01, 500, '0.05'],
  ['84.1234', 25, '84.1225'],
])('%s is off the tick and the nearest is told', (price, tick, nearest) => {
  const error = failure(() => check(request({ price }), listing({ tick })));
  if (error.code !== 'ALGO_PRICE_OFF_TICK') throw error;
  expect(error.details.nearest).toBe(nearest);
  expect(() => check(request({ price: nearest }), listing({ tick }))).not.toThrow();
});

test('every price on the tick passes unchanged, and every other is refused', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4_000_000 }), fc.constantFrom(25, 100, 500), (units, tick) => {
      const given = request({ price: units / 10_000 });
      if (units % tick === 0) expect(check(given, listing({ tick })).price).toBe(units);
      else expect(failure(() => check(given, listing({ tick }))).code).toBe('ALGO_PRICE_OFF_TICK');
    }),
    { numRuns: 500 },
  );
});

test('a stop at its limit passes on both sides', () => {
  expect(() => check(request({ type: 'SL', triggerPrice: 100 }))).not.toThrow();
  expect(() => check(request({ side: 'SELL', type: 'SL', triggerPrice: 100 }))).not.toThrow();
  expect(() => check(request({ side: 'SELL', type: 'SL', triggerPrice: 100.5 }))).not.toThrow();
});
