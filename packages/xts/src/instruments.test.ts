import fc from 'fast-check';
import { parseInstrument } from '@algo/core/adapter';
import type { Listing } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { CONFIG, FUZZ_RUNS, HOUSE, codeNow, fixtureText, resultOf, sampleListings } from '../test/support/account.js';
import { resolveConfig } from './config.js';
import type { XtsConfig } from './config.js';
import { readMaster } from './instruments.js';
import { readMasterRow } from './wire/masters.js';

interface Read {
  readonly listings: readonly Listing[];
  readonly skipped: number;
}

function read(parts: Readonly<Record<string, string | Uint8Array>>, config: Partial<XtsConfig> = {}): Read {
  const { quantityUnit } = resolveConfig(HOUSE, { ...CONFIG, ...config });
  const files = Object.entries(parts).map(([segment, text]) => ({ segment, bytes: Buffer.from(text) }));
  const master = readMaster('test', files, quantityUnit, 'jainam');
  return { listings: [...master.listings], skipped: master.skipped() };
}

const cash = fixtureText('master_nsecm.txt').trimEnd();
const [RELIANCE = ''] = cash.split('\n');
const [FUTURE = '', , PUT = '', BSE_FUTURE = ''] = fixtureText('master_fo.txt').trimEnd().split('\n');

/** A row with some of its fields (counted from 1, as the docs do) changed. */
function changed(row: string, change: Readonly<Record<number, string>>): string {
  const fields = row.split('|');
  for (const [number, value] of Object.entries(change)) fields[Number(number) - 1] = value;
  return fields.join('|');
}

const idsOf = (segment: string, ...rows: readonly string[]): readonly string[] =>
  read({ [segment]: rows.join('\n') }).listings.map(({ instrument }) => instrument);

test('every contract of the samples has its canonical name', () => {
  expect(sampleListings().map(({ instrument }) => instrument)).toEqual([
    'NSE:RELIANCE',
    'NSE:INDEX:NIFTY',
    'NFO:NIFTY:2026-06-30:FUT',
    'NFO:RELIANCE:2026-06-30:1500:CE',
    'NFO:NIFTY:2026-02-17:25700:PE',
    'BFO:SENSEX:2026-06-25:FUT',
  ]);
});

test('a share and an index, value by value', () => {
  expect(read({ NSECM: cash })).toEqual({
    skipped: 0,
    listings: [
      {
        instrument: 'NSE:RELIANCE',
        contract: { kind: 'equity', exchange: 'NSE', symbol: 'RELIANCE', series: null },
        token: '2885',
        segment: 'NSECM',
        symbol: 'RELIANCE-EQ',
        name: 'RELIANCE INDUSTRIES LTD-EQ',
        isin: 'INE002A01018',
        lotSize: 1,
        tick: 1_000,
        freezeQuantity: 67_662,
        quantityUnit: { kind: 'units' },
      },
      {
        instrument: 'NSE:INDEX:NIFTY',
        contract: { kind: 'index', exchange: 'NSE', symbol: 'NIFTY' },
        token: '26000',
        segment: 'NSECM',
        symbol: 'NIFTY 50',
        name: 'NIFTY 50',
        isin: null,
        lotSize: 1,
        tick: 500,
        freezeQuantity: null,
        quantityUnit: { kind: 'units' },
      },
    ],
  });
});

