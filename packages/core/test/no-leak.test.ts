import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { format, inspect } from 'node:util';
import { createAlgo, memoryStore } from '@algo/core';
import type { Algo, ConnectionManager, OrderOutcome } from '@algo/core';
import type { Store } from '@algo/core/store';
import { dhan } from '@algo/broker-dhan';
import {
  cutBody,
  dropReplyAfter,
  emptyBook,
  expiredToken,
  garbage,
  hang,
  htmlPage,
  lateVisibility,
  rateLimited,
  resetBefore,
  serverErrorAfter,
  serverErrorBefore,
  slow,
  staleBook,
  startSimulator,
} from '@algo/simulator';
import type { Fault } from '@algo/simulator';
import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { describe, expect, test } from 'vitest';
import { dhanAt, limitBuy, ME, memoryKeys, recordingLogger } from './simulated.js';
import type { LogLine } from './simulated.js';

const PIN = '918273';
const TOTP_SECRET = 'CANARYCANARYCANARYCANARY';

const FAULTS: readonly (readonly [string, (operation: Fault['operation']) => Fault])[] = [
  ['no fault', (operation) => slow(operation, 0)],
  ['a reset before acting', (operation) => resetBefore(operation, { times: 'always' })],
  ['a reset after acting', (operation) => dropReplyAfter(operation, { times: 'always' })],
  ['a server error before acting', (operation) => serverErrorBefore(operation, { times: 'always' })],
  ['a server error after acting', (operation) => serverErrorAfter(operation, { times: 'always' })],
  ['a cut body', (operation) => cutBody(operation, { times: 'always' })],
  ['broken JSON', (operation) => garbage(operation, { times: 'always' })],
  ['a web page', (operation) => htmlPage(operation, { times: 'always' })],
  ['too many calls', (operation) => rateLimited(operation, { times: 'always' })],
  ['an expired token', (operation) => expiredToken(operation, { times: 'always' })],
  ['no answer', (operation) => hang(operation, { times: 'always' })],
  ['late visibility', (operation) => lateVisibility(operation, 1_000, { times: 'always' })],
  ['a stale book', () => staleBook('orderBook', { times: 'always' })],
  ['an empty book', () => emptyBook('orderBook', { times: 'always' })],
];

describe.each([
  ['a pasted token', 'token'],
  ['PIN and TOTP', 'totp'],
] as const)('with %s', (_label, method) => {
  test.each(FAULTS)('no credential leaves through any output under %s', async (_what, fault) => {
    const clock = createFakeClock();
    const account = { clientId: '1000000001', pin: PIN, totpSecret: TOTP_SECRET };
    const simulator = await startSimulator({ clock, dhan: { account } });
    const { clientId, accessToken, pin, totpSecret } = simulator.dhan.credentials;
    const credentials = method === 'token' ? { clientId, accessToken } : { clientId, pin, totpSecret };
    const seen = await everythingSaid(clock, dhanAt(simulator), credentials, () => simulator.inject(fault('*')));
    simulator.releaseHung();
    await simulator.close();

    expect([pin, totpSecret]).toEqual([PIN, TOTP_SECRET]);
    const sent = simulator.received().map(({ headers }) => headers['access-token']);
    expectNone(seen, [accessToken, PIN, TOTP_SECRET, ...sent.filter((token) => token !== undefined)].flat());
    expect(seen.length).toBeGreaterThan(20);
  });
});

