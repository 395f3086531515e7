import type { CredentialRecord, CredentialStore, CredentialSummary } from '@algo/core/store';
import type { ChangeFeed } from './change-feed.js';
import type { Database } from './database.js';
import { asRecord, string } from './json-record.js';
import { accountOf, accountValues, storedText, userKey } from './keys.js';
import { bytes, integer, json, text } from './row.js';
import type { Row } from './row.js';
import { statement } from './statement.js';
import { createTellingWrite } from './telling-write.js';

/** Credentials, compared and set on their version. What is secret arrives sealed; this package has no key. */
export function createCredentials(db: Database, feed: ChangeFeed): CredentialStore {
  const table = `${db.schema}.credentials`;
  const ofAccount = 'user_key = $1 AND broker = $2 AND account = $3';
  const get = statement(
    'credentials get',
    `SELECT user_id, broker, account, version, fields, sealed, updated_at_ms FROM ${table} WHERE ${ofAccount}`,
  );
  const list = statement(
    'credentials list',
    `SELECT user_id, broker, account, version, fields, updated_at_ms FROM ${table}
     WHERE user_key = $1 ORDER BY broker, account`,
  );
  const insert = createTellingWrite(
    db,
    feed,
    'writing a credential',
    `INSERT INTO ${table} (user_key, broker, account, user_id, version, fields, sealed, updated_at_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING 1`,
    8,
  );
  const update = createTellingWrite(
    db,
    feed,
    'replacing a credential',
    `UPDATE ${table} SET version = $4, fields = $5, sealed = $6, updated_at_ms = $7
     WHERE ${ofAccount} AND version = $8 RETURNING 1`,
    8,
  );
  const remove = createTellingWrite(
    db,
    feed,
    'removing a credential',
    `DELETE FROM ${table} WHERE ${ofAccount} RETURNING 1`,
    3,
  );

  return {
    async get(key) {
      const [row] = await db.read('reading a credential', key.userId, get, accountValues(key));
      return row === undefined ? null : credentialFrom(row);
    },

    async put(record, over, audit) {
      const { userId, version, sealed, updatedAtMs } = record;
      const written = [version, JSON.stringify(record.fields), sealed, updatedAtMs];
      const change = { kind: 'credentials', key: accountOf(record) } as const;
      return over === null
        ? insert(userId, [...accountValues(record), storedText(userId), ...written], change, audit)
        : update(userId, [...accountValues(record), ...written, over], change, audit);
    },

    async list(userId) {
      return (await db.read('listing credentials', userId, list, [userKey(userId)])).map(summaryFrom);
    },

    async delete(key, audit) {
      return remove(key.userId, accountValues(key), { kind: 'credentials', key: accountOf(key) }, audit);
    },
  };
}

const credentialFrom = (row: Row): CredentialRecord => ({ ...summaryFrom(row), sealed: bytes(row, 'sealed') });

const summaryFrom = (row: Row): CredentialSummary => ({
  userId: text(row, 'user_id'),
  broker: text(row, 'broker'),
  account: text(row, 'account'),
  version: integer(row, 'version'),
  fields: fieldsFrom(asRecord(json(row, 'fields'), 'fields')),
  updatedAtMs: integer(row, 'updated_at_ms'),
});

const fieldsFrom = (fields: Row): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.keys(fields).map((name) => [name, string(fields, name)]));
