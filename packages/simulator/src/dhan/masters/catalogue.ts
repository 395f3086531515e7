import type { Contract, Instrument, Segment } from '../../exchange/instrument.js';
import { roundToTick } from '../../exchange/instrument.js';
import { COMPACT_SAMPLE } from './compact-sample.js';
import { DETAILED_SAMPLE } from './detailed-sample.js';
import { startPriceOf } from './start-prices.js';
import { SYNTHETIC_COMPACT, SYNTHETIC_DETAILED } from './synthetic-contracts.js';

/** Both masters as text to serve, and the instruments they describe. */
export interface DhanCatalogue {
  readonly compactCsv: string;
  readonly detailedCsv: string;
  readonly instruments: readonly Instrument[];
}

export function dhanCatalogue(options: { readonly syntheticContracts: boolean }): DhanCatalogue {
  const compactCsv = COMPACT_SAMPLE + (options.syntheticContracts ? SYNTHETIC_COMPACT : '');
  const detailedCsv = DETAILED_SAMPLE + (options.syntheticContracts ? SYNTHETIC_DETAILED : '');
  const detailed = new Map(rowsOf(detailedCsv).map((row) => [keyOf(row, DETAILED), fromDetailed(row)]));
  const compact = new Map(rowsOf(compactCsv).map((row) => [keyOf(row, COMPACT), fromCompact(row)]));
  const instruments = [...compact].map(([key, instrument]) => {
    const more = detailed.get(key); // the detailed file knows the ISIN and the freeze quantity
    return more === undefined ? instrument : { ...instrument, isin: more.isin, maxQuantity: more.maxQuantity };
  });
  for (const [key, instrument] of detailed) if (!compact.has(key)) instruments.push(instrument);
  return { compactCsv, detailedCsv, instruments };
}

type Row = Readonly<Record<string, string>>;

const COMPACT = { exchange: 'SEM_EXM_EXCH_ID', segment: 'SEM_SEGMENT', token: 'SEM_SMST_SECURITY_ID' };
const DETAILED = { exchange: 'EXCH_ID', segment: 'SEGMENT', token: 'SECURITY_ID' };

/** From the two columns of the master: exchange, then segment letter. */
const SEGMENTS: Readonly<Record<string, Segment>> = {
  'NSE,E': 'NSE_EQ',
  'BSE,E': 'BSE_EQ',
  'NSE,D': 'NSE_FNO',
  'BSE,D': 'BSE_FNO',
  'NSE,C': 'NSE_CURRENCY',
  'BSE,C': 'BSE_CURRENCY',
  'MCX,M': 'MCX_COMM',
  'NSE,I': 'INDEX',
  'BSE,I': 'INDEX',
};

function fromCompact(row: Row): Instrument {
  return instrumentOf({
    row,
    columns: COMPACT,
    symbol: row['SEM_TRADING_SYMBOL'] ?? '',
    name: row['SEM_CUSTOM_SYMBOL'] ?? '',
    isin: '',
    lot: row['SEM_LOT_UNITS'],
    tick: row['SEM_TICK_SIZE'],
    freeze: '',
    expiry: row['SEM_EXPIRY_DATE'],
    strike: row['SEM_STRIKE_PRICE'],
    option: row['SEM_OPTION_TYPE'],
  });
}

function fromDetailed(row: Row): Instrument {
  const isShare = row['SEGMENT'] === 'E';
  return instrumentOf({
    row,
    columns: DETAILED,
    symbol: row[isShare ? 'UNDERLYING_SYMBOL' : 'SYMBOL_NAME'] ?? '',
    name: row['DISPLAY_NAME'] ?? '',
    isin: row['ISIN'],
    lot: row['LOT_SIZE'],
    tick: row['TICK_SIZE'],
    freeze: row['SM_FREEZE_QTY'],
    expiry: row['SM_EXPIRY_DATE'],
    strike: row['STRIKE_PRICE'],
    option: row['OPTION_TYPE'],
  });
}

interface RawInstrument {
  readonly row: Row;
  readonly columns: typeof COMPACT;
  readonly symbol: string;
  readonly name: string;
  readonly isin: string | undefined;
  readonly lot: string | undefined;
  readonly tick: string | undefined;
  readonly freeze: string | undefined;
  readonly expiry: string | undefined;
  readonly strike: string | undefined;
  readonly option: string | undefined;
}

function instrumentOf(raw: RawInstrument): Instrument {
  const segment = segmentOf(raw.row, raw.columns);
  const token = raw.row[raw.columns.token] ?? '';
  // Ticks are paise, but index rows are in rupees.
  const tick = segment === 'INDEX' ? Number(raw.tick) : Number(raw.tick) / 100;
  const contract = contractOf(raw);
  return {
    id: `${segment}:${token}`,
    segment,
    token,
    symbol: raw.symbol,
    name: raw.name,
    isin: raw.isin === undefined || raw.isin === '' || raw.isin === 'NA' ? null : raw.isin,
    lot: Math.max(1, Number(raw.lot)),
    tick,
    maxQuantity: maxQuantityOf(raw.row[raw.columns.exchange], Number(raw.freeze)),
    contract,
    startPrice: roundToTick(startPriceOf(raw.symbol, contract !== null && contract.kind !== 'FUT'), tick),
    band: bandOf(contract),
  };
}

/** NSE prints the first quantity it freezes, BSE and MCX the last they take; 0 is unknown. */
function maxQuantityOf(exchange: string | undefined, freeze: number): number | null {
  if (!(freeze > 0)) return null;
  return exchange === 'NSE' ? freeze - 1 : freeze;
}

/** Shares move 20 % a day, futures 10 %; options are left free. */
function bandOf(contract: Contract | null): number | null {
  if (contract === null) return 0.2;
  return contract.kind === 'FUT' ? 0.1 : null;
}

function contractOf({ row, columns, expiry, strike, option }: RawInstrument): Contract | null {
  const letter = row[columns.segment];
  if (letter === 'E' || letter === 'I' || expiry === undefined) return null;
  const kind = option === 'CE' || option === 'PE' ? option : 'FUT';
  return { expiry: expiry.slice(0, 10), strike: kind === 'FUT' ? 0 : Number(strike), kind };
}

function segmentOf(row: Row, columns: typeof COMPACT): Segment {
  const letters = `${row[columns.exchange] ?? ''},${row[columns.segment] ?? ''}`;
  const segment = SEGMENTS[letters];
  if (segment === undefined) throw new Error(`The instrument master has an unknown segment ${letters}`);
  return segment;
}

function keyOf(row: Row, columns: typeof COMPACT): string {
  return `${segmentOf(row, columns)}:${row[columns.token] ?? ''}`;
}

/** The masters quote nothing, so commas separate and nothing else. */
function rowsOf(csv: string): readonly Row[] {
  const [header = '', ...lines] = csv.trim().split('\n');
  const names = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, column) => [name, cells[column] ?? '']));
  });
}
