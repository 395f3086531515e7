import { expect, test } from 'vitest';
import { fixtureBytes, NOW_MS, readFile } from '../test/support/account.js';
import { file, HEADER, option, row } from '../test/support/master-rows.js';
import type { KotakConfig, KotakSegment } from './config.js';
import { masterLayout } from './instruments.js';

const CASH = fixtureBytes('scrip_nse_cm.csv').toString('utf8');
const DERIVATIVES = fixtureBytes('scrip_fo.SYNTHETIC.csv').toString('utf8');
const idsOf = (segment: KotakSegment, csv: string, config: KotakConfig = {}): readonly string[] =>
  readFile(segment, csv, config).listings.map(({ instrument }) => instrument);

test('the cash master of 2023: every paper has its canonical name', () => {
  expect(idsOf('nse_cm', CASH)).toEqual([
    'NSE:TCS',
    'NSE:RELIANCE',
    'NSE:IDEA',
    'NSE:HDFCBANK',
    'NSE:INDEX:NIFTY',
    'NSE:INDEX:BANKNIFTY',
    'NSE:GRPLTD',
    'NSE:GOLDBEES',
    'NSE:SEPC-RE',
    'NSE:507PY23:SG',
    'NSE:HDFC1204DD:MF',
    'NSE:SGBDE30III:GB',
    'NSE:GOLDSTAR',
  ]);
  expect(readFile('nse_cm', CASH).malformed).toBe(0);
});

test('a share, value by value: the tick is paise, the symbol is what an order names', () => {
  expect(readFile('nse_cm', CASH).listings[0]).toEqual({
    instrument: 'NSE:TCS',
    contract: { kind: 'equity', exchange: 'NSE', symbol: 'TCS', series: null },
    token: '11536',
    segment: 'nse_cm',
    symbol: 'TCS-EQ',
    name: 'TATA CONSULTANCY SERV LT',
    isin: 'INE467B01029',
    lotSize: 1,
    tick: 500,
    freezeQuantity: 29_272,
    quantityUnit: { kind: 'units' },
  });
});

test('lots and ticks are those of the paper, and an index has a tick to show only', () => {
  const by = new Map(readFile('nse_cm', CASH).listings.map((listing) => [listing.instrument, listing]));
  expect(by.get('NSE:GOLDSTAR')?.lotSize).toBe(18_000);
  expect(by.get('NSE:507PY23:SG')?.lotSize).toBe(100);
  expect(by.get('NSE:GOLDBEES')?.tick).toBe(100);
  expect(by.get('NSE:INDEX:NIFTY')).toMatchObject({ token: '26000', symbol: 'NIFTY', tick: 100, freezeQuantity: null });
});

test('derivatives: expiry by the segment, strike from paise, rows of another segment counted', () => {
  const nse = readFile('nse_fo', DERIVATIVES);
  expect(nse.listings.map(({ instrument }) => instrument)).toEqual([
    'NFO:NIFTY:2026-12-29:FUT',
    'NFO:NIFTY:2026-12-29:26000:CE',
    'NFO:RELIANCE:2026-12-29:1500:PE',
  ]);
  expect(nse.malformed).toBe(1);
  expect(readFile('bse_fo', DERIVATIVES)).toMatchObject({
    listings: [{ instrument: 'BFO:SENSEX:2026-12-31:FUT', lotSize: 20, freezeQuantity: 1_000, tick: 500 }],
    malformed: 3,
  });
});

test('an option, value by value', () => {
  expect(readFile('nse_fo', DERIVATIVES).listings[1]).toEqual({
    instrument: 'NFO:NIFTY:2026-12-29:26000:CE',
    contract: {
      kind: 'option',
      exchange: 'NFO',
      underlying: 'NIFTY',
      expiry: '2026-12-29',
      strike: '26000',
      right: 'CE',
    },
    token: '900102',
    segment: 'nse_fo',
    symbol: 'NIFTY26DEC26000CE',
    name: 'NIFTY26DEC26000CE',
    isin: null,
    lotSize: 65,
    tick: 500,
    freezeQuantity: 1_801,
    quantityUnit: { kind: 'units' },
  });
});

