import assert from 'node:assert/strict';
import type { TestRunner } from '../../conformance/runner.js';
import { ACCOUNT, AT_MS, session } from '../rows.js';
import { onStore, twoWays } from '../stage.js';
import type { StoreSubject } from '../subject.js';

const LEASE = { userId: 'u1', name: 'session/dhan/main' } as const;
const LONG_MS = 600_000;

export function sessionsGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('sessions', () => {
    test('come back as they were put', () =>
      onStore(subject, async ({ store: { sessions } }) => {
        const later = session({ version: 2, expiresAtMs: AT_MS + 9_000 });
        assert.equal(await sessions.get(ACCOUNT), null);
        assert.equal(await sessions.put(session(), null), true);
        assert.deepEqual(await sessions.get(ACCOUNT), session());
        assert.equal(await sessions.put(later, 1), true);
        assert.deepEqual(await sessions.get(ACCOUNT), later);
        assert.equal(await sessions.get({ ...ACCOUNT, broker: 'angel' }), null);
      }));

    test('are written only over the version they were made from', () =>
      onStore(subject, async ({ store: { sessions } }) => {
        assert.equal(await sessions.put(session({ version: 2 }), 1), false, 'over a version of nothing');
        assert.equal(await sessions.put(session({ version: 3 }), null), true);
        assert.equal(await sessions.put(session({ version: 4 }), null), false, 'over nothing, though there is one');
        assert.equal(await sessions.put(session({ version: 4 }), 2), false, 'over an older version');
        assert.equal(await sessions.put(session({ version: 4 }), 3), true);
        await sessions.delete(ACCOUNT);
        assert.equal(await sessions.put(session({ version: 5 }), 4), false, 'over the version that was deleted');
        assert.equal(await sessions.get(ACCOUNT), null);
      }));

    test('are won by one of many writers over the same version', () =>
      onStore(subject, async (stage) => {
        const stores = await twoWays(stage);
        await stage.store.sessions.put(session(), null);
        const written = await Promise.all(
          [0, 1, 2, 3, 4, 5].map((at) => stores[at % 2]?.sessions.put(session({ version: 2, updatedAtMs: at }), 1)),
        );
        assert.equal(written.filter(Boolean).length, 1);
        assert.equal((await stage.store.sessions.get(ACCOUNT))?.updatedAtMs, written.indexOf(true));
      }));

    test('are deleted at the version that was named, or at any', () =>
      onStore(subject, async ({ store: { sessions } }) => {
        await sessions.put(session({ version: 3 }), null);
        assert.equal(await sessions.delete(ACCOUNT, 2), false);
        assert.equal((await sessions.get(ACCOUNT))?.version, 3);
        assert.equal(await sessions.delete(ACCOUNT, 3), true);
        assert.equal(await sessions.delete(ACCOUNT, 3), false);
        await sessions.put(session(), null);
        assert.equal(await sessions.delete(ACCOUNT), true);
        assert.equal(await sessions.delete(ACCOUNT), false);
      }));

    test('are listed for their user alone, in the order of brokers and accounts, without what is sealed', () =>
      onStore(subject, async ({ store: { sessions } }) => {
        await sessions.put(session({ account: 'second' }), null);
        await sessions.put(session({ broker: 'angel', account: 'z' }), null);
        await sessions.put(session(), null);
        await sessions.put(session({ userId: 'u2' }), null);
        const { sealed: _sealed, ...summary } = session();
        assert.deepEqual(await sessions.list('u1'), [
          { ...summary, broker: 'angel', account: 'z' },
          summary,
          { ...summary, account: 'second' },
        ]);
      }));

    test('are written under a lease only while it is the last one given', () =>
      onStore(subject, async (stage) => {
        const [{ leases, sessions }, another] = await twoWays(stage);
        const first = await leases.acquire(LEASE, 'process-1', LONG_MS);
        assert.ok(first);
        assert.equal(await sessions.put(session(), null, first), true);
        await leases.release(first);
        const second = await another.leases.acquire(LEASE, 'process-2', LONG_MS);
        assert.ok(second);
        assert.equal(await sessions.put(session({ version: 2 }), 1, first), false, 'under a lease that was lost');
        assert.equal((await sessions.get(ACCOUNT))?.version, 1);
        assert.equal(await another.sessions.put(session({ version: 2 }), 1, second), true);
        assert.equal(await another.sessions.put(session({ version: 3 }), 1, second), false, 'over an older version');
        assert.equal(await sessions.put(session({ version: 3 }), 2, first), false, 'the newer epoch wins');
      }));

    test('are not written under a lease that was never given, or was given to another owner, name or user', () =>
      onStore(subject, async ({ store: { leases, sessions } }) => {
        const lease = await leases.acquire(LEASE, 'process-1', LONG_MS);
        assert.ok(lease);
        for (const forged of [
          { ...lease, epoch: lease.epoch + 1 },
          { ...lease, owner: 'process-2' },
          { ...lease, name: 'session/dhan/second' },
          { ...lease, userId: 'u2' },
        ]) {
          assert.equal(await sessions.put(session(), null, forged), false);
        }
        assert.equal(await sessions.get(ACCOUNT), null);
      }));
  });
}
