import { join } from 'node:path';
import { compareImport, planImport, reassignUser, rollbackImport, runImport } from '@algo/migrate';
import { sqlite } from '@algo/store-sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { TARGET, clock, contentOf, fixtureAt, memoryKeys, optionsFor, temporaryFolder } from './helpers.js';

const FILES = ['trades_history.json', 'pending_orders.json', 'orders.json', 'transactions.json', 'holdings.json'];

test('the whole road on SQLite: in, found again, compared, handed over, and out', async () => {
  const definition = sqlite({ path: join(await temporaryFolder(), 'orders.db') });
  const paths = await Promise.all(FILES.map((name) => fixtureAt(name, clock.now() - 1_000)));
  const options = optionsFor(...paths);
  let store = await definition.open();
  onTestFinished(() => store.close());

  const plan = await planImport(store, options);
  expect(await runImport(store, plan)).toEqual({ orders: 9, fills: 9, snapshots: 1 });
  await store.close();
  store = await definition.open();

  expect((await planImport(store, options)).writes).toEqual({ orders: 0, fills: 0, snapshots: 0 });
  expect(await compareImport(store, options)).toMatchObject({ same: 20, missing: [], extra: [], different: [] });

  const moved = await reassignUser(store, { from: 'default', to: 'asha', keys: memoryKeys(), clock });
  expect(moved).toMatchObject({ orders: 9, fills: 9, snapshots: 1 });
  const target = { ...TARGET, userId: 'asha' };
  expect(await compareImport(store, { ...options, target })).toMatchObject({ same: 20, extra: [], different: [] });

  expect(await rollbackImport(store, 'asha', plan.importId, { clock })).toEqual({ orders: 9, fills: 9, snapshots: 1 });
  expect(await contentOf(store, target)).toEqual({ orders: [], fills: [], holdings: [], positions: [], imports: [] });
});
