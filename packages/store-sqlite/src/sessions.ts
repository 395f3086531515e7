import type { SessionRecord, SessionStore } from '@algo/core/store';
import { reading, writing } from './at-once.js';
import type { SqliteConnection } from './driver.js';
import type { GroupCommit } from './group-commit.js';
import { asRow, bytes, integer, integerOrNull, text } from './row.js';

/** Broker sessions, sealed, compared and set on their version. */
export function createSessions(connection: SqliteConnection, commits: GroupCommit): SessionStore {
  const ofAccount = 'user_id = ? AND broker = ? AND account = ?';
  const get = connection.prepare(
    `SELECT user_id, broker, account, version, sealed, expires_at_ms, updated_at_ms FROM sessions WHERE ${ofAccount}`,
  );
  const insert = connection.prepare(
    `INSERT INTO sessions (version, sealed, expires_at_ms, updated_at_ms, user_id, broker, account) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const update = connection.prepare(
    `UPDATE sessions SET version = ?, sealed = ?, expires_at_ms = ?, updated_at_ms = ? WHERE ${ofAccount} AND version = ?`,
  );
  const remove = connection.prepare(`DELETE FROM sessions WHERE ${ofAccount}`);

  return {
    get: async ({ userId, broker, account }) =>
      reading(commits, { userId, broker, account }, () => {
        const row = get.get(userId, broker, account);
        return row === undefined ? null : sessionFrom(row);
      }),

    put: async ({ userId, broker, account, version, sealed, expiresAtMs, updatedAtMs }) =>
      writing(commits, { userId, broker, account }, () => {
        const values = [version, sealed, expiresAtMs, updatedAtMs, userId, broker, account];
        const { changes } = version === 1 ? insert.run(...values) : update.run(...values, version - 1);
        return changes === 1;
      }),

    delete: async ({ userId, broker, account }) =>
      writing(commits, { userId, broker, account }, () => remove.run(userId, broker, account).changes === 1),
  };
}

function sessionFrom(value: unknown): SessionRecord {
  const row = asRow(value);
  return {
    userId: text(row, 'user_id'),
    broker: text(row, 'broker'),
    account: text(row, 'account'),
    version: integer(row, 'version'),
    sealed: bytes(row, 'sealed'),
    expiresAtMs: integerOrNull(row, 'expires_at_ms'),
    updatedAtMs: integer(row, 'updated_at_ms'),
  };
}
