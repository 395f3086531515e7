import type { AccountKey, PortfolioSnapshot, PortfolioStore } from '@algo/core/store';
import { reading, writing } from './at-once.js';
import type { SqliteConnection } from './driver.js';
import type { GroupCommit } from './group-commit.js';
import { toJson } from './row.js';
import { SNAPSHOT_COLUMNS, snapshotFrom } from './snapshot-row.js';

/** What accounts held at moments. The key of the table is in the order of the moments, so no list is sorted. */
export function createPortfolio(connection: SqliteConnection, commits: GroupCommit): PortfolioStore {
  const ofAccount = 'user_id = ? AND broker = ? AND account = ? AND kind = ?';
  const select = `SELECT ${SNAPSHOT_COLUMNS} FROM snapshots WHERE ${ofAccount}`;
  const save = connection.prepare(
    `${INSERT_SNAPSHOT}
     ON CONFLICT (user_id, broker, account, kind, taken_at_ms) DO UPDATE SET rows = excluded.rows, import_id = excluded.import_id`,
  );
  const latest = connection.prepare(`${select} ORDER BY taken_at_ms DESC LIMIT 1`);
  const list = connection.prepare(
    `${select} AND taken_at_ms >= ? AND taken_at_ms < ? ORDER BY taken_at_ms DESC LIMIT ?`,
  );
  const remove = connection.prepare(`DELETE FROM snapshots WHERE ${ofAccount} AND taken_at_ms < ?`);

  return {
    save: async (snapshot) => writing(commits, snapshotIds(snapshot), () => void save.run(...snapshotValues(snapshot))),

    latest: async (key, kind) =>
      reading(commits, snapshotIds(key), () => {
        const row = latest.get(key.userId, key.broker, key.account, kind);
        return row === undefined ? null : snapshotFrom(row);
      }),

    list: async (key, kind, { limit, fromMs = Number.MIN_SAFE_INTEGER, toMs = Number.MAX_SAFE_INTEGER }) =>
      reading(commits, snapshotIds(key), () =>
        list.all(key.userId, key.broker, key.account, kind, fromMs, toMs, limit).map(snapshotFrom),
      ),

    delete: async (key, kind, beforeMs) =>
      writing(commits, snapshotIds(key), () =>
        Number(remove.run(key.userId, key.broker, key.account, kind, beforeMs).changes),
      ),
  };
}

/** What to do with a row that is there is the caller's to add. */
export const INSERT_SNAPSHOT = `INSERT INTO snapshots (${SNAPSHOT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`;

/** The values of `INSERT_SNAPSHOT`. */
export const snapshotValues = (snapshot: PortfolioSnapshot): readonly unknown[] => [
  snapshot.userId,
  snapshot.broker,
  snapshot.account,
  snapshot.kind,
  snapshot.takenAtMs,
  toJson(snapshot.rows),
  snapshot.importId,
];

export const snapshotIds = ({ userId, broker, account }: AccountKey) => ({ userId, broker, account });
