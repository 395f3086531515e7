import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { expect, test } from 'vitest';
import type { InstrumentMaster } from '../contract/instrument-master.js';
import type { Listing } from '../domain/instrument.js';
import type { Logger } from '../runtime/logger.js';
import { InstrumentBooks } from './instrument-books.js';
import type { MasterSource } from './instrument-books.js';
import { REFRESH_DEFAULTS } from './refresh-policy.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const listing = (symbol: string): Listing => ({
  instrument: `NSE:${symbol}`,
  contract: { kind: 'equity', exchange: 'NSE', symbol, series: null },
  token: symbol,
  segment: 'NSE_EQ',
  symbol,
  name: symbol,
  isin: null,
  lotSize: 1,
  tick: 500,
  freezeQuantity: null,
  quantityUnit: { kind: 'units' },
});

const master = (...symbols: readonly string[]): InstrumentMaster => ({
  source: 'test',
  listings: symbols.map(listing),
  skipped: () => 0,
});

interface Desk {
  readonly books: InstrumentBooks;
  readonly clock: FakeClock;
  readonly warnings: readonly string[];
  /** What the broker serves: its symbols, or an error. */
  serve: readonly string[] | Error;
  downloads: number;
  up: boolean;
  readonly source: MasterSource;
}

function desk(refreshAt: string | null = REFRESH_DEFAULTS.refreshAt): Desk {
  const clock = createFakeClock(); // 10:00 IST
  const warnings: string[] = [];
  const logger: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: (event, fields) => void warnings.push(`${event} ${String(fields?.['error'])}`),
    error: () => undefined,
  };
  const books = new InstrumentBooks({ clock, logger, policy: { ...REFRESH_DEFAULTS, refreshAt } });
  const self: Desk = {
    books,
    clock,
    warnings,
    serve: ['A', 'B', 'C', 'D', 'E'],
    downloads: 0,
    up: true,
    async source(load) {
      self.downloads += 1;
      await Promise.resolve();
      if (self.serve instanceof Error) throw self.serve;
      return load(master(...self.serve));
    },
  };
  return self;
}

async function loaded(refreshAt?: string | null): Promise<Desk> {
  const made = desk(refreshAt);
  made.books.join('dhan', { source: made.source, isUp: () => made.up });
  await made.books.ofToday('dhan', made.source);
  return made;
}

const holds = ({ books }: Desk, symbol: string): boolean => books.of('dhan').find(`NSE:${symbol}`) !== null;

test('a book of today is loaded once however many ask, and anew on the next day', async () => {
  const made = desk();
  const { books, clock, source } = made;
  const [one, two] = await Promise.all([books.ofToday('dhan', source), books.ofToday('dhan', source)]);
  expect(one).toBe(two);
  await clock.advance(MINUTE);
  await books.ofToday('dhan', source);
  expect(made.downloads).toBe(1);
  await clock.advance(14 * HOUR); // past midnight in India
  await books.ofToday('dhan', source);
  expect(made.downloads).toBe(2);
});

test('a first download that fails is told and not remembered, and every broker has a book of its own', async () => {
  const made = desk();
  made.serve = new Error('down');
  await expect(made.books.ofToday('dhan', made.source)).rejects.toThrow('down');
  made.serve = ['A'];
  await made.books.ofToday('dhan', made.source);
  expect(holds(made, 'A')).toBe(true);
  expect(made.books.of('upstox').find('NSE:A')).toBeNull();
});

test('a book of an earlier day goes on serving when the new one cannot be had, and the log says so', async () => {
  const made = await loaded(null);
  await made.clock.advance(24 * HOUR);
  made.serve = new Error('down');
  await made.books.ofToday('dhan', made.source);
  expect(holds(made, 'A')).toBe(true);
  expect(made.warnings).toEqual(['instruments-not-refreshed Error']);
});

test('a refused master leaves the book as it was and is told to who asked', async () => {
  const made = await loaded();
  made.serve = ['A', 'B', 'C'];
  await expect(made.books.reload('dhan', made.source)).rejects.toMatchObject({ code: 'ALGO_INSTRUMENTS_REFUSED' });
  expect(holds(made, 'E')).toBe(true);
  expect(await made.books.reload('dhan', made.source, { acceptShrunk: true })).toMatchObject({ rows: 3 });
  expect(holds(made, 'E')).toBe(false);
});

