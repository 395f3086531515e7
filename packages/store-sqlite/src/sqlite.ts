import type { Store, StoreDefinition } from '@algo/core/store';
import { createCredentials } from './credentials.js';
import { loadDriver } from './driver.js';
import type { SqliteConnection } from './driver.js';
import { GroupCommit } from './group-commit.js';
import { openDatabase } from './open-database.js';
import { resolveOptions } from './options.js';
import type { ResolvedSqliteOptions, SqliteOptions } from './options.js';
import { createOrderJournal } from './order-journal.js';
import { takeOwnership } from './owner-lock.js';
import type { OwnerLock } from './owner-lock.js';
import { createSessions } from './sessions.js';
import { toOpenFailure } from './sqlite-failure.js';
import { createPrivateFile, locateStoreFile, removeStoreFile } from './store-file.js';

/**
 * Describes a store in one SQLite file; nothing is loaded or touched before it is opened. One owner at a time.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` for options that cannot work. Opening rejects with `ALGO_DRIVER_UNSUITABLE`,
 * `ALGO_STORE_IN_USE` or `ALGO_STORE_UNUSABLE`; the facets with `ALGO_STORE_FAILED`, and `ALGO_CLOSED` after `close()`.
 */
export function sqlite(options: SqliteOptions): StoreDefinition {
  const resolved = resolveOptions(options);
  return { open: () => openStore(resolved) };
}

async function openStore(options: ResolvedSqliteOptions): Promise<Store> {
  const path = locateStoreFile(options.path);
  const driver = options.driver ?? loadDriver();
  let owner: OwnerLock | undefined;
  let created = false;
  let connection: SqliteConnection | undefined;
  try {
    owner = takeOwnership(driver, path);
    created = createPrivateFile(path);
    connection = await openDatabase(driver, path, options);
    return assemble(connection, owner);
  } catch (error) {
    connection?.close();
    if (created) removeStoreFile(path);
    owner?.abandon();
    throw toOpenFailure(path, error);
  }
}

function assemble(connection: SqliteConnection, owner: OwnerLock): Store {
  const commits = new GroupCommit(connection);
  let closed = false;
  return {
    credentials: createCredentials(connection, commits),
    sessions: createSessions(connection, commits),
    journal: createOrderJournal(connection, commits),
    async close() {
      if (closed) return;
      closed = true;
      commits.close();
      try {
        connection.close(); // the last one out copies the log into the database and takes it away
      } finally {
        owner.release();
      }
    },
  };
}
