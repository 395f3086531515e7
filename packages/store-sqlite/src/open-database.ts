import { AlgoError } from '@algo/core/store';
import type { SqliteConnection, SqliteDriver } from './driver.js';
import type { Durability } from './options.js';
import { asRow, integer } from './row.js';
import { APPLICATION_ID, SCHEMA_VERSION } from './schema.js';
import { whyOf } from './sqlite-failure.js';

/**
 * Opens the journal at `path`, which exists and may be empty, and brings its schema up to date.
 *
 * Nothing is written before the file has shown that it is empty or ours.
 *
 * @throws {AlgoError} `ALGO_STORE_UNUSABLE`, or whatever the driver throws.
 */
export async function openDatabase(
  driver: SqliteDriver,
  path: string,
  { durability, busyTimeoutMs }: { readonly durability: Durability; readonly busyTimeoutMs: number },
): Promise<SqliteConnection> {
  const connection = new driver(path, { timeout: busyTimeoutMs });
  try {
    claim(connection, path);
    configure(connection, durability);
    if (schemaVersion(connection) < SCHEMA_VERSION) {
      const { migrate } = await import('./migrations.js'); // kysely is 40 ms of loading that most starts can spare
      await migrate(connection);
    }
    checkSound(connection, path);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Makes an empty file ours; refuses a file of somebody else and one from the future. */
function claim(connection: SqliteConnection, path: string): void {
  const unusable = (why: string): AlgoError => new AlgoError('ALGO_STORE_UNUSABLE', { path, why });
  const owner = pragma(connection, 'application_id');
  if (owner === 0 && isEmpty(connection)) return void connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  if (owner !== APPLICATION_ID) throw unusable('it is the database of another program; name another file');
  const version = schemaVersion(connection);
  if (version > SCHEMA_VERSION) {
    throw unusable(
      `a newer version of this package wrote it (schema ${version}, known here ${SCHEMA_VERSION}); upgrade @algo/store-sqlite`,
    );
  }
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

/** Above this a full check would hold up the start: about a second for each gigabyte. Damage there shows at the first read. */
const CHECKED_PAGES = 65_536;

function checkSound(connection: SqliteConnection, path: string): void {
  if (pragma(connection, 'page_count') > CHECKED_PAGES) return;
  const verdict = asRow(connection.prepare('PRAGMA quick_check(1)').get());
  if (verdict['quick_check'] === 'ok') return;
  throw new AlgoError('ALGO_STORE_UNUSABLE', {
    path,
    why: whyOf(Object.assign(new Error(), { code: 'SQLITE_CORRUPT' })),
  });
}

const isEmpty = (connection: SqliteConnection): boolean =>
  connection.prepare('SELECT name FROM sqlite_schema LIMIT 1').get() === undefined;

const schemaVersion = (connection: SqliteConnection): number => pragma(connection, 'user_version');

const pragma = (connection: SqliteConnection, name: string): number =>
  integer(asRow(connection.prepare(`PRAGMA ${name}`).get()), name);
