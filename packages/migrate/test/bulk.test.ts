import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { planImport, runImport } from '@algo/migrate';
import { sqlite } from '@algo/store-sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { openMemory, optionsFor, temporaryFolder } from './helpers.js';

/** Half of the trades are closed, so that each makes three rows in the store: 100,000 of them, or a million in full. */
const TRADES = process.env['ALGO_TEST_FULL'] === '1' ? 333_334 : 33_334;

const openSqlite = async () => {
  const store = await sqlite({ path: join(await temporaryFolder(), 'orders.db') }).open();
  onTestFinished(() => store.close());
  return store;
};

test.each([
  ['memory', openMemory],
  ['SQLite', openSqlite],
])('imports many rows into %s, and finds all of them again', async (name, openStore) => {
  const store = await openStore();
  const path = await writeTrades(TRADES);

  const begun = performance.now();
  const plan = await planImport(store, optionsFor(path));
  const planned = performance.now();
  const written = await runImport(store, plan);
  const done = performance.now();

  expect(written).toEqual({ orders: TRADES * 1.5, fills: TRADES * 1.5, snapshots: 0 });
  expect(plan.files[0]).toMatchObject({ rows: TRADES, new: TRADES, refused: [] });
  const rate = (fromMs: number, toMs: number) => Math.round((TRADES * 1_000) / (toMs - fromMs)).toLocaleString('en');
  console.log(`${name}: ${rate(begun, planned)} trades/s planned, ${rate(planned, done)} trades/s written`);
  expect((await planImport(store, optionsFor(path))).writes).toEqual({ orders: 0, fills: 0, snapshots: 0 });
});

async function writeTrades(count: number): Promise<string> {
  const path = join(await temporaryFolder(), 'trades_history.csv');
  const file = await open(path, 'w');
  await file.write('symbol,qty,entry_price,entry_time,exit_price,exit_time,status\n');
  const firstMs = Date.UTC(2020, 0, 1);
  for (let from = 0; from < count; from += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, count - from) }, (_, index) => {
      const entry = new Date(firstMs + (from + index) * 60_000).toISOString();
      const exit = (from + index) % 2 === 0 ? `101.5,${entry},closed` : ',,open';
      return `SYMBOL${(from + index) % 500}.NS,${1 + (index % 100)},100.25,${entry},${exit}\n`;
    });
    await file.write(lines.join(''));
  }
  await file.close();
  return path;
}