test.each(['EQ', 'BE', 'BZ', 'SM', 'ST'])('NSE series %s is the share itself', (pGroup) => {
  expect(idsOf('nse_cm', file(row({ pGroup })))).toEqual(['NSE:SBIN']);
});

test.each(['N5', 'GB', 'GS', 'SG', 'MF'])('NSE series %s is a paper of its own', (pGroup) => {
  expect(idsOf('nse_cm', file(row({ pGroup })))).toEqual([`NSE:SBIN:${pGroup}`]);
});

test('the groups of shares at BSE are the share itself, those of bonds a paper of its own', () => {
  const bse = (pGroup: string): readonly string[] => idsOf('bse_cm', file(row({ pGroup, pExchSeg: 'bse_cm' })));
  for (const group of ['A', 'B', 'E', 'T', 'X', 'XT', 'Z', 'M']) expect(bse(group)).toEqual(['BSE:SBIN']);
  expect(bse('F')).toEqual(['BSE:SBIN:F']);
  expect(idsOf('bse_cm', file(row({ pGroup: '', pExchSeg: 'bse_cm', pSymbolName: 'SENSEX', tick: '-1' })))).toEqual([
    'BSE:INDEX:SENSEX',
  ]);
});

test('a share in another series yields to the one in EQ', () => {
  const reader = masterLayout({ segment: 'nse_cm', nowMs: NOW_MS, quantityUnit: () => ({ kind: 'units' }) }).open(
    HEADER,
  );
  expect(reader.read(row({ pGroup: 'BE' }))).toMatchObject({ kind: 'listing', yields: true });
  expect(reader.read(row({ pGroup: 'EQ' }))).toMatchObject({ kind: 'listing', yields: false });
  expect(reader.read(row({ pGroup: 'N5' }))).toMatchObject({ kind: 'listing', yields: false });
});

test("the exchange's test contracts are left out and not counted", () => {
  expect(
    readFile('nse_cm', file(row({ pSymbolName: '011NSETEST' }), row({ pTrdSymbol: '011NSETEST-EQ' }), row())),
  ).toMatchObject({
    listings: [{ instrument: 'NSE:SBIN' }],
    malformed: 0,
    leftOut: 2,
  });
});

test('currency: the quarter of a paisa is a tick, and a row in another scale is not guessed at', () => {
  const usd = { pExchSeg: 'cde_fo', pInstType: 'OPTCUR', pSymbolName: 'USDINR', strike: '8750', lot: '1' } as const;
  const { listings, malformed } = readFile(
    'cde_fo',
    file(option({ ...usd, tick: '0.25' }), option({ ...usd, tick: '25' }), option({ ...usd, tick: '25000' })),
  );
  expect(listings).toMatchObject([
    { instrument: 'CDS:USDINR:2026-12-29:87.5:CE', tick: 25, quantityUnit: { kind: 'unknown' } },
  ]);
  expect(malformed).toBe(2);
});

test('commodities: seconds since 1970, and the unit is what the host says', () => {
  const gold = option({
    pExchSeg: 'mcx_fo',
    pInstType: 'FUTCOM',
    pSymbolName: 'GOLDM',
    pOptionType: 'XX',
    strike: '-1',
    lot: '1',
    freeze: '10',
    expiry: '1796428800',
  });
  expect(readFile('mcx_fo', file(gold)).listings).toMatchObject([
    { instrument: 'MCX:GOLDM:2026-12-05:FUT', lotSize: 1, quantityUnit: { kind: 'unknown' } },
  ]);
  const quantityUnits = { MCX: { kind: 'lots', unitsPerLot: { GOLDM: 100 } } } as const;
  expect(readFile('mcx_fo', file(gold), { quantityUnits }).listings).toMatchObject([
    { lotSize: 100, freezeQuantity: null, quantityUnit: { kind: 'lots', unitsPerLot: 100 } },
  ]);
});

