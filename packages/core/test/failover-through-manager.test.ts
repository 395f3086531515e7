import { setTimeout as realTime } from 'node:timers/promises';
import { kotak } from '@algo/broker-kotak';
import { createAlgo, memoryStore } from '@algo/core';
import { serverErrorBefore, startSimulator } from '@algo/simulator';
import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { dhanAt, limitBuy, memoryKeys } from './simulated.js';

const DHAN = { broker: 'dhan', account: 'main' };
const KOTAK = { broker: 'kotak', account: 'main' };

/** Two real broker packages of one user; Dhan leads. */
async function start() {
  const clock = createFakeClock();
  const simulator = await startSimulator({ brokers: ['dhan', 'kotak'], clock });
  const brokers = [dhanAt(simulator), kotak({ loginUrl: simulator.kotak.loginUrl })];
  const algo = createAlgo({ store: memoryStore(), keys: memoryKeys(), brokers, clock });
  onTestFinished(async () => {
    await algo.close();
    await simulator.close();
  });
  const me = algo.user('u1');
  const { clientId, accessToken } = simulator.dhan.credentials;
  await me.credentials.put('dhan', 'main', { clientId, accessToken });
  await me.credentials.put('kotak', 'main', { ...simulator.kotak.credentials });
  await me.setFailover({ primary: DHAN, backups: [KOTAK], rules: [{ on: 'ERROR_RATE', then: 'SWITCH' }] });
  const report = await clock.runUntil(me.start(), { stepMs: 20 });
  expect(report.ok).toBe(true);
  return { me, clock, simulator };
}

test('an entry is sent to no broker while the reads of all of them found them gone, though no order failed', async () => {
  const { me, clock, simulator } = await start();
  for (const connection of [DHAN, KOTAK]) {
    simulator.inject(serverErrorBefore('*', { broker: connection.broker, status: 503, times: 'always' }));
    for (let count = 0; count < 5; count += 1) {
      await clock.runUntil(
        me.accounts.funds(connection).catch(() => null),
        { stepMs: 100 },
      );
    }
    expect(me.connection(connection).state.status).toBe('error');
    expect(me.connection(connection).orderBreaker().kind).toBe('closed');
  }

  const outcome = await clock.runUntil(me.orders.place(limitBuy({ clientOrderId: 'c1' })), { stepMs: 20 });
  expect(outcome).toMatchObject({ kind: 'not-sent', proof: { by: 'gate', why: 'not-connected' } });
  expect(simulator.received('placeOrder')).toEqual([]);
  expect((await me.orders.get('c1'))?.outcome).toEqual(outcome); // it is in the journal, and stays so
});

test('a broker whose quotes failed is asked for them again, and calls return to it', async () => {
  const { me, clock, simulator } = await start();
  const quote = () => clock.runUntil(me.market.quotes(['NSE:RELIANCE']), { stepMs: 100 });
  simulator.inject(serverErrorBefore('ltp', { broker: 'dhan', status: 503, times: 'always' }));
  for (let count = 0; count < 5; count += 1) expect((await quote()).from).toEqual(KOTAK);
  expect(me.connection(DHAN).breakers().data.kind).toBe('open');

  simulator.clearFaults();
  await pass(clock, 20_000);
  await quote();
  await pass(clock, 2_000);
  await quote();
  expect(me.connection(DHAN).breakers().data.kind).toBe('closed');
  await pass(clock, 2_000);
  expect(await quote()).toMatchObject({ from: DHAN, stale: false });
});

test('quotes are had again after they failed at every broker, though nobody else asks', async () => {
  const { me, clock, simulator } = await start();
  const quote = () => clock.runUntil(me.market.quotes(['NSE:RELIANCE']), { stepMs: 100 });
  await quote();
  for (const broker of ['dhan', 'kotak'] as const) {
    simulator.inject(serverErrorBefore('ltp', { broker, status: 503, times: 'always' }));
    simulator.inject(serverErrorBefore('quote', { broker, status: 503, times: 'always' }));
  }
  for (let count = 0; count < 8; count += 1) {
    expect((await quote()).stale).toBe(true);
    await pass(clock, 1_500);
  }
  for (const connection of [DHAN, KOTAK]) expect(me.connection(connection).breakers().data.kind).not.toBe('closed');

  simulator.clearFaults();
  await pass(clock, 20_000);
  expect(await quote()).toMatchObject({ stale: false });
});

/** Lets time go on, with a moment of real time in each step for the sockets. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    await clock.advance(500);
    await realTime(1);
  }
}
