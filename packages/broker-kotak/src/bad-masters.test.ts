import fc from 'fast-check';
import { isAlgoError, parseInstrument } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { NOW_MS, readFile } from '../test/support/account.js';
import { file, HEADER, option, row } from '../test/support/master-rows.js';
import type { Column } from '../test/support/master-rows.js';
import type { KotakConfig, KotakSegment } from './config.js';
import { masterLayout } from './instruments.js';

const idsOf = (segment: KotakSegment, csv: string, config: KotakConfig = {}): readonly string[] =>
  readFile(segment, csv, config).listings.map(({ instrument }) => instrument);

test.each<[string, string]>([
  ['too few fields', '1,EQ,nse_cm'],
  ['too many fields', `${row()},x`],
  ['nothing', ','],
  ['no token', row({ pSymbol: '' })],
  ['a token that is no number', row({ pSymbol: '12a' })],
  ['a token of 0', row({ pSymbol: '0' })],
  ['no trading symbol', row({ pTrdSymbol: '' })],
  ['a name with a colon', row({ pSymbolName: 'A:B' })],
  ['a name that means an index', row({ pSymbolName: 'INDEX' })],
  ['no lot', row({ lot: '' })],
  ['a lot of 0', row({ lot: '0' })],
  ['half a lot', row({ lot: '0.5' })],
  ['no tick', row({ tick: '' })],
  ['a tick of 0', row({ tick: '0' })],
  ['a tick finer than prices are', row({ tick: '0.001' })],
  ['no series and yet a tick', row({ pGroup: '' })],
  ['a series with a colon', row({ pGroup: 'N:5' })],
  ['an instrument type among shares', row({ pInstType: 'FUTSTK' })],
  ['an option type among shares', row({ pOptionType: 'CE' })],
])('a cash row with %s is counted and left out', (_what, bad) => {
  expect(readFile('nse_cm', file(bad, row()))).toMatchObject({ listings: [{ instrument: 'NSE:SBIN' }], malformed: 1 });
});

test.each<[string, string]>([
  ['no expiry', option({ expiry: '-1' })],
  ['an expiry in 1990', option({ expiry: '315513000' })],
  ['an expiry that is a text', option({ expiry: '29DEC2026' })],
  ['no strike', option({ strike: '-1' })],
  ['a strike of 0', option({ strike: '0' })],
  ['a strike that is a text', option({ strike: 'x' })],
  ['an option type nobody knows', option({ pOptionType: 'CA' })],
  ['an option that calls itself a future', option({ pInstType: 'FUTIDX' })],
  ['a future that calls itself an option', option({ pOptionType: 'XX' })],
  ['an instrument type nobody knows', option({ pInstType: 'UNDIDX' })],
  ['no underlying', option({ pSymbolName: '' })],
])('a derivative with %s is counted and left out', (_what, bad) => {
  expect(readFile('nse_fo', file(bad))).toMatchObject({ listings: [], malformed: 1 });
});

const codeOf = (task: () => unknown): string => {
  try {
    task();
  } catch (error) {
    return isAlgoError(error) ? error.code : String(error);
  }
  return 'none';
};

test.each<[string, string | null]>([
  ['no line at all', null],
  ['a web page', '<!doctype html><html>'],
  ['another header', 'a,b,c'],
  ['a header that was cut', HEADER.slice(0, 60)],
  ['a column twice', `${HEADER},pSymbol`],
  ['a column twice that is not needed', `${HEADER},lFreezeQty`],
])('a file that begins with %s is refused', (_what, header) => {
  const layout = masterLayout({ segment: 'nse_cm', nowMs: NOW_MS, quantityUnit: () => ({ kind: 'units' }) });
  expect(codeOf(() => layout.open(header))).toBe('ALGO_INSTRUMENTS_REFUSED');
});

test('a header is read by its names: clean or with stray characters, in any order, with a comma at the end', () => {
  const names = HEADER.split(',').map((name) => name.replace(/[ ;]/g, ''));
  expect(idsOf('nse_cm', `${names.join(',')}\n${row()}`)).toEqual(['NSE:SBIN']);
  const backwards = [names, row().split(',')].map((line) => line.toReversed().join(','));
  expect(idsOf('nse_cm', backwards.join('\n'))).toEqual(['NSE:SBIN']);
  expect(idsOf('nse_cm', `${HEADER},\n${row()},`)).toEqual(['NSE:SBIN']);
});

test('a file without ISIN, description and freeze quantity says less and works', () => {
  const spare = [7, 8, 9, 19];
  const without = (line: string): string =>
    line
      .split(',')
      .filter((_, index) => !spare.includes(index))
      .join(',');
  expect(readFile('nse_cm', [HEADER, row()].map(without).join('\n')).listings).toMatchObject([
    { instrument: 'NSE:SBIN', name: 'SBIN-EQ', isin: null, freezeQuantity: null },
  ]);
});

test('a quoted field may hold a comma and a quote', () => {
  const quoted = row().replace('STATE BANK', '"STATE ""BANK"", INDIA"');
  expect(readFile('nse_cm', file(quoted)).listings[0]?.name).toBe('STATE "BANK", INDIA');
});

const INPUTS = process.env['ALGO_TEST_FULL'] === '1' ? 100_000 : 10_000;
const COLUMNS: readonly Column[] = [
  'pSymbol',
  'pGroup',
  'pExchSeg',
  'pInstType',
  'pSymbolName',
  'pTrdSymbol',
  'pOptionType',
  'tick',
  'lot',
  'expiry',
  'strike',
  'freeze',
];
const anyRow = fc.oneof(
  fc.string(),
  fc
    .dictionary(fc.constantFrom(...COLUMNS), fc.oneof(fc.string(), fc.integer().map(String), fc.double().map(String)))
    .map(row),
  fc.dictionary(fc.constantFrom(...COLUMNS), fc.oneof(fc.string(), fc.integer().map(String))).map(option),
);

test('whatever a row holds, reading it gives a sound listing or none', () => {
  const open = (segment: KotakSegment) =>
    masterLayout({ segment, nowMs: NOW_MS, quantityUnit: () => ({ kind: 'units' }) }).open(HEADER);
  const readers = [open('nse_cm'), open('nse_fo'), open('cde_fo')];
  fc.assert(
    fc.property(anyRow, fc.constantFrom(...readers), (line, reader) => {
      const reading = reader.read(line);
      if (reading.kind !== 'listing') return;
      const { instrument, contract, tick, lotSize, token } = reading.listing;
      expect(parseInstrument(instrument)).toEqual(contract);
      expect(Number.isSafeInteger(tick) && tick > 0 && Number.isSafeInteger(lotSize) && lotSize > 0).toBe(true);
      expect(token).toMatch(/^\d+$/);
    }),
    { numRuns: INPUTS },
  );
});
