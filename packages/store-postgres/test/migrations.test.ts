import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { postgres, postgresMigrations } from '@algo/store-postgres';
import { describe, expect, test } from 'vitest';
import { bundleChild, runChild } from './child-process.js';
import { isFull, opened } from './opened.js';
import { ACCOUNT, attempt, credential, entry, listed, session, sighting } from './rows.js';
import { testServer } from './server.js';

const server = testServer();
bundleChild();

const migrationsOf = (schema: string) => postgresMigrations({ connectionString: server.address(), schema });

const tablesIn = async (schema: string): Promise<number> => {
  const [row] = await server.sql(`SELECT count(*) AS tables FROM pg_tables WHERE schemaname = '${schema}'`);
  return Number(row?.['tables']);
};

test('a plan names every step and writes nothing', async () => {
  const schema = server.newSchema();
  const plan = await migrationsOf(schema).plan();
  expect(plan).toMatchObject({ found: 0, wanted: 4, switches: [] });
  expect(plan.steps.map(({ number, name }) => `${number} ${name}`)).toStrictEqual([
    '1 vault',
    '2 journal',
    '3 instruments',
    '4 budgets',
  ]);
  expect(plan.steps[0]?.statements[0]).toContain(`CREATE TABLE "${schema}".credentials`);
  expect(await server.sql(`SELECT 1 FROM pg_namespace WHERE nspname = '${schema}'`)).toStrictEqual([]);
});

test('migrating does what was planned, and a second time nothing', async () => {
  const schema = server.newSchema();
  expect((await migrationsOf(schema).migrate()).steps).toHaveLength(4);
  expect(await migrationsOf(schema).migrate()).toMatchObject({ found: 4, steps: [] });
  expect(await migrationsOf(schema).verify()).toStrictEqual({ found: 4, wanted: 4, differences: [] });
});

test.each([
  ['DROP INDEX attempts_unsettled', 'missing: index CREATE INDEX attempts_unsettled'],
  [
    'ALTER TABLE credentials ALTER COLUMN version TYPE integer',
    'not of this version: column credentials.version integer',
  ],
  ['DROP TRIGGER append_only ON audit', 'missing: trigger'],
  ['DROP POLICY own_rows ON sessions', 'missing: policy sessions.own_rows'],
  ['ALTER TABLE fills ADD COLUMN mine text', 'not of this version: column fills.mine text'],
  ['CREATE TABLE mine (n int)', 'not of this version: column mine.n integer'],
])('verifying finds what somebody changed: %s', async (change, difference) => {
  const schema = server.newSchema();
  await migrationsOf(schema).migrate();
  await server.sql(change, schema);
  const { differences } = await migrationsOf(schema).verify();
  expect(differences.join('\n')).toContain(difference);
  const [left] = await server.sql(`SELECT count(*) AS n FROM pg_namespace WHERE nspname LIKE 'algo_verify_%'`);
  expect(left?.['n']).toBe(0);
});

test('several runners at once migrate once', async () => {
  const schema = server.newSchema();
  await Promise.all(Array.from({ length: 5 }, () => migrationsOf(schema).migrate()));
  await Promise.all(Array.from({ length: 3 }, () => opened(server, schema)));
  expect(await migrationsOf(schema).verify()).toMatchObject({ differences: [] });
  expect(await server.sql('SELECT number FROM migrations ORDER BY number', schema)).toHaveLength(4);
});

describe('opening', () => {
  test('refuses a schema that is not up to date when the host migrates itself', async () => {
    const schema = server.newSchema();
    const open = () => postgres({ connectionString: server.address(), schema, migrate: 'manual' }).open();
    await expect(open()).rejects.toMatchObject({ code: 'ALGO_MIGRATION_NEEDED', details: { found: 0, wanted: 4 } });
    expect(await tablesIn(schema)).toBe(0);
    await migrationsOf(schema).migrate();
    await (await open()).close();
  });

  test('refuses the schema of a newer version, and one of somebody else', async () => {
    const schema = server.newSchema();
    await migrationsOf(schema).migrate();
    await server.sql(`INSERT INTO migrations (number, name) VALUES (5, 'next')`, schema);
    const unusable = (why: string) => ({ code: 'ALGO_STORE_UNUSABLE', details: { why: expect.stringContaining(why) } });
    await expect(opened(server, schema)).rejects.toMatchObject(unusable('newer version'));
    await expect(migrationsOf(schema).migrate()).rejects.toMatchObject(unusable('newer version'));

    const theirs = server.newSchema();
    await server.sql(`CREATE SCHEMA "${theirs}"; CREATE TABLE "${theirs}".credentials (name text)`);
    const failed = { code: 'ALGO_MIGRATION_FAILED', details: { why: expect.stringContaining('another program') } };
    await expect(opened(server, theirs)).rejects.toMatchObject(failed);
    expect(await tablesIn(theirs)).toBe(2); // theirs, and the empty list of migrations
  });
});

