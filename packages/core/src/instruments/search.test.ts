import { expect, test } from 'vitest';
import { formatInstrument } from '../domain/instrument.js';
import type { Contract, Listing } from '../domain/instrument.js';
import type { InstrumentQuery } from '../domain/instrument-query.js';
import { InstrumentBook } from './instrument-book.js';

const listing = (contract: Contract, name: string, token: string): Listing => ({
  instrument: formatInstrument(contract),
  contract,
  token,
  segment: contract.exchange,
  symbol: 'symbol' in contract ? contract.symbol : `${contract.underlying}26`,
  name,
  isin: name === 'Reliance Industries' ? 'INE002A01018' : null,
  lotSize: 1,
  tick: 500,
  freezeQuantity: null,
  quantityUnit: { kind: 'units' },
});

const share = (symbol: string, exchange: 'NSE' | 'BSE' = 'NSE'): Contract => ({
  kind: 'equity',
  exchange,
  symbol,
  series: null,
});
const future = (underlying: string, expiry: string): Contract => ({
  kind: 'future',
  exchange: 'NFO',
  underlying,
  expiry,
});
const option = (underlying: string, expiry: string, strike: string, right: 'CE' | 'PE'): Contract => ({
  kind: 'option',
  exchange: 'NFO',
  underlying,
  expiry,
  strike,
  right,
});

const CONTRACTS: readonly (readonly [Contract, string])[] = [
  [share('RELINFRA'), 'Reliance Infrastructure'],
  [share('RELIANCE'), 'Reliance Industries'],
  [share('RELIANCE', 'BSE'), 'Reliance Industries'],
  [share('TCS'), 'Tata Consultancy Services'],
  [{ kind: 'index', exchange: 'NSE', symbol: 'NIFTY' }, 'Nifty 50'],
  [future('NIFTY', '2026-12-29'), 'NIFTY DEC FUT'],
  [future('NIFTY', '2026-11-24'), 'NIFTY NOV FUT'],
  [option('NIFTY', '2026-11-24', '26000', 'CE'), 'NIFTY 24 NOV 26000 CALL'],
  [option('NIFTY', '2026-11-24', '26000', 'PE'), 'NIFTY 24 NOV 26000 PUT'],
  [option('NIFTY', '2026-11-24', '102.75', 'PE'), 'NIFTY 24 NOV 102.75 PUT'],
  [option('BANKNIFTY', '2026-11-24', '26000', 'CE'), 'BANKNIFTY 24 NOV 26000 CALL'],
];

async function bookOfAll(): Promise<InstrumentBook> {
  const book = new InstrumentBook('test');
  const listings = CONTRACTS.map(([contract, name], at) => listing(contract, name, String(at)));
  await book.load({ source: 'test', listings, skipped: () => 0 }, 0);
  return book;
}

const found = async (query: InstrumentQuery): Promise<readonly string[]> =>
  (await (await bookOfAll()).search(query)).map(({ instrument }) => instrument);

test('the name itself comes first, then names that begin so, then whatever else fits', async () => {
  expect(await found({ text: 'reliance' })).toEqual(['NSE:RELIANCE', 'BSE:RELIANCE', 'NSE:RELINFRA']);
  expect(await found({ text: 'RELI' })).toEqual(['NSE:RELINFRA', 'NSE:RELIANCE', 'BSE:RELIANCE']);
  expect((await found({ text: 'nifty' }))[0]).toBe('NSE:INDEX:NIFTY');
});

test('every word must appear, in whatever case and order', async () => {
  expect(await found({ text: 'call nifty 26000' })).toEqual([
    'NFO:NIFTY:2026-11-24:26000:CE',
    'NFO:BANKNIFTY:2026-11-24:26000:CE',
  ]);
  expect(await found({ text: 'INE002A01018', exchange: 'BSE' })).toEqual(['BSE:RELIANCE']);
  expect(await found({ text: 'nothing like it' })).toEqual([]);
});

test('contracts are found by underlying, expiry, strike and right', async () => {
  expect(await found({ underlying: 'NIFTY', kind: 'future' })).toEqual([
    'NFO:NIFTY:2026-12-29:FUT',
    'NFO:NIFTY:2026-11-24:FUT',
  ]);
  const strike = { underlying: 'NIFTY', expiry: '2026-11-24', strike: 26_000 } as const;
  expect(await found(strike)).toEqual(['NFO:NIFTY:2026-11-24:26000:CE', 'NFO:NIFTY:2026-11-24:26000:PE']);
  expect(await found({ ...strike, right: 'PE' })).toEqual(['NFO:NIFTY:2026-11-24:26000:PE']);
  expect(await found({ strike: '102.750' })).toEqual(['NFO:NIFTY:2026-11-24:102.75:PE']);
  expect(await found({ kind: 'index' })).toEqual(['NSE:INDEX:NIFTY']);
});

test('a question that nothing can answer finds nothing', async () => {
  expect(await found({ expiry: '2026-02-31' })).toEqual([]);
  expect(await found({ strike: 'x' })).toEqual([]);
  expect(await found({ underlying: 'TCS' })).toEqual([]);
});

test('the limit holds, and is never nothing or everything', async () => {
  expect(await found({ limit: 2 })).toHaveLength(2);
  expect(await found({ limit: 0 })).toHaveLength(1);
  expect(await found({ limit: 1e9 })).toHaveLength(CONTRACTS.length);
});

test('expiries come earliest first and once each', async () => {
  const book = await bookOfAll();
  expect(book.expiries('NIFTY')).toEqual(['2026-11-24', '2026-12-29']);
  expect(book.expiries('TCS')).toEqual([]);
  expect(new InstrumentBook('empty').expiries('NIFTY')).toEqual([]);
  expect(await new InstrumentBook('empty').search({})).toEqual([]);
});
