import { resolve } from 'node:path';
import { copyDatabase } from './database-copy.js';
import { loadDriver } from './driver.js';
import type { SqliteDriver } from './driver.js';
import { checkPath, resolveOptions } from './options.js';
import type { IntegrityCheck } from './options.js';
import { readFrom } from './reader.js';
import { schemaVersionOf } from './schema-version.js';
import { toStoreFailure } from './sqlite-failure.js';

export interface SqliteBackupOptions {
  /** The file of the store. */
  readonly path: string;
  /** The file to make; there may be none of that name. */
  readonly to: string;
  /** How the copy is looked through before it gets its name. @default 'quick' */
  readonly check?: IntegrityCheck;
  /** As in `SqliteOptions`; hand over the same one where this process has the store open. */
  readonly driver?: SqliteDriver;
}

/**
 * Makes a copy of a store, open or not, in this process or another: everything that was committed when it began, in a
 * file of mode 600 that appears under its name when it is whole and checked.
 *
 * The store works on meanwhile: the copy is made a few pages at a time; only the check at its end is made in one go.
 * The copy does not know the orders placed after it was made: before trading on with it, look at the broker's book.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT`, `ALGO_DRIVER_UNSUITABLE`; `ALGO_STORE_UNUSABLE` when there is no store at
 * `path`; `ALGO_STORE_FAILED` when the copy cannot be made: `to` is there already, the disk is full.
 */
export async function sqliteBackup(options: SqliteBackupOptions): Promise<void> {
  const { path, check, busyTimeoutMs, driver } = resolveOptions({
    path: options.path,
    ...(options.check !== undefined && { check: options.check }),
    ...(options.driver !== undefined && { driver: options.driver }),
  });
  checkPath('to', options.to);
  const loaded = driver ?? loadDriver();
  await readFrom(loaded, path, busyTimeoutMs, async (connection, located) => {
    schemaVersionOf(connection, located);
    try {
      await copyDatabase(loaded, connection, resolve(options.to), check);
    } catch (error) {
      throw toStoreFailure('making the backup', error);
    }
  });
}
