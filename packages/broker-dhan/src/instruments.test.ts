import fc from 'fast-check';
import { isAlgoError, loadInstrumentBook, parseInstrument, streamedMaster } from '@algo/core/adapter';
import type { Listing, MasterLayout, RowMarks, StreamedMaster } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { fixtureBytes, FUZZ_RUNS } from '../test/support/account.js';
import { resolveConfig } from './config.js';
import { layoutOf, readMaster } from './instruments.js';
import type { QuantityUnitOf } from './map/from-wire/listings.js';

const { quantityUnit } = resolveConfig();

interface Read {
  readonly listings: readonly Listing[];
  readonly skipped: number;
}

async function readAll(master: StreamedMaster): Promise<Read> {
  const listings: Listing[] = [];
  for await (const listing of master.listings) listings.push(listing);
  return { listings, skipped: master.skipped() };
}

const read = (file: Uint8Array | string): Promise<Read> =>
  readAll(readMaster('test', [typeof file === 'string' ? Buffer.from(file) : file], quantityUnit));

const compactLines = fixtureBytes('instruments_compact.csv').toString('utf8').trimEnd().split('\n');
const HEADER = compactLines[0] ?? '';
const RELIANCE = compactLines[1] ?? '';
const idsOf = async (rows: readonly string[]): Promise<readonly string[]> =>
  (await read([HEADER, ...rows].join('\n'))).listings.map(({ instrument }) => instrument);

const equity = (
  change: Partial<Record<'exchange' | 'id' | 'symbol' | 'type' | 'series' | 'tick' | 'lot', string>>,
): string => {
  const {
    exchange = 'NSE',
    id = '1',
    symbol = 'SBIN',
    type = 'ES',
    series = 'EQ',
    tick = '5.0000',
    lot = '1.0',
  } = change;
  return `${exchange},E,${id},EQUITY,0,${symbol},${lot},Name,,,,${tick},NA,${type},${series},COMPANY`;
};

test('the compact master: every contract has its canonical name, and the test contract is gone', async () => {
  const { listings, skipped } = await read(fixtureBytes('instruments_compact.csv'));
  expect(listings.map(({ instrument }) => instrument)).toEqual([
    'NSE:RELIANCE',
    'NSE:TCS',
    'NSE:HDFCBANK',
    'NSE:SBIN',
    'NSE:IDEA',
    'NSE:M&M',
    'NSE:BAJAJ-AUTO',
    'NSE:GOLDBEES',
    'BSE:RELIANCE',
    'BSE:TCS',
    'BSE:THINKINK',
    'NSE:INDEX:NIFTY',
    'NSE:INDEX:BANKNIFTY',
    'BSE:INDEX:SENSEX',
    'NFO:NIFTY:2026-06-30:27650:CE',
    'NFO:NIFTY:2026-06-30:27650:PE',
    'NFO:BANKNIFTY:2026-06-30:65400:CE',
    'NFO:NIFTY:2026-10-27:FUT',
    'NFO:RELIANCE:2026-07-28:FUT',
    'CDS:EURINR:2025-08-01:102.75:CE',
    'MCX:GOLDM:2026-11-05:FUT',
  ]);
  expect(skipped).toBe(0);
});

test('a share of the compact master, value by value', async () => {
  expect((await read(fixtureBytes('instruments_compact.csv'))).listings[0]).toEqual({
    instrument: 'NSE:RELIANCE',
    contract: { kind: 'equity', exchange: 'NSE', symbol: 'RELIANCE', series: null },
    token: '2885',
    segment: 'NSE_EQ',
    symbol: 'RELIANCE',
    name: 'RELIANCE INDUSTRIES LTD',
    isin: null,
    lotSize: 1,
    tick: 1_000,
    freezeQuantity: null,
    quantityUnit: { kind: 'units' },
  });
});

test('ticks are paise, but rupees for an index', async () => {
  const tickOf = new Map(
    (await read(fixtureBytes('instruments_compact.csv'))).listings.map(({ instrument, tick }) => [instrument, tick]),
  );
  expect(tickOf.get('NSE:HDFCBANK')).toBe(500);
  expect(tickOf.get('NSE:BAJAJ-AUTO')).toBe(10_000);
  expect(tickOf.get('NSE:IDEA')).toBe(100);
  expect(tickOf.get('NSE:INDEX:NIFTY')).toBe(500);
  expect(tickOf.get('BSE:INDEX:SENSEX')).toBe(100);
  expect(tickOf.get('CDS:EURINR:2025-08-01:102.75:CE')).toBe(25);
  expect(tickOf.get('MCX:GOLDM:2026-11-05:FUT')).toBe(10_000);
});

