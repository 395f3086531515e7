import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Listing } from '../domain/instrument.js';
import type { OrderRequest } from '../domain/order.js';
import { toRupees } from '../domain/price.js';
import type { OrderType, Side } from '../domain/vocabulary.js';
import { emulated, emulationOf } from './emulation.js';

const listing = (tick = 500): Listing => ({
  instrument: 'NSE:RELIANCE',
  contract: { kind: 'equity', exchange: 'NSE', symbol: 'RELIANCE', series: null },
  token: '2885',
  segment: 'NSE',
  symbol: 'RELIANCE-EQ',
  name: 'RELIANCE',
  isin: null,
  lotSize: 1,
  tick,
  freezeQuantity: null,
  quantityUnit: { kind: 'units' },
});

const request = (changes: Partial<OrderRequest> = {}): OrderRequest => ({
  instrument: 'NSE:RELIANCE',
  side: 'BUY',
  quantity: 1,
  type: 'MARKET',
  product: 'MIS',
  emulate: { withinPercent: 1 },
  ...changes,
});

describe('what is sent instead', () => {
  const cases: readonly [OrderType, readonly OrderType[], string | null][] = [
    ['MARKET', ['LIMIT', 'SL'], 'limit-for-market'],
    ['MARKET', ['MARKET', 'LIMIT'], null],
    ['MARKET', ['SL'], null],
    ['SL-M', ['LIMIT', 'SL'], 'stop-limit-for-stop-market'],
    ['SL-M', ['SL-M', 'SL'], null],
    ['SL-M', ['LIMIT'], null],
    ['LIMIT', ['MARKET'], null],
    ['SL', ['LIMIT'], null],
  ];
  test.each(cases)('of %s where the broker takes %j: %s', (type, taken, expected) => {
    expect(emulationOf(request({ type }), taken)).toBe(expected);
    const { emulate: _allowed, ...strict } = request({ type });
    expect(emulationOf(strict, taken)).toBeNull();
  });
});

test.each<[string, Partial<OrderRequest>, number | null, unknown]>([
  ['a buy at 1400 within 1 %', {}, 1_400, { type: 'LIMIT', price: 1_414 }],
  ['a sell at 1400 within 1 %', { side: 'SELL' }, 1_400, { type: 'LIMIT', price: 1_386 }],
  ['a buy off the grid is cut to the tick inside', {}, 1_400.05, { type: 'LIMIT', price: 1_414.05 }],
  ['a percentage smaller than a tick still buys at the price', { emulate: { withinPercent: 0.01 } }, 9, { price: 9 }],
  ['a stop buy', { type: 'SL-M', triggerPrice: 1_500 }, null, { type: 'SL', price: 1_515, triggerPrice: 1_500 }],
  ['a stop sell', { type: 'SL-M', side: 'SELL', triggerPrice: 100 }, null, { type: 'SL', price: 99 }],
])('%s', (_what, changes, last, expected) => {
  expect(emulated(request(changes), listing(), last)).toMatchObject(expected as object);
});

test.each([null, 0, -1, Number.NaN])('without a price to start from (%s) there is nothing to send', (last) => {
  expect(emulated(request(), listing(), last)).toBeNull();
  expect(emulated(request({ type: 'SL-M' }), listing(), 1_400)).toBeNull();
});

test('whatever the price, tick and percentage: on a tick, never worse than allowed, never short of the last price', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2_000_000 }),
      fc.constantFrom(25, 100, 500, 1_000, 50_000),
      fc.integer({ min: 1, max: 2_000 }),
      fc.constantFrom<Side>('BUY', 'SELL'),
      (ticks, tick, hundredths, side) => {
        const last = ticks * tick;
        const sent = emulated(
          request({ side, emulate: { withinPercent: hundredths / 100 } }),
          listing(tick),
          toRupees(last),
        );
        const price = Math.round(Number(sent?.price) * 10_000);
        const reach = (last * hundredths) / 10_000;
        expect(price % tick).toBe(0);
        if (side === 'BUY') expect(price >= last && price <= last + reach).toBe(true);
        else expect(price <= last && (price >= last - reach || price === tick)).toBe(true);
      },
    ),
  );
});
