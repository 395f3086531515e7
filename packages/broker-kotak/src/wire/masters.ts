import { AlgoError } from '@algo/core/adapter';
import { splitLine } from './csv.js';
import { BROKER, field, fieldsOf, rowsOf, unreadable } from './read.js';

/**
 * The URLs of the day's files out of `GET /script-details/1.0/masterscrip/file-paths`. The documentation prints the answer
 * bare; the official SDK and its tests read it inside `data`, and so do we.
 *
 * @throws {AlgoError} `ALGO_REPLY_UNREADABLE`
 * @see the tests of the official SDK, 2026-08
 */
export function readMasterUrls(value: unknown): readonly string[] {
  const data = fieldsOf(field(fieldsOf(value, 'the file paths'), 'data'), 'data');
  return rowsOf(field(data, 'filesPaths'), 'filesPaths').map((url) => {
    if (typeof url !== 'string') throw unreadable('filesPaths holds something else than texts');
    return url.trim();
  });
}

/** One row of a master, as printed. */
export interface MasterRow {
  /** Token. */
  readonly pSymbol: string;
  /** Series; blank for an index. */
  readonly pGroup: string;
  readonly pExchSeg: string;
  /** FUTIDX, OPTSTK, …; blank in the cash market. */
  readonly pInstType: string;
  /** Short name, or what a derivative is on. */
  readonly pSymbolName: string;
  /** What an order names. */
  readonly pTrdSymbol: string;
  /** CE, PE, XX for a future; blank in the cash market. */
  readonly pOptionType: string;
  /** Name, day, strike with two places and option type of an option: `NIFTY22SEP2621000.00PE`. */
  readonly pScripRefKey: string;
  readonly pISIN: string;
  readonly pDesc: string;
  /** Paise; -1 for an index. */
  readonly dTickSize: string;
  readonly lLotSize: string;
  /** Seconds since 1970 or 1980; -1 for none. */
  readonly lExpiryDate: string;
  /** Paise, a double as C++ prints it: `150000`, `2.6e+06`; -1 or blank for none. */
  readonly dStrikePrice: string;
  readonly lFreezeQty: string;
}

/** Reads the fields of one line, or null for one that has more or fewer than the header: a shifted row names another contract. */
type ReadRow = (line: string) => MasterRow | null;

/**
 * The reader that fits a header. Columns are found by name: their number differs between files, and the names carry
 * stray spaces and semicolons (`dTickSize `, `dStrikePrice;`, file of 2023).
 *
 * @throws {AlgoError} `ALGO_INSTRUMENTS_REFUSED` when a column is missing
 */
export function rowReader(header: string | null, file: string): ReadRow {
  const names = withoutTrailingEmpty(splitLine(header ?? '').map((name) => name.replace(/[\s;]+/g, '')));
  const missing = NEEDED.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const why = `the header of ${file} has no ${missing.slice(0, 3).join(', ')}`;
    throw new AlgoError('ALGO_INSTRUMENTS_REFUSED', { broker: BROKER, why });
  }
  const at = new Map(names.map((name, index) => [name, index]));
  const twice = [...NEEDED, ...WELCOME].find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (twice !== undefined) {
    const why = `the header of ${file} names ${twice} twice`;
    throw new AlgoError('ALGO_INSTRUMENTS_REFUSED', { broker: BROKER, why });
  }

  return (line) => {
    const fields = splitLine(line);
    if (fields.length < names.length || fields.slice(names.length).some((extra) => extra.trim() !== '')) return null;
    const printed = (name: keyof MasterRow): string => fields[at.get(name) ?? -1]?.trim() ?? '';
    return {
      pSymbol: printed('pSymbol'),
      pGroup: printed('pGroup'),
      pExchSeg: printed('pExchSeg'),
      pInstType: printed('pInstType'),
      pSymbolName: printed('pSymbolName'),
      pTrdSymbol: printed('pTrdSymbol'),
      pOptionType: printed('pOptionType'),
      pScripRefKey: printed('pScripRefKey'),
      pISIN: printed('pISIN'),
      pDesc: printed('pDesc'),
      dTickSize: printed('dTickSize'),
      lLotSize: printed('lLotSize'),
      lExpiryDate: printed('lExpiryDate'),
      dStrikePrice: printed('dStrikePrice'),
      lFreezeQty: printed('lFreezeQty'),
    };
  };
}

/** Without these a row cannot be told from another contract. */
const NEEDED = [
  'pSymbol',
  'pGroup',
  'pExchSeg',
  'pInstType',
  'pSymbolName',
  'pTrdSymbol',
  'pOptionType',
  'dTickSize',
  'lLotSize',
  'lExpiryDate',
  'dStrikePrice',
] as const satisfies readonly (keyof MasterRow)[];

/** Read where a file has them; what they say is unknown where it does not. */
const WELCOME = ['pScripRefKey', 'pISIN', 'pDesc', 'lFreezeQty'] as const satisfies readonly (keyof MasterRow)[];

/** A comma at the end of every line names no column. */
const withoutTrailingEmpty = (names: readonly string[]): readonly string[] =>
  names.at(-1) === '' ? names.slice(0, -1) : names;
