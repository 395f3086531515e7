import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTerminal, joinOrder, ORDER_STATUSES } from './order.js';
import type { BrokerOrder, OrderStatus } from './order.js';

const QUANTITY = 100;

const order = (changes: Partial<BrokerOrder> = {}): BrokerOrder => ({
  brokerOrderId: '1',
  exchangeOrderId: null,
  tag: 'TAG',
  instrument: 'NSE:RELIANCE',
  symbol: 'RELIANCE',
  side: 'BUY',
  type: 'LIMIT',
  product: 'CNC',
  validity: 'DAY',
  quantity: QUANTITY,
  filledQuantity: 0,
  price: 100,
  triggerPrice: null,
  averagePrice: null,
  status: 'PENDING',
  brokerStatus: 'x',
  reason: null,
  placedAtMs: 1,
  updatedAtMs: 1,
  ...changes,
});

/** A life of an order as the broker's book would show it, oldest first: it waits, is open, fills in parts, and ends. */
const history = fc
  .record({
    opening: fc.constantFrom<readonly OrderStatus[]>(
      ['PENDING'],
      ['PENDING', 'OPEN'],
      ['PENDING', 'TRIGGER_PENDING', 'OPEN'],
      ['OPEN'],
    ),
    fills: fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 5 }),
    end: fc.constantFrom<OrderStatus | null>('FILLED', 'CANCELLED', 'REJECTED', 'EXPIRED', null),
    gaps: fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 12, maxLength: 12 }),
  })
  .map(({ opening, fills, end, gaps }) => {
    const life: BrokerOrder[] = [];
    let filledQuantity = 0;
    const show = (status: OrderStatus): void => {
      const updatedAtMs = (life.at(-1)?.updatedAtMs ?? 0) + (gaps[life.length] ?? 1);
      life.push(order({ status, filledQuantity, updatedAtMs }));
    };
    for (const status of opening) show(status);
    for (const fill of fills) {
      if (filledQuantity + fill >= QUANTITY) break;
      filledQuantity += fill;
      show('PARTIALLY_FILLED');
    }
    if (end === 'FILLED') filledQuantity = QUANTITY;
    if (end !== null && !(end === 'REJECTED' && filledQuantity > 0)) show(end);
    return life;
  });

const shuffled = history.chain((life) =>
  fc
    .tuple(
      fc.shuffledSubarray(life, { minLength: life.length, maxLength: life.length }),
      fc.array(fc.nat(life.length - 1), { maxLength: 6 }),
    )
    .map(([all, again]) => ({ life, seen: [...all, ...again.map((at) => life[at]!)] })),
);

test('any order of the readings, with repeats, ends in the latest truth', () => {
  fc.assert(
    fc.property(shuffled, ({ life, seen }) => {
      const joined = seen.reduce<BrokerOrder | null>((known, now) => joinOrder(known, now), null);
      const latest = life.at(-1);
      expect({ status: joined?.status, filled: joined?.filledQuantity }).toEqual({
        status: latest?.status,
        filled: latest?.filledQuantity,
      });
    }),
    { numRuns: 1_000 },
  );
});

test('what is filled never shrinks and what has ended never reopens, whatever is shown', () => {
  const anything = fc.record({
    status: fc.constantFrom(...ORDER_STATUSES),
    filledQuantity: fc.integer({ min: 0, max: QUANTITY }),
    updatedAtMs: fc.option(fc.integer({ min: 0, max: 100 }), { nil: null }),
  });
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 30 }), (readings) => {
      let known: BrokerOrder | null = null;
      for (const reading of readings) {
        const before: BrokerOrder | null = known;
        known = joinOrder(before, order(reading));
        if (before === null) continue;
        expect(known.filledQuantity).toBeGreaterThanOrEqual(before.filledQuantity);
        if (isTerminal(before.status)) expect(isTerminal(known.status)).toBe(true);
        if (before.status === 'FILLED') expect(known.status).toBe('FILLED');
      }
    }),
    { numRuns: 1_000 },
  );
});

test('the first reading is taken as it is', () => {
  const seen = order({ status: 'OPEN' });
  expect(joinOrder(null, seen)).toBe(seen);
});

test.each<readonly [string, Partial<BrokerOrder>, Partial<BrokerOrder>]>([
  [
    'fewer filled',
    { status: 'PARTIALLY_FILLED', filledQuantity: 5 },
    { status: 'OPEN', filledQuantity: 0, updatedAtMs: 9 },
  ],
  ['open after it was cancelled', { status: 'CANCELLED' }, { status: 'OPEN', updatedAtMs: 9 }],
  [
    'cancelled after it was filled',
    { status: 'FILLED', filledQuantity: 100 },
    { status: 'CANCELLED', filledQuantity: 100 },
  ],
  ['an earlier status of an earlier time', { status: 'OPEN', updatedAtMs: 9 }, { status: 'PENDING', updatedAtMs: 8 }],
])('a stale reading changes nothing: %s', (_name, known, stale) => {
  const before = order(known);
  expect(joinOrder(before, order(stale))).toBe(before);
});

test('an earlier status of a later time is taken: a modify puts an open order back to pending', () => {
  const pending = order({ status: 'PENDING', updatedAtMs: 10 });
  expect(joinOrder(order({ status: 'OPEN', updatedAtMs: 9 }), pending)).toBe(pending);
});

test('a later price of the same status is taken', () => {
  const modified = order({ status: 'OPEN', price: 101, updatedAtMs: 10 });
  expect(joinOrder(order({ status: 'OPEN', updatedAtMs: 9 }), modified)).toBe(modified);
});

test('an older reading of the same status and fill never overwrites a newer one, whatever else it says', () => {
  const reading = fc.record({
    status: fc.constantFrom(...ORDER_STATUSES),
    filledQuantity: fc.integer({ min: 0, max: QUANTITY }),
  });
  fc.assert(
    fc.property(reading, fc.nat(1_000), fc.integer({ min: 1, max: 1_000 }), (same, olderMs, byMs) => {
      const older = order({ ...same, price: 100, updatedAtMs: olderMs });
      const newer = order({ ...same, price: 101, updatedAtMs: olderMs + byMs });
      expect(joinOrder(newer, older)).toBe(newer);
      expect(joinOrder(older, newer)).toBe(newer);
    }),
    { numRuns: 500 },
  );
});

test('exactly the last four statuses end an order', () => {
  expect(ORDER_STATUSES.filter(isTerminal)).toEqual(['FILLED', 'CANCELLED', 'REJECTED', 'EXPIRED']);
});