test('a future, whose row has neither strike nor option type, and an option, value by value', () => {
  expect(read({ NSEFO: [FUTURE, PUT].join('\n') }).listings).toEqual([
    {
      instrument: 'NFO:NIFTY:2026-06-30:FUT',
      contract: { kind: 'future', exchange: 'NFO', underlying: 'NIFTY', expiry: '2026-06-30' },
      token: '62329',
      segment: 'NSEFO',
      symbol: 'NIFTY26JUNFUT',
      name: 'NIFTY 30JUN2026',
      isin: null,
      lotSize: 65,
      tick: 1_000,
      freezeQuantity: 1_801,
      quantityUnit: { kind: 'units' },
    },
    {
      instrument: 'NFO:NIFTY:2026-02-17:25700:PE',
      contract: {
        kind: 'option',
        exchange: 'NFO',
        underlying: 'NIFTY',
        expiry: '2026-02-17',
        strike: '25700',
        right: 'PE',
      },
      token: '48225',
      segment: 'NSEFO',
      symbol: 'NIFTY2621725700PE',
      name: 'NIFTY 17FEB2026 PE 25700',
      isin: null,
      lotSize: 65,
      tick: 500,
      freezeQuantity: 1_801,
      quantityUnit: { kind: 'units' },
    },
  ]);
});

test.each(['EQ', 'BE', 'BZ', 'SM', 'ST'])('NSE series %s is the share itself', (series) => {
  expect(idsOf('NSECM', changed(RELIANCE, { 6: series }))).toEqual(['NSE:RELIANCE']);
});

test.each(['N5', 'GB', 'GS', 'P1', 'E1'])('NSE series %s is a paper of its own', (series) => {
  expect(idsOf('NSECM', changed(RELIANCE, { 6: series }))).toEqual([`NSE:RELIANCE:${series}`]);
});

test('at BSE the groups of shares and ETFs are the share itself, debt is not', () => {
  const inGroup = (series: string): string => changed(RELIANCE, { 1: 'BSECM', 6: series });
  for (const group of ['A', 'B', 'XT', 'T', 'E', 'M']) expect(idsOf('BSECM', inGroup(group))).toEqual(['BSE:RELIANCE']);
  for (const group of ['F', 'G', 'IF']) expect(idsOf('BSECM', inGroup(group))).toEqual([`BSE:RELIANCE:${group}`]);
});

test.each([
  ['NSECM', 'Nifty 50', 'NSE:INDEX:NIFTY'],
  ['NSECM', 'NIFTY BANK', 'NSE:INDEX:BANKNIFTY'],
  ['NSECM', 'NIFTY FIN SERVICE', 'NSE:INDEX:FINNIFTY'],
  ['NSECM', 'NIFTY MID SELECT', 'NSE:INDEX:MIDCPNIFTY'],
  ['NSECM', 'NIFTY  NEXT 50', 'NSE:INDEX:NIFTYNXT50'],
  ['NSECM', 'INDIA VIX', 'NSE:INDEX:INDIA VIX'],
  ['BSECM', 'SENSEX', 'BSE:INDEX:SENSEX'],
  ['BSECM', 'S&P BSE SENSEX', 'BSE:INDEX:SENSEX'],
  ['BSECM', 'BANKEX', 'BSE:INDEX:BANKEX'],
])('the index that %s prints as %s is %s', (segment, name, id) => {
  expect(idsOf(segment, changed(cash.split('\n')[1] ?? '', { 1: segment, 4: name }))).toEqual([id]);
});

test('the same share in EQ and BE: EQ is kept, wherever it stands, and the other is counted', () => {
  const eq = changed(RELIANCE, { 2: '1' });
  const be = changed(RELIANCE, { 2: '2', 6: 'BE' });
  for (const rows of [
    [eq, be],
    [be, eq],
  ]) {
    const { listings, skipped } = read({ NSECM: rows.join('\n') });
    expect(listings.map(({ token }) => token)).toEqual(['1']);
    expect(skipped).toBe(1);
  }
  expect(read({ NSECM: be }).listings.map(({ token }) => token)).toEqual(['2']);
});

test('a token names one contract within its segment, and the first row wins; other segments have tokens of their own', () => {
  const same = changed(RELIANCE, { 4: 'TCS' });
  const elsewhere = changed(RELIANCE, { 1: 'BSECM', 6: 'A' });
  const { listings, skipped } = read({ NSECM: [RELIANCE, same].join('\n'), BSECM: elsewhere });
  expect(listings.map(({ instrument }) => instrument)).toEqual(['NSE:RELIANCE', 'BSE:RELIANCE']);
  expect(skipped).toBe(1);
});

