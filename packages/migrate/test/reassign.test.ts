import { dhan } from '@algo/broker-dhan';
import { createAlgo, memoryStore } from '@algo/core';
import { planImport, planReassignment, reassignUser, runImport } from '@algo/migrate';
import { expect, onTestFinished, test } from 'vitest';
import { TARGET, clock, contentOf, fixture, memoryKeys, optionsFor } from './helpers.js';

const CANARY = 'eyJhbGciOiJub25lIn0.canary-token.x';

test('hands what was imported for the default user to a person, credentials and all', async () => {
  const { store, algo } = await startDefault();
  const before = await contentOf(store);

  const moved = await reassignUser(store, {
    from: 'default',
    to: 'asha',
    keys: memoryKeys(),
    actor: 'operator',
    clock,
  });

  expect(moved).toMatchObject({ orders: 5, fills: 5, snapshots: 1, credentials: 1 });
  const after = await contentOf(store, { ...TARGET, userId: 'asha' });
  expect(after.orders.map(({ clientOrderId }) => clientOrderId)).toEqual(
    before.orders.map(({ clientOrderId }) => clientOrderId),
  );
  expect(after.orders.every(({ userId }) => userId === 'asha')).toBe(true);
  expect(after.imports).toEqual(before.imports);
  expect(await contentOf(store)).toEqual({ orders: [], fills: [], holdings: [], positions: [], imports: [] });
  expect(await algo.user('default').credentials.list()).toEqual([]);
  expect(await algo.user('asha').credentials.list()).toMatchObject([
    { broker: 'dhan', account: 'main', fields: { clientId: '1100000001' }, state: { kind: 'readable' } },
  ]);
});

test('both users get an audit row, and neither holds a secret', async () => {
  const { store } = await startDefault();
  await reassignUser(store, { from: 'default', to: 'asha', keys: memoryKeys(), actor: 'operator', why: 'she joined' });
  const [gave] = await store.audit.list('default', { limit: 1 });
  const [took] = await store.audit.list('asha', { limit: 1 });
  expect(gave).toMatchObject({ action: 'user-handed-over', actor: 'operator', subject: 'asha', why: 'she joined' });
  expect(took).toMatchObject({ action: 'user-taken-over', subject: 'default', after: '{"credentials":["dhan/main"]}' });
  expect(JSON.stringify(await store.audit.list('default', { limit: 100 }))).not.toContain(CANARY);
});

test('counts what would move and changes nothing', async () => {
  const { store } = await startDefault();
  const before = await contentOf(store);
  expect(await planReassignment(store, 'default', 'asha')).toEqual({
    credentials: ['dhan/main'],
    configuration: 0,
    orders: 5,
    fills: 5,
    imports: 1,
    inTheWay: [],
  });
  expect((await planReassignment(store, 'asha', 'default')).inTheWay).toEqual([
    'credentials',
    'orders',
    'fills',
    'imports',
  ]);
  expect(await contentOf(store)).toEqual(before);
});

test('moves nothing when a credential cannot be opened', async () => {
  const { store } = await startDefault();
  const before = await contentOf(store);
  const moving = reassignUser(store, { from: 'default', to: 'asha', keys: memoryKeys('another') });
  await expect(moving).rejects.toMatchObject({ code: 'ALGO_UNDECRYPTABLE' });
  expect(await contentOf(store)).toEqual(before);
  expect(await store.credentials.list('default')).toHaveLength(1);
});

test('moves nothing to a user who has something, or to the same one', async () => {
  const { store, algo } = await startDefault();
  await algo.user('asha').credentials.put('dhan', 'other', { clientId: '1100000002', accessToken: CANARY });
  const before = await contentOf(store);
  const keys = memoryKeys();
  await expect(reassignUser(store, { from: 'default', to: 'asha', keys })).rejects.toMatchObject({
    code: 'ALGO_STORE_CONFLICT',
  });
  await expect(reassignUser(store, { from: 'default', to: 'default', keys })).rejects.toMatchObject({
    code: 'ALGO_INVALID_INPUT',
  });
  expect(await contentOf(store)).toEqual(before);
});

async function startDefault() {
  const definition = memoryStore();
  const store = await definition.open();
  const algo = createAlgo({ store: definition, keys: memoryKeys(), brokers: [dhan()] });
  onTestFinished(async () => {
    await algo.close();
    await store.close();
  });
  await algo.user('default').credentials.put('dhan', 'main', { clientId: '1100000001', accessToken: CANARY });
  const paths = [fixture('trades_history.json'), fixture('holdings.json')];
  await runImport(store, await planImport(store, optionsFor(...paths)));
  return { store, algo };
}
