import { createAlgo, memoryStore } from '@algo/core';
import { expiredToken, hang, serverErrorBefore, startSimulator } from '@algo/simulator';
import type { Simulator } from '@algo/simulator';
import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { ConnectionManager, StoreDefinition } from '@algo/core';
import { dhanAt, limitBuy, ME, memoryKeys } from './simulated.js';

const HOUR_MS = 3_600_000;

let clock: FakeClock;
let simulator: Simulator;

beforeEach(async () => {
  clock = createFakeClock();
  simulator = await startSimulator({ clock });
  return () => simulator.close();
});

function start(store: StoreDefinition = memoryStore()): ConnectionManager {
  const algo = createAlgo({ store, keys: memoryKeys(), brokers: [dhanAt(simulator)], clock });
  onTestFinished(() => algo.close());
  return algo.user('u1');
}

async function withTotp(): Promise<ConnectionManager> {
  const me = start();
  const { clientId, pin, totpSecret } = simulator.dhan.credentials;
  await me.credentials.put('dhan', 'main', { clientId, pin, totpSecret });
  await clock.runUntil(me.establishConnection(ME), { stepMs: 20 });
  return me;
}

test('logs in once however many connect at once', async () => {
  const me = start();
  const { clientId, pin, totpSecret } = simulator.dhan.credentials;
  await me.credentials.put('dhan', 'main', { clientId, pin, totpSecret });

  const connections = await clock.runUntil(Promise.all([1, 2, 3, 4, 5].map(() => me.establishConnection(ME))), {
    stepMs: 20,
  });

  expect(new Set(connections).size).toBe(1);
  expect(simulator.received('login')).toHaveLength(1);
});

test('after a log-out no call logs in by itself, until the host connects again', async () => {
  const me = await withTotp();
  const connection = me.connection();
  expect(await clock.runUntil(connection.logOut())).toBe(false); // Dhan has none of its own
  expect(connection.state.status).toBe('disconnected');
  await clock.advance(130_000);
  await expect(clock.runUntil(connection.funds())).rejects.toMatchObject({ code: 'ALGO_LOGIN_NEEDED' });
  expect(simulator.received('login')).toHaveLength(1);
  await clock.runUntil(me.retryConnection(ME), { stepMs: 20 });
  await clock.runUntil(connection.funds());
  expect(simulator.received('login')).toHaveLength(2);
});

test('tells what an order would block, and places nothing', async () => {
  const me = await withTotp();
  const margin = await clock.runUntil(me.orders.margin(limitBuy({ quantity: 10 })));
  expect(margin.required).toBeGreaterThan(0);
  await expect(me.orders.margin(limitBuy({ quantity: 0 }))).rejects.toMatchObject({ code: 'ALGO_INVALID_INPUT' });
  expect(simulator.ledger()).toHaveLength(0);
});

test('a broker package sets how long its reads may take and how often they are tried', async () => {
  const impatient = { ...dhanAt(simulator), reads: { timeoutMs: 700, tries: 1 } };
  const algo = createAlgo({ store: memoryStore(), keys: memoryKeys(), brokers: [impatient], clock });
  onTestFinished(() => algo.close());
  const me = algo.user('u1');
  const { clientId, accessToken } = simulator.dhan.credentials;
  await me.credentials.put('dhan', 'main', { clientId, accessToken });
  const connection = await clock.runUntil(me.establishConnection(ME), { stepMs: 20 });

  simulator.inject(serverErrorBefore('funds'));
  await expect(clock.runUntil(connection.funds())).rejects.toMatchObject({ code: 'ALGO_BROKER_UNAVAILABLE' });
  expect(simulator.received('funds')).toHaveLength(1);

  simulator.inject(hang('positions'));
  const began = clock.monotonic();
  await expect(clock.runUntil(connection.positions(), { stepMs: 20 })).rejects.toMatchObject({ code: 'ALGO_DEADLINE' });
  expect(clock.monotonic() - began).toBeLessThan(1_000);
  simulator.releaseHung();
});

test('a check reads account and portfolio once, and tells of each part how it went', async () => {
  const me = await withTotp();
  const connection = me.connection();
  const good = await clock.runUntil(connection.check());
  expect(good.ok).toBe(true);
  expect(good.results.map(({ step }) => step)).toEqual(['profile', 'orders', 'positions', 'holdings', 'funds']);

  simulator.inject(serverErrorBefore('holdings', { times: 'always' }));
  const bad = await clock.runUntil(connection.check());
  expect(bad.ok).toBe(false);
  expect(bad.results.filter(({ ok }) => !ok)).toMatchObject([{ step: 'holdings', code: 'ALGO_BROKER_UNAVAILABLE' }]);
});

test('many who ask for the orders at once make two readings, not many', async () => {
  const me = await withTotp();
  const before = simulator.received('orderBook').length;
  await clock.runUntil(Promise.all(Array.from({ length: 20 }, () => me.connection().orders())));
  expect(simulator.received('orderBook').length - before).toBe(2);
});

test('logs in again by itself, once, when the broker refuses the session in the middle of the day', async () => {
  const me = await withTotp();
  await clock.advance(130_000); // Dhan gives one token every two minutes
  for (const read of ['funds', 'positions', 'orderBook', 'trades', 'profile'] as const)
    simulator.inject(expiredToken(read));

  const connection = me.connection();
  const reads = [
    connection.funds(),
    connection.positions(),
    connection.orders(),
    connection.trades(),
    connection.profile(),
  ];
  await clock.runUntil(Promise.all(reads), { stepMs: 20 });

  expect(simulator.received('login')).toHaveLength(2);
  expect(connection.state.status).toBe('connected');
});

