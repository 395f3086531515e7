import type { Store } from '@algo/core/store';
import { differences } from '../difference.js';
import type { FieldDifference } from '../difference.js';
import { gather } from './plan-import.js';
import type { FileReport, GatheredFiles } from './plan-import.js';
import type { ImportOptions } from './options.js';

export interface CompareOptions extends ImportOptions {
  /** Looks for rows that the files do not have among those of this import. @default among those of every import */
  readonly importId?: string;
}

/** A record by its name in the store: `order file-1f…`, `fill file-1f…-fill`, `holdings NSE:TCS`. */
export interface MissingRecord {
  readonly record: string;
  readonly path: string;
  readonly row: number;
}

export interface DifferentRecord extends MissingRecord {
  readonly fields: readonly FieldDifference[];
}

/** A file beside the store, record by record. */
export interface ImportComparison {
  readonly files: readonly FileReport[];
  /** Records that are the same in both. */
  readonly same: number;
  /** In the files and not in the store. */
  readonly missing: readonly MissingRecord[];
  /** Imported into this account and not in the files. */
  readonly extra: readonly string[];
  readonly different: readonly DifferentRecord[];
}

/** Compares files with what the store has of an account. Writes nothing. @throws {AlgoError} as `planImport` */
export async function compareImport(store: Store, options: CompareOptions): Promise<ImportComparison> {
  const gathered = await gather(store, options);
  const pairs = [...recordPairs(gathered)];
  const missing: MissingRecord[] = [];
  const different: DifferentRecord[] = [];
  for (const { record, path, row, inFile, inStore } of pairs) {
    const fields = inStore === null ? [] : differences(inFile, inStore);
    if (inStore === null) missing.push({ record, path, row });
    else if (fields.length > 0) different.push({ record, path, row, fields });
  }
  return {
    files: gathered.files,
    same: pairs.length - missing.length - different.length,
    missing,
    extra: [...extraRecords(gathered, options.importId)],
    different,
  };
}

interface Pair extends MissingRecord {
  readonly inFile: object;
  readonly inStore: object | null;
}

function* recordPairs({ gathering, snapshots }: GatheredFiles): Iterable<Pair> {
  for (const [id, { path, row, record, stored }] of gathering.orders) {
    yield { record: `order ${id}`, path, row, inFile: record.order, inStore: stored?.order ?? null };
  }
  for (const [id, { path, row, record, stored }] of gathering.fills) {
    yield { record: `fill ${id}`, path, row, inFile: record.trade, inStore: stored?.trade ?? null };
  }
  for (const { path, rows, record: snapshot, stored } of snapshots) {
    const places = [...rows];
    const byInstrument = new Map(stored?.rows.map((row) => [row.instrument, row]));
    for (const [index, inFile] of snapshot.rows.entries()) {
      const inStore = byInstrument.get(inFile.instrument) ?? null;
      yield { record: `${snapshot.kind} ${inFile.instrument}`, path, row: places[index] ?? 0, inFile, inStore };
    }
  }
}

function* extraRecords({ gathering, known, snapshots }: GatheredFiles, importId: string | undefined): Iterable<string> {
  const isWanted = (stored: string | null): boolean => (importId === undefined ? stored !== null : stored === importId);
  for (const [id, { importId: stored }] of known.orders) {
    if (isWanted(stored) && !gathering.orders.has(id)) yield `order ${id}`;
  }
  for (const [id, { importId: stored }] of known.fills) {
    if (isWanted(stored) && !gathering.fills.has(id)) yield `fill ${id}`;
  }
  for (const { record, stored } of snapshots) {
    const named = new Set(record.rows.map(({ instrument }) => instrument));
    for (const { instrument } of stored?.rows ?? []) if (!named.has(instrument)) yield `${record.kind} ${instrument}`;
  }
}
