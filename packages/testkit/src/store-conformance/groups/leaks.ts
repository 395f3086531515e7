import assert from 'node:assert/strict';
import { ATTEMPT_STATES } from '@algo/core/store';
import type { Lease, Store } from '@algo/core/store';
import type { TestRunner } from '../../conformance/runner.js';
import { accountOf, credential, entry, fill, listed, master, nthAttempt, session } from '../rows.js';
import { onStore } from '../stage.js';
import type { StoreConformanceOptions, StoreSubject } from '../subject.js';
import { expected, IMPORT_ID, LEASE_NAME, NOTHING, read, write } from '../user-data.js';
import type { UserData } from '../user-data.js';

/** How many users write or read at once. */
const AT_ONCE = 20;

/**
 * Users whose rows are alike but for the user: brokers, accounts, names, client order ids, fill ids, import ids. So one
 * read with a user's own identifiers is a read with those of every other user. Only tags differ, so each user tries all.
 */
export function leaksGroup(
  { describe, test }: TestRunner,
  subject: StoreSubject,
  { users = 100 }: StoreConformanceOptions,
): void {
  describe(`between ${users} users with the same identifiers`, () => {
    test('no row crosses in any read of any facet', () =>
      onStore(subject, async ({ store }) => {
        const all = await writeUsers(store, users);
        await eachOf(all, async (user) => assert.deepEqual(await read(store, user), expected(user)));
        await eachOf(all, async ({ userId, tag }) => {
          for (const other of all) {
            if (other.tag !== tag) assert.equal(await store.journal.byTag(userId, other.tag), null);
          }
        });
        assert.deepEqual(await read(store, { userId: 'stranger', tag: tagOf(0) }), NOTHING);
      }));

    test('no write, move, delete or release of a stranger changes anything', () =>
      onStore(subject, async ({ store }) => {
        const all = await writeUsers(store, Math.min(users, 50));
        const queued = nthAttempt(9_999, { userId: userOf(0), state: 'INTENT', clientOrderId: 'queued' });
        await tryEverything(store, tagOf(1));
        await eachOf(all, async (user) => assert.deepEqual(await read(store, user), expected(user)));
        await store.journal.add(queued);
        const claim = { kinds: ['place'], limit: 9, owner: 'thief', sendByMs: 1, atMs: 1 } as const;
        assert.deepEqual(await store.journal.claimQueued(accountOf('stranger'), claim), []);
        assert.deepEqual(await store.journal.byTag(userOf(0), queued.tag), queued);
      }));

    test('what one user deletes is gone for nobody else', () =>
      onStore(subject, async ({ store }) => {
        const [first, ...others] = await writeUsers(store, Math.min(users, 50));
        assert.ok(first);
        await deleteEverything(store, first.userId);
        await eachOf(others, async (user) => assert.deepEqual(await read(store, user), expected(user)));
        const left = await read(store, first);
        assert.deepEqual([left.credential, left.session, left.sighting, left.fills], [null, null, null, []]);
        assert.deepEqual(left.attempts, expected(first).attempts, 'attempts stay');
      }));
  });
}

const userOf = (index: number): string => `user-${index}`;
const tagOf = (index: number): string => nthAttempt(index).tag;

async function writeUsers(store: Store, count: number): Promise<readonly UserData[]> {
  const users = Array.from({ length: count }, (_, index) => ({ userId: userOf(index), tag: tagOf(index) }));
  await store.instruments.replace(userOf(0), 'dhan', master([listed(1)]));
  await eachOf(users, (user) => write(store, user));
  return users;
}

async function eachOf<Item>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<unknown>,
): Promise<void> {
  for (let from = 0; from < items.length; from += AT_ONCE) {
    await Promise.all(items.slice(from, from + AT_ONCE).map((item, within) => work(item, from + within)));
  }
}

/** A user without a row of its own, with the identifiers of the others. */
async function tryEverything(store: Store, tag: string): Promise<void> {
  const userId = 'stranger';
  const key = accountOf(userId);
  const lease: Lease = { userId, name: LEASE_NAME, owner: 'process-1', epoch: 1, expiresAtMs: 0 };
  const { credentials, sessions, journal, leases, portfolio, sealed, transfers } = store;
  assert.equal(await credentials.put(credential({ userId, version: 2 }), 1), false);
  assert.equal(await credentials.delete(key, entry({ userId })), false);
  assert.equal(await sessions.put(session({ userId, version: 2 }), 1), false);
  assert.equal(await sessions.put(session({ userId, version: 2 }), 1), false);
  assert.equal(await sessions.put(session({ userId }), null, lease), false, 'under a lease of others');
  assert.equal(await sessions.delete(key), false);
  assert.equal(await store.configuration.delete(userId, 'broker/dhan'), false);
  for (const from of ATTEMPT_STATES) {
    assert.equal(await journal.move({ userId, tag, from, to: 'UNRESOLVED', atMs: 1 }), false);
  }
  assert.equal(await journal.deleteOrder(userId, 'c1'), false);
  assert.equal(await portfolio.delete(key, 'positions', Number.MAX_SAFE_INTEGER), 0);
  assert.equal(await leases.renew(lease, 60_000), null);
  assert.equal(await leases.release(lease), false);
  assert.equal(await transfers.rollback(userId, IMPORT_ID), null);
  assert.equal(await sealed.replace({ ...credential({ userId }), field: 'credential' }, new Uint8Array([6])), false);
  assert.equal(await sealed.replace({ ...session({ userId }), field: 'session' }, new Uint8Array([6])), false);
  const removal = await store.removeBroker(userId, 'dhan', { dryRun: false });
  assert.deepEqual(removal, { credentials: 0, sessions: 0, instruments: 0, instrumentsShared: true });
  const nothing = { attempts: 0, orders: 0, fills: 0, snapshots: 0, configuration: 0, credentials: 0 };
  assert.deepEqual(await transfers.reassign(userId, 'heir', [], []), nothing);
  assert.equal(await journal.addFills([fill({ userId })]), 1, 'a fill of its own');
  assert.deepEqual(await journal.fills(userId, { limit: 10 }), [fill({ userId })]);
}

async function deleteEverything(store: Store, userId: string): Promise<void> {
  const key = accountOf(userId);
  const lease = await store.leases.get({ userId, name: LEASE_NAME });
  assert.ok(lease);
  assert.equal(await store.leases.release(lease), true);
  assert.deepEqual(await store.transfers.rollback(userId, IMPORT_ID), { orders: 1, fills: 1, snapshots: 1 });
  assert.equal(await store.journal.deleteOrder(userId, 'c1'), true);
  assert.equal(await store.portfolio.delete(key, 'positions', Number.MAX_SAFE_INTEGER), 1);
  assert.equal(await store.portfolio.delete(key, 'holdings', Number.MAX_SAFE_INTEGER), 1);
  assert.equal(await store.configuration.delete(userId, 'broker/dhan'), true);
  const removal = await store.removeBroker(userId, 'dhan', { dryRun: false });
  assert.deepEqual(removal, { credentials: 1, sessions: 1, instruments: 0, instrumentsShared: true });
}
