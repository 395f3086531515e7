import { setTimeout as realTime } from 'node:timers/promises';
import { createAlgo, isAlgoError, memoryStore } from '@algo/core';
import type { Algo, BrokerConnection, ConnectionManager, ManagerEvents } from '@algo/core';
import { expiredToken, hang, htmlPage, rateLimited, serverErrorBefore, slow, startSimulator } from '@algo/simulator';
import type { Simulator } from '@algo/simulator';
import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { beforeEach, expect, test } from 'vitest';
import { dhanAt, ME, memoryKeys } from './simulated.js';

const MINUTE_MS = 60_000;

let clock: FakeClock;
let simulator: Simulator;
let algo: Algo;
let me: ConnectionManager;
let connection: BrokerConnection;
let scheduled: ManagerEvents['reconnect-scheduled'][];

/** Connected with credentials that need no person, on a broker that is well. */
beforeEach(async () => {
  clock = createFakeClock();
  simulator = await startSimulator({ clock });
  algo = createAlgo({ store: memoryStore({ clock }), keys: memoryKeys(), brokers: [dhanAt(simulator)], clock });
  me = algo.user('u1');
  scheduled = [];
  me.on('reconnect-scheduled', (event) => void scheduled.push(event));
  const { clientId, pin, totpSecret } = simulator.dhan.credentials;
  await me.credentials.put('dhan', 'main', { clientId, pin, totpSecret });
  connection = await clock.runUntil(me.establishConnection(ME), { stepMs: 20 });
  await pass(130_000); // Dhan gives one token every two minutes
  return async () => {
    simulator.releaseHung();
    await algo.close();
    expect(clock.timers).toBe(0); // whatever the day was like, nothing is left of it
    await simulator.close();
  };
});

/** Lets time go on, with a moment of real time in each step for the sockets. */
async function pass(ms: number, stepMs = 1_000): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    await clock.advance(Math.min(stepMs, left));
    await realTime(1);
  }
}

/** One read, as a bot would make it. Its code when it fails. */
const read = (stepMs = 100): Promise<string> =>
  clock.runUntil(
    connection.funds().then(
      () => 'read',
      (error: unknown) => (isAlgoError(error) ? error.code : String(error)),
    ),
    { stepMs },
  );

const logIns = (): number => simulator.received('login').length;
const requests = (): number => simulator.received().length;

/** Until it is connected again, at most so long. */
async function comesBack(withinMs: number): Promise<void> {
  for (let passed = 0; passed < withinMs && connection.state.status !== 'connected'; passed += 1_000) await pass(1_000);
  expect(connection.state.status).toBe('connected');
  expect(await read()).toBe('read');
}

test('a broker that answers slowly for an hour is slow, and nothing else', async () => {
  simulator.inject(slow('*', 15, { times: 'always' }));
  const before = requests();
  const answers = new Set<string>();
  for (let round = 0; round < 72; round += 1) {
    answers.add(await read(50));
    await pass(48_000, 12_000);
  }
  expect(answers).toEqual(new Set(['read']));
  expect(connection.state.status).toBe('connected');
  expect(logIns()).toBe(1);
  expect(scheduled).toEqual([]);
  expect(requests() - before).toBeLessThanOrEqual(80);
  simulator.clearFaults();
});

test('a broker that flaps every second is not hammered, and the connection is back when it is', async () => {
  const before = requests();
  for (let second = 0; second < 240; second += 1) {
    if (second % 2 === 0) simulator.inject(serverErrorBefore('*', { times: 'always' }));
    else simulator.clearFaults();
    const reading = connection.funds().catch(() => undefined);
    await pass(1_000, 250);
    void reading;
  }
  simulator.clearFaults();
  await comesBack(6 * MINUTE_MS);
  expect(logIns()).toBe(1);
  expect(requests() - before).toBeLessThan(600); // 240 reads with at most two more tries each, and few of our own
  const waits = scheduled.map(({ attempt }) => attempt);
  expect(waits.every((attempt, at) => at === 0 || attempt <= (waits[at - 1] ?? 0) + 1)).toBe(true);
});

test('a broker that accepts connections and never answers fails each call in time, then is asked seldom', async () => {
  simulator.inject(hang('*', { times: 'always', when: 'before' }));
  const began = clock.monotonic();
  expect(await read()).toBe('ALGO_DEADLINE');
  expect(clock.monotonic() - began).toBeLessThanOrEqual(10_100);
  for (let count = 0; count < 4; count += 1) await read();
  expect(connection.state).toMatchObject({ status: 'error', code: 'ALGO_DEADLINE', needsPerson: false });
  const before = requests();
  await pass(10 * MINUTE_MS);
  expect(connection.state.status).not.toBe('connected');
  expect(requests() - before).toBeLessThan(60);
  expect(logIns()).toBe(1);

  simulator.clearFaults();
  simulator.releaseHung();
  await comesBack(6 * MINUTE_MS);
});

