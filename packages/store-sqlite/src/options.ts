import { AlgoError } from '@algo/core/store';
import type { SqliteDriver } from './driver.js';

/**
 * `full`: a write is on the disk before its promise resolves, so it survives a power cut. `normal`: it survives a
 * crash of the process but the last writes before a power cut may be gone. `normal` is for benchmarks and simulations:
 * an order that was sent and then forgotten is an order nobody reconciles.
 */
export type Durability = 'full' | 'normal';

/** Settings of one SQLite store. Defaults live in `DEFAULTS` and nowhere else. */
export interface SqliteOptions {
  /** The file, for example `./orders.db`. It is created when missing; its folder is not. */
  readonly path: string;
  /** @default 'full' */
  readonly durability?: Durability;
  /** Longest wait for another program that is writing to the file, in milliseconds; nothing else runs meanwhile. @default 1000 */
  readonly busyTimeoutMs?: number;
  /** A better-sqlite3 class of the host's own. Left out, the installed better-sqlite3 is loaded when the store opens. */
  readonly driver?: SqliteDriver;
}

const DEFAULTS = { durability: 'full', busyTimeoutMs: 1_000 } satisfies Partial<SqliteOptions>;

export interface ResolvedSqliteOptions {
  readonly path: string;
  readonly durability: Durability;
  readonly busyTimeoutMs: number;
  /** Null: load the installed one. */
  readonly driver: SqliteDriver | null;
}

/** @throws {AlgoError} `ALGO_INVALID_INPUT` with every problem at once. */
export function resolveOptions(options: SqliteOptions): ResolvedSqliteOptions {
  const resolved = {
    path: options.path,
    durability: options.durability ?? DEFAULTS.durability,
    busyTimeoutMs: options.busyTimeoutMs ?? DEFAULTS.busyTimeoutMs,
    driver: options.driver ?? null,
  };
  const problems = [
    { field: 'path', problem: pathProblem(resolved.path) },
    { field: 'durability', problem: DURABILITIES.has(resolved.durability) ? null : "must be 'full' or 'normal'" },
    {
      field: 'busyTimeoutMs',
      problem: isTimeout(resolved.busyTimeoutMs) ? null : 'must be a whole number from 0 to 60000',
    },
  ].flatMap(({ field, problem }) => (problem === null ? [] : [{ field, problem }]));
  if (problems.length > 0) throw new AlgoError('ALGO_INVALID_INPUT', { problems });
  return resolved;
}

const DURABILITIES: ReadonlySet<unknown> = new Set<Durability>(['full', 'normal']);

const isTimeout = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 60_000;

function pathProblem(path: unknown): string | null {
  if (typeof path !== 'string' || path.trim() === '') return 'must name a file, for example ./orders.db';
  if (path === ':memory:') return 'must name a file; for a store in memory use memoryStore() from @algo/core/store';
  // The driver trims what it is given, so such a name would open another file than the one that is locked.
  if (path !== path.trim()) return 'must not begin or end with white space';
  return path.includes('\0') ? 'must not contain a NUL character' : null;
}