test('the detailed master, value by value', async () => {
  const { listings, skipped } = await read(fixtureBytes('instruments_detailed_trimmed.csv'));
  expect(skipped).toBe(0);
  expect(listings).toEqual([
    {
      instrument: 'NSE:INDEX:NIFTY',
      contract: { kind: 'index', exchange: 'NSE', symbol: 'NIFTY' },
      token: '13',
      segment: 'IDX_I',
      symbol: 'NIFTY',
      name: 'Nifty 50',
      isin: null,
      lotSize: 1,
      tick: 500,
      freezeQuantity: null,
      quantityUnit: { kind: 'units' },
    },
    {
      instrument: 'NSE:RELIANCE',
      contract: { kind: 'equity', exchange: 'NSE', symbol: 'RELIANCE', series: null },
      token: '2885',
      segment: 'NSE_EQ',
      symbol: 'RELIANCE',
      name: 'RELIANCE INDUSTRIES LTD',
      isin: 'INE002A01018',
      lotSize: 1,
      tick: 1_000,
      freezeQuantity: null,
      quantityUnit: { kind: 'units' },
    },
    {
      instrument: 'NFO:NIFTY:2026-09-29:FUT',
      contract: { kind: 'future', exchange: 'NFO', underlying: 'NIFTY', expiry: '2026-09-29' },
      token: '68407',
      segment: 'NSE_FNO',
      symbol: 'NIFTY-Sep2026-FUT',
      name: 'NIFTY SEP FUT',
      isin: null,
      lotSize: 65,
      tick: 1_000,
      freezeQuantity: 1_756,
      quantityUnit: { kind: 'units' },
    },
    {
      instrument: 'BFO:SENSEX:2026-09-17:74300:CE',
      contract: {
        kind: 'option',
        exchange: 'BFO',
        underlying: 'SENSEX',
        expiry: '2026-09-17',
        strike: '74300',
        right: 'CE',
      },
      token: '869699',
      segment: 'BSE_FNO',
      symbol: 'BSXOPT',
      name: 'SENSEX 17 SEP 74300 CALL',
      isin: null,
      lotSize: 20,
      tick: 500,
      freezeQuantity: 1_000,
      quantityUnit: { kind: 'units' },
    },
    {
      instrument: 'MCX:CRUDEOIL:2026-09-21:FUT',
      contract: { kind: 'future', exchange: 'MCX', underlying: 'CRUDEOIL', expiry: '2026-09-21' },
      token: '565899',
      segment: 'MCX_COMM',
      symbol: 'CRUDEOIL',
      name: 'CRUDEOIL SEP FUT',
      isin: null,
      lotSize: 1,
      tick: 10_000,
      freezeQuantity: 100,
      quantityUnit: { kind: 'unknown' },
    },
  ]);
});

test('where Dhan counts lots, every quantity of the listing is units', async () => {
  const { quantityUnit: inLots } = resolveConfig({
    quantityUnits: { MCX: { kind: 'lots', unitsPerLot: { CRUDEOIL: 100 } } },
  });
  const master = readMaster('test', [fixtureBytes('instruments_detailed_trimmed.csv')], inLots);
  expect((await readAll(master)).listings.at(-1)).toMatchObject({
    lotSize: 100,
    freezeQuantity: 10_000,
    quantityUnit: { kind: 'lots', unitsPerLot: 100 },
  });
});

test.each(['EQ', 'BE', 'BZ', 'SM', 'ST'])('NSE series %s is the share itself', async (series) => {
  expect(await idsOf([equity({ series })])).toEqual(['NSE:SBIN']);
});

test.each(['N5', 'GB', 'GS', 'P1', 'E1'])('NSE series %s is a paper of its own', async (series) => {
  expect(await idsOf([equity({ series })])).toEqual([`NSE:SBIN:${series}`]);
});

test('at BSE the instrument type tells shares and ETFs, not the group', async () => {
  expect(await idsOf([equity({ exchange: 'BSE', series: 'XT' })])).toEqual(['BSE:SBIN']);
  expect(await idsOf([equity({ exchange: 'BSE', series: 'B', type: 'ETF' })])).toEqual(['BSE:SBIN']);
  expect(await idsOf([equity({ exchange: 'BSE', series: 'F', type: 'DBT' })])).toEqual(['BSE:SBIN:F']);
});

