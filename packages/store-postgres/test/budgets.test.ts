import { setTimeout as pause } from 'node:timers/promises';
import type { BudgetRequest } from '@algo/core/store';
import { postgres } from '@algo/store-postgres';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { eventually, opened } from './opened.js';
import { testServer } from './server.js';

const server = testServer();

const request = (changes: Partial<BudgetRequest> = {}): BudgetRequest => ({
  scope: 'account/u1/dhan/main/orders',
  windows: [{ limit: 50, perMs: 3_600_000 }],
  places: 1,
  holdMs: 250,
  ...changes,
});

test('hundreds of takes at once from several stores stand in line at the server, and are given each place once', async () => {
  const schema = server.newSchema();
  const stores = await Promise.all([0, 1, 2, 3].map(() => opened(server, schema)));
  const grants = await Promise.all(
    stores.flatMap(({ budgets }) =>
      Array.from({ length: 60 }, (_, at) => budgets.take(request({ places: 1 + (at % 2) }))),
    ),
  );
  expect(grants.reduce((sum, { granted }) => sum + granted, 0)).toBe(50);
  const [row] = await server.sql('SELECT state FROM budgets', schema);
  expect(JSON.parse(String(row?.['state']))).toMatchObject({ grants: expect.any(Array) });
});

test('the clock of a take is read when its turn has come, not when it began to wait', async () => {
  const schema = server.newSchema();
  const { budgets } = await opened(server, schema);
  await budgets.take(request());
  const client = new pg.Client({ connectionString: server.address() });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query(`BEGIN; SELECT 1 FROM "${schema}".budgets FOR UPDATE`);
  const waiting = budgets.take(request());
  await eventually('it waits', async () => {
    const rows = await server.sql(`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'`);
    return rows.length > 0;
  });
  const { rows } = await client.query('SELECT floor(extract(epoch FROM clock_timestamp()) * 1000) AS ms');
  await client.query('COMMIT');

  expect(await waiting).toEqual({ granted: 1, waitMs: 0 });
  const [row] = await server.sql('SELECT state FROM budgets', schema);
  expect(JSON.parse(String(row?.['state'])).atMs).toBeGreaterThanOrEqual(Number(rows[0]['ms']));
});

test('a process that froze with a budget in its hands does not keep it', { timeout: 30_000 }, async () => {
  const schema = server.newSchema();
  const store = await opened(server, schema, { answerTimeoutMs: 3_000 }); // less than others may lie idle
  await store.budgets.take(request());

  let frozen = false;
  class Freezing extends pg.Client {
    override query(...args: unknown[]): never {
      const [query] = args;
      if (isQuery(query) && query.text.startsWith('UPDATE') && query.text.includes('.budgets')) {
        frozen = true;
        return pause(5_000).then(() => Reflect.apply(super.query, this, args)) as never;
      }
      return Reflect.apply(super.query, this, args) as never;
    }
  }
  const pool = new pg.Pool({ connectionString: server.address(), Client: Freezing });
  const freezing = await postgres({ pool, schema }).open();
  onTestFinished(async () => {
    await freezing.close();
    await pool.end();
  });
  const lost = freezing.budgets.take(request()).then(
    () => 'given',
    (error: unknown) => error,
  );
  await eventually('it has the row', () => frozen);

  expect(await store.budgets.take(request({ places: 50 }))).toEqual({ granted: 49, waitMs: 0 });
  expect(await lost).toMatchObject({ code: 'ALGO_STORE_FAILED' });
});

test('forgets scopes in which nothing counts any more when it is opened, and no others', async () => {
  const schema = server.newSchema();
  const before = await opened(server, schema);
  for (const scope of ['old', 'living']) await before.budgets.take(request({ scope }));
  await server.sql(`UPDATE budgets SET expires_at_ms = 1 WHERE scope = 'old'`, schema);
  const { budgets } = await opened(server, schema);
  expect(await server.sql('SELECT scope FROM budgets', schema)).toEqual([{ scope: 'living' }]);
  expect(await budgets.take(request({ scope: 'old', places: 50 }))).toMatchObject({ granted: 50 });
});

test('a state that somebody else wrote is no empty budget', async () => {
  const schema = server.newSchema();
  const { budgets } = await opened(server, schema);
  await budgets.take(request());
  await server.sql(`UPDATE budgets SET state = '{}'`, schema);
  await expect(budgets.take(request())).rejects.toMatchObject({ code: 'ALGO_STORE_FAILED' });
});

test('keeps the rows small, whatever is taken', async () => {
  const schema = server.newSchema();
  const { budgets } = await opened(server, schema);
  const windows = [{ limit: 1_000_000, perMs: 3_600_000 }];
  for (let taken = 0; taken < 300; taken += 1) await budgets.take(request({ windows }));
  const [row] = await server.sql('SELECT length(state) AS length FROM budgets', schema);
  expect(Number(row?.['length'])).toBeLessThan(4_096);
});

const isQuery = (query: unknown): query is { readonly text: string } =>
  typeof query === 'object' && query !== null && 'text' in query && typeof query.text === 'string';
