import { AlgoError } from '@algo/core/store';
import type { AttemptState, CredentialRecord, Reassignment, TransferStore } from '@algo/core/store';
import { appendAudit, auditValues } from './audit.js';
import { channelName } from './change-feed.js';
import type { ChangeFeed } from './change-feed.js';
import type { Database, Run, Values } from './database.js';
import { accountValues, storedText, userKey } from './keys.js';
import { flag, integer, misread, text } from './row.js';
import type { Row } from './row.js';
import { statement } from './statement.js';

const MOVED = ['attempts', 'sightings', 'fills', 'snapshots', 'imports', 'configuration'] as const;
const TABLES = [...MOVED, 'credentials', 'sessions'] as const;

/**
 * Hands everything of one user to another. Nobody writes to these tables meanwhile: a row added by another process
 * between the check and the move would be left behind with nobody to look after it.
 *
 * `db` sees the rows of all users; `feed` is that of the store.
 */
export function createReassignment(db: Database, feed: ChangeFeed): TransferStore['reassign'] {
  const { schema } = db;
  const lock = statement(
    'reassign lock',
    `LOCK TABLE ${TABLES.map((table) => `${schema}.${table}`).join(', ')} IN SHARE ROW EXCLUSIVE MODE`,
  );
  const check = statement(
    'reassign check',
    `SELECT ${TABLES.map((table) => `EXISTS (SELECT FROM ${schema}.${table} WHERE user_key = $2)`).join(' OR ')} AS taken,
       EXISTS (SELECT FROM ${schema}.attempts WHERE user_key = $1 AND state = ANY ($3)) AS under_way`,
  );
  const credentials = statement(
    'reassign credentials',
    `DELETE FROM ${schema}.credentials WHERE user_key = $1 RETURNING broker, account, version`,
  );
  const sessions = statement('reassign sessions', `DELETE FROM ${schema}.sessions WHERE user_key = $1`);
  const moves = MOVED.map((table) =>
    statement(
      `reassign ${table}`,
      `WITH moved AS (UPDATE ${schema}.${table} SET user_key = $2, user_id = $3 WHERE user_key = $1 RETURNING 1)
       SELECT count(*) AS moved FROM moved`,
    ),
  );
  const insert = statement(
    'reassign credential',
    `INSERT INTO ${schema}.credentials (user_key, broker, account, user_id, version, fields, sealed, updated_at_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
  );
  const tell = statement('reassign tell', 'SELECT pg_notify($1, $2)');
  const note = appendAudit(schema);

  const move = async (run: Run, values: Values): Promise<Omit<Reassignment, 'credentials'>> => {
    const counts: number[] = [];
    for (const moving of moves) counts.push(integer(required(await run(moving, values)), 'moved'));
    const [attempts = 0, orders = 0, fills = 0, snapshots = 0, , configuration = 0] = counts;
    return { attempts, orders, fills, snapshots, configuration };
  };

  return async (from, to, resealed, audit) => {
    const [theirs, given] = [userKey(from), userKey(to)];
    const rows = resealed.map((record) => [...accountValues(record), ...credentialValues(record)]);
    const entries = audit.map(auditValues);
    return db.transaction('reassigning', null, async (run) => {
      await run(lock, []);
      const checked = required(await run(check, [theirs, given, UNDER_WAY]));
      if (flag(checked, 'taken')) throw conflict('The user who gets the rows');
      if (flag(checked, 'under_way')) throw conflict('An order under way');
      refuseUnlessComplete(await run(credentials, [theirs]), to, resealed);
      await run(sessions, [theirs]);
      const moved = await move(run, [theirs, given, storedText(to)]);
      for (const row of rows) await run(insert, row);
      for (const entry of entries) await run(note, entry);
      await run(tell, [channelName(schema), feed.payload({ kind: 'everything' })]); // of two users; a rare event
      return { ...moved, credentials: rows.length };
    });
  };
}

/** States in which an attempt is not at its end: whoever looks for its order looks under the user it was placed by. */
const UNDER_WAY: readonly AttemptState[] = ['INTENT', 'SUBMITTING', 'AMBIGUOUS', 'UNRESOLVED'];

/** Each credential that `from` had, once, at the version it had, and sealed for `to`. */
function refuseUnlessComplete(had: readonly Row[], to: string, resealed: readonly CredentialRecord[]): void {
  const versions = new Map(resealed.map((record) => [JSON.stringify([record.broker, record.account]), record.version]));
  const isNamed = (row: Row): boolean =>
    versions.get(JSON.stringify([text(row, 'broker'), text(row, 'account')])) === integer(row, 'version');
  const isWhole = had.length === versions.size && versions.size === resealed.length && had.every(isNamed);
  if (!isWhole) throw conflict('A credential');
  if (resealed.some(({ userId }) => userId !== to)) throw conflict('The user of a credential');
}

const conflict = (what: string): AlgoError => new AlgoError('ALGO_STORE_CONFLICT', { what });

const credentialValues = ({ userId, version, fields, sealed, updatedAtMs }: CredentialRecord): Values => [
  storedText(userId),
  version,
  JSON.stringify(fields),
  sealed,
  updatedAtMs,
];

function required([row]: readonly Row[]): Row {
  if (row === undefined) throw misread('row');
  return row;
}