test('the same share in EQ and BE: EQ is kept, wherever it stands, and the other is counted', async () => {
  for (const rows of [
    [equity({ id: '1', series: 'BE' }), equity({ id: '2', series: 'EQ' })],
    [equity({ id: '2', series: 'EQ' }), equity({ id: '1', series: 'BE' })],
  ]) {
    const { listings, skipped } = await read([HEADER, ...rows].join('\n'));
    expect(listings.map(({ token }) => token)).toEqual(['2']);
    expect(skipped).toBe(1);
  }
});

test('a later row with a contract or an id already given is counted and left out', async () => {
  const rows = [equity({ id: '1' }), equity({ id: '2' }), equity({ id: '1', symbol: 'OTHER' })];
  const { listings, skipped } = await read([HEADER, ...rows].join('\n'));
  expect(listings.map(({ token, instrument }) => [token, instrument])).toEqual([['1', 'NSE:SBIN']]);
  expect(skipped).toBe(2);
});

const derivative = (instrument: string, symbol: string, expiry: string, strike = '0.00000', option = 'XX'): string =>
  `NSE,D,7,${instrument},0,${symbol},65.0,Display,${expiry},${strike},${option},5.0000,M,OP,,`;

test.each([
  ['FUTSTK', 'BAJAJ-AUTO-Jul2026-FUT', '2026-07-28 14:30:00', '-0.01000', 'XX', 'NFO:BAJAJ-AUTO:2026-07-28:FUT'],
  ['FUTSTK', 'M&M-Jul2026-FUT', '2026-07-28 14:30:00', '-0.01000', 'XX', 'NFO:M&M:2026-07-28:FUT'],
  [
    'OPTSTK',
    'BAJAJ-AUTO-Jul2026-9500-PE',
    '2026-07-28 14:30:00',
    '9500.00000',
    'PE',
    'NFO:BAJAJ-AUTO:2026-07-28:9500:PE',
  ],
  [
    'OPTSTK',
    'NAM-INDIA-Jul2026-612.5-CE',
    '2026-07-28 14:30:00',
    '612.50000',
    'CE',
    'NFO:NAM-INDIA:2026-07-28:612.5:CE',
  ],
  ['OPTIDX', 'NIFTY-07Jul2026-25000-CE', '2026-07-07 14:30:00', '25000.00000', 'CE', 'NFO:NIFTY:2026-07-07:25000:CE'],
])('the underlying of %s %s is read from the right', async (instrument, symbol, expiry, strike, option, expected) => {
  expect(await idsOf([derivative(instrument, symbol, expiry, strike, option)])).toEqual([expected]);
});

test('weekly options sharing one symbol are told apart by their expiry', async () => {
  const weekly = derivative('OPTIDX', 'NIFTY-Jul2026-25000-CE', '2026-07-07 14:30:00', '25000.00000', 'CE');
  const monthly = weekly.replace('NSE,D,7', 'NSE,D,8').replace('2026-07-07', '2026-07-28');
  expect(await idsOf([weekly, monthly])).toEqual(['NFO:NIFTY:2026-07-07:25000:CE', 'NFO:NIFTY:2026-07-28:25000:CE']);
});

