import { createAlgo, memoryStore } from '@algo/core';
import type { Algo, AlgoOptions, BrokerDefinition, ConnectionManager, ConnectionRef } from '@algo/core';
import { hang, startSimulator } from '@algo/simulator';
import type { Simulator } from '@algo/simulator';
import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { createExchange, FAKE, fakeBroker } from './attack/support.js';
import type { FakeBrokerOptions } from './attack/support.js';
import { dhanAt, limitBuy, ME, memoryKeys, recordingLogger, startSimulated } from './simulated.js';
import type { LogLine } from './simulated.js';

const never = (): Promise<never> => new Promise(() => undefined);
const code = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : error);

interface Hosted {
  readonly algo: Algo;
  readonly clock: FakeClock;
  readonly log: readonly LogLine[];
  readonly run: FakeClock['runUntil'];
}

function host(
  brokers: (clock: FakeClock) => readonly BrokerDefinition[],
  options: Partial<AlgoOptions> = {},
  clock: FakeClock = createFakeClock(),
): Hosted {
  const log: LogLine[] = [];
  const algo = createAlgo({
    store: memoryStore({ clock }),
    keys: memoryKeys(),
    brokers: brokers(clock),
    clock,
    logger: recordingLogger(log),
    egress: { acceptShared: true }, // every test leaves from loopback
    ...options,
  });
  onTestFinished(() => clock.runUntil(algo.close()));
  return { algo, clock, log, run: (promise, how) => clock.runUntil(promise, how) };
}

const withFake = (options: FakeBrokerOptions = {}, changes: Partial<AlgoOptions> = {}): Hosted =>
  host((clock) => [fakeBroker(createExchange(), clock, options)], changes);

async function withAccounts(manager: ConnectionManager, ...accounts: readonly string[]): Promise<ConnectionManager> {
  for (const account of accounts) await manager.credentials.put('fake', account, { clientId: account, token: 'token' });
  return manager;
}

const simulatorOn = async (clock: FakeClock): Promise<Simulator> => {
  const simulator = await startSimulator({ clock });
  onTestFinished(async () => {
    simulator.releaseHung();
    await simulator.close();
  });
  return simulator;
};

test('start connects every account with stored credentials, and tells of each how it went', async () => {
  const hangs: FakeBrokerOptions = { script: () => ({ logIn: never }) };
  const clock = createFakeClock();
  const simulator = await simulatorOn(clock);
  const { algo, run } = host(() => [dhanAt(simulator), fakeBroker(createExchange(), clock, hangs)], {}, clock);
  const me = algo.user('u1');
  const { clientId, accessToken } = simulator.dhan.credentials;
  await me.credentials.put('dhan', 'main', { clientId, accessToken });
  await withAccounts(me, 'hangs');
  await me.credentials.put('dhan', 'wrong', { clientId: '1999999999', accessToken });

  const report = await run(me.start(), { stepMs: 20 });

  expect(report.userId).toBe('u1');
  expect(report.ok).toBe(false);
  const outcomes = report.results.map((result) => [result.broker, result.account, result.ok ? 'ok' : result.code]);
  expect(outcomes).toEqual([
    ['dhan', 'main', 'ok'],
    ['dhan', 'wrong', expect.stringMatching(/^ALGO_(WRONG_ACCOUNT|LOGIN_REFUSED)$/)],
    ['fake', 'hangs', 'ALGO_DEADLINE'],
  ]);
  expect(me.status).toBe('running');
  expect((await run(me.orders.place(limitBuy({ connection: ME })))).kind).toBe('accepted');
});

test('start connects those named and no others; what was wrong with a name is said before anything is tried', async () => {
  const { algo, run } = withFake();
  const me = await withAccounts(algo.user('u1'), 'a', 'b');
  const only = { broker: 'fake', account: 'b' };
  expect(await run(me.start({ connections: [only] }))).toMatchObject({ ok: true, results: [{ ...only, ok: true }] });
  expect(me.getConnectionStatus()).toMatchObject([{ ...only, state: { status: 'connected' } }]);

  const unknown: ConnectionRef = { broker: 'nobody', account: 'main' };
  expect(await run(me.start({ connections: [unknown] }))).toMatchObject({
    ok: false,
    results: [{ ...unknown, ok: false, code: 'ALGO_UNKNOWN_BROKER' }],
  });
  for (const connections of [[{ broker: '', account: 'a' }], 'fake', [null]]) {
    await expect(me.start({ connections } as never)).rejects.toMatchObject({ code: 'ALGO_INVALID_INPUT' });
  }
});

