import { sqlite } from '@algo/store-sqlite';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { GroupCommit } from '../src/group-commit.js';
import { createLeases } from '../src/leases.js';
import { MIGRATIONS } from '../src/schema.js';
import { session } from './sample-rows.js';
import { temporaryPath } from './temporary-folder.js';

const KEY = { userId: 'u1', name: 'session/dhan/main' };

/** Leases in memory, with clocks that a test sets. */
function leasesAt(clock: { monotonicMs: number; nowMs: number }) {
  const connection = new Database(':memory:');
  onTestFinished(() => void connection.close());
  for (const { up } of MIGRATIONS) for (const statement of up) connection.exec(statement);
  const commits = new GroupCommit(connection);
  return createLeases(connection, commits, 'this opening', {
    monotonicMs: () => clock.monotonicMs,
    nowMs: () => clock.nowMs,
  });
}

test('runs out by the monotonic clock, whatever the wall clock does', async () => {
  const clock = { monotonicMs: 1_000.4, nowMs: 1_789_000_000_000 };
  const leases = leasesAt(clock);
  const lease = await leases.acquire(KEY, 'a', 500);
  expect(lease).toStrictEqual({ ...KEY, owner: 'a', epoch: 1, expiresAtMs: 1_789_000_000_500 });

  clock.nowMs += 3_600_000;
  expect(await leases.acquire(KEY, 'b', 500)).toBeNull();
  clock.nowMs -= 7_200_000;
  clock.monotonicMs = 1_500.3;
  expect(await leases.acquire(KEY, 'b', 500)).toBeNull();
  expect(await leases.get(KEY)).toMatchObject({ owner: 'a', epoch: 1 });
  clock.monotonicMs = 1_502;
  expect(await leases.get(KEY)).toBeNull();
  expect(await leases.acquire(KEY, 'b', 500)).toMatchObject({ owner: 'b', epoch: 2 });
});

test('passes on at once when the process that held it is gone, and its epoch goes on', async () => {
  const path = temporaryPath();
  const before = await sqlite({ path }).open();
  const lease = await before.leases.acquire(KEY, before.owner, 3_600_000);
  expect(await before.isOwnerAlive(before.owner)).toBe(true);
  await before.close();

  const after = await sqlite({ path }).open();
  expect(after.owner).not.toBe(before.owner);
  expect(await after.isOwnerAlive(before.owner)).toBe(false);
  expect(await after.leases.get(KEY)).toBeNull();
  expect(await after.leases.acquire(KEY, after.owner, 1_000)).toMatchObject({ owner: after.owner, epoch: 2 });
  if (lease === null) throw new Error('the lease was free');
  expect(await after.leases.renew(lease, 1_000)).toBeNull();
  expect(await after.sessions.put(session(), null, lease)).toBe(false);
  await after.close();
});

test('does not give a lease that could not be written', async () => {
  const path = temporaryPath();
  const store = await sqlite({ path, busyTimeoutMs: 0 }).open();
  const other = new Database(path);
  other.exec('BEGIN IMMEDIATE');
  await expect(store.leases.acquire(KEY, 'a', 1_000)).rejects.toMatchObject({ code: 'ALGO_STORE_FAILED' });
  other.exec('ROLLBACK');
  other.close();
  expect(await store.leases.acquire(KEY, 'a', 1_000)).toMatchObject({ epoch: 1 });
  await store.close();
});
