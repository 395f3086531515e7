import { AlgoError } from '@algo/core/store';
import type { CredentialRecord, TransferStore } from '@algo/core/store';
import { together } from './at-once.js';
import { FIRST_SETTLED, STATE_CODES } from './attempt-row.js';
import type { AuditLog } from './audit.js';
import { auditIds } from './audit.js';
import { INSERT_CREDENTIAL, credentialIds, credentialValues } from './credentials.js';
import type { SqliteConnection } from './driver.js';
import type { GroupCommit } from './group-commit.js';
import { checkIds } from './keys.js';
import type { Row } from './row.js';
import { asRow, integer, text } from './row.js';

/** `TransferStore.reassign`: everything changes hands in one transaction, or nothing does. */
export function createReassign(
  connection: SqliteConnection,
  commits: GroupCommit,
  audit: AuditLog,
): TransferStore['reassign'] {
  const hasRows = connection.prepare(anyOf(TABLES.map((table) => `SELECT 1 FROM ${rowsOf(table, '@to')}`)));
  const hasOrdersUnderWay = connection.prepare(
    anyOf([
      `SELECT 1 FROM attempts WHERE user_id = @from AND state < ${FIRST_SETTLED} AND state <> ${STATE_CODES.ABSENT}`,
    ]),
  );
  const credentialsOf = connection.prepare('SELECT broker, account, version FROM credentials WHERE user_id = ?');
  const move = (table: Table) => {
    const update = connection.prepare(`UPDATE ${rowsOf(table, '@from', 'SET user_id = @to')}`);
    return (from: string, to: string): number => Number(update.run({ from, to }).changes);
  };
  const moves = {
    attempts: move('attempts'),
    orders: move('sightings'),
    fills: move('fills'),
    snapshots: move('snapshots'),
    imports: move('imports'),
    configuration: move('configuration'),
  };
  const removeCredentials = connection.prepare('DELETE FROM credentials WHERE user_id = ?');
  const removeSessions = connection.prepare('DELETE FROM sessions WHERE user_id = ?');
  const addCredential = connection.prepare(INSERT_CREDENTIAL);

  return async (from, to, credentials, entries) =>
    together(commits, { from, to }, () => {
      for (const entry of entries) checkIds(auditIds(entry));
      for (const record of credentials) checkIds(credentialIds(record));
      if (isFound(hasRows.get({ to }))) throw conflict('The user who gets the rows');
      if (isFound(hasOrdersUnderWay.get({ from }))) throw conflict('An order under way');
      refuseUnlessComplete(credentialsOf.all(from).map(asRow), to, credentials);

      removeCredentials.run(from);
      removeSessions.run(from);
      for (const record of credentials) addCredential.run(...credentialValues(record));
      moves.imports(from, to);
      for (const entry of entries) audit.append(entry);
      return {
        attempts: moves.attempts(from, to),
        orders: moves.orders(from, to),
        fills: moves.fills(from, to),
        snapshots: moves.snapshots(from, to),
        configuration: moves.configuration(from, to),
        credentials: credentials.length,
      };
    });
}

/** Whoever is given rows may have none of their own in these. */
const TABLES = [
  'attempts',
  'sightings',
  'fills',
  'snapshots',
  'imports',
  'configuration',
  'credentials',
  'sessions',
] as const;

type Table = (typeof TABLES)[number];

/** A table and the condition for one user's rows. Attempts have two indexes, of which each is asked for its own half. */
const rowsOf = (table: Table, user: '@from' | '@to', set = ''): string =>
  table === 'attempts'
    ? `attempts ${set} WHERE (user_id = ${user} AND state < ${FIRST_SETTLED}) OR (user_id = ${user} AND state >= ${FIRST_SETTLED})`
    : `${table} ${set} WHERE user_id = ${user}`;

const anyOf = (queries: readonly string[]): string =>
  `SELECT ${queries.map((query) => `EXISTS (${query})`).join(' OR ')} AS found`;

const isFound = (row: unknown): boolean => integer(asRow(row), 'found') === 1;

/** The credentials handed in have to be exactly those that are stored, each at its version, and for the other user. */
function refuseUnlessComplete(stored: readonly Row[], to: string, resealed: readonly CredentialRecord[]): void {
  const versions = new Map(resealed.map((record) => [nameOf(record.broker, record.account), record.version]));
  const isNamed = (row: Row): boolean =>
    versions.get(nameOf(text(row, 'broker'), text(row, 'account'))) === integer(row, 'version');
  const isWhole = versions.size === stored.length && stored.every(isNamed);
  if (!isWhole || versions.size !== resealed.length) throw conflict('A credential');
  if (resealed.some(({ userId }) => userId !== to)) throw conflict('The user of a credential');
}

const nameOf = (broker: string, account: string): string => JSON.stringify([broker, account]);

const conflict = (what: string): AlgoError => new AlgoError('ALGO_STORE_CONFLICT', { what });
