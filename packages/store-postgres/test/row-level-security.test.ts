import { postgres, postgresGrants, postgresMigrations } from '@algo/store-postgres';
import { storeConformance } from '@algo/testkit';
import pg from 'pg';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { isFull, opened } from './opened.js';
import { ACCOUNT, attempt, credential, entry, session, sighting } from './rows.js';
import { testServer } from './server.js';

const server = testServer();

beforeAll(async () => {
  await server.sql(`CREATE ROLE app LOGIN PASSWORD 'app'`);
});

const asApp = (): string => server.address('app', 'app');

/** A schema that the owner made, which the application's role may use and not change. */
async function schemaFor(rowLevelSecurity: boolean): Promise<string> {
  const schema = server.newSchema();
  await postgresMigrations({ connectionString: server.address(), schema, rowLevelSecurity }).migrate();
  await server.sql(postgresGrants({ role: 'app', schema }).join('; '));
  return schema;
}

const definition = (schema: string, rowLevelSecurity: boolean) =>
  postgres({
    connectionString: asApp(),
    schema,
    connections: 3,
    migrate: 'manual',
    rowLevelSecurity,
    operator: { connectionString: server.address() },
  });

for (const rowLevelSecurity of isFull ? [true, false] : [true]) {
  storeConformance(
    {
      name: `postgres as a role with the documented rights alone, row-level security ${rowLevelSecurity ? 'on' : 'off'},`,
      async create() {
        const schema = await schemaFor(rowLevelSecurity);
        return {
          definition: definition(schema, rowLevelSecurity),
          shared: true,
          bytes: async () => null,
          sql: (query) => server.sql(query, schema),
          dispose: async () => void (await server.sql(`DROP SCHEMA "${schema}" CASCADE`)),
        };
      },
    },
    { describe, test },
    { users: 8, opaque: true },
  );
}

describe('row-level security', () => {
  test('shows plain SQL of the role no row but those of the user it named', async () => {
    const schema = await schemaFor(true);
    const store = await opened(server, schema, {
      connectionString: asApp(),
      rowLevelSecurity: true,
      migrate: 'manual',
    });
    for (const userId of ['a', 'b']) {
      await store.credentials.put(credential({ userId }), null, entry({ userId }));
      await store.sessions.put(session({ userId }), null);
      await store.journal.add(attempt({ userId, tag: `TAG-${userId}` }));
      await store.journal.saveSighting(sighting({ userId }));
      await store.leases.acquire({ userId, name: 'l' }, store.owner, 60_000);
    }
    const client = new pg.Client({ connectionString: asApp() });
    await client.connect();
    onTestFinished(() => client.end());
    const tables = ['credentials', 'sessions', 'attempts', 'sightings', 'leases', 'audit'];
    const usersIn = async (table: string): Promise<readonly unknown[]> =>
      (await client.query(`SELECT user_id FROM "${schema}".${table}`)).rows.map(({ user_id }) => user_id);

    for (const table of tables) expect(await usersIn(table)).toStrictEqual([]);
    await client.query(`SELECT set_config('algo.user_id', 'a', false)`);
    for (const table of tables) expect(await usersIn(table), table).toStrictEqual(['a']);
    expect((await client.query(`UPDATE "${schema}".credentials SET version = 9`)).rowCount).toBe(1);
    expect((await client.query(`DELETE FROM "${schema}".attempts WHERE tag = 'TAG-b'`)).rowCount).toBe(0);
    await expect(client.query(`UPDATE "${schema}".sessions SET user_id = 'b'`)).rejects.toMatchObject({
      code: '42501',
    });
    expect(await store.credentials.get({ ...ACCOUNT, userId: 'b' })).toMatchObject({ version: 1 });
  });

  test('has to be what the store was told: it does not open onto tables that would look empty', async () => {
    const open = (schema: string, rowLevelSecurity: boolean) => definition(schema, rowLevelSecurity).open();
    const unusable = (why: string) => ({ code: 'ALGO_STORE_UNUSABLE', details: { why: expect.stringContaining(why) } });
    await expect(open(await schemaFor(true), false)).rejects.toMatchObject(unusable('rowLevelSecurity: true'));
    await expect(open(await schemaFor(false), true)).rejects.toMatchObject(unusable('does not bind this role'));
  });

  test('refuses a change of keys without a role that sees all rows, instead of finding none', async () => {
    const schema = await schemaFor(true);
    const store = await opened(server, schema, {
      connectionString: asApp(),
      rowLevelSecurity: true,
      migrate: 'manual',
    });
    const refused = { code: 'ALGO_STORE_FAILED', details: { why: expect.stringContaining('operator') } };
    await expect(store.sealed.page(null, 1)).rejects.toMatchObject(refused);
    await expect(store.transfers.reassign('a', 'b', [], [])).rejects.toMatchObject(refused);
  });

  test('is turned off again by migrating without it', async () => {
    const schema = await schemaFor(true);
    const migrations = postgresMigrations({ connectionString: server.address(), schema, rowLevelSecurity: false });
    expect((await migrations.plan()).switches).toContain(`ALTER TABLE "${schema}".attempts DISABLE ROW LEVEL SECURITY`);
    await migrations.migrate();
    expect((await migrations.plan()).switches).toStrictEqual([]);
    await (await definition(schema, false).open()).close();
  });
});

test('a role with the documented rights can neither change tables nor an audit entry', async () => {
  const schema = await schemaFor(false);
  const client = new pg.Client({ connectionString: asApp() });
  await client.connect();
  onTestFinished(() => client.end());
  for (const statement of [
    `DROP TABLE "${schema}".audit`,
    `TRUNCATE "${schema}".attempts`,
    `ALTER TABLE "${schema}".attempts DISABLE ROW LEVEL SECURITY`,
    `DELETE FROM "${schema}".audit`,
    `UPDATE "${schema}".audit SET why = 'x'`,
    `ALTER TABLE "${schema}".audit DISABLE TRIGGER append_only`,
    `DELETE FROM "${schema}".migrations`,
    `SELECT setval('"${schema}".journal_position', 1)`,
    `CREATE TABLE "${schema}".mine (n int)`,
  ]) {
    await expect(client.query(statement), statement).rejects.toMatchObject({ code: '42501' });
  }
});