test('spreads and test contracts are left out and not counted', () => {
  const spread = changed(FUTURE, { 2: '7', 3: '4' });
  const trial = changed(FUTURE, { 2: '8', 4: '011NSETEST' });
  const { listings, skipped } = read({ NSEFO: [FUTURE, spread, trial].join('\n') });
  expect(listings).toHaveLength(1);
  expect(skipped).toBe(0);
});

test.each<[string, string]>([
  ['a future read with the columns of an option', changed(FUTURE, { 3: '2' })],
  ['an option read with the columns of a future', changed(PUT, { 3: '1' })],
  ['an option that is one field short', PUT.split('|').slice(0, -1).join('|')],
  ['an option that is one field long', `${PUT}|x`],
  ['a kind nobody knows', changed(PUT, { 3: '9' })],
  ['a share among derivatives', changed(RELIANCE, { 1: 'NSEFO' })],
  ['a row of another segment', BSE_FUTURE],
  ['a put that says it is a call', changed(PUT, { 19: '3' })],
  ['an option of neither kind', changed(PUT, { 19: '5', 5: 'NIFTY2621725700' })],
  ['a strike of 0', changed(PUT, { 18: '0' })],
  ['a strike that is no number', changed(PUT, { 18: 'x' })],
  ['a day that does not exist', changed(PUT, { 17: '2026-02-30T14:30:00' })],
  ['an expiry of 1980', changed(PUT, { 17: '1980-01-01T00:00:00' })],
  ['no expiry', changed(FUTURE, { 17: '' })],
  ['an underlying with a colon', changed(PUT, { 4: 'A:B' })],
  ['an underlying named INDEX', changed(PUT, { 4: 'INDEX' })],
  ['no underlying', changed(PUT, { 4: '' })],
  ['a token that is no number', changed(PUT, { 2: 'x' })],
  ['a token of 0', changed(PUT, { 2: '0' })],
  ['a tick of 0', changed(PUT, { 12: '0' })],
  ['no lot', changed(PUT, { 13: '' })],
  ['half a lot', changed(PUT, { 13: '0.5' })],
  ['a line of 10 MB', 'x'.repeat(10_000_000)],
])('%s is skipped and counted, and the rows around it stay', (_what, row) => {
  const last = changed(PUT, { 2: '9', 18: '25800' });
  const { listings, skipped } = read({ NSEFO: [FUTURE, row, last].join('\n') });
  expect(listings.map(({ token }) => token)).toEqual(['62329', '9']);
  expect(skipped).toBe(1);
});

test('an index among derivatives and a derivative among shares are skipped', () => {
  expect(read({ NSEFO: [FUTURE, changed(cash.split('\n')[1] ?? '', { 1: 'NSEFO' })].join('\n') }).skipped).toBe(1);
  expect(read({ NSECM: [RELIANCE, changed(FUTURE, { 1: 'NSECM' })].join('\n') }).skipped).toBe(1);
  expect(read({ NSECM: [RELIANCE, changed(RELIANCE, { 2: '3', 6: '' })].join('\n') }).skipped).toBe(1);
});

test('a strike and a lot in other clothes', () => {
  const fancy = changed(PUT, { 13: '65.0', 18: '102.7500' });
  expect(read({ NSEFO: fancy }).listings[0]).toMatchObject({
    instrument: 'NFO:NIFTY:2026-02-17:102.75:PE',
    lotSize: 65,
  });
});

test('a multiplier contradicts units, and then nobody knows', () => {
  for (const multiplier of ['2', '', 'x'])
    expect(read({ NSEFO: changed(FUTURE, { 14: multiplier }) }).listings[0]?.quantityUnit).toEqual({ kind: 'unknown' });
});

