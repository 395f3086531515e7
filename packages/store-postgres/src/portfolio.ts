import type { PortfolioStore } from '@algo/core/store';
import type { Database } from './database.js';
import { accountValues } from './keys.js';
import { namesOf } from './columns.js';
import { integer } from './row.js';
import { SNAPSHOT_COLUMNS, SNAPSHOT_TYPES, snapshotFrom, snapshotValues } from './snapshot-row.js';
import { statement } from './statement.js';

/** What accounts held, moment by moment. The primary key serves every query. */
export function createPortfolio(db: Database): PortfolioStore {
  const table = `${db.schema}.snapshots`;
  const ofKind = 'user_key = $1 AND broker = $2 AND account = $3 AND kind = $4';
  const save = statement(
    'snapshots save',
    `INSERT INTO ${table} (${namesOf(SNAPSHOT_TYPES)}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (user_key, broker, account, kind, taken_at_ms)
       DO UPDATE SET rows = excluded.rows, import_id = excluded.import_id`,
  );
  const list = statement(
    'snapshots list',
    `SELECT ${SNAPSHOT_COLUMNS} FROM ${table} WHERE ${ofKind} AND taken_at_ms >= $5 AND taken_at_ms < $6
     ORDER BY taken_at_ms DESC LIMIT $7`,
  );
  const remove = statement(
    'snapshots delete',
    `WITH gone AS (DELETE FROM ${table} WHERE ${ofKind} AND taken_at_ms < $5 RETURNING 1)
     SELECT count(*) AS gone FROM gone`,
  );

  return {
    async save(snapshot) {
      await db.write('saving a snapshot', snapshot.userId, save, snapshotValues(snapshot));
    },

    async latest(key, kind) {
      const values = [...accountValues(key), kind, FIRST_MS, LAST_MS, 1];
      const [row] = await db.read('reading a snapshot', key.userId, list, values);
      return row === undefined ? null : snapshotFrom(row, kind);
    },

    async list(key, kind, { limit, fromMs = FIRST_MS, toMs = LAST_MS }) {
      const values = [...accountValues(key), kind, fromMs, toMs, limit];
      const rows = await db.read('listing snapshots', key.userId, list, values);
      return rows.map((row) => snapshotFrom(row, kind));
    },

    async delete(key, kind, beforeMs) {
      const values = [...accountValues(key), kind, beforeMs];
      const [row] = await db.write('deleting snapshots', key.userId, remove, values);
      return row === undefined ? 0 : integer(row, 'gone');
    },
  };
}

const FIRST_MS = Number.MIN_SAFE_INTEGER;
const LAST_MS = Number.MAX_SAFE_INTEGER;
