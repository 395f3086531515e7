import { AlgoError } from '@algo/core/store';
import type { SealedRecord, SealedRecords } from '@algo/core/store';
import { reading, writing } from './at-once.js';
import type { SqliteConnection, SqliteStatement } from './driver.js';
import type { GroupCommit } from './group-commit.js';
import { asRow, bytes, integer, text } from './row.js';

/** Every sealed row once, in the order of the keys: first the credentials of all users, then the sessions. */
export function createSealedRecords(connection: SqliteConnection, commits: GroupCommit): SealedRecords {
  const credentials = new SealedTable(connection, 'credentials', 'credential');
  const sessions = new SealedTable(connection, 'sessions', 'session');

  return {
    page: async (after, limit) =>
      reading(commits, {}, () => {
        const place = after === null ? BEFORE_ALL : placeFrom(after);
        const wanted = limit + 1; // one more says whether there is another page
        const waiting =
          place.field === 'session'
            ? sessions.after(place, wanted)
            : [...credentials.after(place, wanted), ...sessions.after(BEFORE_ALL, wanted)];
        const records = waiting.slice(0, limit);
        const last = records.at(-1);
        return { records, next: last === undefined || waiting.length <= limit ? null : placeText(last) };
      }),

    replace: async (record, sealed) =>
      writing(commits, { userId: record.userId, broker: record.broker, account: record.account }, () =>
        (record.field === 'credential' ? credentials : sessions).replace(record, sealed),
      ),
  };
}

class SealedTable {
  readonly #field: SealedRecord['field'];
  readonly #first: SqliteStatement;
  readonly #after: SqliteStatement;
  readonly #replace: SqliteStatement;

  constructor(connection: SqliteConnection, table: 'credentials' | 'sessions', field: SealedRecord['field']) {
    const select = `SELECT user_id, broker, account, version, sealed FROM ${table}`;
    const inOrder = 'ORDER BY user_id, broker, account LIMIT ?';
    this.#field = field;
    this.#first = connection.prepare(`${select} ${inOrder}`);
    this.#after = connection.prepare(`${select} WHERE (user_id, broker, account) > (?, ?, ?) ${inOrder}`);
    this.#replace = connection.prepare(
      `UPDATE ${table} SET sealed = ? WHERE user_id = ? AND broker = ? AND account = ? AND version = ? AND sealed = ?`,
    );
  }

  after({ userId, broker, account }: Place, limit: number): readonly SealedRecord[] {
    const rows = userId === null ? this.#first.all(limit) : this.#after.all(userId, broker, account, limit);
    return rows.map((row) => this.#recordFrom(row));
  }

  replace({ userId, broker, account, version, sealed: before }: SealedRecord, sealed: Uint8Array): boolean {
    return this.#replace.run(sealed, userId, broker, account, version, before).changes === 1;
  }

  #recordFrom(value: unknown): SealedRecord {
    const row = asRow(value);
    return {
      userId: text(row, 'user_id'),
      broker: text(row, 'broker'),
      account: text(row, 'account'),
      field: this.#field,
      version: integer(row, 'version'),
      sealed: bytes(row, 'sealed'),
    };
  }
}

/** The row behind which a page begins; the first page of a table has none. */
interface Place {
  readonly field: SealedRecord['field'];
  readonly userId: string | null;
  readonly broker: string;
  readonly account: string;
}

const BEFORE_ALL: Place = { field: 'credential', userId: null, broker: '', account: '' };

const placeText = ({ field, userId, broker, account }: SealedRecord): string =>
  JSON.stringify([field, userId, broker, account]);

/** @throws {AlgoError} `ALGO_INVALID_INPUT` for what no page gave. */
function placeFrom(after: string): Place {
  const [field, userId, broker, account] = partsOf(after);
  const isField = field === 'credential' || field === 'session';
  if (isField && userId !== undefined && broker !== undefined && account !== undefined) {
    return { field, userId, broker, account };
  }
  throw new AlgoError('ALGO_INVALID_INPUT', {
    problems: [{ field: 'after', problem: 'must be null, or the `next` of an earlier page' }],
  });
}

function partsOf(after: string): readonly string[] {
  try {
    const parts: unknown = JSON.parse(after);
    return Array.isArray(parts) && parts.every((part) => typeof part === 'string') ? parts : [];
  } catch {
    return [];
  }
}
