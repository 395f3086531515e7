import { AlgoError } from '@algo/core/store';
import type { SqliteDriver } from './driver.js';

/**
 * `full`: a write is on the disk before its promise resolves, so it survives a power cut. `normal`: it survives a
 * crash of the process but the last writes before a power cut may be gone. `normal` is for benchmarks and simulations:
 * an order that was sent and then forgotten is an order nobody reconciles.
 */
export type Durability = 'full' | 'normal';

/**
 * How a file is looked through for damage. `quick`: all pages, about a second a gigabyte; skipped when a store of more
 * than 256 MiB is opened. `full`: indexes against their tables as well, several times slower. `none`: not at all.
 */
export type IntegrityCheck = 'quick' | 'full' | 'none';

/**
 * What opening does with a file of an older schema. `auto` makes a backup beside it and brings it up to date; `manual`
 * refuses it with `ALGO_MIGRATION_NEEDED`: run `sqliteMigrations({ path }).migrate()` first.
 */
export type MigrateOnOpen = 'auto' | 'manual';

/** Settings of one SQLite store. Defaults live in `DEFAULTS` and nowhere else. */
export interface SqliteOptions {
  /** The file, for example `./orders.db`. It is created when missing; its folder is not. */
  readonly path: string;
  /** @default 'full' */
  readonly durability?: Durability;
  /** Longest wait for another program that is writing to the file, in milliseconds; nothing else runs meanwhile. @default 1000 */
  readonly busyTimeoutMs?: number;
  /** @default 'quick' */
  readonly check?: IntegrityCheck;
  /** @default 'auto' */
  readonly migrate?: MigrateOnOpen;
  /** A better-sqlite3 class of the host's own. Left out, the installed better-sqlite3 is loaded when the store opens. */
  readonly driver?: SqliteDriver;
}

const DEFAULTS = {
  durability: 'full',
  busyTimeoutMs: 1_000,
  check: 'quick',
  migrate: 'auto',
} satisfies Partial<SqliteOptions>;

export interface ResolvedSqliteOptions {
  readonly path: string;
  readonly durability: Durability;
  readonly busyTimeoutMs: number;
  readonly check: IntegrityCheck;
  readonly migrate: MigrateOnOpen;
  /** Null: load the installed one. */
  readonly driver: SqliteDriver | null;
}

/** @throws {AlgoError} `ALGO_INVALID_INPUT` with every problem at once. */
export function resolveOptions(options: SqliteOptions): ResolvedSqliteOptions {
  const resolved = {
    path: options.path,
    durability: options.durability ?? DEFAULTS.durability,
    busyTimeoutMs: options.busyTimeoutMs ?? DEFAULTS.busyTimeoutMs,
    check: options.check ?? DEFAULTS.check,
    migrate: options.migrate ?? DEFAULTS.migrate,
    driver: options.driver ?? null,
  };
  const problems = [
    { field: 'path', problem: pathProblem(resolved.path) },
    { field: 'durability', problem: DURABILITIES.has(resolved.durability) ? null : "must be 'full' or 'normal'" },
    {
      field: 'busyTimeoutMs',
      problem: isTimeout(resolved.busyTimeoutMs) ? null : 'must be a whole number from 0 to 60000',
    },
    { field: 'check', problem: CHECKS.has(resolved.check) ? null : "must be 'quick', 'full' or 'none'" },
    { field: 'migrate', problem: MIGRATE.has(resolved.migrate) ? null : "must be 'auto' or 'manual'" },
  ].flatMap(({ field, problem }) => (problem === null ? [] : [{ field, problem }]));
  if (problems.length > 0) throw new AlgoError('ALGO_INVALID_INPUT', { problems });
  return resolved;
}

/** @throws {AlgoError} `ALGO_INVALID_INPUT` for a path that cannot name a file. */
export function checkPath(field: string, path: unknown): void {
  const problem = pathProblem(path);
  if (problem !== null) throw new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem }] });
}

const DURABILITIES: ReadonlySet<unknown> = new Set<Durability>(['full', 'normal']);

const CHECKS: ReadonlySet<unknown> = new Set<IntegrityCheck>(['quick', 'full', 'none']);
const MIGRATE: ReadonlySet<unknown> = new Set<MigrateOnOpen>(['auto', 'manual']);

const isTimeout = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 60_000;

function pathProblem(path: unknown): string | null {
  if (typeof path !== 'string' || path.trim() === '') return 'must name a file, for example ./orders.db';
  if (path === ':memory:') return 'must name a file; for a store in memory use memoryStore() from @algo/core/store';
  // The driver trims what it is given, so such a name would open another file than the one that is locked.
  if (path !== path.trim()) return 'must not begin or end with white space';
  return path.includes('\0') ? 'must not contain a NUL character' : null;
}
