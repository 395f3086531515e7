import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { AlgoError } from '@algo/core/store';

/** What this package uses of better-sqlite3's class, and all that a driver of the host's own has to offer. */
export type SqliteDriver = new (
  path: string,
  options: { readonly timeout: number; readonly readonly?: boolean },
) => SqliteConnection;

export interface SqliteConnection {
  readonly inTransaction: boolean;
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  /** Copies the database into a file, a few pages at a time. Without it a backup holds up the process while it is made. */
  backup?(path: string): Promise<unknown>;
  close(): unknown;
}

export interface SqliteStatement {
  /** True for a statement that gives rows. */
  readonly reader: boolean;
  run(...values: unknown[]): { readonly changes: number | bigint; readonly lastInsertRowid: number | bigint };
  get(...values: unknown[]): unknown;
  all(...values: unknown[]): unknown[];
  iterate(...values: unknown[]): IterableIterator<unknown>;
}

const NAME = 'better-sqlite3';

/**
 * Loads the installed better-sqlite3, after its package.json has shown that it runs here: version 13 on Node 20 does
 * not throw, it takes the process down.
 *
 * @throws {AlgoError} `ALGO_DRIVER_UNSUITABLE` when it is missing, of the wrong major, or without its native part.
 */
export function loadDriver(
  require: NodeJS.Require = requireFromHere(),
  nodeVersion = process.versions.node,
): SqliteDriver {
  const found = installedVersion(require);
  const problem = driverProblem(nodeVersion, found);
  if (problem !== null) throw new AlgoError('ALGO_DRIVER_UNSUITABLE', problem);
  try {
    const driver: unknown = require(NAME);
    if (!isDriver(driver)) throw new TypeError(`${NAME} does not export a class`);
    // The native part is loaded by the first connection: better now than after files were made.
    new driver(':memory:', { timeout: 0 }).close();
    return driver;
  } catch {
    throw new AlgoError('ALGO_DRIVER_UNSUITABLE', {
      driver: NAME,
      found,
      wanted: wantedMajors(nodeVersion).join(' or '),
    });
  }
}

interface DriverProblem {
  readonly driver: string;
  readonly found: string | null;
  readonly wanted: string;
}

/** Null when this driver version runs on this Node version. `found` is null when none is installed. */
export function driverProblem(nodeVersion: string, found: string | null): DriverProblem | null {
  const majors = wantedMajors(nodeVersion);
  if (found !== null && majors.includes(majorOf(found))) return null;
  return { driver: NAME, found, wanted: majors.join(' or ') };
}

/** Majors tried on each Node, 2026-11-20. */
const wantedMajors = (nodeVersion: string): readonly number[] => (majorOf(nodeVersion) < 22 ? [12] : [12, 13]);

const majorOf = (version: string): number => Number.parseInt(version, 10);

/** Reads the version beside the resolved entry file: resolving runs none of the package's code. */
function installedVersion(require: NodeJS.Require): string | null {
  let folder: string;
  try {
    folder = dirname(require.resolve(NAME));
  } catch {
    return null;
  }
  for (; folder !== dirname(folder); folder = dirname(folder)) {
    const version = versionIn(join(folder, 'package.json'));
    if (version !== null) return version;
  }
  return null;
}

function versionIn(manifestPath: string): string | null {
  try {
    const manifest: unknown = JSON.parse(readFileSync(manifestPath, 'utf8'));
    const isOurs = typeof manifest === 'object' && manifest !== null && 'name' in manifest && manifest.name === NAME;
    return isOurs && 'version' in manifest ? String(manifest.version) : null;
  } catch {
    return null;
  }
}

/** The CommonJS build has a file name, the module build has a URL. */
const requireFromHere = (): NodeJS.Require =>
  createRequire(typeof __filename === 'string' ? __filename : import.meta.url);

const isDriver = (value: unknown): value is SqliteDriver => typeof value === 'function';
