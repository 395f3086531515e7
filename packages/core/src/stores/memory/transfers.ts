import { AlgoError } from '../../errors/algo-error.js';
import type { ImportBatch, RowCounts, TransferStore } from '../../contract/transfer-store.js';
import { appendEntry, auditIds } from './audit.js';
import { addMissing, removeWhere } from './bulk-rows.js';
import { fillKey, snapshotKey } from './memory-data.js';
import { accountIds, checkId } from './memory-link.js';
import type { MemoryLink } from './memory-link.js';
import { checkFill } from './order-records.js';
import { reassign } from './reassignment.js';

export function memoryTransfers(link: MemoryLink): TransferStore {
  return {
    import: (batch) =>
      link.call({ userId: batch.userId, importId: batch.importId }, () => {
        checkBatch(batch);
        const { userId, importId, source, atMs } = batch;
        const rows = link.rowsOf(userId);
        if (rows.imports.has(importId)) throw new AlgoError('ALGO_STORE_CONFLICT', { what: 'The id of a new import' });
        const written: RowCounts = {
          orders: addMissing(rows.sightings, batch.orders, (order) => order.clientOrderId),
          fills: addMissing(rows.fills, batch.fills, fillKey),
          snapshots: addMissing(rows.snapshots, batch.snapshots, snapshotKey),
        };
        rows.imports.set(importId, Object.freeze({ importId, source, atMs, ...written }));
        return written;
      }),

    listImports: (userId) => link.call({ userId }, () => [...link.rowsOf(userId).imports.values()].reverse()),

    rollback: (userId, importId, audit) =>
      link.call({ userId, importId, ...auditIds(audit) }, () => {
        const rows = link.rowsOf(userId);
        if (!rows.imports.delete(importId)) return null;
        const isOfImport = (row: { readonly importId: string | null }): boolean => row.importId === importId;
        appendEntry(link, audit);
        return {
          orders: removeWhere(rows.sightings, isOfImport),
          fills: removeWhere(rows.fills, isOfImport),
          snapshots: removeWhere(rows.snapshots, isOfImport),
        };
      }),

    reassign: (from, to, credentials, audit) => reassign(link, from, to, credentials, audit),
  };
}

/** @throws {AlgoError} `ALGO_INVALID_INPUT` for a row of another user or import: nobody could take it away again */
function checkBatch({ userId, importId, orders, fills, snapshots }: ImportBatch): void {
  for (const row of [...orders, ...fills, ...snapshots]) {
    for (const [field, id] of Object.entries(accountIds(row))) checkId(field, id);
    if (row.userId !== userId) throw notOfBatch('userId');
    if (row.importId !== importId) throw notOfBatch('importId');
  }
  for (const { clientOrderId } of orders) checkId('clientOrderId', clientOrderId);
  fills.forEach(checkFill);
}

const notOfBatch = (field: string): AlgoError =>
  new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem: 'of a row is not that of its batch' }] });
