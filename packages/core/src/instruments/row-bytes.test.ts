import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePrice } from '../domain/price.js';
import { bytesFinder, dateIn, isPadded, priceIn, splitRow, textFields, wholeIn, withoutZeros } from './row-bytes.js';

const COMMA = 0x2c;
/** A text within others, so that a step outside shows. */
const within = (text: string): { readonly row: Buffer; readonly from: number; readonly to: number } => {
  const row = Buffer.from(`9,9.9"${text}9,9.9"`);
  return { row, from: 6, to: 6 + Buffer.byteLength(text) };
};
const over = <Value>(read: (row: Uint8Array, from: number, to: number) => Value, text: string): Value => {
  const { row, from, to } = within(text);
  return read(row, from, to);
};

test('a row is split as a text would be', () => {
  fc.assert(
    fc.property(fc.array(fc.string().map((text) => text.replaceAll(/[",]/g, ''))), (fields) => {
      const { row, from, to } = within(fields.join(','));
      const cuts = new Int32Array(fields.length + 2);
      expect(splitRow(row, from, to, COMMA, cuts)).toBe(Math.max(1, fields.length));
      fields.forEach((field, at) => {
        expect(row.toString('utf8', (cuts[at] ?? 0) + 1, cuts[at + 1])).toBe(field);
      });
    }),
  );
});

test('more fields than there is room for are counted, and quotes are left to others', () => {
  expect(over((row, from, to) => splitRow(row, from, to, COMMA, new Int32Array(2)), 'a,b,c,d')).toBe(4);
  expect(over((row, from, to) => splitRow(row, from, to, COMMA, new Int32Array(9)), 'a,"b,c"')).toBe(0);
  expect(over((row, from, to) => splitRow(row, from, to, 0x7c, new Int32Array(9)), 'a|b,c|d')).toBe(3);
});

test('a price is read exactly as the reader of texts does, or left to it', () => {
  const decimal = fc.tuple(fc.nat(), fc.option(fc.nat()), fc.nat(8)).map(([whole, part, zeros]) => {
    return part === null ? String(whole) : `${whole}.${part}${'0'.repeat(zeros)}`;
  });
  fc.assert(
    fc.property(fc.oneof(decimal, fc.string()), (text) => {
      const units = over(priceIn, text);
      if (units !== -1) expect(units).toBe(parsePrice(text));
    }),
    { numRuns: 2_000 },
  );
  expect(['27650.00000', '0.05', '102.7500', '5'].map((text) => over(priceIn, text))).toEqual([
    276_500_000, 500, 1_027_500, 50_000,
  ]);
  expect(
    ['', '.5', '-1', '1.23456', '1e3', ' 1', '12345678901234', '1.2.3', '10.'].map((text) => over(priceIn, text)),
  ).toEqual(Array.from({ length: 9 }, () => -1));
});

test('whole numbers, dates and the zeros that say nothing', () => {
  expect(['65', '65.0', '65.', '0', '007'].map((text) => over(wholeIn, text))).toEqual([65, 65, 65, 0, 7]);
  expect(['', '6.5', '-1', 'x', '1234567890123', '.0'].map((text) => over(wholeIn, text))).toEqual([
    -1, -1, -1, -1, -1, -1,
  ]);
  expect(['2026-11-24', '2026-11-2x', '2026/11/24', '2026-11-240'].map((text) => over(dateIn, text))).toEqual([
    20_261_124, -1, -1, -1,
  ]);
  const kept = (text: string): string => {
    const { row, from, to } = within(text);
    return row.toString('utf8', from, withoutZeros(row, from, to));
  };
  expect(['102.75000', '27650.0', '100', '0.5', '5.', '10.010'].map(kept)).toEqual([
    '102.75',
    '27650',
    '100',
    '0.5',
    '5',
    '10.01',
  ]);
});

test('space at either end is seen', () => {
  expect([' a', 'a ', '\ta', 'a', '', 'a b'].map((text) => over(isPadded, text))).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('a word is found wherever it stands, and only within the part that was asked for', () => {
  const finds = bytesFinder('NSETEST');
  fc.assert(
    fc.property(fc.array(fc.constantFrom('N', 'S', 'E', 'T', 'NSETEST', 'x')), (parts) => {
      expect(over(finds, parts.join(''))).toBe(parts.join('').includes('NSETEST'));
    }),
    { numRuns: 2_000 },
  );
  expect(finds(Buffer.from('NSETEST'), 0, 6)).toBe(false);
});

test('the texts of a flat object are found by name, or the object is left to others', () => {
  const find = textFields(['a', 'b']);
  const spans = [
    { from: 0, to: 0 },
    { from: 0, to: 0 },
  ];
  const read = (text: string): readonly string[] | null => {
    const { row, from, to } = within(text);
    return find(row, from, to, spans) ? spans.map((span) => row.toString('utf8', span.from, span.to)) : null;
  };
  expect(read('{"a":"1","b":""}')).toEqual(['1', '']);
  expect(read('{ "x" : "9", "b" : "2" ,\n"a": "1" }')).toEqual(['1', '2']);
  for (const bad of [
    '{}',
    '{"a":"1"}',
    '{"a":"1","b":2}',
    '{"a":"1","b":"\\n"}',
    '{"a":"1","b":"2","a":"3"}',
    '{"a":"1","b":"2"',
    '{"a":"1","b":"2"}x',
    '{"a"',
    '',
  ]) {
    expect(read(bad)).toBeNull();
  }
});
