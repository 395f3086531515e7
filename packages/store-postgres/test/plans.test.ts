import type { Store } from '@algo/core/store';
import { postgres } from '@algo/store-postgres';
import pg from 'pg';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { eventually, isFull } from './opened.js';
import { ACCOUNT, attempt, credential, entry, fill, nthAttempt, session, sighting, snapshot } from './rows.js';
import { testServer } from './server.js';

const server = testServer();
const [ROWS, USERS] = isFull ? [1_000_000, 10_000] : [20_000, 4_000];
const SCHEMA = 'large';

beforeAll(async () => {
  await (await postgres({ connectionString: server.address(), schema: SCHEMA }).open()).close();
  for (const statement of population()) await server.sql(statement, SCHEMA);
}, 600_000);

/** Every statement that the calls of a store send, with its values. */
async function statementsOf(calls: (store: Store) => Promise<unknown>): Promise<readonly Sent[]> {
  const sent = new Map<string, Sent>();
  class Watched extends pg.Client {
    override query(...args: unknown[]): never {
      const [query] = args;
      if (isQuery(query)) sent.set(query.text, query);
      return Reflect.apply(super.query, this, args) as never;
    }
  }
  const pool = new pg.Pool({ connectionString: server.address(), Client: Watched });
  const store = await postgres({ pool, schema: SCHEMA }).open();
  sent.clear();
  await calls(store);
  await store.close();
  await pool.end();
  return [...sent.values()].filter(({ text }) => text.includes(`"${SCHEMA}".`));
}

test('no query of any facet reads a whole table', async () => {
  const statements = await statementsOf(everyCall);
  const client = new pg.Client({ connectionString: server.address() });
  await client.connect();
  onTestFinished(() => client.end());
  const scans: string[] = [];
  for (const { text, values } of statements) {
    // The journal's own connection plans without whole scans; here every statement is planned as for a stranger.
    const { rows } = await client.query(`EXPLAIN (FORMAT JSON) ${text}`, values);
    for (const table of scannedWhole(rows[0]['QUERY PLAN'])) scans.push(`${table}: ${text}`);
  }
  expect(statements.length).toBeGreaterThan(40);
  expect(scans).toStrictEqual([]);
});

test('a statement that was planned while the journal was empty looks rows up when it is large', async () => {
  const schema = server.newSchema();
  const pool = new pg.Pool({ connectionString: server.address() });
  const store = await postgres({ pool, schema }).open();
  const move = (index: number) =>
    store.journal.move({ ...ACCOUNT, tag: nthAttempt(index).tag, from: 'SUBMITTING', to: 'AMBIGUOUS', atMs: 1 });
  for (let index = 0; index < 12; index += 1) await move(index); // enough for a plan that is kept
  for (let start = 0; start < 20_000; start += 500) {
    await Promise.all(Array.from({ length: 500 }, (_, offset) => store.journal.add(nthAttempt(start + offset))));
  }
  const before = await rowsRead(schema);
  for (let index = 0; index < 20; index += 1) expect(await move(index)).toBe(true);
  await store.close(); // a connection's counters are told at its end
  await eventually('the counters are there', async () => (await rowsRead(schema)) > before);
  expect((await rowsRead(schema)) - before).toBeLessThan(500);
  await pool.end();
});

test('a move is planned to look up its tag, also in a table that is still empty', async () => {
  const schema = server.newSchema();
  const sent = await statementsOf(async ({ journal }) => {
    await journal.move({ ...ACCOUNT, tag: 'T', from: 'INTENT', to: 'SUBMITTING', atMs: 1 });
  });
  await (await postgres({ connectionString: server.address(), schema }).open()).close();
  const [move] = sent.filter(({ text }) => text.includes('UPDATE'));
  const settings = ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']
    .map((name) => `SET ${name} = off`)
    .join('; ');
  const plan = await server.sql(
    `${settings}; EXPLAIN (GENERIC_PLAN) ${move?.text.replaceAll(`"${SCHEMA}"`, `"${schema}"`)}`,
  );
  const lines = plan.map((row) => String(row['QUERY PLAN']));
  expect(lines.filter((line) => line.includes('Index Scan')).join()).toContain('attempts_pkey');
  expect(lines.join()).not.toContain('Seq Scan');
});

const rowsRead = async (schema: string): Promise<number> => {
  const [row] = await server.sql(
    `SELECT seq_tup_read + idx_tup_fetch AS read FROM pg_stat_user_tables WHERE schemaname = '${schema}' AND relname = 'attempts'`,
  );
  return Number(row?.['read']);
};

