import { resolveLayout } from '../layout/resolve-layout.js';
import type { Layout } from '../layout/layouts.js';
import { holdingFrom } from '../map/holding.js';
import type { IdMaker } from '../map/ids.js';
import type { MappedRow } from '../map/mapped-row.js';
import { orderFrom } from '../map/order.js';
import { RowReader } from '../map/row-reader.js';
import { tradeFrom } from '../map/trade.js';
import { transactionFrom } from '../map/transaction.js';
import { rowsOfCsv } from '../source/csv-rows.js';
import { rowsOfJson } from '../source/json-rows.js';
import { readSource } from '../source/read-source.js';
import { RowRefused, fileRefused } from '../source/refusals.js';
import type { RefusedRow } from '../source/refusals.js';
import type { ImportFile, ResolvedImportOptions } from './options.js';

/** A file in our words. */
export interface ReadFile {
  readonly path: string;
  readonly layout: Layout;
  readonly changedAtMs: number;
  readonly rows: readonly { readonly row: number; readonly mapped: MappedRow }[];
  readonly refused: readonly RefusedRow[];
  /** What its list of failed orders holds, shortened. */
  readonly failedOrders: readonly string[];
  /** Rows that name no side and got the layout's. */
  readonly sidesAssumed: number;
}

/** @throws {AlgoError} `ALGO_IMPORT_REFUSED` when nothing of it can be taken */
export async function readFile(
  { path, layout: wanted }: ImportFile,
  { maxFileBytes }: ResolvedImportOptions,
  idOf: IdMaker,
  nowMs: number,
): Promise<ReadFile> {
  const layout = resolveLayout(path, wanted);
  const { text, changedAtMs } = await readSource(path, maxFileBytes);
  const { rows: found, broken, failed } = /\.csv$/i.test(path) ? rowsOfCsv(path, text) : rowsOfJson(path, text, layout);
  if (found.length === 0 && broken.length === 0 && failed.length === 0) throw fileRefused(path, 'it holds no rows');

  const rows: ReadFile['rows'][number][] = [];
  const refused = [...broken];
  let sidesAssumed = 0;
  for (const raw of found) {
    const reader = new RowReader(raw, layout, nowMs);
    try {
      rows.push({ row: raw.row, mapped: mapRow(reader, layout, idOf) });
      if (reader.sideAssumed) sidesAssumed += 1;
    } catch (error) {
      if (!(error instanceof RowRefused)) throw error;
      refused.push({ row: raw.row, reason: error.message });
    }
  }
  refused.sort((one, other) => one.row - other.row);
  return { path, layout, changedAtMs, rows, refused, failedOrders: failed, sidesAssumed };
}

function mapRow(reader: RowReader, layout: Layout, idOf: IdMaker): MappedRow {
  switch (layout.kind) {
    case 'trades':
      return tradeFrom(reader, layout, idOf);
    case 'orders':
      return orderFrom(reader, layout, idOf);
    case 'transactions':
      return transactionFrom(reader, layout, idOf);
    case 'holdings':
      return holdingFrom(reader, layout);
  }
}
