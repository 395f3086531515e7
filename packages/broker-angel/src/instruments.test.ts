import { loadInstrumentBook } from '@algo/core/adapter';
import type { Listing } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { fixture, fixtureBytes } from '../test/support/account.js';
import { idsOf, option, read, readWhole, share } from '../test/support/masters.js';
import { resolveConfig } from './config.js';
import { readMaster } from './instruments.js';

test('the sample master: every contract has its canonical name', async () => {
  const { listings, skipped } = await read(fixtureBytes('instruments.json'));
  expect(listings.map(({ instrument }) => instrument)).toEqual([
    'NSE:SBIN',
    'NSE:RELIANCE',
    'NSE:NIFTYBEES',
    'NSE:INDEX:NIFTY',
    'NSE:INDEX:BANKNIFTY',
    'NFO:NIFTY:2026-07-28:FUT',
    'NFO:NIFTY:2026-08-25:FUT',
    'NFO:NIFTY:2026-07-28:23500:CE',
    'NFO:NIFTY:2024-04-04:23000:CE',
    'NFO:NIFTY:2022-05-05:16400:PE',
    'NFO:NIFTY:2022-05-05:16450:PE',
    'MCX:GOLD:2026-08-05:FUT',
  ]);
  expect(skipped).toBe(0);
});

test('an option of the sample master, value by value', async () => {
  expect((await read(fixtureBytes('instruments.json'))).listings[7]).toEqual({
    instrument: 'NFO:NIFTY:2026-07-28:23500:CE',
    contract: {
      kind: 'option',
      exchange: 'NFO',
      underlying: 'NIFTY',
      expiry: '2026-07-28',
      strike: '23500',
      right: 'CE',
    },
    token: '63915',
    segment: 'NFO',
    symbol: 'NIFTY28JUL2623500CE',
    name: 'NIFTY',
    isin: null,
    lotSize: 65,
    tick: 500,
    freezeQuantity: null,
    quantityUnit: { kind: 'units' },
  });
});

test('ticks are paise', async () => {
  const { listings } = await read(fixtureBytes('instruments.json'));
  const tickOf = new Map(listings.map(({ instrument, tick }) => [instrument, tick]));
  expect(tickOf.get('NSE:SBIN')).toBe(500);
  expect(tickOf.get('NSE:NIFTYBEES')).toBe(100);
  expect(tickOf.get('NFO:NIFTY:2026-07-28:FUT')).toBe(1_000);
  expect(tickOf.get('MCX:GOLD:2026-08-05:FUT')).toBe(10_000);
  expect(tickOf.get('NSE:INDEX:NIFTY')).toBe(100);
});

test('where Angel counts lots, the lot of the listing is units', async () => {
  const { listings } = await read(fixtureBytes('instruments.json'), {
    quantityUnits: { MCX: { kind: 'lots', unitsPerLot: { GOLD: 100 } } },
  });
  expect(listings.at(-1)).toMatchObject({ lotSize: 100, quantityUnit: { kind: 'lots', unitsPerLot: 100 } });
  expect((await read(fixtureBytes('instruments.json'))).listings.at(-1)?.quantityUnit).toEqual({ kind: 'unknown' });
});

test.each(['EQ', 'BE', 'BZ', 'SM', 'ST'])('NSE series %s is the share itself', async (series) => {
  expect(await idsOf([share({ symbol: `BAJAJ-AUTO-${series}` }), option()])).toContain('NSE:BAJAJ-AUTO');
});

test.each(['N5', 'GB', 'GS', 'BL', 'AF', 'P1'])('NSE series %s is a paper of its own', async (series) => {
  expect(await idsOf([share({ symbol: `SBIN-${series}` })])).toEqual([`NSE:SBIN:${series}`]);
});

test('a symbol of BSE ends in no series', async () => {
  expect(await idsOf([share({ exch_seg: 'BSE', symbol: 'BAJAJ-AUTO', token: '532977' })])).toEqual(['BSE:BAJAJ-AUTO']);
  expect(await idsOf([share({ exch_seg: 'BSE', symbol: 'TITAN-EQ' })])).toEqual(['BSE:TITAN-EQ']);
});

test('the same share in EQ and BE: EQ is kept, wherever it stands, and the other is counted', async () => {
  const [eq, be] = [share({ token: '2' }), share({ token: '1', symbol: 'SBIN-BE' })];
  for (const rows of [
    [be, eq],
    [eq, be],
  ]) {
    const { listings, skipped } = await read(JSON.stringify(rows));
    expect(listings.filter(({ instrument }) => instrument === 'NSE:SBIN').map(({ token }) => token)).toEqual(['2']);
    expect(skipped).toBe(1);
  }
});

