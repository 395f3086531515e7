import type { ConfigurationRecord, ConfigurationStore } from '@algo/core/store';
import type { ChangeFeed } from './change-feed.js';
import type { Database } from './database.js';
import { idText, storedText, userKey } from './keys.js';
import { integer, text } from './row.js';
import type { Row } from './row.js';
import { statement } from './statement.js';
import { createTellingWrite } from './telling-write.js';

/** Configuration by name, compared and set on its version. */
export function createConfiguration(db: Database, feed: ChangeFeed): ConfigurationStore {
  const table = `${db.schema}.configuration`;
  const columns = 'user_id, name, version, value, updated_at_ms';
  const get = statement('configuration get', `SELECT ${columns} FROM ${table} WHERE user_key = $1 AND name = $2`);
  const list = statement('configuration list', `SELECT ${columns} FROM ${table} WHERE user_key = $1 ORDER BY name`);
  const insert = createTellingWrite(
    db,
    feed,
    'writing configuration',
    `INSERT INTO ${table} (user_key, name, user_id, version, value, updated_at_ms)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING 1`,
    6,
  );
  const update = createTellingWrite(
    db,
    feed,
    'replacing configuration',
    `UPDATE ${table} SET version = $3, value = $4, updated_at_ms = $5
     WHERE user_key = $1 AND name = $2 AND version = $6 RETURNING 1`,
    6,
  );
  const remove = createTellingWrite(
    db,
    feed,
    'removing configuration',
    `DELETE FROM ${table} WHERE user_key = $1 AND name = $2 RETURNING 1`,
    2,
  );

  return {
    async get(userId, name) {
      const [row] = await db.read('reading configuration', userId, get, [userKey(userId), idText('name', name)]);
      return row === undefined ? null : configurationFrom(row);
    },

    async put({ userId, name, version, value, updatedAtMs }, over, audit) {
      const key = [userKey(userId), idText('name', name)];
      const written = [version, storedText(value), updatedAtMs];
      const change = { kind: 'configuration', userId, name } as const;
      return over === null
        ? insert(userId, [...key, storedText(userId), ...written], change, audit)
        : update(userId, [...key, ...written, over], change, audit);
    },

    async list(userId) {
      return (await db.read('listing configuration', userId, list, [userKey(userId)])).map(configurationFrom);
    },

    async delete(userId, name, audit) {
      return remove(userId, [userKey(userId), idText('name', name)], { kind: 'configuration', userId, name }, audit);
    },
  };
}

const configurationFrom = (row: Row): ConfigurationRecord => ({
  userId: text(row, 'user_id'),
  name: text(row, 'name'),
  version: integer(row, 'version'),
  value: text(row, 'value'),
  updatedAtMs: integer(row, 'updated_at_ms'),
});
