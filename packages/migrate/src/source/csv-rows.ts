import { isAlgoError } from '@algo/core/store';
import { parse } from 'csv-parse/sync';
import type { RawRow, RawRows } from './raw-row.js';
import { fileRefused } from './refusals.js';
import type { RefusedRow } from './refusals.js';
import { shown } from './shown.js';

/** Longest row in characters: one whose quote never closes ends the reading here instead of taking in a whole file. */
const LONGEST_ROW = 65_536;

/**
 * Cuts a CSV text into rows. The first line names the columns; lines may end in `\n`, `\r\n` or `\r`, even in one file.
 *
 * @throws {AlgoError} `ALGO_IMPORT_REFUSED` when it has no rows, or column names that are not clear
 */
export function rowsOfCsv(source: string, text: string): RawRows {
  const rows: RawRow[] = [];
  const broken: RefusedRow[] = [];
  let columns: ReadonlyMap<string, number> | null = null;
  cut(source, text, (values, line) => {
    if (columns === null) columns = columnsOf(source, values);
    else if (values.length === columns.size) rows.push(new CsvRow(line, columns, values));
    else broken.push({ row: line, reason: `it has ${values.length} columns and the header ${columns.size}` });
  });
  return { rows, broken, failed: [] };
}

function cut(source: string, text: string, onRow: (values: readonly string[], line: number) => void): void {
  try {
    parse(text, {
      bom: true,
      record_delimiter: ['\r\n', '\n', '\r'],
      skip_empty_lines: true,
      relax_column_count: true,
      // A quote out of place stays in its value, which is refused with its row: a parser that skips takes the next row too.
      relax_quotes: true,
      max_record_size: LONGEST_ROW,
      on_record(values, { lines }) {
        onRow(values, lines);
        return null;
      },
    });
  } catch (error) {
    throw isAlgoError(error) ? error : fileRefused(source, reasonOf(error));
  }
}

const REASONS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed',
  CSV_MAX_RECORD_SIZE: `a row is longer than ${LONGEST_ROW} characters; is a quote left open?`,
};

/** The parser's own texts repeat what is in the file. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  return REASONS[code] ?? 'it is not CSV';
}

function columnsOf(source: string, header: readonly string[]): ReadonlyMap<string, number> {
  const columns = new Map<string, number>();
  for (const [index, printed] of header.entries()) {
    const name = printed.trim();
    if (name === '__proto__') throw fileRefused(source, 'it has a column called __proto__');
    if (columns.has(name)) throw fileRefused(source, `it has two columns called ${shown(name)}`);
    columns.set(name, index);
  }
  return columns;
}

class CsvRow implements RawRow {
  constructor(
    readonly row: number,
    private readonly columns: ReadonlyMap<string, number>,
    private readonly record: readonly string[],
  ) {}

  at(column: string): unknown {
    const index = this.columns.get(column);
    return index === undefined ? undefined : this.record[index];
  }
}