test('BSE words for contracts are understood', () => {
  const bse = { pExchSeg: 'bse_fo', pSymbolName: 'SENSEX', expiry: '1798707600' } as const;
  expect(
    idsOf(
      'bse_fo',
      file(option({ ...bse, pInstType: 'IO' }), option({ ...bse, pInstType: 'IF', pOptionType: '', strike: '-1' })),
    ),
  ).toEqual(['BFO:SENSEX:2026-12-31:26000:CE', 'BFO:SENSEX:2026-12-31:FUT']);
});

/**
 * Rows of the files of 2026-07 to 2026-09 as public repositories quote them, put under one header. Nobody quoted the tick
 * and the freeze quantity of the SENSEX row: those are made up.
 */
const PRINTED = [
  [
    'nse_fo',
    '56526,XX,nse_fo,OPTIDX,NIFTY,NIFTY2692221000PE,PE,NIFTY22SEP2621000.00PE,,,5,65,1474554600,2.1e+06,1801',
    { instrument: 'NFO:NIFTY:2026-09-22:21000:PE', lotSize: 65, tick: 500, freezeQuantity: 1_801 },
  ],
  [
    'bse_fo',
    '856820,XX,bse_fo,IO,SENSEX,SENSEX26JUL85300CE,CE,,,,5,20,1785436199,8530000,1000',
    { instrument: 'BFO:SENSEX:2026-07-30:85300:CE', lotSize: 20 },
  ],
  [
    'mcx_fo',
    '578787,,mcx_fo,OPTFUT,GOLDM,GOLDM25SEP26148500CE,CE,,,,50,100,1790380799,1.485e+07,10000',
    { instrument: 'MCX:GOLDM:2026-09-25:148500:CE', lotSize: 100, tick: 5_000 },
  ],
  [
    'mcx_fo',
    '578790,,mcx_fo,FUTCOM,GOLDM,GOLDM25SEP26FUT,,,,,50,100,1790380799,,10000',
    { instrument: 'MCX:GOLDM:2026-09-25:FUT' },
  ],
] as const;

const SHORT_HEADER =
  'pSymbol,pGroup,pExchSeg,pInstType,pSymbolName,pTrdSymbol,pOptionType,pScripRefKey,pISIN,pDesc,dTickSize ,lLotSize,lExpiryDate ,dStrikePrice;,lFreezeQty';

test.each(PRINTED)('a row of %s as it is printed: %s', (segment, line, listing) => {
  expect(readFile(segment, `${SHORT_HEADER}\n${line}`).listings).toMatchObject([listing]);
});

test.each<[string, string, string | null]>([
  ['2.1e+06', 'NIFTY2692221000CE', '21000'],
  ['2.60505e+06', 'NIFTY26DEC26050.50CE', '26050.5'],
  ['2.60505e+06', 'NIFTY26DEC26050.5CE', '26050.5'],
  ['1e+06', 'X26DEC10000CE', '10000'],
  ['1.23457e+07', 'X26DEC123457CE', '123457'],
  ['1.23457e+07', 'X26DEC123456.75CE', null], // rounded
  ['1.2e+07', 'X26DEC120000.04CE', null], // rounded too, and does not look so
  ['2.1e+06', 'X26DEC21000PE', null], // of another contract
  ['2.1e+00', 'X26DEC0.021CE', null],
  ['2.1e+6', 'X26DEC21000CE', null],
  ['2.1e-06', 'X26DEC21000CE', null],
  ['2.1e+16', 'X26DEC21000CE', null],
])('strike %s of %s is %s', (strike, pTrdSymbol, expected) => {
  const { listings } = readFile('nse_fo', file(option({ strike, pTrdSymbol })));
  expect(listings.map(({ contract }) => contract.kind === 'option' && contract.strike)).toEqual(
    expected === null ? [] : [expected],
  );
});

test('a strike of paise keeps its fraction', () => {
  expect(idsOf('nse_fo', file(option({ strike: '14725' })))).toEqual(['NFO:NIFTY:2026-12-29:147.25:CE']);
});
