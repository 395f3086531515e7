import { existsSync } from 'node:fs';
import { AlgoError } from '@algo/core/store';
import { loadDriver } from './driver.js';
import { migrateDown, migrateUp } from './migration-runner.js';
import type { MigrationReport } from './migration-runner.js';
import { resolveOptions } from './options.js';
import type { ResolvedSqliteOptions, SqliteOptions } from './options.js';
import { openOwned } from './owned-database.js';
import type { OwnedDatabase } from './owned-database.js';
import { readFrom } from './reader.js';
import { checkSchema } from './schema-check.js';
import type { SchemaReport } from './schema-check.js';
import { MIGRATIONS, SCHEMA_VERSION } from './schema.js';
import { schemaVersionOf } from './schema-version.js';
import { locateStoreFile } from './store-file.js';

export type SqliteMigrationsOptions = Pick<SqliteOptions, 'path' | 'busyTimeoutMs' | 'driver'>;

/** What `migrate` would do. */
export interface MigrationPlan {
  /** The schema of the file, 0 when it is empty or missing, and the one it would have. */
  readonly found: number;
  readonly wanted: number;
  readonly steps: readonly MigrationStep[];
}

export interface MigrationStep {
  readonly number: number;
  readonly name: string;
  /** SQL, in the order it is run. */
  readonly statements: readonly string[];
}

export interface SqliteMigrations {
  /** What `migrate` would do. Writes nothing at all, and works while a store has the file open. */
  plan(): Promise<MigrationPlan>;
  /**
   * Brings the file up to date, or makes it when it is missing. A file that held data is copied first, to
   * `<path>.before-<version>-<time>`, and the copy is checked.
   */
  migrate(): Promise<MigrationReport>;
  /** Whether the schema is exactly what this package expects, and the file undamaged. Reads the whole file at once. */
  verify(): Promise<SchemaReport>;
  /**
   * Goes back to an older schema, for an older version of this package, after the same copy. Rows that the older schema
   * has no place for are lost: it refuses then, saying which, unless told to accept it.
   */
  rollback(toVersion: number, options?: { readonly acceptLoss?: boolean }): Promise<MigrationReport>;
}

/**
 * The migrations of one SQLite store, to be looked at and run apart from opening it.
 *
 * `migrate` and `rollback` own the file while they run. Each step is one transaction: a process killed on the way
 * leaves whole steps, and the next run goes on from there.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT`. Its calls reject with `ALGO_DRIVER_UNSUITABLE`, `ALGO_STORE_UNUSABLE`,
 * `ALGO_STORE_IN_USE` while somebody has the file open, and `ALGO_MIGRATION_FAILED`, after which the file is as it was
 * after its last whole step.
 */
export function sqliteMigrations(options: SqliteMigrationsOptions): SqliteMigrations {
  const resolved = resolveOptions({ ...options, check: 'full' });
  const driverOf = () => resolved.driver ?? loadDriver();

  return {
    async plan() {
      if (!existsSync(locateStoreFile(resolved.path))) return planFrom(0);
      return readFrom(driverOf(), resolved.path, resolved.busyTimeoutMs, (connection, path) =>
        planFrom(schemaVersionOf(connection, path)),
      );
    },

    migrate: () => runOwned(resolved, migrateUp),

    async verify() {
      const driver = driverOf();
      return readFrom(driver, resolved.path, resolved.busyTimeoutMs, (connection, path) =>
        checkSchema(driver, connection, schemaVersionOf(connection, path)),
      );
    },

    rollback: (toVersion, { acceptLoss = false } = {}) =>
      runOwned(resolved, async (database) => {
        checkTarget(toVersion, database.found);
        return migrateDown(database, toVersion, acceptLoss);
      }),
  };
}

const planFrom = (found: number): MigrationPlan => ({
  found,
  wanted: SCHEMA_VERSION,
  steps: MIGRATIONS.slice(found).map(({ number, name, up }) => ({ number, name, statements: up })),
});

async function runOwned(
  options: ResolvedSqliteOptions,
  run: (database: OwnedDatabase) => Promise<MigrationReport>,
): Promise<MigrationReport> {
  let report: MigrationReport | undefined;
  const database = await openOwned(options, async (opened) => {
    report = await run(opened);
  });
  database.close();
  return report ?? { from: database.found, to: database.found, backup: null };
}

/** Before schema 1 there was nothing: for that, take the file away. */
function checkTarget(toVersion: number, found: number): void {
  if (Number.isInteger(toVersion) && toVersion >= 1 && toVersion <= found) return;
  const problem = `must be a whole number from 1 to ${found}, the schema of the file`;
  throw new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field: 'toVersion', problem }] });
}
