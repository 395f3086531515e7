import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RowForm } from '../contract/instrument-master.js';
import { BadMaster } from './bad-master.js';
import { createRowCutter } from './row-cutter.js';

/** The rows of a file that comes in pieces of these sizes, in turn; null for one that was too long. */
function cut(form: RowForm, file: string | Uint8Array, sizes: readonly number[] = [1_000_000]): (string | null)[] {
  const rows: (string | null)[] = [];
  const cutter = createRowCutter(form, {
    row: (bytes, from, to) => rows.push(bytes.toString('utf8', from, to)),
    tooLong: () => rows.push(null),
  });
  const bytes = Buffer.from(file);
  for (let from = 0, turn = 0; from < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    const piece = Buffer.from(bytes.subarray(from, from + size));
    cutter.push(piece);
    piece.fill(0x58); // the sender may use it again: nothing may be kept that is not a copy
    from += size;
  }
  cutter.end();
  return rows;
}

const LINES: RowForm = { kind: 'lines', header: false, longestRow: 10 };
const OBJECTS: RowForm = { kind: 'json-objects', longestRow: 40 };
const FIELD: RowForm = { kind: 'lines-in-json', field: 'result', header: false, longestRow: 20 };
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

test('lines come without their ends, without a byte order mark and without empty ones', () => {
  expect(cut(LINES, '\ufeffa\r\nb\n\n\r\nc')).toEqual(['a', 'b', 'c']);
  expect(cut(LINES, '\ufeff')).toEqual([]);
  expect(cut(LINES, '')).toEqual([]);
  expect(cut(LINES, 'a')).toEqual(['a']);
  expect(cut(LINES, Buffer.from([0xef, 0xbb]))).toHaveLength(1);
});

test('a line too long to be a row is dropped, and those around it stay', () => {
  const file = `a\n${'x'.repeat(11)}\nb\n${'y'.repeat(10)}\r\n${'z'.repeat(50)}`;
  expect(cut(LINES, file)).toEqual(['a', null, 'b', 'y'.repeat(10), null]);
  expect(cut(LINES, file, [1])).toEqual(cut(LINES, file));
});

test('a line of 10 MB is dropped without being kept', () => {
  const before = process.memoryUsage().arrayBuffers;
  const cutter = createRowCutter(LINES, { row: () => undefined, tooLong: () => undefined });
  const piece = Buffer.alloc(65_536, 'x');
  for (let sent = 0; sent < 10_000_000; sent += piece.length) cutter.push(piece);
  cutter.end();
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2_000_000);
});

test('however a file is taken apart, its lines are the same', () => {
  const line = fc.string({ maxLength: 14 }).map((text) => text.replaceAll(/[\r\n]/g, '-'));
  fc.assert(
    fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), sizes, fc.boolean(), (lines, end, pieces, mark) => {
      const file = `${mark ? '\ufeff' : ''}${lines.join(end)}`;
      const expected = lines.filter(Boolean).map((text) => (Buffer.byteLength(text) > 10 ? null : text));
      expect(cut(LINES, file, pieces)).toEqual(expected);
    }),
  );
});

test('a row is the text of one object, whatever stands in its texts', () => {
  const file = ' [ {"a":"1"} ,\n{"b":"}{][\\"","c":[{"d":1}]},{}]\n';
  expect(cut(OBJECTS, file)).toEqual(['{"a":"1"}', '{"b":"}{][\\"","c":[{"d":1}]}', '{}']);
  expect(cut(OBJECTS, file, [1])).toEqual(cut(OBJECTS, file));
  expect(cut(OBJECTS, '\ufeff[]')).toEqual([]);
});

test('an object too long to be a row is dropped, and those around it stay', () => {
  const file = `[{"a":1},{"b":"${'x'.repeat(60)}"},{"c":2}]`;
  expect(cut(OBJECTS, file)).toEqual(['{"a":1}', null, '{"c":2}']);
  expect(cut(OBJECTS, file, [7])).toEqual(['{"a":1}', null, '{"c":2}']);
});

test('however an array is taken apart, its objects are the same', () => {
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), sizes, (objects, pieces) => {
      const texts = objects.map((object) => JSON.stringify(object));
      const expected = texts.map((text) => (Buffer.byteLength(text) > 40 ? null : text));
      expect(cut(OBJECTS, JSON.stringify(objects), pieces)).toEqual(expected);
    }),
  );
});

test.each([
  ['nothing', ''],
  ['a web page', '<html>'],
  ['an object', '{"data":[]}'],
  ['an array of numbers', '[1,2]'],
  ['an array that breaks off', '[{"a":1},'],
  ['an object that breaks off', '[{"a":1},{"b":'],
  ['something after the array', '[{"a":1}]x'],
])('%s is no array of objects', (_what, file) => {
  expect(() => cut(OBJECTS, file)).toThrow(BadMaster);
});

test('lines in a text of a JSON object come without its escapes', () => {
  const reply = { type: 'success', code: 's-1', result: 'NSECM|1|A "B"\nNSECM|2|É€😀\\/\r\n\nlast' };
  const expected = ['NSECM|1|A "B"', 'NSECM|2|É€😀\\/', 'last'];
  expect(cut(FIELD, JSON.stringify(reply))).toEqual(expected);
  expect(cut(FIELD, JSON.stringify(reply), [1])).toEqual(expected);
  expect(cut(FIELD, '{"result":"\\u0041\\ud83d\\ude00\\/\\t"}', [3])).toEqual(['A😀/\t']);
});

test('the field is the object’s own, and where it stands does not matter', () => {
  const reply = {
    description: 'result',
    more: { result: 'no' },
    list: ['result', { result: 'no' }],
    result: 'yes',
    x: 1,
  };
  expect(cut(FIELD, JSON.stringify(reply))).toEqual(['yes']);
});

test('however a reply is taken apart, the lines in its text are the same', () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll(/[\r\n]/g, '-'));
  fc.assert(
    fc.property(fc.array(line), sizes, (lines, pieces) => {
      const expected = lines.filter(Boolean).map((text) => (Buffer.byteLength(text) > 20 ? null : text));
      const got = cut(FIELD, JSON.stringify({ a: 'x"y', result: lines.join('\n') }), pieces);
      // a byte order mark before the first line is taken for what it is
      expect(got).toEqual(expected.map((text, at) => (at === 0 ? (text?.replace(/^\ufeff/, '') ?? null) : text)));
    }),
  );
});

test.each([
  ['nothing', ''],
  ['a web page', '<html>'],
  ['an error', '{"type":"error","description":"no"}'],
  ['a field that is no text', '{"result":["a"]}'],
  ['a text that breaks off', '{"result":"a\\nb'],
  ['an escape that is none', '{"result":"\\q"}'],
  ['a unit that is none', '{"result":"\\u12g4"}'],
])('%s holds no lines', (_what, file) => {
  expect(() => cut(FIELD, file)).toThrow(BadMaster);
});

test.each([LINES, OBJECTS, FIELD])('no bytes make the cutter of $kind throw anything else', (form) => {
  const runs = process.env['ALGO_TEST_FULL'] === '1' ? 100_000 : 10_000;
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      sizes,
      (bytes, pieces) => {
        try {
          for (const row of cut(form, bytes, pieces)) expect(row === null || row.length > 0).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(BadMaster);
        }
      },
    ),
    { numRuns: runs },
  );
});
