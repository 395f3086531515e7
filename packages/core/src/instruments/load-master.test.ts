import { expect, test } from 'vitest';
import { AlgoError } from '../errors/algo-error.js';
import type { MasterFile, MasterLayout, RowMark, RowMarks, RowReading } from '../contract/instrument-master.js';
import type { Listing } from '../domain/instrument.js';
import type { InstrumentBook } from './instrument-book.js';
import { isDigits, splitRow } from './row-bytes.js';
import { loadInstrumentBook, streamedMaster } from './streamed-master.js';

/** `SYMBOL,TOKEN,SERIES`, read as text. BE yields, TEST is left out. */
function readRow(row: string): RowReading {
  const [symbol = '', token = '', series, ...more] = row.split(',');
  if (series === undefined || more.length > 0 || !/^\d+$/.test(token) || symbol === '') return { kind: 'malformed' };
  if (symbol === 'TEST') return { kind: 'left-out' };
  const listing: Listing = {
    instrument: `NSE:${symbol}`,
    contract: { kind: 'equity', exchange: 'NSE', symbol, series: null },
    token,
    segment: 'NSE_EQ',
    symbol,
    name: symbol,
    isin: null,
    lotSize: 1,
    tick: 500,
    freezeQuantity: null,
    quantityUnit: { kind: 'units' },
  };
  return { kind: 'listing', listing, yields: series === 'BE' };
}

/** The same by bytes, for rows of series EQ. */
function markRow(row: Uint8Array, from: number, to: number, marks: RowMarks): RowMark {
  const cuts = new Int32Array(5);
  if (splitRow(row, from, to, 0x2c, cuts) !== 3 || row[to - 2] !== 0x45 || row[to - 1] !== 0x51) return 'unsure';
  const [, first = 0, second = 0] = cuts;
  if (!isDigits(row, first + 1, second, 15) || row[from] === 0x54) return 'unsure';
  Object.assign(marks, { exchange: 'NSE', kind: 'equity', segment: 'NSE_EQ', lotSize: 1, tick: 500, yields: false });
  Object.assign(marks, { freezeQuantity: null, quantityUnit: { kind: 'units' } });
  Object.assign(marks.name, { from, to: first });
  Object.assign(marks.title, { from, to: first });
  Object.assign(marks.series, { from: 0, to: 0 });
  Object.assign(marks.isin, { from: 0, to: 0 });
  Object.assign(marks.token, { from: first + 1, to: second });
  Object.assign(marks.symbol, { from, to: first });
  return 'listing';
}

const layout = (changes: Partial<MasterLayout> = {}): MasterLayout => ({
  rows: { kind: 'lines', header: true, longestRow: 100 },
  open(header) {
    if (header !== 'SYMBOL,TOKEN,SERIES') {
      throw new AlgoError('ALGO_INSTRUMENTS_REFUSED', { broker: 'test', why: 'its header is another' });
    }
    return { read: readRow, mark: markRow };
  },
  ...changes,
});

const HEADER = 'SYMBOL,TOKEN,SERIES';
const file = (rows: readonly string[], of: MasterLayout = layout()): MasterFile => ({
  chunks: [Buffer.from([HEADER, ...rows].join('\n'))],
  layout: of,
});
const bookOf = (...files: readonly MasterFile[]): Promise<InstrumentBook> =>
  loadInstrumentBook('test', streamedMaster({ broker: 'test', source: 'a file', files }));
const loadedOf = async (rows: readonly string[]): Promise<readonly number[]> => {
  const { provenance } = await bookOf(file(rows));
  return [provenance?.rows ?? -1, provenance?.skipped ?? -1, provenance?.duplicates ?? -1];
};

test('rows are found by contract and token, malformed ones are counted, test rows are left out', async () => {
  const book = await bookOf(file(['A,1,EQ', 'junk', 'TEST,9,EQ', 'B,2,EQ', `${'x'.repeat(200)},3,EQ`]));
  expect(book.provenance).toMatchObject({ source: 'a file', rows: 2, skipped: 2, duplicates: 0 });
  expect([book.find('NSE:A')?.token, book.byToken('NSE_EQ', '2')?.instrument]).toEqual(['1', 'NSE:B']);
  expect([book.find('NSE:TEST'), book.byToken('NSE_EQ', '9'), book.byToken('BSE_EQ', '1')]).toEqual([null, null, null]);
});