describe('rolling back', () => {
  test('refuses to lose rows unless it is told to, and says whose', async () => {
    const schema = server.newSchema();
    const store = await opened(server, schema);
    await store.credentials.put(credential(), null);
    await store.instruments.replace('u1', 'dhan', { source: 'x', loadedAtMs: 1, rows: [listed(1)] });
    await store.close();

    await migrationsOf(schema).rollback(4);
    const failed = { code: 'ALGO_MIGRATION_FAILED', details: { why: expect.stringContaining('instruments') } };
    await expect(migrationsOf(schema).rollback(2)).rejects.toMatchObject(failed);
    expect(await migrationsOf(schema).verify()).toMatchObject({ found: 4, differences: [] });

    await migrationsOf(schema).rollback(2, { acceptLoss: true });
    expect(await migrationsOf(schema).plan()).toMatchObject({ found: 2, steps: [{ number: 3 }, { number: 4 }] });
    const again = await opened(server, schema);
    expect(await again.credentials.get(ACCOUNT)).toStrictEqual(credential());
    expect(await again.instruments.master('u1', 'dhan')).toBeNull();
  });

  test('to nothing leaves no table, function or sequence but the list of migrations', async () => {
    const schema = server.newSchema();
    await migrationsOf(schema).migrate();
    await migrationsOf(schema).rollback(0);
    expect(await tablesIn(schema)).toBe(1);
    const left = await server.sql(`SELECT proname FROM pg_proc WHERE pronamespace = '"${schema}"'::regnamespace`);
    expect(left).toStrictEqual([]);
    await expect(migrationsOf(schema).rollback(7)).rejects.toMatchObject({ code: 'ALGO_INVALID_INPUT' });
  });
});

test('a kill at any moment of migrating or rolling back leaves whole steps, and the next opening finishes', async () => {
  for (let round = 0; round < (isFull ? 200 : 6); round += 1) {
    const schema = server.newSchema();
    if (round % 2 === 1) await migrationsOf(schema).migrate();
    const child = runChild(round % 2 === 1 ? 'rollback' : 'migrate', server.address(), schema);
    const ended = child.rest();
    await pause(randomInt(150, 450)); // from before it is loaded until it is done
    child.process.kill('SIGKILL');
    await ended;

    const store = await postgres({ connectionString: server.address(), schema, connections: 1 }).open();
    await store.credentials.put(credential(), null, entry());
    await store.sessions.put(session(), null);
    await store.journal.add(attempt());
    await store.journal.saveSighting(sighting());
    await store.close();
    expect(await migrationsOf(schema).verify()).toStrictEqual({ found: 4, wanted: 4, differences: [] });
  }
});

test('a kill while a later step is made loses no row of an earlier one', async () => {
  for (let round = 0; round < (isFull ? 200 : 4); round += 1) {
    const schema = server.newSchema();
    const store = await opened(server, schema);
    await store.credentials.put(credential(), null);
    await store.journal.add(attempt());
    await store.close();
    await migrationsOf(schema).rollback(2);
    const child = runChild('migrate', server.address(), schema);
    const ended = child.rest();
    await pause(randomInt(150, 400));
    child.process.kill('SIGKILL');
    await ended;
    const again = await opened(server, schema);
    expect(await again.credentials.get(ACCOUNT)).toStrictEqual(credential());
    expect(await again.journal.byTag('u1', attempt().tag)).toStrictEqual(attempt());
    await again.close();
  }
});
