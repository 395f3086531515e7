import type { ConfigurationRecord, ConfigurationStore } from '@algo/core/store';
import { reading } from './at-once.js';
import type { AuditLog } from './audit.js';
import type { SqliteConnection } from './driver.js';
import type { GroupCommit } from './group-commit.js';
import { asRow, integer, text } from './row.js';

/** Named pieces of configuration, compared and set on their version. */
export function createConfiguration(
  connection: SqliteConnection,
  commits: GroupCommit,
  audit: AuditLog,
): ConfigurationStore {
  const columns = 'user_id, name, version, value, updated_at_ms';
  const get = connection.prepare(`SELECT ${columns} FROM configuration WHERE user_id = ? AND name = ?`);
  const list = connection.prepare(`SELECT ${columns} FROM configuration WHERE user_id = ? ORDER BY name`);
  const insert = connection.prepare(
    'INSERT INTO configuration (version, value, updated_at_ms, user_id, name) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const update = connection.prepare(
    'UPDATE configuration SET version = ?, value = ?, updated_at_ms = ? WHERE user_id = ? AND name = ? AND version = ?',
  );
  const remove = connection.prepare('DELETE FROM configuration WHERE user_id = ? AND name = ?');

  return {
    get: async (userId, name) =>
      reading(commits, { userId, name }, () => {
        const row = get.get(userId, name);
        return row === undefined ? null : recordFrom(row);
      }),

    put: async ({ userId, name, version, value, updatedAtMs }, over, entry) =>
      audit.beside(entry, { userId, name }, () => {
        const values = [version, value, updatedAtMs, userId, name];
        const { changes } = over === null ? insert.run(...values) : update.run(...values, over);
        return changes === 1;
      }),

    list: async (userId) => reading(commits, { userId }, () => list.all(userId).map(recordFrom)),

    delete: async (userId, name, entry) =>
      audit.beside(entry, { userId, name }, () => remove.run(userId, name).changes === 1),
  };
}

function recordFrom(value: unknown): ConfigurationRecord {
  const row = asRow(value);
  return {
    userId: text(row, 'user_id'),
    name: text(row, 'name'),
    version: integer(row, 'version'),
    value: text(row, 'value'),
    updatedAtMs: integer(row, 'updated_at_ms'),
  };
}
