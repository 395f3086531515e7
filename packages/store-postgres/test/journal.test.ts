import type { PostgresPool } from '@algo/store-postgres';
import { postgres } from '@algo/store-postgres';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { opened } from './opened.js';
import { ACCOUNT, attempt, credential, nthAttempt, sighting } from './rows.js';
import { testServer } from './server.js';

const server = testServer();

interface Sent {
  readonly text: string;
  readonly name: string;
}

const many = (length: number) => Array.from({ length }, (_, index) => nthAttempt(index));

/** A pool of the host's own whose statements are written down. */
function watchedPool(): { readonly pool: PostgresPool; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  class Watched extends pg.Client {
    override query(...args: unknown[]): never {
      const [query] = args;
      if (typeof query === 'object' && query !== null && 'text' in query)
        sent.push({ text: String(query.text), name: 'name' in query ? String(query.name) : '' });
      return Reflect.apply(super.query, this, args) as never;
    }
  }
  const pool = new pg.Pool({ connectionString: server.address(), Client: Watched });
  onTestFinished(() => pool.end());
  return { pool, sent };
}

test('many attempts that wait share one statement, and a lone one pays one round trip', async () => {
  const { pool, sent } = watchedPool();
  const store = await postgres({ pool, schema: server.newSchema() }).open();
  const writes = () => sent.splice(0).filter(({ text }) => text.includes('INSERT') || text.includes('UPDATE'));
  sent.splice(0);

  const results = await Promise.all(many(200).map((row) => store.journal.add(row)));
  expect(results.every(({ kind }) => kind === 'added')).toBe(true);
  expect(writes()).toHaveLength(1);

  await store.journal.move({ ...ACCOUNT, tag: nthAttempt(3).tag, from: 'SUBMITTING', to: 'REJECTED', atMs: 1 });
  expect(writes()).toHaveLength(1);
  await store.journal.add(nthAttempt(200));
  expect(sent.splice(0)).toHaveLength(1);
  await store.close();
});

test('what is asked for while a flush is under way shares the next one', async () => {
  const { pool, sent } = watchedPool();
  const store = await postgres({ pool, schema: server.newSchema() }).open();
  sent.splice(0);
  let next = 0;
  const caller = async (): Promise<void> => {
    for (let round = 0; round < 10; round += 1) await store.journal.add(nthAttempt(next++));
  };
  await Promise.all(Array.from({ length: 50 }, caller));
  expect(sent.length).toBeLessThan(60); // 500 rows
  expect(await store.journal.list('u1', { limit: 1_000 })).toHaveLength(500);
  await store.close();
});

test('sends nothing that is not prepared by name, and one statement for a read or a write', async () => {
  const { pool, sent } = watchedPool();
  const store = await postgres({ pool, schema: server.newSchema() }).open();
  await store.credentials.get(ACCOUNT);
  sent.splice(0);
  await store.credentials.get(ACCOUNT);
  await store.credentials.put(credential(), null);
  await store.journal.add(attempt());
  await store.journal.byTag('u1', attempt().tag);
  expect(sent).toHaveLength(4);
  for (const { name } of sent) expect(name).toMatch(/^algo .{1,50}$/);
  await store.close();
});

test('a move that is asked for with its attempt comes after it, and so does the next', async () => {
  const { journal } = await opened(server, server.newSchema());
  const { tag, userId } = attempt();
  const answers = await Promise.all([
    journal.move({ tag, userId, from: 'SUBMITTING', to: 'FOUND', atMs: 1 }), // before there is anything to move
    journal.add(attempt({ state: 'INTENT' })),
    journal.move({ tag, userId, from: 'INTENT', to: 'SUBMITTING', atMs: 2 }),
    journal.move({ tag, userId, from: 'INTENT', to: 'SUBMITTING', atMs: 3 }),
    journal.move({ tag, userId, from: 'SUBMITTING', to: 'ACKNOWLEDGED', atMs: 4 }),
    journal.saveSighting(sighting({ seenAtMs: 1 })),
    journal.saveSighting(sighting({ seenAtMs: 2 })),
  ]);
  expect(answers).toStrictEqual([false, { kind: 'added' }, true, false, true, undefined, undefined]);
  expect(await journal.byTag(userId, tag)).toMatchObject({ state: 'ACKNOWLEDGED', updatedAtMs: 4 });
  expect(await journal.sighting('u1', 'c1')).toMatchObject({ seenAtMs: 2 });
});

