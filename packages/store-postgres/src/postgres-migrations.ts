import { AlgoError } from '@algo/core/store';
import { Database } from './database.js';
import { createPool } from './driver.js';
import {
  SCHEMA_VERSION,
  migrate,
  planFrom,
  readVersion,
  rollback,
  rowLevelSecuritySwitches,
  switchRowLevelSecurity,
} from './migrations.js';
import type { MigrationPlan } from './migrations.js';
import { resolveOptions } from './options.js';
import type { PostgresTarget } from './options.js';
import { schemaDifferences } from './schema-description.js';

/** Settings of the migrations of one schema; they run as the role that is to own the tables. */
export type PostgresMigrationsOptions = PostgresTarget & {
  /** @default 'algo' */
  readonly schema?: string;
  /** Turns row-level security on or off while migrating. Left out, it stays as it is. */
  readonly rowLevelSecurity?: boolean;
};

export interface PostgresMigrations {
  /** What `migrate` would do. Writes nothing. */
  plan(): Promise<PostgresMigrationPlan>;
  /** Does it, and returns what was done. Take a dump before: see docs/guide/many-processes.md. */
  migrate(): Promise<PostgresMigrationPlan>;
  /** Compares the schema with what this version's migrations make. Writes nothing that stays. */
  verify(): Promise<Verification>;
  /**
   * Takes migrations back until number `to` is the newest one left, in one transaction.
   *
   * @throws {AlgoError} `ALGO_MIGRATION_FAILED` when rows would be lost, unless `acceptLoss` is given
   */
  rollback(to: number, options?: { readonly acceptLoss?: boolean }): Promise<void>;
}

export interface PostgresMigrationPlan extends MigrationPlan {
  /** Statements that turn row-level security on or off. */
  readonly switches: readonly string[];
}

export interface Verification {
  readonly found: number;
  readonly wanted: number;
  /** What differs, one line each, for people; empty when nothing does. */
  readonly differences: readonly string[];
}

/**
 * The migrations of a schema, for hosts that open their stores with `migrate: 'manual'` and a role that may not change
 * tables. Each call makes its own connection and lets go of it.
 *
 * Calls reject with `ALGO_MIGRATION_FAILED`, and `ALGO_STORE_UNUSABLE` for a schema of a newer version.
 */
export function postgresMigrations(options: PostgresMigrationsOptions): PostgresMigrations {
  const { target, path, schema } = resolveOptions(options);
  const isOn = options.rowLevelSecurity;

  const using = async <Result>(work: (db: Database) => Promise<Result>): Promise<Result> => {
    const pool = target.pool ?? (await createPool(target.connectionString, 1));
    const db = new Database(pool, target.pool === undefined, { schema, rowLevelSecurity: false, answerTimeoutMs: 0 });
    try {
      return await work(db);
    } finally {
      await db.close();
    }
  };

  const plan = async (db: Database): Promise<PostgresMigrationPlan> => ({
    ...planFrom(schema, await readVersion(db, path)),
    switches:
      isOn === undefined
        ? []
        : await db.transaction('planning', null, (run) => rowLevelSecuritySwitches(run, schema, isOn)),
  });

  return {
    plan: () => using(plan),

    migrate: () =>
      using(async (db) => {
        const planned = await plan(db);
        await migrate(db, path);
        const switches = isOn === undefined ? [] : await switchRowLevelSecurity(db, path, isOn);
        return { ...planned, switches };
      }),

    verify: () =>
      using(async (db) => {
        const found = await readVersion(db, path);
        return { found, wanted: SCHEMA_VERSION, differences: await schemaDifferences(db) };
      }),

    rollback: async (to, { acceptLoss = false } = {}) => {
      if (!Number.isInteger(to) || to < 0 || to > SCHEMA_VERSION) {
        const problem = `must be a whole number from 0 to ${SCHEMA_VERSION}`;
        throw new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field: 'to', problem }] });
      }
      await using((db) => rollback(db, path, to, acceptLoss));
    },
  };
}
