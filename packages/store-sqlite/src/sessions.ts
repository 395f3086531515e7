import type { SessionRecord, SessionStore, SessionSummary } from '@algo/core/store';
import { reading, writing } from './at-once.js';
import type { SqliteConnection } from './driver.js';
import type { GroupCommit } from './group-commit.js';
import type { Row } from './row.js';
import { asRow, bytes, integer, integerOrNull, text } from './row.js';

/** Broker sessions, sealed, compared and set on their version and, with a fence, on the lease they are written under. */
export function createSessions(connection: SqliteConnection, commits: GroupCommit): SessionStore {
  const ofAccount = 'user_id = ? AND broker = ? AND account = ?';
  const summary = 'user_id, broker, account, version, expires_at_ms, updated_at_ms';
  const get = connection.prepare(`SELECT ${summary}, sealed FROM sessions WHERE ${ofAccount}`);
  const list = connection.prepare(`SELECT ${summary} FROM sessions WHERE user_id = ? ORDER BY broker, account`);
  const insert = connection.prepare(
    `INSERT INTO sessions (version, sealed, expires_at_ms, updated_at_ms, user_id, broker, account) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const update = connection.prepare(
    `UPDATE sessions SET version = ?, sealed = ?, expires_at_ms = ?, updated_at_ms = ? WHERE ${ofAccount} AND version = ?`,
  );
  const isLastGiven = connection.prepare(
    'SELECT 1 FROM leases WHERE user_id = ? AND name = ? AND epoch = ? AND owner = ?',
  );
  const remove = connection.prepare(`DELETE FROM sessions WHERE ${ofAccount} AND version = COALESCE(?, version)`);

  return {
    get: async ({ userId, broker, account }) =>
      reading(commits, { userId, broker, account }, () => {
        const row = get.get(userId, broker, account);
        return row === undefined ? null : sessionFrom(asRow(row));
      }),

    put: async ({ userId, broker, account, version, sealed, expiresAtMs, updatedAtMs }, over, fence) =>
      writing(commits, { userId, broker, account, ...(fence && { 'fence.userId': fence.userId }) }, () => {
        // No other process writes to the file and nothing runs between: the look at the lease needs no transaction.
        if (fence && !isLastGiven.get(fence.userId, fence.name, fence.epoch, fence.owner)) return false;
        const values = [version, sealed, expiresAtMs, updatedAtMs, userId, broker, account];
        const { changes } = over === null ? insert.run(...values) : update.run(...values, over);
        return changes === 1;
      }),

    list: async (userId) => reading(commits, { userId }, () => list.all(userId).map((row) => summaryFrom(asRow(row)))),

    delete: async ({ userId, broker, account }, version) =>
      writing(
        commits,
        { userId, broker, account },
        () => remove.run(userId, broker, account, version ?? null).changes === 1,
      ),
  };
}

const sessionFrom = (row: Row): SessionRecord => ({ ...summaryFrom(row), sealed: bytes(row, 'sealed') });

const summaryFrom = (row: Row): SessionSummary => ({
  userId: text(row, 'user_id'),
  broker: text(row, 'broker'),
  account: text(row, 'account'),
  version: integer(row, 'version'),
  expiresAtMs: integerOrNull(row, 'expires_at_ms'),
  updatedAtMs: integer(row, 'updated_at_ms'),
});
