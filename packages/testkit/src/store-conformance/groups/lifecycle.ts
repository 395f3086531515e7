import assert from 'node:assert/strict';
import type { TestRunner } from '../../conformance/runner.js';
import { everyCallOf } from '../every-call.js';
import { attempt, listed, master, nthAttempt } from '../rows.js';
import { assertRefused, eventually, onStore } from '../stage.js';
import type { StoreSubject } from '../subject.js';
import { expected, read, write } from '../user-data.js';

/** For a while after it came up, a server may not know which of its clients are about to come back. */
const SURE_WITHIN_MS = 18_000;

export function lifecycleGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('an opened store', () => {
    test('loses nothing when it is closed and opened again', () =>
      onStore(subject, async ({ store, reopen }) => {
        const user = { userId: 'u1', tag: attempt().tag };
        await write(store, user);
        await store.instruments.replace('u1', 'dhan', master([listed(1), listed(2)]));
        const before = await store.instruments.master('u1', 'dhan');
        const again = await reopen();
        const { lease: _lease, ...stored } = await read(again, user); // a lease may have passed on with its process
        const { lease: _given, ...written } = expected(user);
        assert.deepEqual(stored, written);
        assert.deepEqual(await again.instruments.page('u1', 'dhan', 0, 10), [listed(1), listed(2)]);
        assert.deepEqual(await again.instruments.master('u1', 'dhan'), before);
      }));

    test('writes what is still waiting when it is closed', () =>
      onStore(subject, async ({ store, reopen }) => {
        const added = Array.from({ length: 20 }, (_, index) => store.journal.add(nthAttempt(index)));
        const again = await reopen();
        for (const [index, result] of (await Promise.allSettled(added)).entries()) {
          const row = await again.journal.byTag('u1', nthAttempt(index).tag);
          if (result.status === 'fulfilled') assert.deepEqual(row, nthAttempt(index));
          else assert.equal(row, null, 'a write that was refused is there all the same');
        }
        assert.equal((await again.journal.list('u1', { limit: 100 })).length, 20, 'a waiting write was dropped');
      }));

    test('refuses every call once it is closed, and closes a second time in peace', () =>
      onStore(subject, async ({ store }) => {
        await store.close();
        for (const [name, call] of Object.entries(everyCallOf(store, 'u1'))) {
          await assertRefused(call(), 'ALGO_CLOSED', name);
        }
        await assertRefused(store.sealed.page(null, 1), 'ALGO_CLOSED', 'sealed.page');
        await assertRefused(store.isOwnerAlive(store.owner), 'ALGO_CLOSED', 'isOwnerAlive');
        await store.close();
      }));

    test('does not say that processes may share what nobody can open twice', () =>
      onStore(subject, async ({ store, place }) => {
        assert.ok(place.shared || !store.shared);
      }));

    test('has a name of its own each time it is opened', () =>
      onStore(subject, async ({ store, reopen }) => {
        const { owner } = store;
        assert.ok(owner.length > 0);
        assert.notEqual((await reopen()).owner, owner);
      }));

    test('knows that it is alive itself, and who never was or has ended is not', () =>
      onStore(subject, async ({ store, reopen }) => {
        assert.equal(await store.isOwnerAlive(store.owner), true);
        await eventually('somebody who never was is not alive', SURE_WITHIN_MS, async () => {
          return !(await store.isOwnerAlive('nobody'));
        });
        const { owner } = store;
        const again = await reopen();
        assert.equal(await again.isOwnerAlive(again.owner), true);
        await eventually('who closed is not alive', SURE_WITHIN_MS, async () => !(await again.isOwnerAlive(owner)));
      }));

    test('knows that another one on the same data is alive while it is open', () =>
      onStore(subject, async ({ store, place, openAnother }) => {
        if (!place.shared) return assertRefused(openAnother(), 'ALGO_STORE_IN_USE', 'a second opening');
        const another = await openAnother();
        assert.notEqual(another.owner, store.owner);
        assert.equal(await store.isOwnerAlive(another.owner), true);
        assert.equal(await another.isOwnerAlive(store.owner), true);
        await another.close();
        await eventually(
          'who closed is not alive',
          SURE_WITHIN_MS,
          async () => !(await store.isOwnerAlive(another.owner)),
        );
        assert.equal(await store.isOwnerAlive(store.owner), true);
      }));
  });
}
