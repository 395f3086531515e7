import { beforeEach, expect, test } from 'vitest';
import type { AttemptRow, OrderSighting } from '../contract/order-journal.js';
import type { Store } from '../contract/store.js';
import type { BrokerOrder } from '../domain/order.js';
import { memoryStore } from './memory-store.js';

let store: Store;
beforeEach(async () => {
  store = await memoryStore().open();
});

const mine = { userId: 'u1', broker: 'dhan', account: 'main' };
const theirs = { ...mine, userId: 'u2' };

const credential = (version: number, key = mine) => ({
  ...key,
  version,
  fields: { clientId: 'C' },
  sealed: Uint8Array.of(version),
  updatedAtMs: version,
});
const session = (version: number) => ({
  ...mine,
  version,
  sealed: Uint8Array.of(version),
  expiresAtMs: null,
  updatedAtMs: 0,
});

const row = (tag: string, changes: Partial<AttemptRow> = {}): AttemptRow => ({
  ...mine,
  tag,
  kind: 'place',
  clientOrderId: tag.toLowerCase(),
  number: 1,
  request: '{}',
  state: 'SUBMITTING',
  tradingDay: '2026-11-20',
  createdAtMs: 1,
  sendByMs: 2,
  brokerOrderId: null,
  detail: null,
  updatedAtMs: 1,
  ...changes,
});

test('a credential is written only over the version it was made from', async () => {
  const { credentials } = store;
  expect(await credentials.put(credential(2))).toBe(false);
  expect(await credentials.put(credential(1))).toBe(true);
  expect(await credentials.put(credential(1))).toBe(false);
  expect(await credentials.put(credential(3))).toBe(false);
  expect((await credentials.get(mine))?.version).toBe(1);
  expect(await credentials.put(credential(2))).toBe(true);
  expect((await credentials.get(mine))?.sealed).toEqual(Uint8Array.of(2));
});

test('of two who write the same version at once, one wins', async () => {
  await store.credentials.put(credential(1));
  const won = await Promise.all([store.credentials.put(credential(2)), store.credentials.put(credential(2))]);
  expect(won.filter(Boolean)).toHaveLength(1);
});

test('a list of credentials holds nothing sealed and nobody else’s', async () => {
  await store.credentials.put(credential(1));
  await store.credentials.put(credential(1, { ...mine, account: 'second' }));
  await store.credentials.put(credential(1, theirs));
  const listed = await store.credentials.list('u1');
  expect(listed.map(({ account }) => account)).toEqual(['main', 'second']);
  expect(listed.every((summary) => !('sealed' in summary))).toBe(true);
});

test('a deleted credential is gone, and says whether there was one', async () => {
  await store.credentials.put(credential(1));
  expect(await store.credentials.delete(theirs)).toBe(false);
  expect(await store.credentials.delete(mine)).toBe(true);
  expect(await store.credentials.delete(mine)).toBe(false);
  expect(await store.credentials.get(mine)).toBeNull();
});

test('names that would run together are different accounts', async () => {
  const a = { userId: 'u', broker: 'a:b', account: 'c' };
  const b = { userId: 'u', broker: 'a', account: 'b:c' };
  await store.credentials.put(credential(1, a));
  expect(await store.credentials.get(b)).toBeNull();
});

test('a session is kept, replaced and dropped the same way', async () => {
  const { sessions } = store;
  expect(await sessions.get(mine)).toBeNull();
  expect(await sessions.put(session(1))).toBe(true);
  expect(await sessions.put(session(1))).toBe(false);
  expect(await sessions.put(session(2))).toBe(true);
  expect((await sessions.get(mine))?.version).toBe(2);
  expect(await sessions.get(theirs)).toBeNull();
  expect(await sessions.delete(mine)).toBe(true);
  expect(await sessions.delete(mine)).toBe(false);
});

test('a client order id is taken once, and who comes second gets the first row', async () => {
  const first = row('T1', { clientOrderId: 'c' });
  expect(await store.journal.add(first)).toEqual({ kind: 'added' });
  expect(await store.journal.add(row('T2', { clientOrderId: 'c', request: 'other' }))).toEqual({
    kind: 'exists',
    row: first,
  });
  expect(await store.journal.byTag('u1', 'T2')).toBeNull();
});

test('of two who claim one client order id at once, one is added', async () => {
  const added = await Promise.all(['T1', 'T2', 'T3'].map((tag) => store.journal.add(row(tag, { clientOrderId: 'c' }))));
  expect(added.map(({ kind }) => kind).sort()).toEqual(['added', 'exists', 'exists']);
});

test('the same id of another user, another kind or another number is another command', async () => {
  const { journal } = store;
  for (const made of [
    row('T1', { clientOrderId: 'c' }),
    row('T2', { clientOrderId: 'c', ...theirs }),
    row('T3', { clientOrderId: 'c', kind: 'cancel' }),
    row('T4', { clientOrderId: 'c', kind: 'cancel', number: 2 }),
  ]) {
    expect(await journal.add(made)).toEqual({ kind: 'added' });
  }
  expect((await journal.attemptsOf('u1', 'c')).map(({ tag }) => tag)).toEqual(['T1', 'T3', 'T4']);
  expect((await journal.attemptsOf('u2', 'c')).map(({ tag }) => tag)).toEqual(['T2']);
});