/** A look-up of something that is there, and time for what it may have begun. */
async function use(made: Desk): Promise<void> {
  made.books.used('dhan');
  await made.clock.advance(0);
}

test('the first look-up after the time of day has the book loaded anew, once', async () => {
  const made = await loaded();
  made.serve = ['A', 'B', 'C', 'D', 'E', 'NEW'];
  await made.clock.advance(22 * HOUR + 44 * MINUTE);
  await use(made);
  expect([made.downloads, holds(made, 'NEW')]).toEqual([1, false]);
  await made.clock.advance(MINUTE); // 08:45
  await use(made);
  await use(made);
  expect([made.downloads, holds(made, 'NEW')]).toEqual([2, true]);
  await made.clock.advance(24 * HOUR);
  await use(made);
  expect(made.downloads).toBe(3);
});

test('a refresh by itself that fails is tried again after a while, and the old book serves meanwhile', async () => {
  const made = await loaded();
  made.serve = new Error('down');
  await made.clock.advance(23 * HOUR);
  await use(made);
  await made.clock.advance(9 * MINUTE);
  await use(made);
  expect([made.downloads, holds(made, 'A'), made.warnings.length]).toEqual([2, true, 1]);
  await made.clock.advance(MINUTE);
  made.serve = ['A', 'B', 'C', 'D', 'NEW'];
  await use(made);
  expect([made.downloads, holds(made, 'NEW')]).toEqual([3, true]);
  await made.clock.advance(HOUR);
  await use(made);
  expect(made.downloads).toBe(3);
});

test('nothing is loaded by itself over a connection that is not up, nor after it left', async () => {
  const made = await loaded();
  made.up = false;
  await made.clock.advance(25 * HOUR);
  await use(made);
  expect(made.downloads).toBe(1);
  made.up = true;
  await made.clock.advance(10 * MINUTE);
  await use(made);
  expect(made.downloads).toBe(2);

  const leaving = desk();
  const leave = leaving.books.join('dhan', { source: leaving.source, isUp: () => true });
  await leaving.books.ofToday('dhan', leaving.source);
  leave();
  await leaving.clock.advance(25 * HOUR);
  await use(leaving);
  expect(leaving.downloads).toBe(1);
});

test('turned off, nothing is loaded by itself; and no timer runs in any case', async () => {
  const made = await loaded(null);
  await made.clock.advance(48 * HOUR);
  await use(made);
  expect(made.downloads).toBe(1);
  expect((await loaded()).clock.timers).toBe(0);
});

test('a miss asks for a newer master, in one flight and at most once a minute', async () => {
  const made = await loaded();
  made.serve = ['A', 'B', 'C', 'D', 'E', 'NEW'];
  for (let asked = 0; asked < 5; asked += 1) made.books.missed('dhan', 'NSE:NEW');
  await made.clock.advance(0);
  expect([made.downloads, holds(made, 'NEW')]).toEqual([2, true]);
  await made.clock.advance(59_000);
  made.books.missed('dhan', 'NSE:NEWER');
  expect(made.downloads).toBe(2);
  await made.clock.advance(1_000);
  made.books.missed('dhan', 'NSE:NEWER');
  await made.clock.advance(0);
  expect(made.downloads).toBe(3);
});

test('a miss of junk, of an expired contract or before anything was loaded asks for nothing', async () => {
  const made = await loaded();
  made.books.missed('dhan', 'junk');
  made.books.missed('dhan', 'NFO:NIFTY:2026-11-19:FUT');
  const empty = desk();
  empty.books.join('dhan', { source: empty.source, isUp: () => true });
  empty.books.missed('dhan', 'NSE:A');
  await made.clock.advance(0);
  expect([made.downloads, empty.downloads]).toEqual([1, 0]);
});

test('a miss whose refresh fails harms nobody', async () => {
  const made = await loaded();
  made.serve = new Error('down');
  made.books.missed('dhan', 'NSE:NEW');
  await made.clock.advance(0);
  expect([holds(made, 'A'), made.warnings.length]).toEqual([true, 1]);
});

test('after closing nothing is loaded by itself', async () => {
  const made = await loaded();
  made.books.close();
  made.books.missed('dhan', 'NSE:NEW');
  await made.clock.advance(25 * HOUR);
  await use(made);
  expect(made.downloads).toBe(1);
});