test('no credential leaves when a broker repeats everything it was sent in its error texts', async () => {
  const codes: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const token = String(request.headers['access-token']);
      const totp = new URL(request.url ?? '/', 'http://x').searchParams.get('totp');
      if (totp !== null) codes.push(totp);
      const all = [request.url, JSON.stringify(request.headers), Buffer.concat(chunks).toString(), ...shapesOf(token)];
      response.writeHead(400, { 'content-type': 'application/json' });
      const errorMessage = `Refused: ${all.join('\r\n')}`.slice(0, 5_000);
      response.end(JSON.stringify({ errorType: 'X', errorCode: 'DH-906', errorMessage }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port }: AddressInfo = Object(server.address());
  const url = `http://127.0.0.1:${port}`;
  const definition = dhan({ baseUrl: `${url}/v2`, authUrl: url, instrumentsUrl: url });
  const payload = Buffer.from(JSON.stringify({ exp: 4_000_000_000 })).toString('base64url');
  const accessToken = `eyJhbGciOiJIUzI1NiJ9.${payload}.CANARY-signature_0123456789`;
  const clientId = '1000000001';

  const withToken = await everythingSaid(createFakeClock(), definition, { clientId, accessToken }, () => undefined);
  const withTotp = await everythingSaid(
    createFakeClock(),
    definition,
    { clientId, pin: PIN, totpSecret: TOTP_SECRET },
    () => undefined,
  );
  await new Promise((resolve) => server.close(resolve));

  expect(codes).not.toEqual([]);
  expectNone([...withToken, ...withTotp], [accessToken, PIN, TOTP_SECRET, ...codes]);
  expect(withToken.join()).toContain('[secret]');
});

/** Runs a user's day and collects every text a host could ever see of it. */
async function everythingSaid(
  clock: FakeClock,
  definition: ReturnType<typeof dhan>,
  credentials: Readonly<Record<string, string>>,
  thenBreak: () => void,
): Promise<string[]> {
  const log: LogLine[] = [];
  const said: string[] = [];
  const note = (value: unknown): void => void said.push(...textsOf(value));
  const store = await memoryStore().open();
  const algo = createAlgo({
    store: { open: async () => store },
    keys: memoryKeys(),
    brokers: [definition],
    clock,
    logger: recordingLogger(log),
  });
  const me = algo.user('u1');
  for (const name of [
    'connection-changed',
    'order-changed',
    'order-seen',
    'order-unresolved',
    'order-incident',
  ] as const) {
    me.on(name, note);
  }
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    const done = work().then(note, note);
    await clock.runUntil(done, { stepMs: 500 });
  };
  await attempt(() => me.credentials.put('dhan', 'main', credentials));
  await attempt(() => me.establishConnection(ME));
  await attempt(() => me.orders.place(limitBuy({ clientOrderId: 'before' })));
  thenBreak();
  await useEverything(me, attempt);
  await attempt(() => settled(me));
  note(await rowsOf(store, algo, me));
  await algo.close();
  note([algo, me]);
  for (const line of log) note(line);
  return said;
}

async function useEverything(
  me: ConnectionManager,
  attempt: (work: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const connection = async () => me.connection();
  await attempt(() => me.orders.place(limitBuy({ clientOrderId: 'c1', deadlineMs: 2_000 })));
  await attempt(() => me.orders.modify({ clientOrderId: 'before', price: 1385, deadlineMs: 2_000 }));
  await attempt(() => me.orders.cancel({ clientOrderId: 'before', deadlineMs: 2_000 }));
  await attempt(() => me.orders.refresh('before'));
  await attempt(async () => (await connection()).profile());
  await attempt(async () => (await connection()).orders());
  await attempt(async () => (await connection()).trades());
  await attempt(async () => (await connection()).positions());
  await attempt(async () => (await connection()).holdings());
  await attempt(async () => (await connection()).funds());
  await attempt(async () => (await connection()).quotes(['NSE:RELIANCE'], 'full'));
  await attempt(async () => (await connection()).raw({ purpose: 'read', method: 'GET', path: '/killswitch' }));
  await attempt(() => me.retryConnection(ME));
  await attempt(() => me.credentials.list());
  await attempt(() => me.orders.list());
  await attempt(async () => me.getConnectionStatus());
}

async function settled(me: ConnectionManager): Promise<OrderOutcome | undefined> {
  const outcome = (await me.orders.get('c1'))?.outcome;
  return outcome?.kind === 'unknown' ? outcome.settled : outcome;
}

async function rowsOf(store: Store, algo: Algo, me: ConnectionManager): Promise<unknown> {
  const rows = await store.journal.list('u1', { limit: 100 });
  const attempts = await Promise.all(rows.map(({ clientOrderId }) => store.journal.attemptsOf('u1', clientOrderId)));
  const key = { userId: 'u1', broker: 'dhan', account: 'main' };
  const sealed = [await store.credentials.get(key), await store.sessions.get(key)];
  return { attempts, sealed, brokers: algo.brokers, status: me.getConnectionStatus() };
}

function textsOf(value: unknown): string[] {
  const options = { depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null } as const;
  const texts = [inspect(value, options), format('%s %o %j', value, value, value), String(value)];
  if (value instanceof Error) texts.push(value.stack ?? '', inspect(value.cause, options));
  return [...texts, JSON.stringify(value) ?? ''];
}

function shapesOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const base64 = bytes.toString('base64');
  return [
    secret,
    base64,
    base64.replace(/=+$/, ''),
    bytes.toString('base64url'),
    hex,
    hex.toUpperCase(),
    encodeURIComponent(secret),
  ];
}

function expectNone(texts: readonly string[], secrets: readonly string[]): void {
  const all = texts.join('\n');
  for (const secret of new Set(secrets)) {
    for (const shape of shapesOf(secret)) {
      const at = all.indexOf(shape);
      if (at !== -1) throw new Error(`A secret leaked: …${all.slice(Math.max(0, at - 200), at)}<here>`);
    }
  }
}