test.each([
  ['a short row', 'NSE,E,1,EQUITY,0,SBIN'],
  ['a row shifted by a comma in a name', equity({ symbol: 'SBIN' }).replace('COMPANY', 'COMPANY, LTD')],
  ['the header again', HEADER],
  ['an exchange nobody knows', equity({ exchange: 'NCDEX' })],
  ['an id that is no number', equity({ id: 'x1' })],
  ['no symbol', equity({ symbol: '' })],
  ['a symbol that would break the canonical text', equity({ symbol: 'A:B' })],
  ['a share named like the word for indices', equity({ symbol: 'INDEX', series: 'N5' })],
  ['no series', equity({ series: '' })],
  ['no tick', equity({ tick: '' })],
  ['a tick of 0', equity({ tick: '0.0000' })],
  ['a tick below a hundredth of a paisa', equity({ tick: '0.0001' })],
  ['a lot of 0', equity({ lot: '0' })],
  ['a negative lot', equity({ lot: '-1' })],
  ['half a lot', equity({ lot: '0.5' })],
  ['a date that is none', derivative('FUTSTK', 'TCS-Feb2026-FUT', '2026-02-31 14:30:00')],
  ['a future without a date', derivative('FUTSTK', 'TCS-Feb2026-FUT', '')],
  ['the year 1', derivative('FUTSTK', 'TCS-Feb2026-FUT', '0001-01-01')],
  ['an option without a strike', derivative('OPTSTK', 'TCS-Feb2026-100-CE', '2026-02-24', '-0.01000', 'CE')],
  ['an option without a side', derivative('OPTSTK', 'TCS-Feb2026-100-CE', '2026-02-24', '100.00000', 'XX')],
  ['a symbol of another form', derivative('FUTSTK', 'TCS26FEBFUT', '2026-02-24')],
  ['an instrument nobody knows', derivative('FUTIRC', 'GSEC-Feb2026-FUT', '2026-02-24')],
  ['a derivative among shares', equity({}).replace('EQUITY', 'FUTSTK')],
  ['a share among indices', equity({}).replace('NSE,E', 'NSE,I')],
  ['an index among shares', equity({}).replace('EQUITY', 'INDEX')],
  ['binary junk', '\u0000\u0001\ufffd,\u0002'],
  ['a line of 10 MB', 'x'.repeat(10_000_000)],
  ['a line of 10 MB of commas', ','.repeat(10_000_000)],
])('%s is counted and left out, and the rows around it stay', async (_what, bad) => {
  const { listings, skipped } = await read([HEADER, RELIANCE, bad, compactLines[2] ?? ''].join('\n'));
  expect(listings.map(({ instrument }) => instrument)).toEqual(['NSE:RELIANCE', 'NSE:TCS']);
  expect(skipped).toBe(1);
});

test('a row of the detailed master that is cut before its last columns is counted and left out', async () => {
  const [header = '', ...rows] = fixtureBytes('instruments_detailed_trimmed.csv')
    .toString('utf8')
    .trimEnd()
    .split('\n');
  const cut = rows.map((row) => row.split(',').slice(0, 16).join(','));
  expect(await read([header, ...cut].join('\n'))).toEqual({ listings: [], skipped: rows.length });
});

test('a byte order mark, CRLF, empty lines and a missing last line end change nothing', async () => {
  const odd = `\ufeff${[HEADER, RELIANCE, '', ...compactLines.slice(2)].join('\r\n')}`;
  expect(await read(odd)).toEqual(await read(fixtureBytes('instruments_compact.csv')));
});

test('quoted fields are understood', async () => {
  const quoted = RELIANCE.replace('RELIANCE INDUSTRIES LTD', '"RELIANCE, ""INDUSTRIES"" LTD"');
  expect((await read(`${HEADER}\n${quoted}`)).listings[0]?.name).toBe('RELIANCE, "INDUSTRIES" LTD');
});

test('further columns at the end do not matter, the header decides where each one is', async () => {
  const wider = compactLines.map((line, index) => (index === 0 ? `X,${line},MORE,` : `x,${line},m,`)).join('\n');
  expect(await read(wider)).toEqual(await read(fixtureBytes('instruments_compact.csv')));
});

test('reading twice gives the same twice, and the count starts anew', async () => {
  const master = readMaster('test', [Buffer.from([HEADER, RELIANCE, 'junk'].join('\n'))], quantityUnit);
  expect(await readAll(master)).toEqual(await readAll(master));
  expect(master.skipped()).toBe(1);
});

test.each(['', '\n\n', '<html>maintenance</html>', 'A,B,C\n1,2,3', HEADER.replace('SEM_TICK_SIZE', 'TICKS')])(
  'a file that is no master is refused: %j',
  async (file) => {
    await expect(read(file)).rejects.toMatchObject({ code: 'ALGO_INSTRUMENTS_REFUSED' });
  },
);

test('no file, however broken, throws anything but an AlgoError, and what is read has a canonical name', async () => {
  const line = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(...compactLines, HEADER, '"', ',,,,,,,,,,,,,,,'),
    fc
      .tuple(fc.constantFrom(...compactLines), fc.nat(200), fc.string({ maxLength: 3 }))
      .map(([row, at, junk]) => row.slice(0, at) + junk + row.slice(at + 1)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n', '\r'), async (lines, end) => {
      const { listings } = await read([HEADER, ...lines].join(end === '\r' ? '\n' : end));
      for (const { instrument, tick, lotSize } of listings) {
        expect(parseInstrument(instrument)).not.toBeNull();
        expect(Number.isSafeInteger(tick) && tick > 0 && Number.isSafeInteger(lotSize) && lotSize > 0).toBe(true);
      }
    }),
    { numRuns: FUZZ_RUNS },
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      try {
        await read(bytes);
      } catch (error) {
        expect(isAlgoError(error)).toBe(true);
      }
    }),
    { numRuns: FUZZ_RUNS },
  );
});

