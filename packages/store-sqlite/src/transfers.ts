import { AlgoError } from '@algo/core/store';
import type { AccountKey, ImportBatch, RowCounts, StoredImport, TransferStore } from '@algo/core/store';
import { reading, together } from './at-once.js';
import type { AuditLog } from './audit.js';
import { auditIds } from './audit.js';
import type { SqliteConnection, SqliteStatement } from './driver.js';
import type { GroupCommit } from './group-commit.js';
import { checkIds } from './keys.js';
import { INSERT_FILL, INSERT_SIGHTING, fillIds, fillValues, sightingIds, sightingValues } from './order-records.js';
import { INSERT_SNAPSHOT, snapshotIds, snapshotValues } from './portfolio.js';
import { createReassign } from './reassignment.js';
import { asRow, integer, text } from './row.js';

/** Rows on their way in, back out, and from one user to another: each in one transaction. */
export function createTransfers(connection: SqliteConnection, commits: GroupCommit, audit: AuditLog): TransferStore {
  const add = (insert: string) => connection.prepare(`${insert} ON CONFLICT DO NOTHING`);
  const addSighting = add(INSERT_SIGHTING);
  const addFill = add(INSERT_FILL);
  const addSnapshot = add(INSERT_SNAPSHOT);
  const addImport = add(
    'INSERT INTO imports (user_id, import_id, source, at_ms, orders, fills, snapshots) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const list = connection.prepare(
    'SELECT import_id, source, at_ms, orders, fills, snapshots FROM imports WHERE user_id = ? ORDER BY seq DESC',
  );
  const remove = (table: string) => connection.prepare(`DELETE FROM ${table} WHERE user_id = ? AND import_id = ?`);
  const removeImport = remove('imports');
  const removeSightings = remove('sightings');
  const removeFills = remove('fills');
  const removeSnapshots = remove('snapshots');

  return {
    import: async (batch) =>
      together(commits, { userId: batch.userId, importId: batch.importId }, () => {
        checkBatch(batch);
        const { userId, importId, source, atMs } = batch;
        const counts: RowCounts = {
          orders: countAdded(addSighting, batch.orders.map(sightingValues)),
          fills: countAdded(addFill, batch.fills.map(fillValues)),
          snapshots: countAdded(addSnapshot, batch.snapshots.map(snapshotValues)),
        };
        const { orders, fills, snapshots } = counts;
        const { changes } = addImport.run(userId, importId, source, atMs, orders, fills, snapshots);
        if (changes === 0) throw new AlgoError('ALGO_STORE_CONFLICT', { what: 'The id of a new import' });
        return counts;
      }),

    listImports: async (userId) => reading(commits, { userId }, () => list.all(userId).map(importFrom)),

    rollback: async (userId, importId, entry) =>
      together(commits, { userId, importId, ...auditIds(entry) }, () => {
        if (removeImport.run(userId, importId).changes === 0) return null;
        if (entry !== undefined) audit.append(entry);
        return {
          orders: Number(removeSightings.run(userId, importId).changes),
          fills: Number(removeFills.run(userId, importId).changes),
          snapshots: Number(removeSnapshots.run(userId, importId).changes),
        };
      }),

    reassign: createReassign(connection, commits, audit),
  };
}

const countAdded = (insert: SqliteStatement, rows: readonly (readonly unknown[])[]): number =>
  rows.reduce((count, values) => count + Number(insert.run(...values).changes), 0);

/** @throws {AlgoError} `ALGO_INVALID_INPUT` for a row of another user or import: nobody could take it away again. */
function checkBatch({ userId, importId, orders, fills, snapshots }: ImportBatch): void {
  for (const order of orders) checkIds(sightingIds(order));
  for (const fill of fills) checkIds(fillIds(fill));
  for (const snapshot of snapshots) checkIds(snapshotIds(snapshot));
  const rows: readonly (AccountKey & { readonly importId: string | null })[] = [...orders, ...fills, ...snapshots];
  if (rows.some((row) => row.userId !== userId)) throw notOfBatch('userId');
  if (rows.some((row) => row.importId !== importId)) throw notOfBatch('importId');
}

const notOfBatch = (field: string): AlgoError =>
  new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem: 'of a row is not that of its batch' }] });

function importFrom(value: unknown): StoredImport {
  const row = asRow(value);
  return {
    importId: text(row, 'import_id'),
    source: text(row, 'source'),
    atMs: integer(row, 'at_ms'),
    orders: integer(row, 'orders'),
    fills: integer(row, 'fills'),
    snapshots: integer(row, 'snapshots'),
  };
}
