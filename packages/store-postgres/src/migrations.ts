import { AlgoError } from '@algo/core/store';
import type { Body, Database, Run } from './database.js';
import { vaultMigration } from './migrations/001-vault.js';
import { journalMigration } from './migrations/002-journal.js';
import { instrumentsMigration } from './migrations/003-instruments.js';
import { budgetsMigration } from './migrations/004-budgets.js';
import type { Migration } from './migrations/migration.js';
import { DriverError } from './postgres-failure.js';
import { flag, integer, text } from './row.js';
import { statement } from './statement.js';

/** Every migration, in order. Never edit one that was published: add the next. */
export const MIGRATIONS: readonly Migration[] = [
  vaultMigration,
  journalMigration,
  instrumentsMigration,
  budgetsMigration,
];

/** The number of the newest migration. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** What migrating would do. */
export interface MigrationPlan {
  /** Number of the newest migration in the database; 0 when there is none. */
  readonly found: number;
  readonly wanted: number;
  readonly steps: readonly MigrationStep[];
}

export interface MigrationStep {
  readonly number: number;
  readonly name: string;
  readonly statements: readonly string[];
}

/** @throws {AlgoError} `ALGO_STORE_UNUSABLE` for a schema that a newer version of this package, or somebody else, made. */
export async function readVersion(db: Database, path: string): Promise<number> {
  return versionOf(await db.transaction('reading the schema', null, (run) => appliedIn(run, db.schema)), path);
}

/** What `found` lacks. */
export const planFrom = (schema: string, found: number): MigrationPlan => ({
  found,
  wanted: SCHEMA_VERSION,
  steps: MIGRATIONS.slice(found).map(({ number, name, up }) => ({ number, name, statements: up(schema) })),
});

/**
 * Brings the schema up to date, each migration in a transaction of its own, so that one that was interrupted is either
 * there or not. Of two who run it at once the second waits and finds it done.
 *
 * @throws {AlgoError} `ALGO_MIGRATION_FAILED`, `ALGO_STORE_UNUSABLE`
 */
export async function migrate(db: Database, path: string): Promise<void> {
  const { schema } = db;
  await locked(db, path, async (run) => {
    await run(ddl(`CREATE SCHEMA IF NOT EXISTS ${schema}`), []);
    await run(ddl(`CREATE TABLE IF NOT EXISTS ${schema}.migrations (${REGISTER})`), []);
  });
  for (const { number, name, up } of MIGRATIONS) {
    await locked(db, path, async (run) => {
      if (versionOf(await appliedIn(run, schema), path) >= number) return;
      for (const text of up(schema)) await run(ddl(text), []);
      await run(statement('migrations note', `INSERT INTO ${schema}.migrations (number, name) VALUES ($1, $2)`), [
        number,
        name,
      ]);
    });
  }
}

/**
 * Takes migrations back, the newest first and all in one transaction, until `to` is the newest one left.
 *
 * @throws {AlgoError} `ALGO_MIGRATION_FAILED` when rows would be lost and `acceptLoss` is not given
 */
export async function rollback(db: Database, path: string, to: number, acceptLoss: boolean): Promise<void> {
  const { schema } = db;
  await locked(db, path, async (run) => {
    const undone = MIGRATIONS.slice(to, versionOf(await appliedIn(run, schema), path)).reverse();
    if (!acceptLoss) refuseLoss(path, await tablesWithRows(run, schema, undone));
    for (const { number, down } of undone) {
      for (const text of down(schema)) await run(ddl(text), []);
      await run(statement('migrations forget', `DELETE FROM ${schema}.migrations WHERE number = $1`), [number]);
    }
  });
}

/** Turns row-level security on or off for every user's table. @returns what was run */
export async function switchRowLevelSecurity(db: Database, path: string, isOn: boolean): Promise<readonly string[]> {
  return locked(db, path, async (run) => {
    const switches = await rowLevelSecuritySwitches(run, db.schema, isOn);
    for (const text of switches) await run(ddl(text), []);
    return switches;
  });
}

/** The statements that are needed for every user's table to have it on, or off. */
export async function rowLevelSecuritySwitches(run: Run, schema: string, isOn: boolean): Promise<readonly string[]> {
  const tables = MIGRATIONS.flatMap(({ userTables }) => userTables);
  const found = await run(TABLES_WITH_SECURITY, [schema.slice(1, -1), tables, isOn]);
  const done = new Set(found.map((row) => text(row, 'table_name')));
  return tables
    .filter((table) => !done.has(table))
    .map((table) => `ALTER TABLE ${schema}.${table} ${isOn ? 'ENABLE' : 'DISABLE'} ROW LEVEL SECURITY`);
}

const REGISTER = 'number bigint PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()';

const TABLES_WITH_SECURITY = statement(
  'migrations security',
  `SELECT c.relname::text AS table_name FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
   WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relrowsecurity = $3`,
);

const HAS_REGISTER = statement('migrations register', 'SELECT to_regclass($1) IS NOT NULL AS found');
const LOCK = statement('migrations lock', 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))');
const NO_LIMIT = statement('migrations limit', 'SET LOCAL statement_timeout = 0');

/** Run once: its name is forgotten with the connection. */
const ddl = (text: string) => statement('migration', text);

/** One runner at a time; a driver's failure becomes one of migrating. */
async function locked<Result>(db: Database, path: string, body: Body<Result>): Promise<Result> {
  const inside: Body<Result> = async (run) => {
    try {
      await run(NO_LIMIT, []);
      await run(LOCK, [`algo migrations of ${db.schema}`]);
      return await body(run);
    } catch (error) {
      if (error instanceof DriverError && error.kind !== 'undone') {
        throw new AlgoError('ALGO_MIGRATION_FAILED', { store: path, why: error.why });
      }
      throw error;
    }
  };
  return db.transaction('migrating', null, inside);
}

/** Numbers of the migrations that are in the database, in order. */
async function appliedIn(run: Run, schema: string): Promise<readonly number[]> {
  const [row] = await run(HAS_REGISTER, [`${schema}.migrations`]);
  if (row === undefined || !flag(row, 'found')) return [];
  const rows = await run(statement('migrations list', `SELECT number FROM ${schema}.migrations ORDER BY number`), []);
  return rows.map((found) => integer(found, 'number'));
}

function versionOf(applied: readonly number[], path: string): number {
  const unusable = (why: string): AlgoError => new AlgoError('ALGO_STORE_UNUSABLE', { path, why });
  const newest = applied.at(-1) ?? 0;
  if (newest > SCHEMA_VERSION) {
    throw unusable(
      `a newer version of this package made it (schema ${newest}, known here ${SCHEMA_VERSION}); upgrade @algo/store-postgres`,
    );
  }
  if (applied.some((number, index) => number !== index + 1)) {
    throw unusable('its list of migrations has gaps; restore a backup, or name another schema');
  }
  return newest;
}

async function tablesWithRows(run: Run, schema: string, undone: readonly Migration[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const table of undone.flatMap(({ userTables, otherTables }) => [...userTables, ...otherTables])) {
    const [row] = await run(ddl(`SELECT EXISTS (SELECT FROM ${schema}.${table}) AS found`), []);
    if (row !== undefined && flag(row, 'found')) found.push(table);
  }
  return found;
}

function refuseLoss(path: string, tables: readonly string[]): void {
  if (tables.length === 0) return;
  throw new AlgoError('ALGO_MIGRATION_FAILED', {
    store: path,
    why: `rows of ${tables.join(', ')} would be lost; take a dump, then call rollback with acceptLoss`,
  });
}
