import type { AuditEntry } from '@algo/core/store';
import { auditValues, insertAudit } from './audit.js';
import { channelName } from './change-feed.js';
import type { ChangeFeed, Telling } from './change-feed.js';
import type { Database, Values } from './database.js';
import { statement } from './statement.js';

/** Writes, notes who did it, and tells other processes. True when something was written. */
export type TellingWrite = (userId: string, values: Values, change: Telling, audit?: AuditEntry) => Promise<boolean>;

/**
 * A write that adds an audit entry when there is one and tells other processes, in one statement: all of it is kept or
 * none, and it costs one round trip.
 *
 * `write` gives a row for each row it wrote and uses the parameters from $1 to the one with number `used`.
 */
export function createTellingWrite(
  db: Database,
  feed: ChangeFeed,
  what: string,
  write: string,
  used: number,
): TellingWrite {
  const tell = `SELECT pg_notify($${used + 1}, $${used + 2}) FROM written LIMIT 1`;
  const plain = statement(what, `WITH written AS (${write}) ${tell}`);
  const note = insertAudit(db.schema, used + 3, 'FROM written LIMIT 1');
  const audited = statement(`${what} audited`, `WITH written AS (${write}), noted AS (${note}) ${tell}`);
  const channel = channelName(db.schema);

  return async (userId, values, change, audit) => {
    const told = [...values, channel, feed.payload(change)];
    const rows =
      audit === undefined
        ? await db.write(what, userId, plain, told)
        : await db.write(what, userId, audited, [...told, ...auditValues(audit)]);
    return rows.length === 1;
  };
}