test('a broker that hangs, a listener that throws and a flood of one user are nothing to another', async () => {
  const clock = createFakeClock();
  const simulator = await simulatorOn(clock);
  const exchange = createExchange();
  const { algo, run, log } = host(() => [dhanAt(simulator), fakeBroker(exchange, clock)], {}, clock);
  const a = algo.user('a');
  const b = await withAccounts(algo.user('b'), 'main');
  const { clientId, accessToken } = simulator.dhan.credentials;
  await a.credentials.put('dhan', 'main', { clientId, accessToken });
  a.on('connection-changed', () => {
    throw new Error('mine');
  });
  simulator.inject(hang('*', { times: 'always', when: 'before' }));

  const starting = a.start();
  await run(b.establishConnection(FAKE), { stepMs: 4 });
  const flood = Array.from({ length: 200 }, () => a.connection(ME).positions().catch(code));
  const began = clock.monotonic();
  const outcome = await run(b.orders.place(limitBuy()), { stepMs: 4 });

  expect(outcome.kind).toBe('accepted');
  expect(clock.monotonic() - began).toBeLessThanOrEqual(100);
  expect(a.status).toBe('starting');
  expect(log.some(({ event }) => event === 'listener-failed')).toBe(true);
  const report = await run(starting, { stepMs: 20 });
  expect(report).toMatchObject({ ok: false, results: [{ ok: false }] });
  expect(a.status).toBe('running');
  simulator.releaseHung();
  await run(Promise.all(flood));
});

test('stop closes the connections and leaves no timer; calls are refused until a start, which trades again', async () => {
  const { algo, me, clock, run, simulator } = await startSimulated();
  await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));
  const heard: string[] = [];
  me.on('connection-changed', ({ state }) => heard.push(state.status));
  const before = me.connection(ME);

  await run(me.stop());

  expect(me.status).toBe('stopped');
  expect(heard).toEqual(['disconnected']);
  expect(me.getConnectionStatus()).toEqual([]);
  await clock.advance(15_000); // what all users share notices that nothing is left to watch
  expect(clock.timers).toBe(0);
  const stopped = { code: 'ALGO_USER_STOPPED', effect: 'none', details: { userId: 'u1' } };
  await expect(me.orders.place(limitBuy())).rejects.toMatchObject(stopped);
  await expect(me.establishConnection(ME)).rejects.toMatchObject(stopped);
  await expect(me.beginLogin(ME)).rejects.toMatchObject(stopped);
  expect(() => me.connection(ME)).toThrow(expect.objectContaining(stopped) as Error);
  expect(() => me.events('connection-changed')).toThrow(expect.objectContaining(stopped) as Error);
  await expect(run(before.positions().catch(code))).resolves.toMatch(/^ALGO_/);
  expect(simulator.received('placeOrder')).toHaveLength(1);
  await me.credentials.list(); // what is stored can be looked at and changed meanwhile
  await me.stop();
  expect(algo.user('u1')).toBe(me);

  expect(await run(me.start(), { stepMs: 20 })).toMatchObject({ ok: true });
  expect(me.connection(ME)).not.toBe(before);
  expect((await run(me.orders.get('c1')))?.outcome.kind).toBe('accepted');
  expect((await run(me.orders.cancel({ clientOrderId: 'c1' }))).kind).toBe('accepted');
  expect((await run(me.orders.place(limitBuy({ clientOrderId: 'c2' })))).kind).toBe('accepted');
  expect(heard.at(-1)).toBe('connected');
});

test('an order under way when its user stops ends as it stands, and is looked for after the next start', async () => {
  const { me, run, simulator } = await startSimulated();
  simulator.inject(hang('placeOrder'));
  const placing = me.orders.place(limitBuy({ clientOrderId: 'c1', deadlineMs: 60_000 }));
  await run(new Promise<void>((resolve) => setTimeout(resolve, 50)));
  await run(me.stop());
  expect((await run(placing)).kind).toBe('unknown');
  simulator.releaseHung();
  await run(me.start(), { stepMs: 20 });
  const found = await run(me.orders.refresh('c1'));
  expect(found.outcome.kind).toBe('accepted');
  expect(simulator.received('placeOrder')).toHaveLength(1);
});