test('the unit of a commodity is unknown until the host says it; then every quantity of the listing is units', () => {
  const gold = changed(FUTURE, { 1: 'MCXFO', 4: 'GOLDM', 5: 'GOLDM26JUNFUT', 11: '100', 13: '1' });
  expect(read({ MCXFO: gold }).listings[0]).toMatchObject({
    instrument: 'MCX:GOLDM:2026-06-30:FUT',
    quantityUnit: { kind: 'unknown' },
    lotSize: 1,
  });
  const quantityUnits = { MCX: { kind: 'lots', unitsPerLot: { GOLDM: 100 } } } as const;
  expect(read({ MCXFO: gold }, { quantityUnits }).listings[0]).toMatchObject({
    quantityUnit: { kind: 'lots', unitsPerLot: 100 },
    lotSize: 100,
    freezeQuantity: 10_000,
  });
});

test('currencies have segments of their own', () => {
  expect(idsOf('NSECD', changed(FUTURE, { 1: 'NSECD', 4: 'USDINR' }))).toEqual(['CDS:USDINR:2026-06-30:FUT']);
  expect(idsOf('BSECD', changed(FUTURE, { 1: 'BSECD', 4: 'USDINR' }))).toEqual(['BCD:USDINR:2026-06-30:FUT']);
});

test.each<[string, string | Uint8Array]>([
  ['nothing', ''],
  ['empty lines', '\r\n\n'],
  ['a web page', '<html>maintenance</html>'],
  ['another segment', RELIANCE],
  ['the layout of 2019, with a number for the segment', '2|62329|1|NIFTY|NIFTY26JUNFUT|FUTIDX'],
  ['bytes', new Uint8Array([0, 255, 10, 0])],
  ['a first line of 10 MB', `NSEFO|${'x'.repeat(10_000_000)}\n${FUTURE}`],
])('a part that begins with %s is no master', (_what, text) => {
  expect(codeNow(() => read({ NSEFO: text }))).toBe('ALGO_INSTRUMENTS_REFUSED');
});

test('a byte order mark and CRLF change nothing, and a row cut off at the end is skipped', () => {
  const text = `\ufeff${[FUTURE, PUT].join('\r\n')}\r\nNSEFO|48226|2|NIF`;
  const { listings, skipped } = read({ NSEFO: text });
  expect(listings).toHaveLength(2);
  expect(skipped).toBe(1);
});

test('the envelope of the master holds rows as they are', () => {
  const text = resultOf('master_envelope_200.json');
  expect(typeof text === 'string' && read({ NSECM: text }).listings).toHaveLength(2);
});

test('a master can be read twice, and counts anew', () => {
  const { quantityUnit } = resolveConfig(HOUSE, CONFIG);
  const bytes = Buffer.from([RELIANCE, 'x'].join('\n'));
  const master = readMaster('test', [{ segment: 'NSECM', bytes }], quantityUnit, 'jainam');
  for (const _round of [1, 2]) {
    expect([...master.listings]).toHaveLength(1);
    expect(master.skipped()).toBe(1);
  }
});

test('a row, however odd, is a sound listing or none', () => {
  const field = fc.oneof(
    fc.string(),
    fc.constantFrom('', '0', '1', '2', '4', '8', '16', 'EQ', 'NSEFO', 'NSECM', '2026-06-30T00:00:00', 'INDEX', '-1'),
  );
  const changes = fc.array(fc.tuple(fc.integer({ min: 1, max: 24 }), field), { maxLength: 5 });
  fc.assert(
    fc.property(fc.constantFrom(RELIANCE, FUTURE, PUT), changes, (row, odd) => {
      const line = changed(row, Object.fromEntries(odd));
      const [segment = ''] = line.split('|');
      expect(() => readMasterRow(line)).not.toThrow();
      if (codeNow(() => read({ [segment]: line })) !== 'none') return;
      for (const listing of read({ [segment]: line }).listings) {
        expect(parseInstrument(listing.instrument)).toEqual(listing.contract);
        expect(listing.lotSize).toBeGreaterThan(0);
        expect(listing.tick).toBeGreaterThan(0);
      }
    }),
    { numRuns: FUZZ_RUNS },
  );
});
