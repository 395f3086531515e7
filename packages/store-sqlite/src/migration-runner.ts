import { AlgoError } from '@algo/core/store';
import { copyDatabase } from './database-copy.js';
import type { SqliteConnection } from './driver.js';
import type { Migration } from './migrations/migration.js';
import type { OwnedDatabase } from './owned-database.js';
import { asRow, integer } from './row.js';
import { MIGRATIONS, SCHEMA_VERSION } from './schema.js';
import { toMigrationFailure, whyOf } from './sqlite-failure.js';

/** What a migration or its way back did. */
export interface MigrationReport {
  readonly from: number;
  readonly to: number;
  /** The backup that was made before; null when there was nothing to do, or nothing yet to keep. */
  readonly backup: string | null;
}

/**
 * Brings the schema up to date, each step in a transaction of its own: a process killed on the way leaves whole steps,
 * and the next one goes on from there. A file that held data is copied first.
 *
 * @throws {AlgoError} `ALGO_MIGRATION_FAILED`; for a new file whatever SQLite threw.
 */
export async function migrateUp(database: OwnedDatabase): Promise<MigrationReport> {
  const { connection, path, found } = database;
  if (found === 0) {
    const everything = MIGRATIONS.flatMap(({ up }) => up);
    runStep(connection, everything, SCHEMA_VERSION);
    return { from: 0, to: SCHEMA_VERSION, backup: null };
  }
  const steps = MIGRATIONS.slice(found);
  if (steps.length === 0) return { from: found, to: found, backup: null };
  const backup = await copyBefore(database, SCHEMA_VERSION);
  guarded(path, () => steps.forEach(({ number, up }) => runStep(connection, up, number)));
  return { from: found, to: SCHEMA_VERSION, backup };
}

/**
 * Takes steps back until the schema is `to`, each in a transaction of its own, after a copy was made.
 *
 * @throws {AlgoError} `ALGO_MIGRATION_FAILED`, also when rows would be lost and `acceptLoss` is false.
 */
export async function migrateDown(database: OwnedDatabase, to: number, acceptLoss: boolean): Promise<MigrationReport> {
  const { connection, path, found } = database;
  const steps = MIGRATIONS.slice(to, found).reverse();
  if (steps.length === 0) return { from: found, to: found, backup: null };
  const lost = guarded(path, () => lossesOf(connection, steps));
  if (lost.length > 0 && !acceptLoss) {
    const why = `schema ${to} has no place for rows of ${lost.join(', ')}; pass acceptLoss: true to let them go`;
    throw new AlgoError('ALGO_MIGRATION_FAILED', { store: path, why });
  }
  const backup = await copyBefore(database, to);
  guarded(path, () => steps.forEach(({ number, down }) => runStep(connection, down ?? [], number - 1)));
  return { from: found, to, backup };
}

/** All of the statements and the number they lead to, or nothing. */
function runStep(connection: SqliteConnection, statements: readonly string[], version: number): void {
  connection.exec('BEGIN IMMEDIATE');
  for (const statement of statements) connection.exec(statement);
  connection.exec(`PRAGMA user_version = ${version}`);
  connection.exec('COMMIT'); // after a failure nobody goes on: the connection is closed, and that undoes it
}

/** For example `fills (12)`. */
const lossesOf = (connection: SqliteConnection, steps: readonly Migration[]): readonly string[] =>
  steps
    .flatMap(({ lost }) => lost)
    .map(({ what, from }) => ({ what, rows: countOf(connection, from) }))
    .flatMap(({ what, rows }) => (rows === 0 ? [] : [`${what} (${rows})`]));

const countOf = (connection: SqliteConnection, from: string): number =>
  integer(asRow(connection.prepare(`SELECT count(*) AS rows FROM ${from}`).get()), 'rows');

/** @returns the path of the backup */
async function copyBefore({ driver, connection, path }: OwnedDatabase, version: number): Promise<string> {
  const time = new Date().toISOString().replaceAll(/[-:.]/g, '');
  const backup = `${path}.before-${version}-${time}`;
  try {
    await copyDatabase(driver, connection, backup, 'full');
  } catch (error) {
    const why = `no backup could be made beside it: ${whyOf(error)}`;
    throw new AlgoError('ALGO_MIGRATION_FAILED', { store: path, why });
  }
  return backup;
}

function guarded<Result>(path: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    throw toMigrationFailure(path, error);
  }
}
