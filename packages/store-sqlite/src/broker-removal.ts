import type { BrokerRemoval, Store } from '@algo/core/store';
import { together } from './at-once.js';
import type { AuditLog } from './audit.js';
import { auditIds } from './audit.js';
import type { SqliteConnection } from './driver.js';
import type { GroupCommit } from './group-commit.js';
import { InstrumentWriter } from './instrument-writer.js';
import { asRow, integer } from './row.js';

/** Takes a broker away from one user: counted, or done, in one transaction. */
export function createBrokerRemoval(
  connection: SqliteConnection,
  commits: GroupCommit,
  audit: AuditLog,
): Store['removeBroker'] {
  const count = connection.prepare(
    `SELECT (SELECT count(*) FROM credentials WHERE user_id = @userId AND broker = @broker) AS credentials,
       (SELECT count(*) FROM sessions WHERE user_id = @userId AND broker = @broker) AS sessions,
       COALESCE((SELECT rows FROM instrument_masters WHERE broker = @broker), 0) AS instruments,
       EXISTS (SELECT 1 FROM credentials WHERE broker = @broker AND user_id <> @userId) AS shared`,
  );
  const removeCredentials = connection.prepare('DELETE FROM credentials WHERE user_id = ? AND broker = ?');
  const removeSessions = connection.prepare('DELETE FROM sessions WHERE user_id = ? AND broker = ?');
  const instruments = new InstrumentWriter(connection);

  const removalOf = (userId: string, broker: string): BrokerRemoval => {
    const row = asRow(count.get({ userId, broker }));
    const instrumentsShared = integer(row, 'shared') === 1;
    return {
      credentials: integer(row, 'credentials'),
      sessions: integer(row, 'sessions'),
      instruments: instrumentsShared ? 0 : integer(row, 'instruments'),
      instrumentsShared,
    };
  };

  return async (userId, broker, { dryRun, audit: entry }) =>
    together(commits, { userId, broker, ...auditIds(entry) }, () => {
      const removal = removalOf(userId, broker);
      if (dryRun) return removal;
      removeCredentials.run(userId, broker);
      removeSessions.run(userId, broker);
      if (!removal.instrumentsShared) instruments.clear(broker);
      if (entry !== undefined) audit.append(entry);
      return removal;
    });
}