test('goes on with the next order after a session that ended, and sends the refused one no second time', async () => {
  const me = await withTotp();
  await clock.advance(130_000);
  simulator.inject(expiredToken('placeOrder'));

  const refused = await clock.runUntil(me.orders.place(limitBuy({ clientOrderId: 'c1' })), { stepMs: 20 });
  const next = await clock.runUntil(me.orders.place(limitBuy({ clientOrderId: 'c2' })), { stepMs: 20 });

  expect(refused).toMatchObject({ kind: 'rejected', reason: 'session' });
  expect(next.kind).toBe('accepted');
  expect(simulator.ledger()).toHaveLength(1);
});

test('uses the stored session after a restart, without a new log-in', async () => {
  const store = memoryStore();
  const me = start(store);
  const { clientId, pin, totpSecret } = simulator.dhan.credentials;
  await me.credentials.put('dhan', 'main', { clientId, pin, totpSecret });
  await clock.runUntil(me.establishConnection(ME), { stepMs: 20 });

  await clock.runUntil(start(store).establishConnection(ME), { stepMs: 20 });

  expect(simulator.received('login')).toHaveLength(1);
});

test('renews a pasted token ahead of its end', async () => {
  const me = start();
  const { clientId, accessToken } = simulator.dhan.credentials;
  await me.credentials.put('dhan', 'main', { clientId, accessToken });
  const connection = await clock.runUntil(me.establishConnection(ME), { stepMs: 20 });
  await clock.advance(24 * HOUR_MS - 20 * 60_000);

  await clock.runUntil(connection.funds(), { stepMs: 20 });
  await clock.advance(HOUR_MS);

  expect((await clock.runUntil(connection.funds(), { stepMs: 20 })).available).toBeGreaterThan(0);
  expect(simulator.received('renew')).toHaveLength(1);
});

test('asks for a person when a pasted token has ended, and goes on with a new one', async () => {
  const me = start();
  const { clientId, accessToken } = simulator.dhan.credentials;
  await me.credentials.put('dhan', 'main', { clientId, accessToken });
  const connection = await clock.runUntil(me.establishConnection(ME), { stepMs: 20 });
  simulator.inject(expiredToken('funds', { times: 'always' }));

  await expect(clock.runUntil(connection.funds(), { stepMs: 20 })).rejects.toMatchObject({ code: 'ALGO_LOGIN_NEEDED' });
  expect(connection.state).toMatchObject({ status: 'error', needsPerson: true });

  simulator.clearFaults();
  await me.credentials.put('dhan', 'main', { clientId, accessToken }); // fetched anew by its owner
  await clock.runUntil(me.retryConnection(ME), { stepMs: 20 });
  expect(connection.state.status).toBe('connected');
});

test('stops when the broker answers for another account than the one that was stored', async () => {
  const other = simulator.dhan.addAccount({ clientId: '1000000002' });
  const me = start();
  await me.credentials.put('dhan', 'main', {
    clientId: simulator.dhan.credentials.clientId,
    accessToken: other.accessToken,
  });

  await expect(clock.runUntil(me.establishConnection(ME), { stepMs: 20 })).rejects.toMatchObject({
    code: 'ALGO_WRONG_ACCOUNT',
  });
  await expect(me.orders.place(limitBuy())).rejects.toMatchObject({ code: 'ALGO_NOT_CONNECTED' });
  expect(simulator.received('placeOrder')).toHaveLength(0);
});

test('two accounts of one broker stay apart, and a call must name one', async () => {
  const other = simulator.dhan.addAccount({ clientId: '1000000002' });
  const me = start();
  const first = simulator.dhan.credentials;
  await me.credentials.put('dhan', 'main', { clientId: first.clientId, accessToken: first.accessToken });
  await me.credentials.put('dhan', 'second', { clientId: other.clientId, accessToken: other.accessToken });
  await clock.runUntil(me.establishConnection(ME), { stepMs: 20 });
  await clock.runUntil(me.establishConnection({ broker: 'dhan', account: 'second' }), { stepMs: 20 });

  await expect(me.orders.place(limitBuy())).rejects.toMatchObject({ code: 'ALGO_CONNECTION_UNCLEAR' });
  const placed = me.orders.place(limitBuy({ connection: { broker: 'dhan', account: 'second' } }));

  expect((await clock.runUntil(placed)).kind).toBe('accepted');
  expect(simulator.ledger()[0]?.clientId).toBe('1000000002');
  expect(simulator.received('instruments')).toHaveLength(1);
});

test('leaves no timer behind once it is closed', async () => {
  const me = await withTotp();
  await clock.advance(1_000);
  const others = clock.timers;
  const closing = createAlgo({ store: memoryStore(), keys: memoryKeys(), brokers: [dhanAt(simulator)], clock });
  const { clientId, accessToken } = simulator.dhan.addAccount({ clientId: '1000000003' });
  const mine = closing.user('u2');
  await mine.credentials.put('dhan', 'main', { clientId, accessToken });
  await clock.runUntil(mine.establishConnection(ME), { stepMs: 20 });
  await clock.runUntil(mine.orders.place(limitBuy()));
  await clock.advance(10_000);
  await closing.close();

  await clock.advance(1_000);
  expect(clock.timers).toBe(others);
  expect(me.getConnectionStatus()).toHaveLength(1);
});
