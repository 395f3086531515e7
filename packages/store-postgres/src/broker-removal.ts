import type { BrokerRemoval, RemoveBrokerOptions, Store } from '@algo/core/store';
import { appendAudit, auditValues } from './audit.js';
import { channelName } from './change-feed.js';
import type { ChangeFeed } from './change-feed.js';
import type { Database, Run, Values } from './database.js';
import { idText, userKey } from './keys.js';
import { flag, integer, text } from './row.js';
import { statement } from './statement.js';

/**
 * Takes away what a user has at one broker, in one transaction. Whether another user has credentials there is asked of a
 * function of the database, which answers yes or no and shows nobody's rows.
 */
export function createBrokerRemoval(db: Database, feed: ChangeFeed): Store['removeBroker'] {
  const { schema } = db;
  const ofBroker = 'user_key = $1 AND broker = $2';
  const count = statement(
    'broker count',
    `SELECT (SELECT count(*) FROM ${schema}.credentials WHERE ${ofBroker}) AS credentials,
       (SELECT count(*) FROM ${schema}.sessions WHERE ${ofBroker}) AS sessions,
       coalesce((SELECT rows FROM ${schema}.instrument_masters WHERE broker = $2), 0) AS instruments,
       ${schema}.has_credentials_elsewhere($1, $2) AS shared`,
  );
  const removals = [
    [
      'credentials',
      statement('broker credentials', `DELETE FROM ${schema}.credentials WHERE ${ofBroker} RETURNING account`),
    ],
    ['session', statement('broker sessions', `DELETE FROM ${schema}.sessions WHERE ${ofBroker} RETURNING account`)],
  ] as const;
  const masters = statement('broker master', `DELETE FROM ${schema}.instrument_masters WHERE broker = $1`);
  const instruments = statement('broker instruments', `DELETE FROM ${schema}.instruments WHERE broker = $1`);
  const tell = statement('broker tell', 'SELECT pg_notify($1, $2)');
  const note = appendAudit(schema);

  const remove = async (run: Run, userId: string, broker: string, values: Values): Promise<void> => {
    for (const [kind, removal] of removals) {
      for (const row of await run(removal, values)) {
        const key = { userId, broker, account: text(row, 'account') };
        await run(tell, [channelName(schema), feed.payload({ kind, key })]);
      }
    }
  };

  return async (userId: string, broker: string, { dryRun, audit }: RemoveBrokerOptions): Promise<BrokerRemoval> => {
    const values = [userKey(userId), idText('broker', broker)];
    return db.transaction('removing a broker', userId, async (run) => {
      const [row] = await run(count, values);
      if (row === undefined) return NOTHING;
      const instrumentsShared = flag(row, 'shared');
      const removal = {
        credentials: integer(row, 'credentials'),
        sessions: integer(row, 'sessions'),
        instruments: instrumentsShared ? 0 : integer(row, 'instruments'),
        instrumentsShared,
      };
      if (dryRun) return removal;
      await remove(run, userId, broker, values);
      if (!instrumentsShared) for (const gone of [masters, instruments]) await run(gone, values.slice(1));
      if (audit !== undefined) await run(note, auditValues(audit));
      return removal;
    });
  };
}

const NOTHING: BrokerRemoval = { credentials: 0, sessions: 0, instruments: 0, instrumentsShared: false };
