import type { Lease, LeaseStore } from '@algo/core/store';
import { reading, writing } from './at-once.js';
import type { SqliteConnection } from './driver.js';
import type { GroupCommit } from './group-commit.js';
import { asRow, integer, text } from './row.js';

/** The two clocks of this process, in milliseconds. */
export interface LeaseClock {
  /** Never goes back; leases run out by it. */
  monotonicMs(): number;
  /** For people to read. */
  nowMs(): number;
}

/**
 * Leases of a file that one process at a time has open.
 *
 * They run out by this process's monotonic clock, so a step of the wall clock neither ends nor prolongs one. `keeper`
 * names the opened store that gave a lease: one that an earlier opening gave belongs to the dead and passes on at once.
 * Rows are never taken away, so the epoch of a name only grows.
 */
export function createLeases(
  connection: SqliteConnection,
  commits: GroupCommit,
  keeper: string,
  clock: LeaseClock = SYSTEM_CLOCK,
): LeaseStore {
  const isHeld = 'owner IS NOT NULL AND keeper = @keeper AND until_ms > @nowMs';
  const isThis = 'user_id = @userId AND name = @name AND epoch = @epoch AND owner = @owner';
  const columns = 'user_id, name, owner, epoch, expires_at_ms';
  const acquire = connection.prepare(
    `INSERT INTO leases (user_id, name, owner, epoch, expires_at_ms, keeper, until_ms)
     VALUES (@userId, @name, @owner, 1, @expiresAtMs, @keeper, @untilMs)
     ON CONFLICT (user_id, name) DO UPDATE SET owner = excluded.owner, epoch = epoch + 1,
       expires_at_ms = excluded.expires_at_ms, keeper = excluded.keeper, until_ms = excluded.until_ms
     WHERE NOT (${isHeld})
     RETURNING ${columns}`,
  );
  const renew = connection.prepare(
    `UPDATE leases SET expires_at_ms = @expiresAtMs, keeper = @keeper, until_ms = @untilMs WHERE ${isThis} RETURNING ${columns}`,
  );
  const release = connection.prepare(`UPDATE leases SET owner = NULL WHERE ${isThis} AND ${isHeld}`);
  const get = connection.prepare(
    `SELECT ${columns} FROM leases WHERE user_id = @userId AND name = @name AND ${isHeld}`,
  );

  const now = () => ({ keeper, nowMs: Math.floor(clock.monotonicMs()) });
  const until = (ttlMs: number) => ({
    keeper,
    untilMs: Math.ceil(clock.monotonicMs() + ttlMs),
    expiresAtMs: Math.ceil(clock.nowMs() + ttlMs),
  });

  return {
    acquire: async ({ userId, name }, owner, ttlMs) =>
      writing(commits, { userId, name, owner }, () =>
        only(acquire.all({ userId, name, owner, ...now(), ...until(ttlMs) })),
      ),

    // One that ran out and that nobody took since is still the last one given: its holder was only late.
    renew: async ({ userId, name, owner, epoch }, ttlMs) =>
      writing(commits, { userId, name, owner }, () => only(renew.all({ userId, name, owner, epoch, ...until(ttlMs) }))),

    release: async ({ userId, name, owner, epoch }) =>
      writing(
        commits,
        { userId, name, owner },
        () => release.run({ userId, name, owner, epoch, ...now() }).changes === 1,
      ),

    get: async ({ userId, name }) =>
      reading(commits, { userId, name }, () => only(get.all({ userId, name, ...now() }))),
  };
}

export const SYSTEM_CLOCK: LeaseClock = { monotonicMs: () => performance.now(), nowMs: () => Date.now() };

/** From `all`, because `get` would not say that the commit behind a `RETURNING` row failed. */
function only([value]: readonly unknown[]): Lease | null {
  if (value === undefined) return null;
  const row = asRow(value);
  return {
    userId: text(row, 'user_id'),
    name: text(row, 'name'),
    owner: text(row, 'owner'),
    epoch: integer(row, 'epoch'),
    expiresAtMs: integer(row, 'expires_at_ms'),
  };
}
