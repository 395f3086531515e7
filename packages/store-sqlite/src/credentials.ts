import type { AccountKey, CredentialRecord, CredentialStore, CredentialSummary } from '@algo/core/store';
import { reading, writing } from './at-once.js';
import type { SqliteConnection } from './driver.js';
import type { GroupCommit } from './group-commit.js';
import type { Row } from './row.js';
import { asRow, bytes, integer, json, misread, text } from './row.js';

/** Credentials, compared and set on their version. What is secret arrives sealed; this package has no key. */
export function createCredentials(connection: SqliteConnection, commits: GroupCommit): CredentialStore {
  const ofAccount = 'user_id = ? AND broker = ? AND account = ?';
  const get = connection.prepare(
    `SELECT user_id, broker, account, version, fields, sealed, updated_at_ms FROM credentials WHERE ${ofAccount}`,
  );
  const insert = connection.prepare(
    `INSERT INTO credentials (version, fields, sealed, updated_at_ms, user_id, broker, account) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const update = connection.prepare(
    `UPDATE credentials SET version = ?, fields = ?, sealed = ?, updated_at_ms = ? WHERE ${ofAccount} AND version = ?`,
  );
  const list = connection.prepare(
    'SELECT user_id, broker, account, version, fields, updated_at_ms FROM credentials WHERE user_id = ? ORDER BY rowid',
  );
  const remove = connection.prepare(`DELETE FROM credentials WHERE ${ofAccount}`);

  return {
    get: async ({ userId, broker, account }) =>
      reading(commits, { userId, broker, account }, () => {
        const row = get.get(userId, broker, account);
        return row === undefined ? null : credentialFrom(asRow(row));
      }),

    put: async (record) =>
      writing(commits, keyOf(record), () => {
        const { userId, broker, account, version, sealed, updatedAtMs } = record;
        const values = [version, JSON.stringify(record.fields), sealed, updatedAtMs, userId, broker, account];
        const { changes } = version === 1 ? insert.run(...values) : update.run(...values, version - 1);
        return changes === 1;
      }),

    list: async (userId) => reading(commits, { userId }, () => list.all(userId).map((row) => summaryFrom(asRow(row)))),

    delete: async ({ userId, broker, account }) =>
      writing(commits, { userId, broker, account }, () => remove.run(userId, broker, account).changes === 1),
  };
}

const keyOf = ({ userId, broker, account }: AccountKey) => ({ userId, broker, account });

const credentialFrom = (row: Row): CredentialRecord => ({ ...summaryFrom(row), sealed: bytes(row, 'sealed') });

const summaryFrom = (row: Row): CredentialSummary => ({
  userId: text(row, 'user_id'),
  broker: text(row, 'broker'),
  account: text(row, 'account'),
  version: integer(row, 'version'),
  fields: fieldsFrom(json(row, 'fields')),
  updatedAtMs: integer(row, 'updated_at_ms'),
});

function fieldsFrom(parsed: Row): Readonly<Record<string, string>> {
  if (hasOnlyTexts(parsed)) return parsed;
  throw misread('fields');
}

const hasOnlyTexts = (parsed: Row): parsed is Readonly<Record<string, string>> =>
  Object.values(parsed).every((value) => typeof value === 'string');
