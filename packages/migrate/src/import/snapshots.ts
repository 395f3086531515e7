import type { AccountKey, Holding, PortfolioKind, PortfolioSnapshot, Position, Store } from '@algo/core/store';
import type { MappedRow } from '../map/mapped-row.js';
import type { ReadFile } from './read-file.js';

/** A file of holdings as one snapshot, taken when the file was changed last. */
export interface GatheredSnapshot {
  readonly path: string;
  /** The rows of the file that are in it: the first of each instrument. */
  readonly rows: ReadonlySet<number>;
  readonly record: PortfolioSnapshot;
  /** The one the store has of that moment. */
  readonly stored: PortfolioSnapshot | null;
}

export interface SnapshotOptions {
  readonly target: AccountKey;
  readonly importId: string;
  readonly kind: PortfolioKind;
}

export async function gatherSnapshots(
  { portfolio }: Store,
  files: readonly ReadFile[],
  { target, importId, kind }: SnapshotOptions,
): Promise<readonly GatheredSnapshot[]> {
  const snapshots: GatheredSnapshot[] = [];
  for (const { path, layout, rows, changedAtMs } of files) {
    if (layout.kind !== 'holdings' || rows.length === 0) continue;
    const { first, holdings, positions } = onceEach(rows);
    const common = { ...target, takenAtMs: changedAtMs, importId };
    const record: PortfolioSnapshot =
      kind === 'holdings' ? { ...common, kind, rows: holdings } : { ...common, kind, rows: positions };
    const moment = { limit: 1, fromMs: changedAtMs, toMs: changedAtMs + 1 };
    const [stored = null] = await portfolio.list(target, kind, moment);
    snapshots.push({ path, rows: first, record, stored });
  }
  return snapshots;
}

interface Once {
  readonly first: ReadonlySet<number>;
  readonly holdings: readonly Holding[];
  readonly positions: readonly Position[];
}

function onceEach(rows: readonly { readonly row: number; readonly mapped: MappedRow }[]): Once {
  const seen = new Set<string | null>();
  const kept = rows.flatMap(({ row, mapped }) => {
    if (mapped.kind !== 'holding' || seen.has(mapped.holding.instrument)) return [];
    seen.add(mapped.holding.instrument);
    return [{ row, ...mapped }];
  });
  return {
    first: new Set(kept.map(({ row }) => row)),
    holdings: kept.map(({ holding }) => holding),
    positions: kept.map(({ position }) => position),
  };
}
