import type { AuditEntry, AuditRow, AuditStore } from '@algo/core/store';
import { reading, together, writing } from './at-once.js';
import type { SqliteConnection, SqliteStatement } from './driver.js';
import type { GroupCommit } from './group-commit.js';
import { asRow, integer, text, textOrNull } from './row.js';

/** Who changed what. The database itself refuses to change an entry or to take one away, whoever asks. */
export function createAudit(connection: SqliteConnection, commits: GroupCommit, log: AuditLog): AuditStore {
  const newestFirst = 'ORDER BY seq DESC LIMIT ?';
  const list = connection.prepare(`SELECT ${COLUMNS} FROM audit WHERE user_id = ? AND seq < ? ${newestFirst}`);
  const ofSubject = connection.prepare(
    `SELECT ${COLUMNS} FROM audit WHERE user_id = ? AND subject = ? AND seq < ? ${newestFirst}`,
  );

  return {
    append: async (entry) => writing(commits, auditIds(entry), () => log.append(entry)),

    list: async (userId, { limit, beforeSeq = Number.MAX_SAFE_INTEGER, subject }) =>
      reading(commits, { userId }, () => {
        const rows =
          subject === undefined ? list.all(userId, beforeSeq, limit) : ofSubject.all(userId, subject, beforeSeq, limit);
        return rows.map(entryFrom);
      }),
  };
}

/** Entries that are part of another write. */
export class AuditLog {
  readonly #commits: GroupCommit;
  readonly #insert: SqliteStatement;

  constructor(connection: SqliteConnection, commits: GroupCommit) {
    this.#commits = commits;
    this.#insert = connection.prepare(
      'INSERT INTO audit (user_id, at_ms, actor, action, subject, why, before, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
  }

  /** Runs a write of one statement, with its entry in the same transaction if it changed something. */
  beside(entry: AuditEntry | undefined, ids: Readonly<Record<string, string>>, run: () => boolean): boolean {
    if (entry === undefined) return writing(this.#commits, ids, run);
    return together(this.#commits, { ...ids, ...auditIds(entry) }, () => {
      const changed = run();
      if (changed) this.append(entry);
      return changed;
    });
  }

  /** To be called inside a transaction. */
  append({ userId, atMs, actor, action, subject, why, before, after }: AuditEntry): void {
    this.#insert.run(userId, atMs, actor, action, subject, why, before, after);
  }
}

/** To be checked before anything of the call is written. */
export const auditIds = (entry: AuditEntry | undefined): Readonly<Record<string, string>> =>
  entry === undefined ? {} : { 'audit.userId': entry.userId };

const COLUMNS = 'seq, user_id, at_ms, actor, action, subject, why, before, after';

function entryFrom(value: unknown): AuditRow {
  const row = asRow(value);
  return {
    seq: integer(row, 'seq'),
    userId: text(row, 'user_id'),
    atMs: integer(row, 'at_ms'),
    actor: text(row, 'actor'),
    action: text(row, 'action'),
    subject: text(row, 'subject'),
    why: textOrNull(row, 'why'),
    before: textOrNull(row, 'before'),
    after: textOrNull(row, 'after'),
  };
}
