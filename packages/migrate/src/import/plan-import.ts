import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { AccountKey, ImportBatch, RowCounts, Store } from '@algo/core/store';
import type { RowKind } from '../layout/layouts.js';
import { createIdMaker } from '../map/ids.js';
import type { RefusedRow } from '../source/refusals.js';
import { Gathering } from './gathering.js';
import type { Verdict } from './gathering.js';
import { readKnown } from './known-rows.js';
import type { KnownRows } from './known-rows.js';
import { resolveOptions } from './options.js';
import type { ImportOptions, ResolvedImportOptions } from './options.js';
import { readFile } from './read-file.js';
import type { ReadFile } from './read-file.js';
import { gatherSnapshots } from './snapshots.js';
import type { GatheredSnapshot } from './snapshots.js';

/** A transaction that is kept without an order, and why none was found for it. */
export interface UnlinkedTransaction {
  readonly row: number;
  readonly tradeId: string;
  readonly why: string;
}

/** What was found in one file. Every row is counted once: `new`, `known`, `repeated` or among the `refused`. */
export interface FileReport {
  readonly path: string;
  readonly kind: RowKind;
  readonly rows: number;
  readonly new: number;
  /** The store has it already. */
  readonly known: number;
  /** Said before, in this file or another one of the same import. */
  readonly repeated: number;
  readonly refused: readonly RefusedRow[];
  readonly unlinked: readonly UnlinkedTransaction[];
  /** What its `failed_orders` hold, shortened: listed, never imported. */
  readonly failedOrders: readonly string[];
  /** Rows that name no side and were taken as the layout says: entries are bought. */
  readonly sidesAssumed: number;
}

/** What an import would do. Nothing is written until `runImport` gets it. */
export interface ImportPlan {
  readonly importId: string;
  readonly target: AccountKey;
  readonly files: readonly FileReport[];
  /** How many rows of each kind the store does not have yet. */
  readonly writes: RowCounts;
  readonly batch: ImportBatch;
}

/**
 * Reads the files and compares them with the store. Writes nothing.
 *
 * Everything is held in memory: give a program of its own to large files, not the one that trades.
 *
 * @throws {AlgoError} `ALGO_IMPORT_REFUSED` for a file of which nothing can be taken, `ALGO_INVALID_INPUT`
 */
export async function planImport(store: Store, options: ImportOptions): Promise<ImportPlan> {
  const { importId, atMs, target, files, gathering, snapshots } = await gather(store, options);
  const orders = fresh(gathering.orders.values());
  const fills = fresh(gathering.fills.values());
  const newSnapshots = fresh(snapshots);
  return {
    importId,
    target,
    files,
    writes: { orders: orders.length, fills: fills.length, snapshots: newSnapshots.length },
    batch: { userId: target.userId, importId, source: sourceOf(files), atMs, orders, fills, snapshots: newSnapshots },
  };
}

const fresh = <Kept>(gathered: Iterable<{ readonly record: Kept; readonly stored: Kept | null }>): readonly Kept[] =>
  [...gathered].flatMap(({ record, stored }) => (stored === null ? [record] : []));

const LONGEST_SOURCE = 200;

const sourceOf = (files: readonly FileReport[]): string =>
  files
    .map(({ path }) => basename(path))
    .join(', ')
    .slice(0, LONGEST_SOURCE);

/** What the files say beside what the store holds. */
export interface GatheredFiles {
  readonly importId: string;
  readonly atMs: number;
  readonly target: AccountKey;
  readonly known: KnownRows;
  readonly gathering: Gathering;
  readonly snapshots: readonly GatheredSnapshot[];
  readonly files: readonly FileReport[];
}

export async function gather(store: Store, given: ImportOptions): Promise<GatheredFiles> {
  const options = resolveOptions(given);
  const { target, clock, linkWithinMs } = options;
  const atMs = Math.floor(clock.now());
  const read = await readAll(options, atMs);
  const known = await readKnown(store, target);
  const importId = `import-${randomUUID()}`;
  const gathering = new Gathering({ target, known, importId, atMs, linkWithinMs });
  const snapshots = await gatherSnapshots(store, read, { target, importId, kind: options.holdingsAs });
  const files = read.map((file) => reportOn(file, gathering, snapshots));
  return { importId, atMs, target, known, gathering, snapshots, files };
}

/** Orders before what is linked to them, whatever the order the files are named in. */
const TURN: Readonly<Record<RowKind, number>> = { trades: 0, orders: 1, transactions: 2, holdings: 3 };

async function readAll(options: ResolvedImportOptions, atMs: number): Promise<readonly ReadFile[]> {
  const idOf = createIdMaker(options.target);
  const read: ReadFile[] = [];
  for (const file of options.files) read.push(await readFile(file, options, idOf, atMs));
  return read.sort((one, other) => TURN[one.layout.kind] - TURN[other.layout.kind]);
}

function reportOn(file: ReadFile, gathering: Gathering, snapshots: readonly GatheredSnapshot[]): FileReport {
  const { path, layout, rows, refused, failedOrders, sidesAssumed } = file;
  const counts: Record<Verdict, number> = { new: 0, known: 0, repeated: 0 };
  const unlinked: UnlinkedTransaction[] = [];
  for (const { row, mapped } of rows) {
    const place = { path, row };
    switch (mapped.kind) {
      case 'orders':
        counts[gathering.addOrders(place, mapped.orders, mapped.fills)] += 1;
        break;
      case 'transaction': {
        const { verdict, unlinked: why } = gathering.addTransaction(place, mapped.fill);
        counts[verdict] += 1;
        if (why !== null) unlinked.push({ row, tradeId: mapped.fill.trade.tradeId, why });
        break;
      }
      case 'holding':
        counts[holdingVerdict(path, row, snapshots)] += 1;
    }
  }
  const total = rows.length + refused.length;
  return { path, kind: layout.kind, rows: total, ...counts, refused, unlinked, failedOrders, sidesAssumed };
}

function holdingVerdict(path: string, row: number, snapshots: readonly GatheredSnapshot[]): Verdict {
  const snapshot = snapshots.find((candidate) => candidate.path === path);
  if (snapshot?.rows.has(row) !== true) return 'repeated';
  return snapshot.stored === null ? 'new' : 'known';
}