test('a stop in the middle of a start ends it: what was not connected yet is not tried any more', async () => {
  let logIns = 0;
  const { algo, run, clock } = withFake({
    script: () => ({
      logIn: () => {
        logIns += 1;
        return never();
      },
    }),
  });
  const me = await withAccounts(algo.user('u1'), 'a', 'b', 'c', 'd', 'e', 'f');
  const starting = me.start();
  await clock.advance(100);
  expect([me.status, logIns]).toEqual(['starting', 4]); // of one user at the same time
  const stopping = me.stop();
  expect(me.status).toBe('stopping');
  const again = me.start({ connections: [] });
  await run(stopping);
  const report = await run(starting);
  expect(report.results.map((result) => !result.ok && result.code)).toEqual(Array(6).fill('ALGO_USER_STOPPED'));
  expect(logIns).toBe(4);
  expect(await run(again)).toMatchObject({ ok: true, results: [] });
  expect(me.status).toBe('running');
});

test('one user’s stop is nothing to another with the same broker', async () => {
  const { algo, run } = withFake();
  const a = await withAccounts(algo.user('a'), 'main');
  const b = await withAccounts(algo.user('b'), 'main');
  await run(algo.startUsers(['a', 'b']));
  await run(a.stop());
  expect((await run(b.orders.place(limitBuy()))).kind).toBe('accepted');
  expect(b.status).toBe('running');
});

test('many users start so many log-ins at a time, in the order asked, and one that fails holds up nobody', async () => {
  let underWay = 0;
  let most = 0;
  const { algo, run } = withFake({
    script: ({ clock }) => ({
      positions: async () => [],
      logIn: async ({ fields }) => {
        underWay += 1;
        most = Math.max(most, underWay);
        await new Promise<void>((resolve) => clock.after(50, resolve));
        underWay -= 1;
        if (fields['clientId'] === 'u7') throw new Error('refused');
        return {
          clientId: fields['clientId'] ?? '',
          secrets: {},
          facts: {},
          issuedAtMs: 0,
          expiresAtMs: null,
          renewable: false,
        };
      },
    }),
  });
  const ids = Array.from({ length: 100 }, (_, at) => `u${at}`);
  for (const id of ids) await withAccounts(algo.user(id), id);
  const reports = await run(algo.startUsers(ids), { stepMs: 10 });
  expect(reports.map(({ userId }) => userId)).toEqual(ids);
  expect(reports.filter(({ ok }) => !ok).map(({ userId }) => userId)).toEqual(['u7']);
  expect(most).toBeGreaterThanOrEqual(32);
  expect(most).toBeLessThanOrEqual(33); // the one that failed is tried again by itself
});

test('a user has so many connections and no more; the others are still served', async () => {
  const { algo, run } = withFake({}, { limits: { connectionsPerUser: 2 } });
  const me = await withAccounts(algo.user('u1'), 'a', 'b', 'c');
  const report = await run(me.start());
  expect(report.results.map((result) => result.ok || result.code)).toEqual([true, true, 'ALGO_TOO_MANY']);
  const other = await withAccounts(algo.user('u2'), 'a', 'b');
  expect((await run(other.start())).ok).toBe(true);
  await run(me.stop());
  expect((await run(me.start({ connections: [{ broker: 'fake', account: 'c' }] }))).ok).toBe(true);
});

test('calls beyond the limit are refused at once; cancels pass, and other users do not notice', async () => {
  const { algo, run } = withFake({ script: () => ({ holdings: never }) }, { limits: { callsPerUser: 3 } });
  const me = await withAccounts(algo.user('u1'), 'main');
  const other = await withAccounts(algo.user('u2'), 'main');
  const connection = await run(me.establishConnection(FAKE));
  await run(other.establishConnection(FAKE));
  expect((await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })))).kind).toBe('accepted');

  const slow = [connection.holdings(), me.connection(FAKE).holdings(), connection.holdings()].map((read) =>
    read.catch(code),
  );
  const refused = { code: 'ALGO_TOO_MANY', effect: 'none', details: { limit: 3 } };
  await expect(connection.funds()).rejects.toMatchObject(refused);
  await expect(me.orders.place(limitBuy())).rejects.toMatchObject(refused);
  expect((await run(me.orders.cancel({ clientOrderId: 'c1' }), { stepMs: 4 })).kind).toBe('accepted');
  expect((await run(other.orders.place(limitBuy()), { stepMs: 4 })).kind).toBe('accepted');
  expect(await run(Promise.all(slow))).toEqual(['ALGO_DEADLINE', 'ALGO_DEADLINE', 'ALGO_DEADLINE']);
  await run(connection.funds());
  expect(connection).toBe(me.connection(FAKE));
  expect(connection.state.status).toBe('connected');
});

