import type { AccountKey, CredentialRecord, CredentialStore, CredentialSummary } from '@algo/core/store';
import { reading } from './at-once.js';
import type { AuditLog } from './audit.js';
import type { SqliteConnection } from './driver.js';
import type { GroupCommit } from './group-commit.js';
import type { Row } from './row.js';
import { asRow, bytes, integer, json, misread, text } from './row.js';

/** Credentials, compared and set on their version. What is secret arrives sealed; this package has no key. */
export function createCredentials(
  connection: SqliteConnection,
  commits: GroupCommit,
  audit: AuditLog,
): CredentialStore {
  const ofAccount = 'user_id = ? AND broker = ? AND account = ?';
  const get = connection.prepare(
    `SELECT user_id, broker, account, version, fields, sealed, updated_at_ms FROM credentials WHERE ${ofAccount}`,
  );
  const insert = connection.prepare(`${INSERT_CREDENTIAL} ON CONFLICT DO NOTHING`);
  const update = connection.prepare(
    `UPDATE credentials SET version = ?, fields = ?, sealed = ?, updated_at_ms = ? WHERE ${ofAccount} AND version = ?`,
  );
  const list = connection.prepare(
    'SELECT user_id, broker, account, version, fields, updated_at_ms FROM credentials WHERE user_id = ? ORDER BY broker, account',
  );
  const remove = connection.prepare(`DELETE FROM credentials WHERE ${ofAccount}`);

  return {
    get: async ({ userId, broker, account }) =>
      reading(commits, { userId, broker, account }, () => {
        const row = get.get(userId, broker, account);
        return row === undefined ? null : credentialFrom(asRow(row));
      }),

    put: async (record, over, entry) =>
      audit.beside(entry, credentialIds(record), () => {
        const values = credentialValues(record);
        const { changes } = over === null ? insert.run(...values) : update.run(...values, over);
        return changes === 1;
      }),

    list: async (userId) => reading(commits, { userId }, () => list.all(userId).map((row) => summaryFrom(asRow(row)))),

    delete: async ({ userId, broker, account }, entry) =>
      audit.beside(entry, { userId, broker, account }, () => remove.run(userId, broker, account).changes === 1),
  };
}

/** What to do with a row that is there is the caller's to add. */
export const INSERT_CREDENTIAL =
  'INSERT INTO credentials (version, fields, sealed, updated_at_ms, user_id, broker, account) VALUES (?, ?, ?, ?, ?, ?, ?)';

/** The values of `INSERT_CREDENTIAL`. */
export const credentialValues = (record: CredentialRecord): readonly unknown[] => [
  record.version,
  JSON.stringify(record.fields),
  record.sealed,
  record.updatedAtMs,
  record.userId,
  record.broker,
  record.account,
];

export const credentialIds = ({ userId, broker, account }: AccountKey) => ({ userId, broker, account });

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
