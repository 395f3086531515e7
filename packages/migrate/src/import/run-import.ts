import { systemClock } from '@algo/core';
import type { ChangedBy, Clock } from '@algo/core';
import type { RowCounts, Store } from '@algo/core/store';
import type { ImportPlan } from './plan-import.js';

/** Who asks for a change, and why, for the audit. */
export interface Change extends ChangedBy {
  /** @default the system's */
  readonly clock?: Clock;
}

const NOTHING: RowCounts = { orders: 0, fills: 0, snapshots: 0 };

/**
 * Writes what a plan found new, in one transaction. What the store got meanwhile from elsewhere stays as it is. A plan
 * with nothing new writes nothing, not even its id.
 *
 * @returns how many rows were written
 * @throws {AlgoError} `ALGO_STORE_CONFLICT` when the plan was run before
 */
export async function runImport(store: Store, { writes, batch }: ImportPlan): Promise<RowCounts> {
  if (writes.orders + writes.fills + writes.snapshots === 0) return NOTHING;
  return store.transfers.import(batch);
}

/**
 * Takes the rows of one import away again, in one transaction, with an audit row.
 *
 * @returns how many went; null when the user has no such import
 */
export async function rollbackImport(
  store: Store,
  userId: string,
  importId: string,
  { actor = userId, why, clock = systemClock() }: Change = {},
): Promise<RowCounts | null> {
  const known = (await store.transfers.listImports(userId)).find((stored) => stored.importId === importId);
  if (known === undefined) return null;
  return store.transfers.rollback(userId, importId, {
    userId,
    atMs: Math.floor(clock.now()),
    actor,
    action: 'import-rollback',
    subject: importId,
    why: why ?? null,
    before: JSON.stringify(known),
    after: null,
  });
}
