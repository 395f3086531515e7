import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { Lease, LeaseStore } from '@algo/core/store';
import type { TestRunner } from '../../conformance/runner.js';
import { eventually, onStore, twoWays } from '../stage.js';
import type { StoreSubject } from '../subject.js';

const KEY = { userId: 'u1', name: 'session/dhan/main' } as const;

/** Longer than any test. */
const LONG_MS = 600_000;
const SHORT_MS = 50;

export function leasesGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('leases', () => {
    test('are given to one at a time, the same owner included', () =>
      onStore(subject, async (stage) => {
        const [{ leases }, another] = await twoWays(stage);
        assert.equal(await leases.get(KEY), null);
        const lease = await acquired(leases, 'process-1');
        assert.equal(lease.owner, 'process-1');
        assert.deepEqual({ userId: lease.userId, name: lease.name }, KEY);
        assert.equal(await leases.acquire(KEY, 'process-1', LONG_MS), null);
        assert.equal(await another.leases.acquire(KEY, 'process-2', LONG_MS), null);
        assert.deepEqual(await another.leases.get(KEY), lease);
      }));

    test('are won by one of many', () =>
      onStore(subject, async (stage) => {
        const stores = await twoWays(stage);
        const given = await Promise.all(
          Array.from({ length: 16 }, (_, at) => stores[at % 2]?.leases.acquire(KEY, `process-${at}`, LONG_MS)),
        );
        const winners = given.filter((lease) => lease !== null);
        assert.equal(winners.length, 1);
        assert.deepEqual(await stage.store.leases.get(KEY), winners[0]);
      }));

    test('of other names and users have nothing to do with each other', () =>
      onStore(subject, async ({ store: { leases } }) => {
        const lease = await acquired(leases, 'process-1');
        assert.ok(await leases.acquire({ ...KEY, name: 'session/dhan/second' }, 'process-2', LONG_MS));
        assert.ok(await leases.acquire({ ...KEY, userId: 'u2' }, 'process-2', LONG_MS));
        assert.equal(await leases.release({ ...lease, userId: 'u2' }), false);
        assert.equal(await leases.renew({ ...lease, userId: 'u2' }, LONG_MS), null);
        assert.equal((await leases.get({ ...KEY, userId: 'u2' }))?.owner, 'process-2');
      }));

    test('pass on when they are released, and only their holder can do that', () =>
      onStore(subject, async (stage) => {
        const [{ leases }, another] = await twoWays(stage);
        const lease = await acquired(leases, 'process-1');
        assert.equal(await another.leases.release({ ...lease, owner: 'process-2' }), false);
        assert.equal(await another.leases.release({ ...lease, epoch: lease.epoch + 1 }), false);
        assert.equal(await leases.release(lease), true);
        assert.equal(await leases.release(lease), false);
        assert.equal(await leases.get(KEY), null);
        assert.equal(await leases.renew(lease, LONG_MS), null, 'a released lease is not renewed');
        assert.equal((await acquired(another.leases, 'process-2')).epoch, lease.epoch + 1);
      }));

    test('pass on when they run out, and are then of no use to whoever had them', () =>
      onStore(subject, async (stage) => {
        const [{ leases }, another] = await twoWays(stage);
        const first = await leases.acquire(KEY, 'process-1', SHORT_MS);
        assert.ok(first);
        let second: Lease | null = null;
        await eventually('the lease passes on', 3_000, async () => {
          second ??= await another.leases.acquire(KEY, 'process-2', LONG_MS);
          return second !== null;
        });
        assert.equal((await leases.get(KEY))?.epoch, first.epoch + 1);
        assert.equal(await leases.renew(first, LONG_MS), null);
        assert.equal(await leases.release(first), false);
        assert.equal((await leases.get(KEY))?.owner, 'process-2');
      }));

    test('that ran out are nobody’s', () =>
      onStore(subject, async ({ store: { leases } }) => {
        await leases.acquire(KEY, 'process-1', SHORT_MS);
        await eventually('nobody holds it', 3_000, async () => (await leases.get(KEY)) === null);
      }));

    test('are held for longer when they are renewed, in time or late, at the same epoch', () =>
      onStore(subject, async ({ store: { leases } }) => {
        const lease = await leases.acquire(KEY, 'process-1', SHORT_MS);
        assert.ok(lease);
        await eventually('it runs out', 3_000, async () => (await leases.get(KEY)) === null);
        const renewed = await leases.renew(lease, LONG_MS); // nobody took it since
        assert.ok(renewed);
        assert.deepEqual({ ...renewed, expiresAtMs: 0 }, { ...lease, expiresAtMs: 0 });
        assert.ok(renewed.expiresAtMs > lease.expiresAtMs);
        await pause(2 * SHORT_MS);
        assert.deepEqual(await leases.get(KEY), renewed);
        assert.equal(await leases.acquire(KEY, 'process-2', LONG_MS), null);
        assert.ok(await leases.renew(renewed, SHORT_MS), 'from now, so it can become shorter as well');
        await eventually('it runs out', 3_000, async () => (await leases.get(KEY)) === null);
      }));

    test('count their epoch up for ever, released or run out, closed or not', () =>
      onStore(subject, async ({ store, reopen }) => {
        const epochs: number[] = [];
        const give = async (leases: LeaseStore): Promise<void> => {
          const lease = await acquired(leases, 'process-1');
          epochs.push(lease.epoch);
          await leases.release(lease);
        };
        for (let round = 0; round < 3; round += 1) await give(store.leases);
        const again = await reopen();
        for (let round = 0; round < 2; round += 1) await give(again.leases);
        const [first = 0] = epochs;
        assert.deepEqual(epochs, [first, first + 1, first + 2, first + 3, first + 4]);
      }));
  });
}

async function acquired(leases: LeaseStore, owner: string): Promise<Lease> {
  const lease = await leases.acquire(KEY, owner, LONG_MS);
  assert.ok(lease, 'the lease was not given');
  return lease;
}
