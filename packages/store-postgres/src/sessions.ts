import type { SessionStore, SessionSummary } from '@algo/core/store';
import type { ChangeFeed } from './change-feed.js';
import type { Database } from './database.js';
import { accountOf, accountValues, idText, storedText, userKey } from './keys.js';
import { bytes, integer, integerOrNull, text } from './row.js';
import type { Row } from './row.js';
import { statement } from './statement.js';
import { createTellingWrite } from './telling-write.js';

/** Broker sessions, sealed, compared and set on their version, and fenced by a lease when one is given. */
export function createSessions(db: Database, feed: ChangeFeed): SessionStore {
  const table = `${db.schema}.sessions`;
  const ofAccount = 'user_key = $1 AND broker = $2 AND account = $3';
  const get = statement(
    'sessions get',
    `SELECT user_id, broker, account, version, sealed, expires_at_ms, updated_at_ms FROM ${table} WHERE ${ofAccount}`,
  );
  const list = statement(
    'sessions list',
    `SELECT user_id, broker, account, version, expires_at_ms, updated_at_ms FROM ${table}
     WHERE user_key = $1 ORDER BY broker, account`,
  );
  // Locks the lease's row until the session is written: nobody can be given the lease in between.
  const underLease = `EXISTS (
    SELECT FROM ${db.schema}.leases WHERE user_key = $9 AND name = $10 AND owner = $11 AND epoch = $12 FOR SHARE)`;
  const insertRow = (source: string) =>
    `INSERT INTO ${table} (user_key, broker, account, version, sealed, expires_at_ms, updated_at_ms, user_id)
     ${source} ON CONFLICT DO NOTHING RETURNING 1`;
  const updateRow = (condition: string) =>
    `UPDATE ${table} SET version = $4, sealed = $5, expires_at_ms = $6, updated_at_ms = $7
     WHERE ${ofAccount} AND version = $8 ${condition} RETURNING 1`;
  const what = 'writing a session';
  const insert = createTellingWrite(db, feed, what, insertRow('VALUES ($1, $2, $3, $4, $5, $6, $7, $8)'), 8);
  const insertUnderLease = createTellingWrite(
    db,
    feed,
    what,
    insertRow(
      `SELECT $1::bytea, $2::text, $3::text, $4::bigint, $5::bytea, $6::bigint, $7::bigint, $8::text WHERE ${underLease}`,
    ),
    12,
  );
  const update = createTellingWrite(db, feed, what, updateRow(''), 8);
  const updateUnderLease = createTellingWrite(db, feed, what, updateRow(`AND ${underLease}`), 12);
  const remove = createTellingWrite(
    db,
    feed,
    'removing a session',
    `DELETE FROM ${table} WHERE ${ofAccount} AND ($4::bigint IS NULL OR version = $4) RETURNING 1`,
    4,
  );

  return {
    async get(key) {
      const [row] = await db.read('reading a session', key.userId, get, accountValues(key));
      return row === undefined ? null : { ...summaryFrom(row), sealed: bytes(row, 'sealed') };
    },

    async put(record, over, fence) {
      const { userId, version, sealed, expiresAtMs, updatedAtMs } = record;
      const values = [...accountValues(record), version, sealed, expiresAtMs, updatedAtMs, over ?? storedText(userId)];
      const change = { kind: 'session', key: accountOf(record) } as const;
      if (fence === undefined) return (over === null ? insert : update)(userId, values, change);
      const lease = [userKey(fence.userId), idText('name', fence.name), idText('owner', fence.owner), fence.epoch];
      return (over === null ? insertUnderLease : updateUnderLease)(userId, [...values, ...lease], change);
    },

    async list(userId) {
      return (await db.read('listing sessions', userId, list, [userKey(userId)])).map(summaryFrom);
    },

    async delete(key, version) {
      return remove(key.userId, [...accountValues(key), version ?? null], { kind: 'session', key: accountOf(key) });
    },
  };
}

const summaryFrom = (row: Row): SessionSummary => ({
  userId: text(row, 'user_id'),
  broker: text(row, 'broker'),
  account: text(row, 'account'),
  version: integer(row, 'version'),
  expiresAtMs: integerOrNull(row, 'expires_at_ms'),
  updatedAtMs: integer(row, 'updated_at_ms'),
});
