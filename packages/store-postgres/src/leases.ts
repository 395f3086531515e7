import type { Lease, LeaseKey, LeaseStore } from '@algo/core/store';
import type { ChangeFeed } from './change-feed.js';
import type { Database, Values } from './database.js';
import { idText, storedText, userKey } from './keys.js';
import { integer, text } from './row.js';
import type { Row } from './row.js';
import { statement } from './statement.js';
import { createTellingWrite } from './telling-write.js';

/**
 * Leases by the server's clock, which all processes share. A row stays when its lease is released, because its epoch
 * only ever grows; then it has no owner.
 */
export function createLeases(db: Database, feed: ChangeFeed): LeaseStore {
  const table = `${db.schema}.leases`;
  const columns = 'user_id, name, owner, epoch, expires_at_ms';
  const ofHolder = 'user_key = $1 AND name = $2 AND owner = $3 AND epoch = $4';
  const acquire = statement(
    'leases acquire',
    `INSERT INTO ${table} AS held (user_key, name, user_id, owner, epoch, expires_at_ms)
     VALUES ($1, $2, $3, $4, 1, ${NOW_MS} + $5)
     ON CONFLICT (user_key, name) DO UPDATE
       SET owner = excluded.owner, epoch = held.epoch + 1, expires_at_ms = excluded.expires_at_ms
       WHERE held.owner IS NULL OR held.expires_at_ms <= ${NOW_MS}
     RETURNING ${columns}`,
  );
  const renew = statement(
    'leases renew',
    `UPDATE ${table} SET expires_at_ms = ${NOW_MS} + $5 WHERE ${ofHolder} RETURNING ${columns}`,
  );
  const get = statement(
    'leases get',
    `SELECT ${columns} FROM ${table}
     WHERE user_key = $1 AND name = $2 AND owner IS NOT NULL AND expires_at_ms > ${NOW_MS}`,
  );
  const release = createTellingWrite(
    db,
    feed,
    'releasing a lease',
    `UPDATE ${table} SET owner = NULL WHERE ${ofHolder} AND expires_at_ms > ${NOW_MS} RETURNING 1`,
    4,
  );

  return {
    async acquire(key, owner, ttlMs) {
      const values = [...keyValues(key), storedText(key.userId), idText('owner', owner), ttlMs];
      const [row] = await db.write('acquiring a lease', key.userId, acquire, values);
      return row === undefined ? null : leaseFrom(row);
    },

    async renew(lease, ttlMs) {
      const [row] = await db.write('renewing a lease', lease.userId, renew, [...holderValues(lease), ttlMs]);
      return row === undefined ? null : leaseFrom(row);
    },

    async release(lease) {
      const { userId, name } = lease;
      return release(userId, holderValues(lease), { kind: 'lease', userId, name });
    },

    async get(key) {
      const [row] = await db.read('reading a lease', key.userId, get, keyValues(key));
      return row === undefined ? null : leaseFrom(row);
    },
  };
}

/** Moves on within a transaction too, unlike now(). */
export const NOW_MS = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

const keyValues = ({ userId, name }: LeaseKey): Values => [userKey(userId), idText('name', name)];

const holderValues = (lease: Lease): Values => [...keyValues(lease), idText('owner', lease.owner), lease.epoch];

const leaseFrom = (row: Row): Lease => ({
  userId: text(row, 'user_id'),
  name: text(row, 'name'),
  owner: text(row, 'owner'),
  epoch: integer(row, 'epoch'),
  expiresAtMs: integer(row, 'expires_at_ms'),
});