test('200,000 rows are read in good time', async () => {
  const rows = Array.from({ length: 200_000 }, (_, index) => equity({ id: String(index + 1), symbol: `S${index}` }));
  const bytes = Buffer.from([HEADER, ...rows].join('\n'));
  const started = performance.now();
  expect((await read(bytes)).listings).toHaveLength(200_000);
  expect(performance.now() - started).toBeLessThan(10_000);
});

/** Both ways of reading one row must give the same; `mark` may leave it to `read`. */
async function bothWays(file: Buffer, of: MasterLayout): Promise<readonly string[]> {
  const byText: MasterLayout = {
    ...of,
    open(header) {
      const { read: asText } = of.open(header);
      return { read: asText };
    },
  };
  return Promise.all(
    [of, byText].map(async (layout) => {
      const master = streamedMaster({ broker: 'dhan', source: 'test', files: [{ chunks: [file], layout }] });
      try {
        const book = await loadInstrumentBook('dhan', master);
        const { rows, skipped, duplicates } = book.provenance ?? {};
        return JSON.stringify({ rows, skipped, duplicates, all: await book.search({ limit: 1_000 }) });
      } catch (error) {
        return isAlgoError(error) ? error.code : String(error);
      }
    }),
  );
}

test('the short way by bytes and the long way by text read the same out of any row', async () => {
  const detailed = fixtureBytes('instruments_detailed_trimmed.csv').toString('utf8').trimEnd().split('\n');
  const pieces = [
    '',
    ' ',
    '0',
    '1',
    '-',
    '.',
    'EQ',
    'BE',
    'NA',
    'XX',
    'CE',
    'INDEX',
    'NSETEST',
    '2026-02-29',
    '65.0',
    'É',
    '"',
    ':',
    'ES',
  ];
  const changed = (lines: readonly string[]): fc.Arbitrary<string> =>
    fc
      .tuple(fc.constantFrom(...lines), fc.nat(17), fc.constantFrom(...pieces, ...pieces.map((piece) => ` ${piece}`)))
      .map(([row, column, piece]) =>
        row
          .split(',')
          .map((field, at) => (at === column ? piece : field))
          .join(','),
      );
  const broken = (lines: readonly string[]): fc.Arbitrary<string> =>
    fc
      .tuple(fc.constantFrom(...lines), fc.nat(200), fc.string({ maxLength: 2 }))
      .map(([row, at, junk]) => row.slice(0, at) + junk + row.slice(at + 1));
  const numRuns = process.env['ALGO_TEST_FULL'] === '1' ? 20_000 : 1_000;
  const units: QuantityUnitOf = (exchange, underlying) =>
    exchange === 'NFO' || exchange === 'BFO' ? { kind: 'units' } : { kind: 'lots', unitsPerLot: underlying.length };
  for (const [header = '', ...rows] of [compactLines, detailed]) {
    const anyRow = fc.oneof(fc.constantFrom(...rows), changed(rows), broken(rows));
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow, { minLength: 1, maxLength: 12 }), async (lines) => {
        const file = Buffer.from([header, ...lines].join('\n'));
        const [short, long] = await bothWays(file, layoutOf(units));
        expect(short).toBe(long);
      }),
      { numRuns },
    );
  }
});

const span = (): RowMarks['name'] => ({ from: 0, to: 0 });
const newMarks = (): RowMarks => ({
  exchange: 'NSE',
  kind: 'equity',
  name: span(),
  series: span(),
  expiry: 0,
  strike: span(),
  right: 'CE',
  segment: '',
  token: span(),
  symbol: span(),
  title: span(),
  isin: span(),
  lotSize: 0,
  tick: 0,
  freezeQuantity: null,
  quantityUnit: null,
  yields: false,
});

test('the short way is taken by nearly every row of the samples', () => {
  for (const name of ['instruments_compact.csv', 'instruments_detailed_trimmed.csv']) {
    const [header = '', ...rows] = fixtureBytes(name).toString('utf8').trimEnd().split('\n');
    const reader = layoutOf(quantityUnit).open(header);
    const taken = rows.filter((row) => {
      const bytes = Buffer.from(row);
      return reader.mark?.(bytes, 0, bytes.length, newMarks()) === 'listing';
    });
    expect(rows.length - taken.length).toBeLessThanOrEqual(1); // the test contract
  }
});