test('a broker that sends HTML is an outage with a name, and is asked for no log-in', async () => {
  simulator.inject(htmlPage('*', { times: 'always' }));
  for (let count = 0; count < 3; count += 1) await read();
  expect(connection.state).toMatchObject({ status: 'error', needsPerson: false });
  expect(connection.state).toMatchObject({ code: expect.stringMatching(/UNAVAILABLE|UNREADABLE/) as string });
  const before = requests();
  await pass(10 * MINUTE_MS);
  expect(requests() - before).toBeLessThan(60);
  expect(logIns()).toBe(1);
  simulator.clearFaults();
  await comesBack(6 * MINUTE_MS);
});

test('a broker that sends 429 for ever is alive: it is slowed down for, not logged in to', async () => {
  simulator.inject(rateLimited('*', { times: 'always' }));
  const before = requests();
  const answers = new Set<string>();
  for (let round = 0; round < 20; round += 1) {
    answers.add(await read());
    await pass(15_000);
  }
  expect([...answers].every((answer) => answer === 'ALGO_RATE_LIMITED' || answer === 'ALGO_DEADLINE')).toBe(true);
  expect(connection.orderBreaker().kind).toBe('closed'); // it says nothing about whether the broker is there
  expect(logIns()).toBe(1);
  expect(requests() - before).toBeLessThanOrEqual(100); // 20 reads, tried three times at most, and the probes
  simulator.clearFaults();
  await pass(2 * MINUTE_MS);
  await comesBack(6 * MINUTE_MS);
});

test('a broker that logs us out every minute is logged in to a few times, then a person is asked', async () => {
  const takeovers: ManagerEvents['session-taken-over'][] = [];
  me.on('session-taken-over', (event) => void takeovers.push(event));
  for (let minute = 0; minute < 40; minute += 1) {
    simulator.inject(expiredToken('funds'));
    await read(250);
    await pass(MINUTE_MS);
  }
  expect(logIns()).toBe(4); // the first, and three more
  expect(takeovers.map(({ times, stopped }) => [times, stopped])).toEqual([
    [1, false],
    [2, false],
    [3, false],
    [4, true],
  ]);
  simulator.clearFaults();
  await pass(30 * MINUTE_MS);
  expect(logIns()).toBe(4); // nobody logs in by itself any more
  expect(connection.state).toMatchObject({ status: 'error', code: 'ALGO_SESSION_TAKEN_OVER', needsPerson: true });
  await clock.runUntil(me.retryConnection(ME), { stepMs: 20 });
  await comesBack(6 * MINUTE_MS);
});

test('a connection that is closed in mid-call answers that call and makes no other', async () => {
  simulator.inject(hang('funds'));
  const reading = connection.funds().then(
    () => 'read',
    (error: unknown) => (isAlgoError(error) ? error.code : error),
  );
  await pass(1_000, 100);
  const before = requests();
  await clock.runUntil(algo.close(), { stepMs: 100 });
  expect(await clock.runUntil(reading, { stepMs: 100 })).not.toBe('read');
  expect(connection.state.status).toBe('disconnected');
  await pass(5 * MINUTE_MS);
  expect(requests()).toBe(before);
});

test.each([10, -10])('a clock that jumps by %d minutes costs no log-in and no connection', async (minutes) => {
  for (let round = 0; round < 3; round += 1) {
    clock.jump(minutes * MINUTE_MS);
    expect(await read()).toBe('read');
    await pass(20_000);
    expect(connection.state.status).toBe('connected');
    clock.jump(-minutes * MINUTE_MS);
    expect(await read()).toBe('read');
    await pass(20_000);
  }
  expect(logIns()).toBe(1);
  expect(scheduled).toEqual([]);
});

test('a broker that is down for ten minutes costs one schedule at a time and no log-in', async () => {
  simulator.inject(serverErrorBefore('*', { times: 'always' }));
  for (let count = 0; count < 3; count += 1) await read();
  expect(connection.state).toMatchObject({ status: 'error', code: 'ALGO_BROKER_UNAVAILABLE' });
  await pass(10 * MINUTE_MS);
  expect(connection.state.status).not.toBe('connected');
  expect(scheduled.length).toBeGreaterThan(1);
  simulator.clearFaults();
  await comesBack(6 * MINUTE_MS);
  expect(logIns()).toBe(1);
  expect(simulator.received('orderBook').length).toBeGreaterThanOrEqual(2); // the book was read again
});
