import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { inspect } from 'node:util';
import { postgres } from '@algo/store-postgres';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ACCOUNT, attempt, credential } from './rows.js';
import { testServer } from './server.js';

const server = testServer();

const failureOf = (connectionString: string): Promise<unknown> =>
  postgres({ connectionString })
    .open()
    .then(
      () => null,
      (error: unknown) => error,
    );

describe('opening says what to do, and nothing secret, when', () => {
  test.each([
    ['the server is not there', () => 'postgresql://app:hidden-password@127.0.0.1:1/trading', 'cannot be reached'],
    ['the password is wrong', () => server.address('postgres', 'hidden-password'), 'refused the role or its password'],
    ['the role is not there', () => server.address('nobody', 'hidden-password'), 'refused the role or its password'],
    ['the database is not there', () => server.address().replace(/postgres$/, 'other'), 'no database of that name'],
  ])('%s', async (_when, address, why) => {
    const error = await failureOf(address());
    expect(error).toMatchObject({ code: 'ALGO_STORE_UNUSABLE', details: { why: expect.stringContaining(why) } });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/hidden-password|canary/);
  });

  test('the role may not make a schema', async () => {
    await server.sql(`CREATE ROLE guest LOGIN PASSWORD 'guest'`);
    expect(await failureOf(server.address('guest', 'guest'))).toMatchObject({
      code: 'ALGO_MIGRATION_FAILED',
      details: { why: expect.stringContaining('lacks a right') },
    });
  });

  test('somebody answers who is no PostgreSQL', async () => {
    const stranger = await listening(createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    const address = stranger.address();
    const port = typeof address === 'object' ? address?.port : 0;
    expect(await failureOf(`postgresql://app:p@127.0.0.1:${port}/trading`)).toMatchObject({
      code: 'ALGO_STORE_UNUSABLE',
    });
  });
});

test('a server that says goodbye in the same breath as hello fails the opening and not the process', async () => {
  const message = (type: string, body: string): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(4 + body.length);
    return Buffer.concat([Buffer.from(type), length, Buffer.from(body, 'latin1')]);
  };
  const hello = Buffer.concat([message('R', '\0\0\0\0'), message('Z', 'I')]);
  const goodbye = message('E', 'SFATAL\0C57P01\0Mterminating connection\0\0');
  const stranger = await listening(
    createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(Buffer.concat([hello, goodbye])));
    }),
  );
  const address = stranger.address();
  const port = typeof address === 'object' ? address?.port : 0;
  expect(await failureOf(`postgresql://app:p@127.0.0.1:${port}/trading`)).toMatchObject({
    code: 'ALGO_STORE_UNUSABLE',
    details: { why: expect.stringContaining('the link to the server was lost') },
  });
});

describe('a server that loses what it acknowledged', () => {
  const careless = testServer(['-c', 'fsync=off']);
  test('is refused', async () => {
    expect(await failureOf(careless.address())).toMatchObject({
      code: 'ALGO_STORE_UNUSABLE',
      details: { why: expect.stringContaining('fsync') },
    });
  });
});

describe('a closed store', () => {
  test('leaves no connection at the server and nothing that keeps the process alive', async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const store = await postgres({ connectionString: server.address(), schema: server.newSchema() }).open();
    await Promise.all(Array.from({ length: 20 }, () => store.credentials.get(ACCOUNT)));
    await store.close();
    const sessions = await server.sql(
      `SELECT pid FROM pg_stat_activity WHERE application_name = '@algo/store-postgres' AND state <> 'idle in transaction'`,
    );
    expect(sessions).toStrictEqual([]);
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length).toBeLessThanOrEqual(before);
  });

  test('leaves the pool of the host open, with its connections as they were', async () => {
    const pool = new pg.Pool({ connectionString: server.address(), max: 4 });
    onTestFinished(() => pool.end());
    const store = await postgres({ pool, schema: server.newSchema() }).open();
    await store.journal.add(attempt());
    await store.close();
    const clients = await Promise.all(Array.from({ length: 4 }, () => pool.connect()));
    for (const client of clients) {
      const { rows } = await client.query('SHOW enable_seqscan'); // the journal's connection does not come back
      expect(rows).toStrictEqual([{ enable_seqscan: 'on' }]);
      client.release();
    }
    expect(pool.listenerCount('error') + pool.listenerCount('connect')).toBe(0);
  });
});

describe('a transaction whose process stopped half-way', () => {
  test('is ended by the server, so that its locks stop nobody for long', async () => {
    const schema = server.newSchema();
    const store = await postgres({ connectionString: server.address(), schema, answerTimeoutMs: 1_000 }).open();
    onTestFinished(() => store.close());
    await store.credentials.put(credential(), null);
    const frozen = new pg.Client({ connectionString: server.address() });
    await frozen.connect();
    onTestFinished(() => frozen.end());
    await frozen.query('BEGIN');
    await frozen.query(`SELECT * FROM "${schema}".credentials FOR UPDATE`);

    await expect(store.credentials.put(credential({ version: 2 }), 1)).rejects.toMatchObject({
      code: 'ALGO_STORE_FAILED',
      details: { why: expect.stringContaining('answerTimeoutMs') },
    });
    await frozen.query('ROLLBACK');
    expect(await store.credentials.put(credential({ version: 2 }), 1)).toBe(true);
  });
});

const listening = (stranger: Server): Promise<Server> =>
  new Promise((resolve) => {
    onTestFinished(() => void stranger.close());
    stranger.listen(0, '127.0.0.1', () => resolve(stranger));
  });
