import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatInstrument, largestQuantity, parseInstrument } from './instrument.js';
import type { Contract, Listing } from './instrument.js';
import { EXCHANGES } from './vocabulary.js';

const exchange = fc.constantFrom(...EXCHANGES);
const word = fc.stringMatching(/^[A-Z0-9][A-Z0-9&-]{0,14}$/).filter((text) => text !== 'INDEX');
const symbol = fc.oneof(word, fc.constantFrom('M&M', 'BAJAJ-AUTO', 'L&TFH', '360ONE', 'J&KBANK', 'NIFTY 50'));
const series = fc.option(fc.stringMatching(/^[A-Z0-9]{1,2}$/), { nil: null });
const expiry = fc
  .tuple(fc.integer({ min: 2020, max: 2040 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .map(([year, month, day]) => `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`);
const strike = fc.integer({ min: 1, max: 2_000_000_000 }).map((units) => String(units / 10_000));
const right = fc.constantFrom('CE' as const, 'PE' as const);

const contract: fc.Arbitrary<Contract> = fc.oneof(
  fc.record({ kind: fc.constant('equity' as const), exchange, symbol, series }),
  fc.record({ kind: fc.constant('index' as const), exchange, symbol }),
  fc.record({ kind: fc.constant('future' as const), exchange, underlying: symbol, expiry }),
  fc.record({ kind: fc.constant('option' as const), exchange, underlying: symbol, expiry, strike, right }),
);

test('every contract reads back as itself', () => {
  fc.assert(
    fc.property(contract, (given) => {
      expect(parseInstrument(formatInstrument(given))).toEqual(given);
    }),
    { numRuns: 1_000 },
  );
});

test('two contracts never share a text', () => {
  fc.assert(
    fc.property(contract, contract, (a, b) => {
      const same =
        JSON.stringify(parseInstrument(formatInstrument(a))) === JSON.stringify(parseInstrument(formatInstrument(b)));
      expect(formatInstrument(a) === formatInstrument(b)).toBe(same);
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  'NSE:RELIANCE',
  'NSE:SBIN:N5',
  'NSE:INDEX:NIFTY',
  'NFO:NIFTY:2026-11-24:FUT',
  'NFO:NIFTY:2026-11-24:26000:CE',
  'NFO:M&M:2026-11-24:102.75:PE',
  'CDS:USDINR:2026-11-26:84.25:CE',
  'NSE:BAJAJ-AUTO',
])('%s is canonical', (text) => {
  const read = parseInstrument(text);
  expect(read).not.toBeNull();
  expect(read === null ? '' : formatInstrument(read)).toBe(text);
});

test.each([
  '',
  'NSE',
  'NSE:',
  ':RELIANCE',
  'nse:RELIANCE',
  'NYSE:AAPL',
  'NSE:INDEX',
  'NSE:INDEX:',
  'NSE:INDEX:NIFTY:50',
  'NSE:RELIANCE:',
  'NFO:NIFTY:24-11-2026:FUT',
  'NFO:NIFTY:2026-11-24:fut',
  'NFO:NIFTY:2026-11-24:FUT:CE',
  'NFO:NIFTY:2026-11-24:26000',
  'NFO:NIFTY:2026-11-24:26000:XX',
  'NFO:NIFTY:2026-11-24:26000.50:CE',
  'NFO:NIFTY:2026-11-24:26000.:CE',
  'NFO:NIFTY:2026-11-24:-1:CE',
  'NFO:NIFTY:2026-11-24:1e5:CE',
  'NFO:NIFTY:2026-11-24:26000:CE:X',
])('%o is no instrument', (text) => {
  expect(parseInstrument(text)).toBeNull();
});

const listing = (exchangeName: Contract['exchange'], freezeQuantity: number | null, lotSize: number): Listing => ({
  instrument: `${exchangeName}:X:2026-11-24:FUT`,
  contract: { kind: 'future', exchange: exchangeName, underlying: 'X', expiry: '2026-11-24' },
  token: '1',
  segment: 'X',
  symbol: 'X',
  name: 'X',
  isin: null,
  lotSize,
  tick: 500,
  freezeQuantity,
  quantityUnit: { kind: 'units' },
});

test.each<readonly [Contract['exchange'], number, number, number]>([
  ['NFO', 1_756, 65, 1_755], // 27 lots
  ['NSE', 1_756, 65, 1_755],
  ['NFO', 1_755, 65, 1_690], // 1755 itself is frozen
  ['NFO', 1_801, 75, 1_800],
  ['BFO', 1_000, 20, 1_000],
  ['BSE', 1_000, 20, 1_000],
  ['BFO', 1_019, 20, 1_000],
  ['MCX', 101, 1, 100],
  ['CDS', 10_001, 1_000, 10_000],
])('on %s a freeze quantity of %d with lots of %d lets %d through', (name, freeze, lot, largest) => {
  expect(largestQuantity(listing(name, freeze, lot))).toBe(largest);
});

test('an unknown freeze quantity is not checked', () => {
  expect(largestQuantity(listing('NFO', null, 65))).toBeNull();
});

test('the largest quantity is whole lots, and one lot more would be frozen', () => {
  fc.assert(
    fc.property(
      exchange,
      fc.integer({ min: 1, max: 100_000 }),
      fc.integer({ min: 1, max: 2_000 }),
      (name, freeze, lot) => {
        const largest = largestQuantity(listing(name, freeze, lot)) ?? NaN;
        const frozen = (quantity: number): boolean =>
          name === 'BSE' || name === 'BFO' ? quantity > freeze : quantity >= freeze;
        expect(largest % lot).toBe(0);
        expect(frozen(largest)).toBe(false);
        expect(frozen(largest + lot)).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});
