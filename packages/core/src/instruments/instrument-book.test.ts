import { createFakeClock } from '@algo/testkit';
import { expect, test } from 'vitest';
import type { InstrumentMaster } from '../contract/broker-adapter.js';
import type { Listing } from '../domain/instrument.js';
import { InstrumentBook } from './instrument-book.js';
import { InstrumentBooks } from './instrument-books.js';

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
  expect(book.find('NSE:A')).toBe(a);
  expect(book.byToken('NSE_EQ', '1')).toBe(a);
  expect(book.byToken('BSE_EQ', '1')).toBe(b);
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

test('a book of today is loaded once however many ask, and anew on the next day', async () => {
  const clock = createFakeClock();
  const books = new InstrumentBooks(clock);
  let downloads = 0;
  const download = async (): Promise<InstrumentMaster> => {
    downloads += 1;
    return master([listing(`DAY${downloads}`)]);
  };
  const [one, two] = await Promise.all([books.ofToday('dhan', download), books.ofToday('dhan', download)]);
  expect(one).toBe(two);
  await clock.advance(60_000);
  await books.ofToday('dhan', download);
  expect(downloads).toBe(1);

  await clock.advance(14 * 3_600_000); // past midnight in India
  await books.ofToday('dhan', download);
  expect(downloads).toBe(2);
  expect(books.of('dhan').find('NSE:DAY2')).not.toBeNull();
});

test('a download that fails is not remembered, and every broker has a book of its own', async () => {
  const books = new InstrumentBooks(createFakeClock());
  await expect(books.ofToday('dhan', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
  await books.ofToday('dhan', async () => master([listing('A')]));
  expect(books.of('dhan').find('NSE:A')).not.toBeNull();
  expect(books.of('upstox').find('NSE:A')).toBeNull();
  expect(books.of('dhan')).toBe(books.of('dhan'));
});

test('a reload loads even when the book is of today', async () => {
  const books = new InstrumentBooks(createFakeClock());
  await books.ofToday('dhan', async () => master([listing('A')]));
  await books.reload('dhan', async () => master([listing('B')]));
  expect([books.of('dhan').find('NSE:A'), books.of('dhan').find('NSE:B') !== null]).toEqual([null, true]);
});