test('a share that trades in BE alone is listed', async () => {
  expect(await idsOf([share({ symbol: 'X-BE' }), option()])).toEqual(['NSE:X', 'NFO:NIFTY:2026-11-24:26000:CE']);
});

test.each([
  ['Nifty 50', 'NIFTY', 'NSE', 'NSE:INDEX:NIFTY'],
  ['Nifty Bank', 'BANKNIFTY', 'NSE', 'NSE:INDEX:BANKNIFTY'],
  ['Nifty Fin Service', 'FINNIFTY', 'NSE', 'NSE:INDEX:FINNIFTY'],
  ['NIFTY MID SELECT', 'MIDCPNIFTY', 'NSE', 'NSE:INDEX:MIDCPNIFTY'],
  ['Nifty Midcap Select', 'whatever', 'NSE', 'NSE:INDEX:MIDCPNIFTY'],
  ['Nifty Next 50', 'NIFTY NEXT 50', 'NSE', 'NSE:INDEX:NIFTYNXT50'],
  ['India VIX', 'INDIA VIX', 'NSE', 'NSE:INDEX:INDIA VIX'],
  ['SENSEX', 'SENSEX', 'BSE', 'BSE:INDEX:SENSEX'],
  ['BANKEX', 'BANKEX', 'BSE', 'BSE:INDEX:BANKEX'],
  ['Nifty IT', 'NIFTY IT', 'NSE', 'NSE:INDEX:NIFTY IT'],
  ['Nifty Auto', '', 'NSE', 'NSE:INDEX:NIFTY AUTO'],
])('the index %s (%s) is %s %s', async (symbol, name, exch_seg, instrument) => {
  const row = share({ symbol, name, exch_seg, instrumenttype: 'AMXIDX', tick_size: '0.000000', token: '77' });
  expect((await read(JSON.stringify([row]))).listings[0]?.instrument).toBe(instrument);
});

test('an index that is missing from the file is put back, one that is there is not doubled', async () => {
  const indicesIn = async (file: string | Uint8Array): Promise<readonly string[]> =>
    (await readWhole(file)).listings
      .filter(({ contract }) => contract.kind === 'index')
      .map(({ instrument, token }) => `${instrument} ${token}`);
  const known = [
    'NSE:INDEX:NIFTY 99926000',
    'NSE:INDEX:BANKNIFTY 99926009',
    'NSE:INDEX:INDIA VIX 99926017',
    'BSE:INDEX:SENSEX 99919000',
  ];
  expect(await indicesIn(JSON.stringify([share()]))).toEqual(known);
  expect(await indicesIn(fixtureBytes('instruments.json'))).toEqual(known);
  const moved = share({ symbol: 'Nifty 50', name: 'NIFTY', instrumenttype: 'AMXIDX', token: '5', tick_size: '0' });
  expect(await indicesIn(JSON.stringify([moved]))).toEqual(['NSE:INDEX:NIFTY 5', ...known.slice(1)]);
  expect(await indicesIn(JSON.stringify([share({ token: '99926009' })]))).not.toContain(known[1]);
  expect(await indicesIn('[{}]')).toEqual([]);
});

test('what is put back is no row of the file: nothing is counted for it', async () => {
  expect((await readWhole(fixtureBytes('instruments.json'))).skipped).toBe(0);
  expect((await readWhole(JSON.stringify([share()]))).skipped).toBe(0);
});

test('an index that is put back is as one of the file', async () => {
  const row = share({
    token: '99926000',
    symbol: 'Nifty 50',
    name: 'NIFTY',
    instrumenttype: 'AMXIDX',
    strike: '0.000000',
    tick_size: '0.000000',
  });
  const nifty = async (file: string): Promise<Listing | undefined> =>
    (await readWhole(file)).listings.find(({ token }) => token === '99926000');
  expect(await nifty(JSON.stringify([share()]))).toEqual(await nifty(JSON.stringify([share(), row])));
});