test('answers in time, also with many rows and users', async () => {
  const store = await postgres({ connectionString: server.address(), schema: SCHEMA }).open();
  onTestFinished(() => store.close());
  const tookMs: number[] = [];
  for (let index = 0; index < (isFull ? 2_000 : 200); index += 1) {
    const userId = `u${(index * 7919) % USERS}`;
    const startedAt = performance.now();
    if (index % 3 === 0) await store.journal.list(userId, { limit: 100 });
    else if (index % 3 === 1) await store.journal.list(userId, { tradingDay: '2026-11-12', limit: 100 });
    else await store.journal.inState({ ...ACCOUNT, userId }, ['SUBMITTING', 'AMBIGUOUS', 'UNRESOLVED']);
    tookMs.push(performance.now() - startedAt);
  }
  const p95 = tookMs.sort((a, b) => a - b)[Math.floor(tookMs.length * 0.95)] ?? 0;
  console.log(`${ROWS} attempts of ${USERS} users: p95 of a journal query ${p95.toFixed(2)} ms`);
  expect(tookMs).not.toContain(Number.NaN);
});

/** One call of everything that reads or writes by a key. */
async function everyCall(store: Store): Promise<void> {
  const { credentials, sessions, configuration, journal, portfolio, instruments, audit, leases, budgets, transfers } =
    store;
  await credentials.get(ACCOUNT);
  await credentials.put(credential({ version: 3 }), 2, entry());
  await credentials.list('u1');
  await credentials.delete({ ...ACCOUNT, account: 'none' });
  await sessions.get(ACCOUNT);
  await sessions.put(session({ version: 3 }), 2);
  const lease = await leases.acquire({ userId: 'u1', name: 'new' }, store.owner, 1_000);
  if (lease === null) throw new Error('the lease is not free');
  await sessions.put(session({ version: 3 }), 2, lease);
  await sessions.list('u1');
  await sessions.delete({ ...ACCOUNT, account: 'none' });
  await leases.renew(lease, 1_000);
  await leases.get(lease);
  await leases.release(lease);
  await budgets.take({ scope: 'scope 7', windows: [{ limit: 9, perMs: 1_000 }], places: 1, holdMs: 250 });
  await budgets.pause('scope 8', 1);
  await configuration.get('u1', 'a');
  await configuration.list('u1');
  await configuration.delete('u1', 'none');
  const added = { tag: 'NEW', clientOrderId: 'new' };
  await journal.add(attempt(added));
  await journal.add(attempt({ ...added, tag: 'NEWER' }));
  await journal.move({ ...ACCOUNT, tag: 'NEW', from: 'SUBMITTING', to: 'INTENT', atMs: 1 });
  await journal.attemptsOf('u1', 'new');
  await journal.byTag('u1', 'NEW');
  await journal.inState(ACCOUNT, ['SUBMITTING']);
  await journal.inState(ACCOUNT, ['REJECTED']);
  await journal.list('u1', { limit: 10 });
  await journal.list('u1', { limit: 10, tradingDay: '2026-11-20' });
  await journal.claimQueued(ACCOUNT, { kinds: ['place'], limit: 5, owner: store.owner, sendByMs: 1, atMs: 1 });
  await journal.saveSighting(sighting({ clientOrderId: 'new' }));
  await journal.sighting('u1', 'new');
  await journal.orders('u1', { limit: 10, broker: 'dhan' });
  await journal.orders('u1', { limit: 10, importId: 'i1' });
  await journal.addFills([fill('new', { clientOrderId: 'new' })]);
  await journal.fills('u1', { limit: 10 });
  await journal.fills('u1', { limit: 10, importId: 'i1' });
  await journal.fills('u1', { limit: 10, clientOrderId: 'new' });
  await journal.deleteOrder('u1', 'new');
  await portfolio.save(snapshot(1));
  await portfolio.latest(ACCOUNT, 'positions');
  await portfolio.list(ACCOUNT, 'positions', { limit: 10 });
  await portfolio.delete(ACCOUNT, 'positions', 2);
  await instruments.byInstrument('u1', 'dhan', 'NSE:SYMBOL7');
  await instruments.byToken('u1', 'dhan', 'NSE_EQ', '7');
  await instruments.page('u1', 'dhan', 100, 10);
  await instruments.master('u1', 'dhan');
  await audit.append(entry());
  await audit.list('u1', { limit: 10 });
  await transfers.listImports('u1');
  await transfers.rollback('u1', 'i1');
  await store.sealed.page(JSON.stringify(['credential', '80', 'dhan', 'main']), 10);
  await store.sealed.replace(
    { ...ACCOUNT, field: 'session', version: 9, sealed: new Uint8Array(1) },
    new Uint8Array(1),
  );
  await store.removeBroker('nobody', 'dhan', { dryRun: false });
}

