import { AlgoError } from '@algo/core/store';
import type { SealedRecord, SealedRecords } from '@algo/core/store';
import type { Database, Values } from './database.js';
import { accountValues } from './keys.js';
import { bytes, integer, misread, text } from './row.js';
import type { Row } from './row.js';
import { statement } from './statement.js';
import type { Statement } from './statement.js';

type Field = SealedRecord['field'];

/**
 * Every sealed row once: credentials before sessions, each in the order of users' digests, brokers and accounts, of which
 * no write changes anything. `db` sees the rows of all users.
 */
export function createSealedRecords(db: Database): SealedRecords {
  const page = pageStatement(db.schema);
  const replaceIn = (table: string): Statement =>
    statement(
      `sealed replace in ${table}`,
      `UPDATE ${db.schema}.${table} SET sealed = $6
       WHERE user_key = $1 AND broker = $2 AND account = $3 AND version = $4 AND sealed = $5 RETURNING 1`,
    );
  const replace = { credential: replaceIn('credentials'), session: replaceIn('sessions') };

  return {
    async page(after, limit) {
      const rows = await db.read('reading sealed rows', null, page, [...placeValues(after), limit + 1]);
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      return { records: rows.slice(0, limit).map(sealedFrom), next: last === undefined ? null : placeOf(last) };
    },

    async replace(record, sealed) {
      const values = [...accountValues(record), record.version, record.sealed, sealed];
      const rows = await db.write('replacing a sealed row', null, replace[record.field], values);
      return rows.length === 1;
    },
  };
}

/** Each table is read by its primary key from where the page before ended. */
function pageStatement(schema: string): Statement {
  const rowsOf = (field: Field, table: string, [user, broker, account]: readonly string[], isWanted: string): string =>
    `(SELECT '${field}' AS field, user_key, user_id, broker, account, version, sealed FROM ${schema}.${table}
      WHERE ${isWanted} AND (user_key, broker, account) > (${user}, ${broker}, ${account})
      ORDER BY user_key, broker, account LIMIT $8)`;
  return statement(
    'sealed page',
    `SELECT field, encode(user_key, 'hex') AS user_hex, user_id, broker, account, version, sealed FROM (
       ${rowsOf('credential', 'credentials', ['$2', '$3', '$4'], '$1')}
       UNION ALL ${rowsOf('session', 'sessions', ['$5', '$6', '$7'], 'true')}
     ) AS sealed_rows ORDER BY field, user_key, broker, account LIMIT $8`,
  );
}

/** Less than every row: no digest is empty. */
const BEFORE_ALL: Values = [Buffer.alloc(0), '', ''];

const placeOf = (row: Row): string => JSON.stringify([row['field'], row['user_hex'], row['broker'], row['account']]);

/** Whether credentials are still to come, after which of them, and after which session. */
function placeValues(after: string | null): Values {
  if (after === null) return [true, ...BEFORE_ALL, ...BEFORE_ALL];
  const place = readJson(after);
  if (!isPlace(place)) {
    throw new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field: 'after', problem: 'is not the next of a page' }] });
  }
  const [field, user, broker, account] = place;
  const values = [Buffer.from(user, 'hex'), broker, account];
  return field === 'credential' ? [true, ...values, ...BEFORE_ALL] : [false, ...BEFORE_ALL, ...values];
}

const isPlace = (value: unknown): value is readonly [string, string, string, string] =>
  Array.isArray(value) && value.length === 4 && value.every((part) => typeof part === 'string');

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const sealedFrom = (row: Row): SealedRecord => ({
  userId: text(row, 'user_id'),
  broker: text(row, 'broker'),
  account: text(row, 'account'),
  field: fieldFrom(text(row, 'field')),
  version: integer(row, 'version'),
  sealed: bytes(row, 'sealed'),
});

function fieldFrom(found: string): Field {
  if (found === 'credential' || found === 'session') return found;
  throw misread('field');
}
