import { NSE_CM_SAMPLE } from './nse-cm-sample.js';

/** A row of a scrip file by clean column name, without the stray characters of the header. */
export type ScripRow = Readonly<Record<string, string>>;

const [HEADER = '', ...LINES] = NSE_CM_SAMPLE.trimEnd().split('\n');

/** As published: `dTickSize `, `dStrikePrice;`. */
export const PUBLISHED_HEADER = HEADER;

/** As other files of the set were seen: without spaces, the semicolon kept. */
export const TRIMMED_HEADER = HEADER.split(',')
  .map((name) => name.trim())
  .join(',');

const CLEAN_NAMES: readonly string[] = HEADER.split(',').map((name) => name.trim().replace(/;$/, ''));

export const PUBLISHED_LINES: readonly string[] = LINES;

/** The file quotes nothing, so commas separate and nothing else. */
export function readLine(line: string): ScripRow {
  const cells = line.split(',');
  return Object.fromEntries(CLEAN_NAMES.map((name, column) => [name, cells[column] ?? '']));
}

/** The row as a line of the file; columns it does not name stay blank. */
export function writeLine(row: ScripRow): string {
  return CLEAN_NAMES.map((name) => row[name] ?? '').join(',');
}