function population(): readonly string[] {
  const user = `sha256(convert_to('u' || i % ${USERS}, 'UTF8')), 'u' || i % ${USERS}`;
  const account = `${user}, 'dhan', 'main'`;
  const each = (count: number): string => `FROM generate_series(0, ${count - 1}) AS i`;
  const states = `(ARRAY['ACKNOWLEDGED', 'REJECTED', 'FOUND'])[1 + i % 3]`;
  return [
    `INSERT INTO credentials (user_key, user_id, broker, account, version, fields, sealed, updated_at_ms)
     SELECT ${account}, 2, '{}', '\\x00', 1 ${each(USERS)}`,
    `INSERT INTO sessions (user_key, user_id, broker, account, version, sealed, updated_at_ms)
     SELECT ${account}, 2, '\\x00', 1 ${each(USERS)}`,
    `INSERT INTO configuration (user_key, user_id, name, version, value, updated_at_ms)
     SELECT ${user}, 'name ' || i, 1, '{}', 1 ${each(ROWS / 10)}`,
    `INSERT INTO leases (user_key, user_id, name, epoch, expires_at_ms) SELECT ${user}, 'lease ' || i, 1, 0 ${each(ROWS / 10)}`,
    `INSERT INTO budgets SELECT sha256(convert_to('scope ' || i, 'UTF8')), 'scope ' || i, '', 4102444800000 ${each(ROWS / 10)}`,
    `INSERT INTO audit (user_key, user_id, at_ms, actor, action, subject) SELECT ${user}, 1, 'u', 'a', 's' ${each(ROWS / 10)}`,
    `INSERT INTO attempts (user_key, user_id, broker, account, position, tag, owner, kind, client_order_id, number, request,
       state, trading_day, created_at_ms, updated_at_ms)
     SELECT ${account}, nextval('journal_position'), 'T' || i, 'o', 'place', 'order-' || i, 1, repeat('x', 120),
       CASE WHEN i % 500 = 0 THEN 'AMBIGUOUS' ELSE ${states} END, '2026-11-' || 10 + (i / ${USERS}) % 10, 1, 1 ${each(ROWS)}`,
    `INSERT INTO sightings (user_key, user_id, broker, account, client_order_id, broker_order, seen_at_ms, import_id)
     SELECT ${account}, 'order-' || i, '${JSON.stringify(sighting().order)}', 1, CASE WHEN i % 50 = 0 THEN 'i' || i % 7 END ${each(ROWS / 10)}`,
    `INSERT INTO fills (user_key, user_id, broker, account, trade_id, client_order_id, trade, import_id)
     SELECT ${account}, 't' || i, 'order-' || i, '${JSON.stringify(fill('t').trade)}', CASE WHEN i % 50 = 0 THEN 'i' || i % 7 END ${each(ROWS / 10)}`,
    `INSERT INTO snapshots (user_key, user_id, broker, account, kind, taken_at_ms, rows, import_id)
     SELECT ${account}, 'positions', i, '[]', CASE WHEN i % 50 = 0 THEN 'i' || i % 7 END ${each(ROWS / 10)}`,
    `INSERT INTO imports (user_key, user_id, import_id, source, at_ms, orders, fills, snapshots)
     SELECT ${user}, 'import-' || i, 'x', 1, 0, 0, 0 ${each(ROWS / 10)}`,
    `INSERT INTO instruments SELECT 'dhan', i + 1, 'NSE:SYMBOL' || i, 'NSE_EQ', i::text, 'S' || i, 'n', NULL, 1, 500, NULL ${each(ROWS / 5)}`,
    'ANALYZE',
  ];
}

interface Sent {
  readonly text: string;
  readonly values: unknown[];
}

const isQuery = (query: unknown): query is Sent =>
  typeof query === 'object' && query !== null && 'text' in query && 'values' in query;

/** Tables that a plan reads whole; a master of brokers has a row for each broker. */
function scannedWhole(plan: unknown): readonly string[] {
  if (Array.isArray(plan)) return plan.flatMap(scannedWhole);
  if (typeof plan !== 'object' || plan === null) return [];
  const found = Object.values(plan).flatMap((part) => (typeof part === 'object' ? scannedWhole(part) : []));
  if ('Node Type' in plan && plan['Node Type'] === 'Seq Scan' && 'Relation Name' in plan) {
    const table = String(plan['Relation Name']);
    if (table !== 'instrument_masters') found.push(table);
  }
  return found;
}
