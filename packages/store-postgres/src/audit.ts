import type { AuditEntry, AuditRow, AuditStore } from '@algo/core/store';
import type { Database, Values } from './database.js';
import { storedText, userKey } from './keys.js';
import { integer, text, textOrNull } from './row.js';
import type { Row } from './row.js';
import { statement } from './statement.js';
import type { Statement } from './statement.js';

/** Who changed what. The database itself refuses to change an entry or to take one away. */
export function createAudit(db: Database): AuditStore {
  const append = appendAudit(db.schema);
  const list = statement(
    'audit list',
    `SELECT seq, user_id, at_ms, actor, action, subject, why, before, after FROM ${db.schema}.audit
     WHERE user_key = $1 AND seq < $2 AND ($3::text IS NULL OR subject = $3) ORDER BY seq DESC LIMIT $4`,
  );
  return {
    async append(entry) {
      await db.write('appending to the audit', entry.userId, append, auditValues(entry));
    },

    async list(userId, { limit, beforeSeq = Number.MAX_SAFE_INTEGER, subject }) {
      const values = [userKey(userId), beforeSeq, subject === undefined ? null : storedText(subject), limit];
      return (await db.read('reading the audit', userId, list, values)).map(auditFrom);
    },
  };
}

/** Adds one entry. */
export const appendAudit = (schema: string): Statement => statement('audit append', insertAudit(schema, 1, ''));

/** The same as a part of a larger statement; its parameters begin with number `first`. */
export const insertAudit = (schema: string, first: number, from: string): string =>
  `INSERT INTO ${schema}.audit (user_key, user_id, at_ms, actor, action, subject, why, before, after)
   SELECT ${TYPES.map((type, index) => `$${first + index}::${type}`).join(', ')} ${from}`;

/** The parameters of both. @throws {AlgoError} `ALGO_INVALID_INPUT` */
export const auditValues = (entry: AuditEntry): Values => [
  userKey(entry.userId),
  storedText(entry.userId),
  entry.atMs,
  storedText(entry.actor),
  storedText(entry.action),
  storedText(entry.subject),
  storedOrNull(entry.why),
  storedOrNull(entry.before),
  storedOrNull(entry.after),
];

const TYPES = ['bytea', 'text', 'bigint', 'text', 'text', 'text', 'text', 'text', 'text'];

const storedOrNull = (value: string | null): string | null => (value === null ? null : storedText(value));

const auditFrom = (row: Row): AuditRow => ({
  seq: integer(row, 'seq'),
  userId: text(row, 'user_id'),
  atMs: integer(row, 'at_ms'),
  actor: text(row, 'actor'),
  action: text(row, 'action'),
  subject: text(row, 'subject'),
  why: textOrNull(row, 'why'),
  before: textOrNull(row, 'before'),
  after: textOrNull(row, 'after'),
});
