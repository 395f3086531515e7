import { loadDriver } from './driver.js';
import type { SqliteConnection, SqliteDriver } from './driver.js';
import { pragma, refuseDamage } from './integrity.js';
import type { Durability, ResolvedSqliteOptions } from './options.js';
import { takeOwnership } from './owner-lock.js';
import type { OwnerLock } from './owner-lock.js';
import { APPLICATION_ID } from './schema.js';
import { schemaVersionOf } from './schema-version.js';
import { toOpenFailure } from './sqlite-failure.js';
import { createPrivateFile, locateStoreFile, removeStoreFile } from './store-file.js';

/** An open database that no other process can open as a store until it is closed. */
export interface OwnedDatabase {
  readonly driver: SqliteDriver;
  /** The one name of the file. */
  readonly path: string;
  readonly connection: SqliteConnection;
  /** The schema it had when it was opened; 0 for a new or empty file. */
  readonly found: number;
  close(): void;
}

/**
 * Opens the file, which is created when missing, and lets `prepare` do what has to be done to its schema. When that
 * fails everything is closed again, and a file that was made here is taken away.
 *
 * Nothing is written before the file has shown that it is empty or ours, and undamaged.
 *
 * @throws {AlgoError} `ALGO_DRIVER_UNSUITABLE`, `ALGO_STORE_IN_USE`, `ALGO_STORE_UNUSABLE`, and what `prepare` throws.
 */
export async function openOwned(
  options: ResolvedSqliteOptions,
  prepare: (database: OwnedDatabase) => Promise<void>,
): Promise<OwnedDatabase> {
  const path = locateStoreFile(options.path);
  const driver = options.driver ?? loadDriver();
  let owner: OwnerLock | undefined;
  let created = false;
  let connection: SqliteConnection | undefined;
  try {
    owner = takeOwnership(driver, path);
    created = createPrivateFile(path);
    connection = new driver(path, { timeout: options.busyTimeoutMs });
    const found = claim(connection, path);
    configure(connection, options.durability);
    refuseDamage(connection, path, options.check);
    const database = ownedDatabase(driver, path, connection, found, owner);
    await prepare(database);
    return database;
  } catch (error) {
    connection?.close();
    if (created) removeStoreFile(path);
    owner?.abandon();
    throw toOpenFailure(path, error);
  }
}

const ownedDatabase = (
  driver: SqliteDriver,
  path: string,
  connection: SqliteConnection,
  found: number,
  owner: OwnerLock,
): OwnedDatabase => ({
  driver,
  path,
  connection,
  found,
  close() {
    try {
      connection.close(); // the last one out copies the log into the database and takes it away
    } finally {
      owner.release();
    }
  },
});

/** Makes an empty file ours. @returns its schema version */
function claim(connection: SqliteConnection, path: string): number {
  const version = schemaVersionOf(connection, path);
  if (pragma(connection, 'application_id') === 0) connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  return version;
}

/** Pages of 4 KiB; how much log gathers before it is copied into the database. Larger made no order cheaper. */
const CHECKPOINT_PAGES = 4_000;
const CACHE_KIB = 16_384;
/** What the log file shrinks to after a burst or a long-running reader made it grow. */
const LOG_BYTES = 64 * 1024 * 1024;

function configure(connection: SqliteConnection, durability: Durability): void {
  connection.exec('PRAGMA journal_mode = WAL');
  connection.exec(`PRAGMA synchronous = ${durability === 'full' ? 'FULL' : 'NORMAL'}`);
  connection.exec('PRAGMA foreign_keys = ON');
  connection.exec('PRAGMA trusted_schema = OFF');
  connection.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  connection.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
  connection.exec(`PRAGMA journal_size_limit = ${LOG_BYTES}`);
}