test('a tag is unique in the whole store', async () => {
  await store.journal.add(row('T1', { clientOrderId: 'a' }));
  await expect(store.journal.add(row('T1', { clientOrderId: 'b', ...theirs }))).rejects.toThrow();
  expect((await store.journal.byTag('u1', 'T1'))?.clientOrderId).toBe('a');
});

test('a row moves only from the state it is thought to be in', async () => {
  const { journal } = store;
  await journal.add(row('T1'));
  const move = {
    tag: 'T1',
    userId: 'u1',
    from: 'SUBMITTING',
    to: 'ACKNOWLEDGED',
    brokerOrderId: 'B1',
    atMs: 9,
  } as const;
  expect(await journal.move({ ...move, from: 'INTENT' })).toBe(false);
  expect(await journal.move(move)).toBe(true);
  expect(await journal.move(move)).toBe(false);
  expect(await journal.byTag('u1', 'T1')).toEqual(
    row('T1', { state: 'ACKNOWLEDGED', brokerOrderId: 'B1', updatedAtMs: 9 }),
  );
});

test('of two who move one row at once, one wins', async () => {
  await store.journal.add(row('T1', { state: 'INTENT' }));
  const claim = { tag: 'T1', userId: 'u1', from: 'INTENT', to: 'SUBMITTING', atMs: 1 } as const;
  const won = await Promise.all([store.journal.move(claim), store.journal.move(claim)]);
  expect(won.sort()).toEqual([false, true]);
});

test('another user can neither see nor move a row', async () => {
  const { journal } = store;
  await journal.add(row('T1'));
  expect(await journal.byTag('u2', 'T1')).toBeNull();
  expect(await journal.attemptsOf('u2', 't1')).toEqual([]);
  expect(await journal.move({ tag: 'T1', userId: 'u2', from: 'SUBMITTING', to: 'NOT_SENT', atMs: 1 })).toBe(false);
  expect(await journal.inState(theirs, ['SUBMITTING'])).toEqual([]);
  expect(await journal.list('u2', { limit: 9 })).toEqual([]);
  expect(await journal.move({ tag: 'NONE', userId: 'u1', from: 'INTENT', to: 'NOT_SENT', atMs: 1 })).toBe(false);
});

test('rows in a state are one account’s, oldest first', async () => {
  const { journal } = store;
  await journal.add(row('T1'));
  await journal.add(row('T2', { state: 'INTENT' }));
  await journal.add(row('T3', { account: 'second' }));
  await journal.add(row('T4'));
  await journal.move({ tag: 'T1', userId: 'u1', from: 'SUBMITTING', to: 'AMBIGUOUS', atMs: 3 });
  const tags = async (...states: readonly AttemptRow['state'][]): Promise<string[]> =>
    (await journal.inState(mine, states)).map(({ tag }) => tag);
  expect(await tags('SUBMITTING')).toEqual(['T4']);
  expect(await tags('INTENT', 'SUBMITTING', 'AMBIGUOUS')).toEqual(['T1', 'T2', 'T4']);
  expect(await tags()).toEqual([]);
});

test('a list is of places, of the day asked for, newest first, no longer than asked for', async () => {
  const { journal } = store;
  await journal.add(row('T1', { tradingDay: '2026-11-19' }));
  await journal.add(row('T2'));
  await journal.add(row('T3'));
  await journal.add(row('T4', { kind: 'cancel' }));
  await journal.move({ tag: 'T2', userId: 'u1', from: 'SUBMITTING', to: 'AMBIGUOUS', atMs: 3 });
  const tags = async (filter: { tradingDay?: string; limit: number }): Promise<string[]> =>
    (await journal.list('u1', filter)).map(({ tag }) => tag);
  expect(await tags({ limit: 9 })).toEqual(['T3', 'T2', 'T1']);
  expect(await tags({ limit: 9, tradingDay: '2026-11-20' })).toEqual(['T3', 'T2']);
  expect(await tags({ limit: 1 })).toEqual(['T3']);
});

test('the last sighting of an order is kept, per user', async () => {
  const order = { brokerOrderId: 'B1' } as BrokerOrder;
  const sighting: OrderSighting = { ...mine, clientOrderId: 'c', order, seenAtMs: 1 };
  await store.journal.saveSighting(sighting);
  await store.journal.saveSighting({ ...sighting, seenAtMs: 2 });
  expect(await store.journal.sighting('u1', 'c')).toMatchObject({ seenAtMs: 2 });
  expect(await store.journal.sighting('u2', 'c')).toBeNull();
});

test('what a caller does to a list it was given changes nothing', async () => {
  await store.journal.add(row('T1', { clientOrderId: 'c' }));
  const given = (await store.journal.attemptsOf('u1', 'c')) as AttemptRow[];
  given.pop();
  expect(await store.journal.attemptsOf('u1', 'c')).toHaveLength(1);
});

test('opened again it is the same store, so that a manager can be closed and made anew over it', async () => {
  const definition = memoryStore();
  const first = await definition.open();
  await first.credentials.put(credential(1));
  await first.close();
  expect((await (await definition.open()).credentials.get(mine))?.version).toBe(1);
});
