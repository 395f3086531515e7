import { rmSync, statSync } from 'node:fs';
import { AlgoError } from '@algo/core/store';
import type { SqliteConnection, SqliteDriver } from './driver.js';
import { sqliteCode } from './sqlite-failure.js';
import { createPrivateFile } from './store-file.js';

export interface OwnerLock {
  release(): void;
  /** Releases, and takes the lock file away if this owner made it. */
  abandon(): void;
}

/**
 * Makes this process the one owner of the store until released.
 *
 * The lock is an exclusive transaction on a small database beside the journal, held for the life of the store: the
 * operating system lets go of it when the process dies, however it dies, so there is nothing stale to judge. The
 * journal itself stays readable by other programs.
 *
 * @throws {AlgoError} `ALGO_STORE_IN_USE`
 */
export function takeOwnership(driver: SqliteDriver, path: string): OwnerLock {
  const lockPath = `${path}-owner`;
  for (;;) {
    const created = createPrivateFile(lockPath);
    const before = inodeOf(lockPath);
    const connection = lockExclusively(driver, lockPath, path);
    // Someone who gave up may have removed the file under us: a lock on a file without a name guards nothing.
    if (before !== null && inodeOf(lockPath) === before) return ownerLock(connection, lockPath, created);
    connection.close();
  }
}

function lockExclusively(driver: SqliteDriver, lockPath: string, path: string): SqliteConnection {
  const connection = new driver(lockPath, { timeout: 0 });
  try {
    connection.exec('PRAGMA journal_mode = MEMORY'); // nothing is ever written, so no file to undo it from
    connection.exec('BEGIN EXCLUSIVE');
    return connection;
  } catch (error) {
    connection.close();
    if (sqliteCode(error) === 'SQLITE_BUSY') throw new AlgoError('ALGO_STORE_IN_USE', { path });
    throw error;
  }
}

const ownerLock = (connection: SqliteConnection, lockPath: string, created: boolean): OwnerLock => ({
  release: () => void connection.close(),
  abandon() {
    if (created) rmSync(lockPath, { force: true }); // while still locked: see the check above
    connection.close();
  },
});

const inodeOf = (path: string): bigint | null => statSync(path, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
