import { AlgoError } from '@algo/core/store';
import type { ImportBatch, RowCounts, StoredImport, TransferStore } from '@algo/core/store';
import { appendAudit, auditValues } from './audit.js';
import { columnsOf, namesOf, unnest } from './columns.js';
import type { ColumnTypes } from './columns.js';
import type { Database, Run, Values } from './database.js';
import { FILL_TYPES, fillValues } from './fill-row.js';
import { idText, storedText, userKey } from './keys.js';
import { integer, text } from './row.js';
import type { Row } from './row.js';
import { SIGHTING_TYPES, sightingValues } from './sighting-row.js';
import { SNAPSHOT_TYPES, snapshotValues } from './snapshot-row.js';
import { statement } from './statement.js';
import type { Statement } from './statement.js';

/** Rows in one statement. */
const CHUNK = 2_000;

/** Imports, and the way back. Handing rows from one user to another is `reassign`'s. */
export function createTransfers(db: Database, reassign: TransferStore['reassign']): TransferStore {
  const { schema } = db;
  const begin = statement(
    'imports begin',
    `INSERT INTO ${schema}.imports (user_key, import_id, user_id, source, at_ms, orders, fills, snapshots)
     VALUES ($1, $2, $3, $4, $5, 0, 0, 0) ON CONFLICT DO NOTHING RETURNING 1`,
  );
  const finish = statement(
    'imports finish',
    `UPDATE ${schema}.imports SET orders = $3, fills = $4, snapshots = $5 WHERE user_key = $1 AND import_id = $2`,
  );
  const list = statement(
    'imports list',
    `SELECT import_id, source, at_ms, orders, fills, snapshots FROM ${schema}.imports WHERE user_key = $1 ORDER BY seq DESC`,
  );
  const forget = statement(
    'imports forget',
    `DELETE FROM ${schema}.imports WHERE user_key = $1 AND import_id = $2 RETURNING 1`,
  );
  const takeBack = statement(
    'imports take back',
    `WITH orders AS (DELETE FROM ${schema}.sightings WHERE user_key = $1 AND import_id = $2 RETURNING 1),
       fills AS (DELETE FROM ${schema}.fills WHERE user_key = $1 AND import_id = $2 RETURNING 1),
       snapshots AS (DELETE FROM ${schema}.snapshots WHERE user_key = $1 AND import_id = $2 RETURNING 1)
     SELECT (SELECT count(*) FROM orders) AS orders, (SELECT count(*) FROM fills) AS fills,
       (SELECT count(*) FROM snapshots) AS snapshots`,
  );
  const note = appendAudit(schema);
  const addTo = (table: string, types: ColumnTypes): Statement =>
    statement(
      `imports ${table}`,
      `WITH added AS (
         INSERT INTO ${schema}.${table} (${namesOf(types)}) SELECT * FROM ${unnest(types, 1)}
         ON CONFLICT DO NOTHING RETURNING 1
       ) SELECT count(*) AS added FROM added`,
    );
  const addSightings = addTo('sightings', SIGHTING_TYPES);
  const addFills = addTo('fills', FILL_TYPES);
  const addSnapshots = addTo('snapshots', SNAPSHOT_TYPES);

  return {
    async import(batch) {
      checkBatch(batch);
      const { userId, importId, source, atMs } = batch;
      const key = [userKey(userId), idText('importId', importId)];
      const orders = batch.orders.map(sightingValues);
      const fills = batch.fills.map(fillValues);
      const snapshots = batch.snapshots.map(snapshotValues);
      return db.transaction('importing', userId, async (run) => {
        const begun = await run(begin, [...key, storedText(userId), storedText(source), atMs]);
        if (begun.length === 0) throw new AlgoError('ALGO_STORE_CONFLICT', { what: 'The id of a new import' });
        const written = {
          orders: await addAll(run, addSightings, SIGHTING_TYPES, orders),
          fills: await addAll(run, addFills, FILL_TYPES, fills),
          snapshots: await addAll(run, addSnapshots, SNAPSHOT_TYPES, snapshots),
        };
        await run(finish, [...key, written.orders, written.fills, written.snapshots]);
        return written;
      });
    },

    async listImports(userId) {
      return (await db.read('listing imports', userId, list, [userKey(userId)])).map(importFrom);
    },

    async rollback(userId, importId, audit) {
      const key = [userKey(userId), idText('importId', importId)];
      return db.transaction('rolling an import back', userId, async (run) => {
        if ((await run(forget, key)).length === 0) return null;
        if (audit !== undefined) await run(note, auditValues(audit));
        const [row] = await run(takeBack, key);
        return row === undefined ? null : countsFrom(row);
      });
    },

    reassign,
  };
}

/** Writes rows in chunks and leaves what is there. @returns how many were written */
async function addAll(run: Run, add: Statement, types: ColumnTypes, rows: readonly Values[]): Promise<number> {
  let added = 0;
  for (let start = 0; start < rows.length; start += CHUNK) {
    const [row] = await run(add, columnsOf(types, rows.slice(start, start + CHUNK)));
    added += row === undefined ? 0 : integer(row, 'added');
  }
  return added;
}

/** @throws {AlgoError} `ALGO_INVALID_INPUT` for a row of another user or import: nobody could take it away again */
function checkBatch({ userId, importId, orders, fills, snapshots }: ImportBatch): void {
  for (const row of [...orders, ...fills, ...snapshots]) {
    if (row.userId !== userId) throw notOfBatch('userId');
    if (row.importId !== importId) throw notOfBatch('importId');
  }
}

const notOfBatch = (field: string): AlgoError =>
  new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem: 'of a row is not that of its batch' }] });

const countsFrom = (row: Row): RowCounts => ({
  orders: integer(row, 'orders'),
  fills: integer(row, 'fills'),
  snapshots: integer(row, 'snapshots'),
});

const importFrom = (row: Row): StoredImport => ({
  importId: text(row, 'import_id'),
  source: text(row, 'source'),
  atMs: integer(row, 'at_ms'),
  ...countsFrom(row),
});
