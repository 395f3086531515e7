import { AlgoError } from '@algo/core/store';
import type { Database } from './database.js';
import { SCHEMA_VERSION, migrate, readVersion } from './migrations.js';
import type { ResolvedPostgresOptions } from './options.js';
import { flag, integer, text } from './row.js';
import { statement } from './statement.js';

/**
 * Makes sure that the server, its settings and the schema are fit for a journal, and brings the schema up to date.
 *
 * @throws {AlgoError} `ALGO_STORE_UNUSABLE`, `ALGO_MIGRATION_NEEDED`, `ALGO_MIGRATION_FAILED`, `ALGO_STORE_FAILED`
 */
export async function prepareDatabase(db: Database, options: ResolvedPostgresOptions): Promise<void> {
  await checkServer(db, options.path);
  await bringUpToDate(db, options);
  await checkRowLevelSecurity(db, options);
}

/** 14: the oldest release that PostgreSQL itself still mends. */
const OLDEST_SERVER = 140_000;

const SERVER = statement(
  'server',
  `SELECT current_setting('server_version_num') AS version, current_setting('server_encoding') AS encoding,
     current_setting('fsync') AS fsync, pg_is_in_recovery() AS standby`,
);

async function checkServer(db: Database, path: string): Promise<void> {
  const unusable = (why: string): AlgoError => new AlgoError('ALGO_STORE_UNUSABLE', { path, why });
  const [row] = await db.read('asking the server', null, SERVER, []);
  if (row === undefined) throw unusable('the server says nothing about itself');
  if (integer(row, 'version') < OLDEST_SERVER) throw unusable('its server is older than PostgreSQL 14; upgrade it');
  if (flag(row, 'standby')) throw unusable('its server only reads, as a standby does; connect to the primary');
  if (text(row, 'encoding') !== 'UTF8') throw unusable('its encoding is not UTF8; create it with ENCODING UTF8');
  if (text(row, 'fsync') !== 'on') {
    throw unusable('its server runs with fsync off, and a power cut would lose orders that were sent; turn it on');
  }
}

async function bringUpToDate(db: Database, { path, migrate: mode }: ResolvedPostgresOptions): Promise<void> {
  const found = await readVersion(db, path);
  if (found === SCHEMA_VERSION) return;
  if (mode === 'manual') throw new AlgoError('ALGO_MIGRATION_NEEDED', { store: path, found, wanted: SCHEMA_VERSION });
  await migrate(db, path);
}

/**
 * A store that does not name its users would see nothing under row-level security, and an empty journal looks like one
 * in which no order was ever placed.
 */
async function checkRowLevelSecurity(db: Database, { path, rowLevelSecurity }: ResolvedPostgresOptions): Promise<void> {
  const active = statement('security active', `SELECT row_security_active('${db.schema}.attempts') AS active`);
  const [row] = await db.read('asking for row-level security', null, active, []);
  const isActive = row !== undefined && flag(row, 'active');
  if (isActive === rowLevelSecurity) return;
  const why = isActive
    ? 'row-level security is on for this role; open it with rowLevelSecurity: true'
    : 'row-level security does not bind this role: turn it on while migrating, and connect as a role that does not own the tables';
  throw new AlgoError('ALGO_STORE_UNUSABLE', { path, why });
}
