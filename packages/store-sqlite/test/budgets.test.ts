import type { BudgetRequest } from '@algo/core/store';
import { sqlite } from '@algo/store-sqlite';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { createBudgets } from '../src/budgets.js';
import { GroupCommit } from '../src/group-commit.js';
import { MIGRATIONS } from '../src/schema.js';
import { temporaryPath } from './temporary-folder.js';

const AT_MS = 1_789_000_000_000;
const request: BudgetRequest = { scope: 's', windows: [{ limit: 2, perMs: 60_000 }], places: 2, holdMs: 250 };

/** Tables in memory, and budgets on them as another opening would have them, each with a clock that a test sets. */
function budgetsInMemory() {
  const connection = new Database(':memory:');
  onTestFinished(() => void connection.close());
  for (const { up } of MIGRATIONS) for (const statement of up) connection.exec(statement);
  const commits = new GroupCommit(connection);
  return {
    connection,
    at: (clock: { monotonicMs: number; nowMs: number }) =>
      createBudgets(connection, commits, { monotonicMs: () => clock.monotonicMs, nowMs: () => clock.nowMs }),
  };
}

test('a step of the wall clock gives nobody a place too early, and holds nobody up', async () => {
  const clock = { monotonicMs: 5_000.5, nowMs: AT_MS };
  const budgets = budgetsInMemory().at(clock);
  expect(await budgets.take(request)).toStrictEqual({ granted: 2, waitMs: 0 });
  clock.nowMs += 3_600_000;
  expect(await budgets.take(request)).toStrictEqual({ granted: 0, waitMs: 60_250 });
  clock.nowMs -= 7_200_000;
  clock.monotonicMs += 60_250;
  expect(await budgets.take(request)).toStrictEqual({ granted: 2, waitMs: 0 });
});

test('a file that is opened by a clock which went back an hour counts on from where it was', async () => {
  const file = budgetsInMemory();
  await file.at({ monotonicMs: 0, nowMs: AT_MS }).take(request);
  const clock = { monotonicMs: 0, nowMs: AT_MS - 3_600_000 };
  const again = file.at(clock);
  expect(await again.take(request)).toStrictEqual({ granted: 0, waitMs: 60_250 });
  clock.monotonicMs += 60_250;
  expect(await again.take(request)).toStrictEqual({ granted: 2, waitMs: 0 });
});

test('forgets scopes in which nothing counts any more, and no others', async () => {
  const file = budgetsInMemory();
  const before = file.at({ monotonicMs: 0, nowMs: AT_MS });
  await before.take(request);
  await before.take({ ...request, scope: 'long', windows: [{ limit: 2, perMs: 86_400_000 }] });
  await file.at({ monotonicMs: 0, nowMs: AT_MS + 3_600_000 }).take({ ...request, scope: 'new' });
  expect(file.connection.prepare('SELECT scope FROM budgets ORDER BY scope').pluck().all()).toStrictEqual([
    'long',
    'new',
  ]);
});

test('gives no place that could not be written', async () => {
  const path = temporaryPath();
  const store = await sqlite({ path, busyTimeoutMs: 0 }).open();
  const other = new Database(path);
  other.exec('BEGIN IMMEDIATE');
  await expect(store.budgets.take(request)).rejects.toMatchObject({ code: 'ALGO_STORE_FAILED' });
  other.exec('ROLLBACK');
  expect(await store.budgets.take(request)).toMatchObject({ granted: 2 });
  other.exec(`UPDATE budgets SET state = '{}'`);
  await expect(store.budgets.take(request)).rejects.toMatchObject({ code: 'ALGO_STORE_FAILED' });
  other.close();
  await store.close();
});
