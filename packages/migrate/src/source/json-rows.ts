import type { Layout } from '../layout/layouts.js';
import { fieldAt, isFields, ownField } from './raw-row.js';
import type { Fields, RawRow, RawRows } from './raw-row.js';
import { fileRefused } from './refusals.js';
import type { RefusedRow } from './refusals.js';
import { shown } from './shown.js';

/**
 * Finds the rows of a JSON text: a bare list, the list at `layout.list`, or for a layout that is keyed an object with one
 * row for each symbol.
 *
 * Python writes `NaN` and `Infinity`, which JSON has not: they are kept as texts, so that only their rows are refused.
 *
 * @throws {AlgoError} `ALGO_IMPORT_REFUSED` when it is not JSON or holds no such list
 */
export function rowsOfJson(source: string, text: string, layout: Layout): RawRows {
  const value = parse(source, text);
  const found = listIn(value, layout);
  if (found === undefined) throw fileRefused(source, `it holds no list of rows${where(layout)}`);
  const { rows, broken } = isFields(found) ? keyed(found) : listed(found);
  return { rows, broken, failed: failedOf(value) };
}

function parse(source: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Once more below, with the numbers that Python writes; what is wrong with it then is wrong for good.
  }
  try {
    return JSON.parse(text.replaceAll(BARE_NUMBER, (match) => (match.startsWith('"') ? match : `"${match}"`)));
  } catch {
    throw fileRefused(source, 'it is not JSON, or was cut off');
  }
}

/** A whole string, which is left alone, or one of the words. */
const BARE_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\bInfinity\b|\bNaN\b/g;

function listIn(value: unknown, { list, keyed: byKey }: Layout): readonly unknown[] | Fields | undefined {
  if (Array.isArray(value)) return value;
  if (!isFields(value)) return undefined;
  const inner = fieldAt(value, list);
  if (Array.isArray(inner)) return inner;
  if (!byKey) return undefined;
  return isFields(inner) ? inner : value;
}

const where = ({ list }: Layout): string => `: neither a bare one nor one called ${list}`;

type Cut = Pick<RawRows, 'rows' | 'broken'>;

function listed(list: readonly unknown[]): Cut {
  const rows: RawRow[] = [];
  const broken: RefusedRow[] = [];
  for (const [index, value] of list.entries()) {
    const row = index + 1;
    const problem = problemWith(value);
    if (problem !== null) broken.push({ row, reason: problem });
    else if (isFields(value)) rows.push(new JsonRow(row, value, null));
  }
  return { rows, broken };
}

function keyed(fields: Fields): Cut {
  const rows: RawRow[] = [];
  const broken: RefusedRow[] = [];
  for (const [index, [key, value]] of Object.entries(fields).entries()) {
    const row = index + 1;
    const problem = problemWith(value);
    if (problem !== null) broken.push({ row, reason: `${shown(key)}: ${problem}` });
    else if (isFields(value)) rows.push(new JsonRow(row, value, key));
  }
  return { rows, broken };
}

function problemWith(value: unknown): string | null {
  if (!isFields(value)) return `it is not an object (${shown(value)})`;
  return Object.hasOwn(value, '__proto__') ? 'it has a field called __proto__' : null;
}

class JsonRow implements RawRow {
  constructor(
    readonly row: number,
    private readonly fields: Fields,
    /** The symbol, where rows are keyed by it. */
    private readonly key: string | null,
  ) {}

  at(column: string): unknown {
    const value = fieldAt(this.fields, column);
    return value === undefined && column === 'symbol' && this.key !== null ? this.key : value;
  }
}

function failedOf(value: unknown): readonly string[] {
  const list = isFields(value) ? ownField(value, 'failed_orders') : undefined;
  return Array.isArray(list) ? list.map(shown) : [];
}