test('of two rows of one contract, or with one token, the first is kept and the other counted', async () => {
  expect(await loadedOf(['A,1,EQ', 'A,2,EQ', 'B,1,EQ', 'C,3,EQ'])).toEqual([2, 0, 2]);
  const book = await bookOf(file(['A,1,EQ', 'A,2,EQ', 'B,1,EQ', 'B,2,EQ']));
  expect([book.find('NSE:A')?.token, book.find('NSE:B')?.token]).toEqual(['1', '2']);
  expect(book.byToken('NSE_EQ', '2')?.instrument).toBe('NSE:B'); // a row left out takes no token with it
});

test('a row that yields is kept only where no other has its contract, wherever it stands', async () => {
  for (const rows of [
    ['A,1,BE', 'A,2,EQ', 'B,3,BE'],
    ['A,2,EQ', 'B,3,BE', 'A,1,BE'],
  ]) {
    const book = await bookOf(file(rows));
    expect([book.find('NSE:A')?.token, book.find('NSE:B')?.token]).toEqual(['2', '3']);
    expect(book.provenance).toMatchObject({ rows: 2, duplicates: 1 });
  }
});

test('several files make one book, each read by its own layout', async () => {
  const swapped = layout({
    rows: { kind: 'lines', header: false },
    open: () => ({ read: (row) => readRow(row.split(',').reverse().join(',')) }),
  });
  const second: MasterFile = { chunks: [Buffer.from('EQ,2,B\nEQ,3,A')], layout: swapped };
  const book = await bookOf(file(['A,1,EQ']), second, file(['C,4,EQ']));
  expect(['A', 'B', 'C'].map((symbol) => book.find(`NSE:${symbol}`)?.token)).toEqual(['1', '2', '4']);
  expect(book.provenance).toMatchObject({ rows: 3, duplicates: 1 });
});

test('a symbol finds its row where symbols are unique; one that two rows share finds neither', async () => {
  const shared = layout({
    symbolsAreUnique: true,
    open: () => ({
      read(row) {
        const reading = readRow(row);
        if (reading.kind !== 'listing') return reading;
        return { ...reading, listing: { ...reading.listing, symbol: row.startsWith('X') ? 'SAME' : row.slice(0, 1) } };
      },
    }),
  });
  const book = await bookOf(file(['A,1,EQ', 'XA,2,EQ', 'XB,3,EQ', 'XC,4,EQ'], shared));
  expect(book.bySymbol('NSE_EQ', 'A')?.token).toBe('1');
  expect([book.bySymbol('NSE_EQ', 'SAME'), book.bySymbol('BSE_EQ', 'A'), book.bySymbol('NSE_EQ', '')]).toEqual([
    null,
    null,
    null,
  ]);
  expect((await bookOf(file(['A,1,EQ']))).bySymbol('NSE_EQ', 'A')).toBeNull();
});

test('the hash is that of the files, however they came', async () => {
  const whole = Buffer.from(`${HEADER}\nA,1,EQ\nB,2,EQ`);
  const hashOf = async (...chunks: readonly Uint8Array[]): Promise<string | undefined> =>
    (await bookOf({ chunks, layout: layout() })).provenance?.hash;
  const hash = await hashOf(whole);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(await hashOf(whole.subarray(0, 7), whole.subarray(7))).toBe(hash);
  expect(await hashOf(Buffer.from(`${HEADER}\nA,1,EQ\nB,3,EQ`))).not.toBe(hash);
});

