import { randomBytes } from 'node:crypto';
import type { Database } from './database.js';
import { flag } from './row.js';
import { statement } from './statement.js';

/** A new name for one opened store. */
export const newOwner = (): string => randomBytes(16).toString('hex');

/**
 * Whether an owner may still be at work: whether its listening connection, which holds a lock named after it, still
 * stands at the server.
 *
 * A process that is frozen keeps its connection and counts as alive. One that was killed loses it at once. One whose
 * machine fell silent keeps it until the server gives the connection up (`tcp_keepalives_idle` and the like).
 *
 * A server that restarts drops every connection, and the living come back within five seconds or so. For 15 s after its
 * start everybody counts as alive. The two mistakes do not weigh the same: a dead owner taken for alive makes others
 * wait; a living one taken for dead, as when its link alone was cut and is being made again, makes the reconciler look
 * its orders up at the broker, and never sends anything a second time.
 */
export async function isOwnerAlive(db: Database, self: string, owner: string): Promise<boolean> {
  db.checkOpen();
  if (owner === self) return true;
  if (!/^[0-9a-f]{32}$/.test(owner)) return false; // no store of this kind was ever called that
  const [row] = await db.read('asking for an owner', null, IS_ALIVE, [...lockKeyOf(owner)]);
  return row !== undefined && flag(row, 'alive');
}

/** The two halves of the advisory lock's key, as `pg_locks` shows them: numbers from 0 to 4294967295. */
export function lockKeyOf(owner: string): readonly [high: number, low: number] {
  const digits = Buffer.from(owner, 'hex');
  return [digits.readUInt32BE(0), digits.readUInt32BE(4)];
}

const GRACE_SECONDS = 15;

const IS_ALIVE = statement(
  'owner alive',
  `SELECT clock_timestamp() < pg_postmaster_start_time() + interval '${GRACE_SECONDS} s' OR EXISTS (
     SELECT FROM pg_locks
     WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid = $1::oid AND objid = $2::oid
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS alive`,
);
