import { readFile } from 'node:fs/promises';
import { compareImport, planImport, runImport } from '@algo/migrate';
import { expect, test } from 'vitest';
import { TARGET, clock, fileOf, fixture, fixtureAt, openMemory, optionsFor } from './helpers.js';

test('finds files and store the same after an import', async () => {
  const store = await openMemory();
  const names = ['trades_history.json', 'orders.json', 'transactions.json', 'pending_orders.json', 'holdings.json'];
  const paths = await Promise.all(names.map((name) => fixtureAt(name, clock.now() - 1_000)));
  await runImport(store, await planImport(store, optionsFor(...paths)));
  expect(await compareImport(store, optionsFor(...paths))).toMatchObject({
    same: 9 + 9 + 2,
    missing: [],
    extra: [],
    different: [],
  });
});

test('names every record that is missing, extra or different, and the fields', async () => {
  const store = await openMemory();
  const trades: unknown = JSON.parse(await readFile(fixture('trades_history.json'), 'utf8'));
  const list: { symbol: string; exit_price?: number; qty: number }[] = Reflect.get(Object(trades), 'trades');
  const { importId } = await importOf(store, list.slice(0, 2));
  const changed = list.map((trade) => (trade.symbol === 'RELIANCE-EQ' ? { ...trade, exit_price: 1300 } : trade));
  const path = await fileOf('trades_history.json', JSON.stringify(changed.filter(({ symbol }) => symbol !== 'TCS.NS')));

  const comparison = await compareImport(store, { ...optionsFor(path), importId });

  const { same, missing, extra, different } = comparison;
  expect(same).toBe(2); // the buy and its fill
  expect(missing.map(({ row }) => row)).toEqual([2, 2, 2, 2]); // BAJAJ-AUTO was never imported
  expect(extra).toHaveLength(2); // TCS is no more in the file
  expect(different.map(({ fields }) => fields)).toEqual([
    [{ field: 'averagePrice', inFile: '1300', inStore: '1312.05' }],
    [{ field: 'price', inFile: '1300', inStore: '1312.05' }],
  ]);
});

test('rows that were seen at the broker are not extra', async () => {
  const store = await openMemory();
  const plan = await importOf(store, [{ symbol: 'ITC', qty: 1 }]);
  const [order] = plan.batch.orders;
  if (order === undefined) throw new Error('no order was planned');
  await store.journal.saveSighting({ ...order, clientOrderId: 'mine-1', importId: null });
  const empty = await fileOf('trades_history.json', '{"trades": [], "failed_orders": ["X"]}');
  expect((await compareImport(store, optionsFor(empty))).extra).toEqual([
    `order ${order.clientOrderId}`,
    `fill ${order.clientOrderId}-fill`,
  ]);
  expect((await compareImport(store, { ...optionsFor(empty), importId: 'another' })).extra).toEqual([]);
  expect(order).toMatchObject(TARGET);
});

async function importOf(
  store: Awaited<ReturnType<typeof openMemory>>,
  rows: readonly { symbol: string; qty: number }[],
) {
  const whole = rows.map((row) => ({ entry_price: 1, entry_time: '2025-01-01', status: 'open', ...row }));
  const path = await fileOf('trades_history.json', JSON.stringify(whole));
  const plan = await planImport(store, optionsFor(path));
  await runImport(store, plan);
  return plan;
}