test.each([
  [option({ symbol: 'NIFTY24NOV2626000PE' }), 'NFO:NIFTY:2026-11-24:26000:PE'],
  [
    option({ strike: '61250.000000', name: 'NAM-INDIA', instrumenttype: 'OPTSTK' }),
    'NFO:NAM-INDIA:2026-11-24:612.5:CE',
  ],
  [
    option({ name: 'M&M', instrumenttype: 'FUTSTK', strike: '-1.000000', symbol: 'M&M24NOV26FUT' }),
    'NFO:M&M:2026-11-24:FUT',
  ],
  [
    option({
      exch_seg: 'BFO',
      name: 'SENSEX',
      symbol: 'SENSEX26NOV75000CE',
      strike: '7500000.000000',
      expiry: '26NOV2026',
    }),
    'BFO:SENSEX:2026-11-26:75000:CE',
  ],
  [
    option({ exch_seg: 'MCX', name: 'CRUDEOIL', instrumenttype: 'OPTFUT', strike: '560000.000000' }),
    'MCX:CRUDEOIL:2026-11-24:5600:CE',
  ],
  [
    option({
      exch_seg: 'CDS',
      name: 'USDINR',
      instrumenttype: 'OPTCUR',
      strike: '847500000.000000',
      tick_size: '0.250000',
    }),
    'CDS:USDINR:2026-11-24:84.75:CE',
  ],
  [
    option({ exch_seg: 'CDS', name: 'USDINR', instrumenttype: 'FUTCUR', tick_size: '0.250000' }),
    'CDS:USDINR:2026-11-24:FUT',
  ],
])('%j is %s', async (row, instrument) => {
  expect(await idsOf([row])).toEqual([instrument]);
});

test('the currency tick that was seen is a quarter of a paisa', async () => {
  const row = option({ exch_seg: 'CDS', name: 'USDINR', instrumenttype: 'FUTCUR', tick_size: '0.250000' });
  expect((await read(JSON.stringify([row]))).listings[0]?.tick).toBe(25);
});

test('a later row with a contract or a token already given is counted and left out', async () => {
  const rows = [
    share(),
    share({ token: '2' }),
    share({ symbol: 'OTHER-EQ' }),
    share({ exch_seg: 'BSE', symbol: 'SBIN' }),
  ];
  const { listings, skipped } = await read(JSON.stringify(rows));
  expect(
    listings
      .filter(({ contract }) => contract.kind === 'equity')
      .map(({ instrument, token }) => `${instrument} ${token}`),
  ).toEqual(['NSE:SBIN 1', 'BSE:SBIN 1']);
  expect(skipped).toBe(2);
});

test('the test contracts of the exchange are left out and not counted', async () => {
  const { skipped } = await read(JSON.stringify([share({ symbol: '011NSETEST-EQ' }), share()]));
  expect(skipped).toBe(0);
  expect(await idsOf([share({ symbol: '011NSETEST-EQ' }), share()])).toEqual(['NSE:SBIN']);
});

test('numbers in place of texts, a byte order mark and white space change nothing', async () => {
  const rows = fixture('instruments.json');
  expect(await read(`\ufeff\r\n ${JSON.stringify(rows)}\n`)).toEqual(await read(fixtureBytes('instruments.json')));
  expect(await idsOf([share({ token: 1, lotsize: 1, tick_size: 5 })])).toEqual(['NSE:SBIN']);
});

test('pieces of any size give the same', async () => {
  const whole = await readWhole(fixtureBytes('instruments.json'));
  for (const length of [1, 7, 100, 4_096])
    expect(await readWhole(fixtureBytes('instruments.json'), {}, length)).toEqual(whole);
});

test('a symbol finds its contract', async () => {
  const { quantityUnit } = resolveConfig();
  const book = await loadInstrumentBook('angel', readMaster('test', [fixtureBytes('instruments.json')], quantityUnit));
  expect(book.bySymbol('NFO', 'NIFTY28JUL2623500CE')?.token).toBe('63915');
  expect(book.byToken('NSE', '3045')?.instrument).toBe('NSE:SBIN');
  expect(book.bySymbol('BSE', 'SBIN-EQ')).toBeNull();
});

test('200,000 rows are read in good time', async () => {
  const rows = Array.from({ length: 200_000 }, (_, at) =>
    JSON.stringify(share({ token: String(at + 1), symbol: `S${at}-EQ` })),
  );
  const bytes = Buffer.from(`[${rows.join(',')}]`);
  const started = performance.now();
  expect((await read(bytes)).listings.length).toBeGreaterThanOrEqual(200_000);
  expect(performance.now() - started).toBeLessThan(10_000);
});