test('the default connection serves calls that name none, is remembered, and leaves a trace in the audit', async () => {
  const { algo, run, clock } = withFake();
  const me = await withAccounts(algo.user('u1'), 'a', 'b');
  await run(me.start());
  await expect(run(me.orders.place(limitBuy()))).rejects.toMatchObject({ code: 'ALGO_CONNECTION_UNCLEAR' });
  expect(await me.defaultConnection()).toBeNull();

  await me.setDefault({ broker: 'fake', account: 'b' }, { why: 'a is slow today' });
  expect(me.connection().account).toBe('b');
  expect((await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })))).kind).toBe('accepted');
  expect((await me.orders.get('c1'))?.connection.account).toBe('b');
  expect((await run(me.orders.place(limitBuy({ connection: { broker: 'fake', account: 'a' } })))).kind).toBe(
    'accepted',
  );

  await run(me.stop());
  await run(me.start());
  expect(await me.defaultConnection()).toEqual({ broker: 'fake', account: 'b' });
  expect(me.connection().account).toBe('b');
  await me.setDefault(null);
  expect(() => me.connection()).toThrow(expect.objectContaining({ code: 'ALGO_CONNECTION_UNCLEAR' }) as Error);
  expect((await me.audit.list({ subject: 'default-connection' })).map(({ action, why }) => [action, why])).toEqual([
    ['default-connection-clear', null],
    ['default-connection-set', 'a is slow today'],
  ]);
  expect(clock.now()).toBeGreaterThan(0);
});

test('a default that is not connected sends nothing elsewhere', async () => {
  const { algo, run } = withFake();
  const me = await withAccounts(algo.user('u1'), 'a', 'b');
  await me.setDefault({ broker: 'fake', account: 'a' });
  await run(me.establishConnection({ broker: 'fake', account: 'b' }));
  await expect(run(me.orders.place(limitBuy()))).rejects.toMatchObject({
    code: 'ALGO_NOT_CONNECTED',
    details: { broker: 'fake', account: 'a' },
  });
});

test('a default is one of a broker that is there, and is written by setDefault alone', async () => {
  const { algo } = withFake();
  const me = algo.user('u1');
  await expect(me.setDefault({ broker: 'nobody', account: 'a' })).rejects.toMatchObject({
    code: 'ALGO_UNKNOWN_BROKER',
  });
  await expect(me.setDefault({ broker: 'fake', account: '' })).rejects.toMatchObject({ code: 'ALGO_INVALID_INPUT' });
  await expect(me.configuration.put('default-connection', {}, { over: null })).rejects.toMatchObject({
    code: 'ALGO_INVALID_INPUT',
  });
  expect(await algo.user('u2').defaultConnection()).toBeNull();
});

test('events come as a loop as well; it ends when its user stops, after what came before', async () => {
  const { algo, run } = withFake();
  const me = await withAccounts(algo.user('u1'), 'main');
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { state } of me.events('connection-changed')) seen.push(state.status);
  })();
  await run(me.start());
  await run(me.stop());
  await run(reading);
  expect(seen.at(0)).toBe('connecting');
  expect(seen.at(-2)).toBe('connected');
  expect(seen.at(-1)).toBe('disconnected');
});

test('a closed manager is closed whatever its user was doing', async () => {
  const { algo, run } = withFake();
  const me = await withAccounts(algo.user('u1'), 'main');
  await run(me.start());
  await run(me.stop());
  await run(algo.close());
  await expect(me.start()).rejects.toMatchObject({ code: 'ALGO_CLOSED' });
  await expect(me.stop()).rejects.toMatchObject({ code: 'ALGO_CLOSED' });
  await expect(me.setDefault(null)).rejects.toMatchObject({ code: 'ALGO_CLOSED' });
});
