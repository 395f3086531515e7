import { AlgoError } from '@algo/core/adapter';
import { BROKER } from './read.js';
import { splitLine } from './csv.js';

/** One row of either master, as printed. Empty where that master has no such column. */
export interface MasterRow {
  readonly exchange: string;
  readonly segment: string;
  readonly securityId: string;
  /** EQUITY, INDEX, FUTIDX, OPTSTK, … */
  readonly instrument: string;
  readonly symbol: string;
  /** Only the detailed master has it. */
  readonly underlying: string;
  readonly displayName: string;
  readonly companyName: string;
  readonly lotSize: string;
  /** `YYYY-MM-DD`, in the compact master followed by a time that is not the market's close. */
  readonly expiry: string;
  readonly strike: string;
  readonly optionType: string;
  readonly tickSize: string;
  /** ES, ETF, OP, … */
  readonly instrumentType: string;
  readonly series: string;
  readonly isin: string;
  readonly freezeQuantity: string;
}

type Columns = Readonly<Record<keyof MasterRow, string | null>>;

/** `api-scrip-master.csv`, header as in a dump of 2026-07-01. */
const COMPACT: Columns = {
  exchange: 'SEM_EXM_EXCH_ID',
  segment: 'SEM_SEGMENT',
  securityId: 'SEM_SMST_SECURITY_ID',
  instrument: 'SEM_INSTRUMENT_NAME',
  symbol: 'SEM_TRADING_SYMBOL',
  underlying: null,
  displayName: 'SEM_CUSTOM_SYMBOL',
  companyName: 'SM_SYMBOL_NAME',
  lotSize: 'SEM_LOT_UNITS',
  expiry: 'SEM_EXPIRY_DATE',
  strike: 'SEM_STRIKE_PRICE',
  optionType: 'SEM_OPTION_TYPE',
  tickSize: 'SEM_TICK_SIZE',
  instrumentType: 'SEM_EXCH_INSTRUMENT_TYPE',
  series: 'SEM_SERIES',
  isin: null,
  freezeQuantity: null,
};

/** `api-scrip-master-detailed.csv`, header as of 2026-09-14; the file goes on after SM_FREEZE_QTY. */
const DETAILED: Columns = {
  exchange: 'EXCH_ID',
  segment: 'SEGMENT',
  securityId: 'SECURITY_ID',
  instrument: 'INSTRUMENT',
  symbol: 'SYMBOL_NAME',
  underlying: 'UNDERLYING_SYMBOL',
  displayName: 'DISPLAY_NAME',
  companyName: 'SYMBOL_NAME',
  lotSize: 'LOT_SIZE',
  expiry: 'SM_EXPIRY_DATE',
  strike: 'STRIKE_PRICE',
  optionType: 'OPTION_TYPE',
  tickSize: 'TICK_SIZE',
  instrumentType: 'INSTRUMENT_TYPE',
  series: 'SERIES',
  isin: 'ISIN',
  freezeQuantity: 'SM_FREEZE_QTY',
};

/** Where each column of a file stands; -1 for one it does not have. */
export interface MasterColumns {
  readonly at: Readonly<Record<keyof MasterRow, number>>;
  /** Columns by the header, without an empty one at the end. */
  readonly count: number;
}

/**
 * The columns that a header names. Which of the two masters it is shows in the header alone.
 *
 * @throws {AlgoError} `ALGO_INSTRUMENTS_REFUSED` when one is missing
 */
export function columnsOf(header: string | null): MasterColumns {
  const names = withoutTrailingEmpty(splitLine(header ?? '').map((name) => name.trim()));
  const columns = names.includes('SEM_SMST_SECURITY_ID') ? COMPACT : DETAILED;
  const index = (name: string | null): number => (name === null ? -1 : names.indexOf(name));

  const missing = Object.values(columns).filter((name) => name !== null && !names.includes(name));
  if (missing.length > 0) {
    const why = `its header has no ${missing.slice(0, 3).join(', ')}`;
    throw new AlgoError('ALGO_INSTRUMENTS_REFUSED', { broker: BROKER, why });
  }

  const at: MasterColumns['at'] = {
    exchange: index(columns.exchange),
    segment: index(columns.segment),
    securityId: index(columns.securityId),
    instrument: index(columns.instrument),
    symbol: index(columns.symbol),
    underlying: index(columns.underlying),
    displayName: index(columns.displayName),
    companyName: index(columns.companyName),
    lotSize: index(columns.lotSize),
    expiry: index(columns.expiry),
    strike: index(columns.strike),
    optionType: index(columns.optionType),
    tickSize: index(columns.tickSize),
    instrumentType: index(columns.instrumentType),
    series: index(columns.series),
    isin: index(columns.isin),
    freezeQuantity: index(columns.freezeQuantity),
  };
  return { at, count: names.length };
}

/** The fields of one line, or null for one that has more or fewer than the header: a shifted row names another contract. */
export function readRow(line: string, { at, count }: MasterColumns): MasterRow | null {
  const fields = splitLine(line);
  if (fields.length < count) return null;
  for (let extra = count; extra < fields.length; extra += 1) if (fields[extra]?.trim() !== '') return null;
  const printed = (column: number): string => fields[column]?.trim() ?? '';
  return {
    exchange: printed(at.exchange),
    segment: printed(at.segment),
    securityId: printed(at.securityId),
    instrument: printed(at.instrument),
    symbol: printed(at.symbol),
    underlying: printed(at.underlying),
    displayName: printed(at.displayName),
    companyName: printed(at.companyName),
    lotSize: printed(at.lotSize),
    expiry: printed(at.expiry),
    strike: printed(at.strike),
    optionType: printed(at.optionType),
    tickSize: printed(at.tickSize),
    instrumentType: printed(at.instrumentType),
    series: printed(at.series),
    isin: printed(at.isin),
    freezeQuantity: printed(at.freezeQuantity),
  };
}

/** Every line of the detailed master ends in a comma. */
const withoutTrailingEmpty = (names: readonly string[]): readonly string[] =>
  names.at(-1) === '' ? names.slice(0, -1) : names;
