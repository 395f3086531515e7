import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { createAlgo, environmentKeys, keyring } from '@algo/core';
import type { AlgoOptions, StoreDefinition } from '@algo/core';
import { startSimulator } from '@algo/simulator';
import { postgres } from '@algo/store-postgres';
import { sqlite, sqliteBackup } from '@algo/store-sqlite';
import { createFakeClock } from '@algo/testkit';
import { afterAll, expect, test } from 'vitest';
import { testServer } from '../../store-postgres/test/server.js';
import { dhanAt, limitBuy, ME, recordingLogger } from './simulated.js';
import type { LogLine } from './simulated.js';

const PIN = '918273';
const TOTP_SECRET = 'CANARYCANARYCANARYCANARY';
const OLD_KEY = Buffer.alloc(32, 'old-key-canary-old-key').toString('base64');
const NEW_KEY = Buffer.alloc(32, 'new-key-canary-new-key').toString('base64');
const PASSED_OVER = 'a-token-that-was-replaced-0123456789';

const server = testServer();
const folder = mkdtempSync(join(tmpdir(), 'algo-canaries-'));
afterAll(() => rmSync(folder, { recursive: true }));

const sqlitePath = join(folder, 'orders.db');

test.each<readonly [string, () => StoreDefinition, () => Promise<readonly Uint8Array[]>]>([
  [
    'a SQLite file, its log, its backup',
    () => sqlite({ path: sqlitePath }),
    async () => {
      await sqliteBackup({ path: sqlitePath, to: join(folder, 'backup.db') });
      return readdirSync(folder).map((name) => readFileSync(join(folder, name)));
    },
  ],
  [
    'a PostgreSQL data folder, its log, a dump of its tables',
    () => postgres({ connectionString: server.address(), connections: 3 }),
    async () => [await server.bytes(), Buffer.from(inspect(await dump(), { maxArrayLength: null, depth: 9 }))],
  ],
])('nothing secret is in clear in %s, nor in what was logged, thrown, audited', async (_where, store, bytesOf) => {
  const log: LogLine[] = [];
  const said: unknown[] = [];
  const clock = createFakeClock();
  const account = { clientId: '1000000001', pin: PIN, totpSecret: TOTP_SECRET };
  const simulator = await startSimulator({ clock, dhan: { account } });
  const { clientId, accessToken } = simulator.dhan.credentials;
  const options = (keys: AlgoOptions['keys']): AlgoOptions => ({
    store: store(),
    keys,
    brokers: [dhanAt(simulator)],
    clock,
    logger: recordingLogger(log),
    environment: { variables: { DHAN_PIN: PIN }, userId: 'u2' },
  });
  const run = <Value>(work: Promise<Value>): Promise<Value> => clock.runUntil(work, { stepMs: 50, limitMs: 120_000 });
  const note = async (work: Promise<unknown>): Promise<void> =>
    void said.push(await run(work).catch((error: unknown) => error));
  const old = environmentKeys({ variables: { OLD: OLD_KEY }, current: 'OLD' });
  const both = keyring({ current: environmentKeys({ variables: { NEW: NEW_KEY }, current: 'NEW' }), older: [old] });

  const first = createAlgo(options(old));
  const me = first.user('u1');
  await note(me.credentials.put('dhan', 'main', { clientId, accessToken: PASSED_OVER }));
  await note(me.credentials.put('dhan', 'main', { clientId, pin: PIN, totpSecret: TOTP_SECRET }, { why: 'a new PIN' }));
  await note(me.credentials.put('dhan', 'other', { clientId, accessToken }, { why: `the token ${accessToken}` }));
  await note(me.establishConnection(ME));
  await note(me.orders.place(limitBuy({ clientOrderId: 'c1' })));
  await note(me.brokers.disable('dhan', { why: 'lunch' }));
  await note(me.orders.place(limitBuy({ clientOrderId: 'c2' })));
  await note(me.brokers.enable('dhan'));
  await note(me.configuration.put('note', { pin: PIN }, { over: null }));
  await note(first.close());

  const second = createAlgo(options(both));
  await note(second.rotateKeys());
  await note(second.close());
  const third = createAlgo(options(old)); // the key it has opens nothing any more
  await note(third.user('u1').credentials.list());
  await note(third.user('u1').establishConnection(ME));
  await note(third.user('u1').audit.list({ limit: 100 }));
  await note(third.close());
  await simulator.close();

  const session = simulator.received().flatMap(({ headers }) => headers['access-token'] ?? []);
  const secrets = [TOTP_SECRET, accessToken, PASSED_OVER, OLD_KEY, NEW_KEY, ...session];
  const shown = Buffer.from(said.map((each) => `${inspect(each, { depth: 9 })}${String(each)}`).join('\n'));
  const logged = Buffer.from(JSON.stringify(log));
  expect(session.length).toBeGreaterThan(0);
  expect(said.filter((each) => String(each).includes('cannot be opened')).length).toBeGreaterThan(0);
  const kept = await run(bytesOf());
  expect(kept.some((bytes) => found(bytes, [clientId]).length > 0)).toBe(true); // what is not secret is found in there
  for (const bytes of [...kept, shown, logged]) expect(found(bytes, secrets)).toEqual([]);
  // A PIN is six digits, which chance puts anywhere in megabytes: it is looked for where a person would read it.
  for (const text of [shown, logged]) expect(found(text, [PIN])).toEqual([]);
});

/** Every row of every table, as the server prints them. */
async function dump(): Promise<unknown> {
  const tables = await server.sql(`SELECT tablename FROM pg_tables WHERE schemaname = 'algo'`);
  return Promise.all(tables.map(({ tablename }) => server.sql(`SELECT * FROM algo."${String(tablename)}"`)));
}

/** Which secrets are in there, by their first letters. */
const found = (bytes: Uint8Array, secrets: readonly string[]): readonly string[] =>
  [...new Set(secrets)].filter((secret) => shapesOf(secret).some((shape) => Buffer.from(bytes).includes(shape)));

function shapesOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  const json = JSON.stringify(secret).slice(1, -1);
  return [secret, base64, bytes.toString('base64url'), hex, hex.toUpperCase(), encodeURIComponent(secret), json];
}
