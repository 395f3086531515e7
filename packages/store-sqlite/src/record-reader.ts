import type { RecordFilter } from '@algo/core/store';
import type { SqliteConnection } from './driver.js';

export type ReadRecords = (userId: string, filter: RecordFilter) => readonly unknown[];

/** Reads sightings or fills of one user, newest first, by the index that fits what is asked for. */
export function recordReader(connection: SqliteConnection, table: 'sightings' | 'fills', columns: string): ReadRecords {
  const select = (condition: string) => connection.prepare(selectRecords(table, columns, condition));
  const byUser = select('user_id = @userId');
  const byImport = select('user_id = @userId AND import_id = @importId');
  return (userId, filter) =>
    (filter.importId === undefined ? byUser : byImport).all({ userId, ...recordValues(filter) });
}

/** A query that takes what `recordValues` gives, beside what its own condition names. */
export const selectRecords = (table: 'sightings' | 'fills', columns: string, condition: string): string =>
  `SELECT ${columns} FROM ${table} WHERE ${condition}
     AND (@broker IS NULL OR broker = @broker) AND (@account IS NULL OR account = @account)
     AND (@importId IS NULL OR import_id = @importId)
   ORDER BY rowid DESC LIMIT @limit`;

export const recordValues = ({ limit, broker, account, importId }: RecordFilter) => ({
  limit,
  broker: broker ?? null,
  account: account ?? null,
  importId: importId ?? null,
});