test('a part of a larger buffer, pieces that cut a row and pieces that are used again change nothing', async () => {
  const whole = Buffer.from(`xxx${HEADER}\r\nA,1,EQ\r\nB,2,EQ\r\nxxx`).subarray(3, -3);
  const reused = Buffer.alloc(4);
  const chunks = function* (): Generator<Uint8Array> {
    for (let from = 0; from < whole.length; from += 4) {
      whole.copy(reused, 0, from, from + 4);
      yield reused.subarray(0, Math.min(4, whole.length - from));
    }
  };
  const book = await bookOf({ chunks: chunks(), layout: layout() });
  expect([book.find('NSE:A')?.token, book.find('NSE:B')?.token]).toEqual(['1', '2']);
});

test.each([
  ['nothing', ''],
  ['only a header', HEADER],
  ['no readable row', `${HEADER}\nx\ny`],
  ['another header', 'A,B,C\nA,1,EQ'],
  ['a header of 10 MB', 'x'.repeat(10_000_000)],
  ['zeros', '\0'.repeat(1_000)],
])('a file of %s is refused', async (_what, text) => {
  const loading = bookOf({ chunks: [Buffer.from(text)], layout: layout() });
  await expect(loading).rejects.toMatchObject({ code: 'ALGO_INSTRUMENTS_REFUSED' });
});

test('no files at all are refused', async () => {
  await expect(bookOf()).rejects.toMatchObject({ code: 'ALGO_INSTRUMENTS_REFUSED' });
});

test('a JSON master that breaks off is refused by name', async () => {
  const json = layout({ rows: { kind: 'json-objects' }, open: () => ({ read: () => ({ kind: 'malformed' }) }) });
  const loading = bookOf({ chunks: [Buffer.from('[{"a":1},{"b"')], layout: json });
  await expect(loading).rejects.toMatchObject({
    code: 'ALGO_INSTRUMENTS_REFUSED',
    details: { broker: 'test', why: 'it breaks off in the middle' },
  });
});

test('more rows than any broker lists are refused before they fill the memory', async () => {
  const endless = function* (): Generator<Uint8Array> {
    yield Buffer.from(`${HEADER}\n`);
    for (let at = 0; ; at += 1) {
      yield Buffer.from(Array.from({ length: 20_000 }, (_, row) => `S,${at * 20_000 + row},BE`).join('\n') + '\n');
    }
  };
  const loading = bookOf({ chunks: endless(), layout: layout() });
  await expect(loading).rejects.toMatchObject({ details: { why: 'it has more than 1000000 rows' } });
});

test('a book holds no object for a row, and little more than the bytes of its rows', async () => {
  const rows = Array.from({ length: 60_000 }, (_, at) => `SYMBOL${at},${at},EQ`);
  const book = await bookOf(file(rows));
  const bytes = Buffer.byteLength(rows.join('\n'));
  expect(book.bytes).toBeGreaterThan(bytes);
  expect(book.bytes).toBeLessThan(bytes * 1.1 + 60_000 * 40 + 1_048_576);
  for (const at of [0, 1, 29_999, 59_999]) expect(book.find(`NSE:SYMBOL${at}`)?.token).toBe(String(at));
});

test('names made to collide are refused instead of stalling the loop', async () => {
  // all rows say that they have one name, and all are read as others
  const marks = (row: Uint8Array, from: number, to: number, marked: RowMarks): RowMark => {
    markRow(row, from, to, marked);
    marked.name.to = marked.name.from + 1;
    marked.quantityUnit = null;
    return 'listing';
  };
  const colliding = layout({ open: () => ({ read: readRow, mark: marks }) });
  const rows = Array.from({ length: 3_000 }, (_, at) => `S${at},${at},EQ`);
  const loading = bookOf(file(rows, colliding));
  await expect(loading).rejects.toMatchObject({ code: 'ALGO_INSTRUMENTS_REFUSED' });
});

test('lets others run while it loads', async () => {
  let turns = 0;
  let loading = true;
  const count = (): void => {
    turns += 1;
    if (loading) setImmediate(count);
  };
  setImmediate(count);
  await bookOf(file(Array.from({ length: 50_000 }, (_, at) => `SYMBOL${at},${at},EQ`)));
  loading = false;
  expect(turns).toBeGreaterThanOrEqual(5);
});
