import { existsSync } from 'node:fs';
import { AlgoError } from '@algo/core/store';
import type { SqliteConnection, SqliteDriver } from './driver.js';
import { locateStoreFile } from './store-file.js';
import { toOpenFailure } from './sqlite-failure.js';

/**
 * Reads a file that is there, whoever has it open as a store, and leaves it and what is beside it as they were.
 *
 * A connection that may only read leaves the log files it makes behind; one that may write takes them away, but also
 * copies into the database what a killed process left in the log. So it is the first kind where there is a log already.
 *
 * @throws {AlgoError} `ALGO_STORE_UNUSABLE`, and what `read` throws.
 */
export async function readFrom<Result>(
  driver: SqliteDriver,
  path: string,
  busyTimeoutMs: number,
  read: (connection: SqliteConnection, path: string) => Result | Promise<Result>,
): Promise<Result> {
  const located = locateStoreFile(path);
  let connection: SqliteConnection | undefined;
  try {
    if (!existsSync(located)) throw new AlgoError('ALGO_STORE_UNUSABLE', { path: located, why: NOT_THERE });
    connection = new driver(located, { timeout: busyTimeoutMs, readonly: existsSync(`${located}-wal`) });
    return await read(connection, located);
  } catch (error) {
    throw toOpenFailure(located, error);
  } finally {
    connection?.close();
  }
}

const NOT_THERE = 'it does not exist; check the path';
