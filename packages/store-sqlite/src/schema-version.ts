import { AlgoError } from '@algo/core/store';
import type { SqliteConnection } from './driver.js';
import { pragma } from './integrity.js';
import { APPLICATION_ID, SCHEMA_VERSION } from './schema.js';

/**
 * The schema version of a file of ours; 0 for an empty one, whoever's. Writes nothing.
 *
 * @throws {AlgoError} `ALGO_STORE_UNUSABLE` for a file of somebody else, and for one from the future.
 */
export function schemaVersionOf(connection: SqliteConnection, path: string): number {
  const unusable = (why: string): AlgoError => new AlgoError('ALGO_STORE_UNUSABLE', { path, why });
  const owner = pragma(connection, 'application_id');
  if (owner === 0 && isEmpty(connection)) return 0;
  if (owner !== APPLICATION_ID) throw unusable('it is the database of another program; name another file');
  const version = pragma(connection, 'user_version');
  if (version <= SCHEMA_VERSION) return version;
  throw unusable(
    `a newer version of this package wrote it (schema ${version}, known here ${SCHEMA_VERSION}); upgrade @algo/store-sqlite`,
  );
}

const isEmpty = (connection: SqliteConnection): boolean =>
  connection.prepare('SELECT name FROM sqlite_schema LIMIT 1').get() === undefined;