test('a conflict or a value that does not fit is the concern of its own write', async () => {
  const { journal } = await opened(server, server.newSchema());
  const answers = await Promise.allSettled([
    journal.add(attempt()),
    journal.add(attempt({ tag: 'TWIN' })), // the same command
    journal.add(attempt({ userId: 'u2', clientOrderId: 'c9' })), // another user's tag
    journal.add(nthAttempt(7, { createdAtMs: 1.5 })),
    journal.add(nthAttempt(8, JSON.parse('{ "request": {} }'))),
    journal.add(nthAttempt(9, { number: 2 ** 70 })),
    journal.move({ ...ACCOUNT, tag: 'NONE', from: 'INTENT', to: 'SUBMITTING', atMs: 1 }),
    journal.add(nthAttempt(10, { clientOrderId: longText() })), // no index holds it
    journal.add(nthAttempt(11)),
  ]);
  const doesNotFit = { code: 'ALGO_STORE_FAILED', details: { why: 'a value in it does not fit its column' } };
  expect(answers).toMatchObject([
    { value: { kind: 'added' } },
    { value: { kind: 'exists', row: attempt() } },
    { reason: { code: 'ALGO_STORE_CONFLICT' } },
    { reason: doesNotFit },
    { reason: doesNotFit },
    { reason: doesNotFit },
    { value: false },
    { reason: doesNotFit },
    { value: { kind: 'added' } },
  ]);
  expect(await journal.list('u1', { limit: 10 })).toHaveLength(2);
  expect(await journal.list('u2', { limit: 10 })).toHaveLength(0);
});

/** 20,000 characters that do not compress. */
const longText = (): string => Array.from({ length: 20_000 }, () => Math.random().toString(36).slice(-1)).join('');

test('keeps synchronous_commit on for every connection, whatever the role is told to do', async () => {
  await server.sql('CREATE ROLE hasty LOGIN SUPERUSER PASSWORD $$hasty$$');
  await server.sql('ALTER ROLE hasty SET synchronous_commit = off');
  const schema = server.newSchema();
  const pool = new pg.Pool({ connectionString: server.address('hasty', 'hasty'), max: 4 });
  const store = await postgres({ pool, schema }).open();
  await server.sql(
    `CREATE FUNCTION commits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF current_setting('synchronous_commit') <> 'on' THEN RAISE EXCEPTION 'not on'; END IF; RETURN NEW; END $$`,
    schema,
  );
  for (const table of ['attempts', 'credentials']) {
    await server.sql(`CREATE TRIGGER c BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION commits()`, schema);
  }
  expect(await store.journal.add(attempt())).toStrictEqual({ kind: 'added' });
  const accounts = ['a', 'b', 'c', 'd', 'e'];
  const put = accounts.map((account) => store.credentials.put(credential({ account }), null));
  expect(await Promise.all(put)).toStrictEqual(accounts.map(() => true));
  await store.close();
  await pool.end();
});

test.each([
  [`UPDATE attempts SET state = 'LOST'`, 'state'],
  ['UPDATE attempts SET number = 9007199254740993', 'number'],
  [`UPDATE attempts SET kind = 'guess'`, 'kind'],
  [`UPDATE credentials SET fields = '{"a":1}'`, 'a'],
  [`UPDATE sightings SET broker_order = '{}'`, 'brokerOrderId'],
])('does not pass on a row that somebody else wrote: %s', async (statement, column) => {
  const schema = server.newSchema();
  const store = await opened(server, schema);
  await store.journal.add(attempt());
  await store.credentials.put(credential(), null);
  await store.journal.saveSighting(sighting());
  await server.sql(statement, schema);
  const reads = await Promise.allSettled([
    store.journal.byTag('u1', attempt().tag),
    store.credentials.get(ACCOUNT),
    store.journal.sighting('u1', 'c1'),
  ]);
  const failed = reads.filter(({ status }) => status === 'rejected');
  expect(failed).toMatchObject([
    { reason: { code: 'ALGO_STORE_FAILED', details: { why: expect.stringContaining(`column ${column} `) } } },
  ]);
});
