import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatPrice, nearestTick, parsePrice, toPaise, toRupees } from './price.js';

const units = fc.integer({ min: -10_000_000_000, max: 10_000_000_000 });

test.each<readonly [number | string, number]>([
  [102.75, 1_027_500],
  ['102.75', 1_027_500],
  ['102.7500', 1_027_500],
  [0.0025, 25],
  ['0.0025', 25],
  [' 10 ', 100_000],
  ['\t10\n', 100_000],
  ['0', 0],
  [-1.5, -15_000],
  ['-1.5', -15_000],
  ['007.10', 71_000],
  [0.1 + 0.2, 3_000],
  [1.1 * 3, 33_000],
  ['1.10000000', 11_000],
  ['99999999999.9999', 999_999_999_999_999],
])('reads %o exactly', (given, expected) => {
  expect(parsePrice(given)).toBe(expected);
});

test.each<number | string>([
  1e-7,
  0.00001,
  '0.00001',
  '1.00005',
  10.00005,
  NaN,
  Infinity,
  -Infinity,
  1e300,
  Number.MAX_SAFE_INTEGER,
  '1e5',
  '1E5',
  '',
  ' ',
  '.',
  '.5',
  '5.',
  '+5',
  '--5',
  '1,000',
  '1.2.3',
  '0x10',
  '१०',
  '10 ₹',
  'NaN',
  'Infinity',
  '123456789012',
  '1.00000000001',
  '1'.repeat(10_000),
])('refuses %o', (given) => {
  expect(parsePrice(given)).toBeNull();
});

test('reads every multiple of 0.05 and of 0.0025 exactly, as a number and as a text', () => {
  for (let count = 1; count <= 50_000; count += 7) {
    const wanted = [count * 500, count * 25];
    const given = [count * 0.05, count * 0.0025];
    if (parsePrice(given[0]!) !== wanted[0] || parsePrice(given[1]!) !== wanted[1]) throw new Error(`number ${count}`);
    if (parsePrice((count / 20).toFixed(2)) !== wanted[0]) throw new Error(`text ${count}`);
    if (parsePrice((count / 400).toFixed(4)) !== wanted[1]) throw new Error(`text ${count}`);
  }
});

test('what it prints, it reads back: as text, as rupees and as the rupees written out', () => {
  fc.assert(
    fc.property(units, (price) => {
      const plain = price === 0 ? 0 : price;
      expect(parsePrice(formatPrice(plain))).toBe(plain);
      expect(parsePrice(toRupees(plain))).toBe(plain);
    }),
    { numRuns: 1_000 },
  );
});

test('two numbers that are not the same price of four places are never read as one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000_000_000 }), fc.integer({ min: 1, max: 9 }), (price, part) => {
      expect(parsePrice((price + part / 10) / 10_000)).toBeNull();
    }),
    { numRuns: 1_000 },
  );
});

test('prints two places, or four where two would lose something', () => {
  expect([1_027_500, 100_000, 25, 1_027_525, -500, 0].map(formatPrice)).toEqual([
    '102.75',
    '10.00',
    '0.0025',
    '102.7525',
    '-0.05',
    '0.00',
  ]);
});

test('whole paise, or nothing when there is a fraction of one', () => {
  fc.assert(
    fc.property(units, (price) => {
      expect(toPaise(price)).toBe(price % 100 === 0 ? price / 100 : null);
    }),
  );
  expect(toPaise(1_027_500)).toBe(10_275);
  expect(toPaise(25)).toBeNull();
});

test('the nearest tick is a multiple of it, none is nearer, and it is at least one tick', () => {
  const price = fc.integer({ min: 1, max: 2_000_000_000 });
  fc.assert(
    fc.property(price, fc.constantFrom(25, 100, 500, 1_000, 10_000), (given, tick) => {
      const nearest = nearestTick(given, tick);
      expect(nearest % tick).toBe(0);
      expect(nearest).toBeGreaterThanOrEqual(tick);
      if (given >= tick) expect(Math.abs(nearest - given)).toBeLessThanOrEqual(tick / 2);
    }),
    { numRuns: 1_000 },
  );
});
