import { expect, test } from 'vitest';
import type { InstrumentMaster } from '../contract/instrument-master.js';
import type { Listing } from '../domain/instrument.js';
import { InstrumentBook } from './instrument-book.js';

const listing = (symbol: string, token = symbol, segment = 'NSE_EQ'): Listing => ({
  instrument: `NSE:${symbol}`,
  contract: { kind: 'equity', exchange: 'NSE', symbol, series: null },
  token,
  segment,
  symbol,
  name: symbol,
  isin: null,
  lotSize: 1,
  tick: 500,
  freezeQuantity: null,
  quantityUnit: { kind: 'units' },
});

const master = (listings: Iterable<Listing>, skipped = 0): InstrumentMaster => ({
  source: 'test',
  listings,
  skipped: () => skipped,
});

test('finds by contract and by the broker’s own token, within a segment', async () => {
  const book = new InstrumentBook('dhan');
  const [a, b] = [listing('A', '1'), listing('B', '1', 'BSE_EQ')];
  await book.load(master([a, b]), 5);
  expect(book.find('NSE:A')).toEqual(a);
  expect(book.byToken('NSE_EQ', '1')).toEqual(a);
  expect(book.byToken('BSE_EQ', '1')).toEqual(b);
  expect(book.byToken('MCX', '1')).toBeNull();
  expect(book.find('NSE:C')).toBeNull();
});

test('an empty book finds nothing and has no provenance', () => {
  const book = new InstrumentBook('dhan');
  expect([book.find('NSE:A'), book.byToken('x', '1'), book.provenance]).toEqual([null, null, null]);
});

test('tells where it came from, and two masters apart', async () => {
  const book = new InstrumentBook('dhan');
  const first = await book.load(master([listing('A'), listing('B')], 3), 5);
  expect(first).toMatchObject({ source: 'test', loadedAtMs: 5, rows: 2, skipped: 3 });
  expect(book.provenance).toBe(first);
  expect((await book.load(master([listing('A'), listing('B')]), 6)).hash).toBe(first.hash);
  expect((await book.load(master([listing('A'), listing('B', '9')]), 7)).hash).not.toBe(first.hash);
});

test('a master without rows is refused and the last good book stays', async () => {
  const book = new InstrumentBook('dhan');
  const provenance = await book.load(master([listing('A')]), 5);
  await expect(book.load(master([], 100), 6)).rejects.toMatchObject({ code: 'ALGO_INSTRUMENTS_REFUSED' });
  expect(book.find('NSE:A')).not.toBeNull();
  expect(book.provenance).toBe(provenance);
});

test('a master that breaks off leaves the last good book as it was', async () => {
  const book = new InstrumentBook('dhan');
  await book.load(master([listing('A')]), 5);
  const broken = function* (): Generator<Listing> {
    yield listing('B');
    throw new Error('cut');
  };
  await expect(book.load(master(broken()), 6)).rejects.toThrow('cut');
  expect([book.find('NSE:A') !== null, book.find('NSE:B')]).toEqual([true, null]);
});

test('a new master replaces the old one at once, also while it loads for long', async () => {
  const book = new InstrumentBook('dhan');
  await book.load(master([listing('OLD')]), 5);
  const many = Array.from({ length: 5_000 }, (_, at) => listing(`N${at}`));
  const loading = book.load(master(many), 6);
  expect([book.find('NSE:OLD') !== null, book.find('NSE:N0')]).toEqual([true, null]);
  await loading;
  expect([book.find('NSE:OLD'), book.find('NSE:N4999') !== null]).toEqual([null, true]);
});

test('lets others run while it loads', async () => {
  let turns = 0;
  let loading = true;
  const count = (): void => {
    turns += 1;
    if (loading) setImmediate(count);
  };
  setImmediate(count);
  await new InstrumentBook('dhan').load(master(Array.from({ length: 10_000 }, (_, at) => listing(`N${at}`))), 1);
  loading = false;
  expect(turns).toBeGreaterThanOrEqual(4);
});

test('a master that lost more than a fifth of its rows is refused, unless it is said to be right', async () => {
  const book = new InstrumentBook('dhan');
  const of = (rows: number): InstrumentMaster => master(Array.from({ length: rows }, (_, at) => listing(`N${at}`)));
  await book.load(of(100), 5);
  await expect(book.load(of(79), 6)).rejects.toMatchObject({
    code: 'ALGO_INSTRUMENTS_REFUSED',
    details: { broker: 'dhan', why: expect.stringContaining('79 rows where the last one had 100') as string },
  });
  expect(book.provenance).toMatchObject({ rows: 100, loadedAtMs: 5 });
  expect(await book.load(of(80), 7)).toMatchObject({ rows: 80 });
  expect(await book.load(of(1), 8, { acceptShrunk: true })).toMatchObject({ rows: 1 });
});

test('of two listings of one contract, or with one token in a segment, the first is kept', async () => {
  const book = new InstrumentBook('dhan');
  const provenance = await book.load(master([listing('A', '1'), listing('A', '2'), listing('B', '1')]), 5);
  expect(provenance).toMatchObject({ rows: 1, duplicates: 2, skipped: 0 });
  expect([book.find('NSE:A')?.token, book.find('NSE:B'), book.byToken('NSE_EQ', '2')]).toEqual(['1', null, null]);
});

test('listings are found by their symbol too, and come back as they were', async () => {
  const book = new InstrumentBook('dhan');
  const odd: Listing = { ...listing('A', '1'), name: 'Café "50"\n😀', quantityUnit: { kind: 'lots', unitsPerLot: 5 } };
  await book.load(master([odd]), 5);
  expect(book.bySymbol('NSE_EQ', 'A')).toEqual(odd);
  expect(book.find('NSE:A')).toEqual(odd);
});

test('a key asked for again and again gives the same listing, without reading it anew', async () => {
  const book = new InstrumentBook('dhan');
  await book.load(master(Array.from({ length: 10_000 }, (_, at) => listing(`N${at}`))), 5);
  const first = book.find('NSE:N7');
  expect(book.byToken('NSE_EQ', 'N7')).toBe(first);
  for (let at = 0; at < 10_000; at += 1) expect(book.find(`NSE:N${at}`)?.token).toBe(`N${at}`);
  expect(book.find('NSE:N7')).toEqual(first);
});

test('listings may come one by one, waiting for each', async () => {
  const book = new InstrumentBook('dhan');
  const slowly = async function* (): AsyncGenerator<Listing> {
    for (const symbol of ['A', 'B']) yield await Promise.resolve(listing(symbol));
  };
  expect(await book.load({ source: 'test', listings: slowly(), skipped: () => 1 }, 5)).toMatchObject({
    rows: 2,
    skipped: 1,
  });
});
