import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { StoreChange } from '../contract/store-change.js';
import { memoryStore } from './memory-store.js';

// What every store has to do is asked of this one in testkit/test/store-conformance.test.ts.

const ACCOUNT = { userId: 'u1', broker: 'dhan', account: 'main' } as const;

const credential = {
  ...ACCOUNT,
  version: 1,
  fields: { clientId: 'C' },
  sealed: Uint8Array.of(1, 2),
  updatedAtMs: 1,
};

const snapshot = { ...ACCOUNT, kind: 'positions', takenAtMs: 1, importId: null, rows: [] } as const;

test('opened again it has the same data, so that a manager can be closed and made anew over it', async () => {
  const definition = memoryStore();
  const first = await definition.open();
  await first.credentials.put(credential, null);
  await first.close();
  expect(await (await definition.open()).credentials.get(ACCOUNT)).toEqual(credential);
  expect(await (await memoryStore().open()).credentials.get(ACCOUNT)).toBeNull();
});

test('one opened store stays open when another of the same data is closed', async () => {
  const definition = memoryStore();
  const [one, other] = [await definition.open(), await definition.open()];
  await one.close();
  await expect(one.credentials.get(ACCOUNT)).rejects.toMatchObject({ code: 'ALGO_CLOSED' });
  expect(await other.credentials.put(credential, null)).toBe(true);
});

test('leases run out by the clock that was handed in', async () => {
  let nowMs = 1_000;
  const { leases } = await memoryStore({ clock: { monotonic: () => nowMs } }).open();
  const key = { userId: 'u1', name: 'session/dhan/main' };
  const lease = await leases.acquire(key, 'a', 500);
  expect(lease).toEqual({ ...key, owner: 'a', epoch: 1, expiresAtMs: 1_500 });
  nowMs = 1_499;
  expect(await leases.acquire(key, 'b', 500)).toBeNull();
  nowMs = 1_500;
  expect(await leases.get(key)).toBeNull();
  expect(await leases.acquire(key, 'b', 500)).toMatchObject({ owner: 'b', epoch: 2 });
});

test('hands out rows that nobody can change, and bytes that are the reader’s own', async () => {
  const store = await memoryStore().open();
  await store.credentials.put(credential, null);
  await store.portfolio.save(snapshot);
  const [summary] = await store.credentials.list('u1');
  const latest = await store.portfolio.latest(ACCOUNT, 'positions');
  for (const given of [summary, summary?.fields, latest, latest?.rows]) expect(Object.isFrozen(given)).toBe(true);
  (await store.credentials.get(ACCOUNT))?.sealed.fill(9);
  expect((await store.credentials.get(ACCOUNT))?.sealed).toEqual(credential.sealed);
});

test('keeps of a pooled buffer its own bytes alone', async () => {
  const store = await memoryStore().open();
  await store.credentials.put({ ...credential, sealed: Buffer.from('sealed') }, null);
  const sealed = (await store.credentials.get(ACCOUNT))?.sealed;
  expect(sealed?.buffer.byteLength).toBe('sealed'.length);
});

test('tells the others of a change once it is made, and not who made it', async () => {
  const definition = memoryStore();
  const [one, other] = [await definition.open(), await definition.open()];
  const heard: [who: string, StoreChange][] = [];
  one.onChange((change) => heard.push(['one', change]));
  other.onChange((change) => heard.push(['other', change]));
  await one.credentials.put(credential, null);
  await turn();
  expect(heard).toEqual([['other', { kind: 'credentials', key: ACCOUNT }]]);
});

test('tells nothing to a store that was closed meanwhile', async () => {
  const definition = memoryStore();
  const [one, other] = [await definition.open(), await definition.open()];
  const heard: StoreChange[] = [];
  other.onChange((change) => heard.push(change));
  const written = one.credentials.put(credential, null);
  await other.close();
  await written;
  await turn();
  expect(heard).toEqual([]);
});

test('budgets run by the clock that was handed in, and no step of the wall clock gives a place too early', async () => {
  const at = { monotonicMs: 1_000, nowMs: 1_789_000_000_000 };
  const clock = { monotonic: () => at.monotonicMs, now: () => at.nowMs };
  const { budgets } = await memoryStore({ clock }).open();
  const request = { scope: 's', windows: [{ limit: 1, perMs: 60_000 }], places: 1, holdMs: 250 };
  expect(await budgets.take(request)).toEqual({ granted: 1, waitMs: 0 });
  at.nowMs += 600_000;
  expect(await budgets.take(request)).toEqual({ granted: 0, waitMs: 60_250 });
  at.monotonicMs += 60_250;
  expect(await budgets.take(request)).toEqual({ granted: 1, waitMs: 0 });
});
