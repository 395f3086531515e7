import { createAlgo, memoryStore } from '@algo/core';
import type { Algo, ConnectionManager } from '@algo/core';
import { dropReplyAfter, emptyBook, hang, resetBefore, startSimulator } from '@algo/simulator';
import type { Simulator } from '@algo/simulator';
import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { dhanAt, limitBuy, ME, memoryKeys, startSimulated } from './simulated.js';

let clock: FakeClock;
let simulator: Simulator;
let algo: Algo;
let me: ConnectionManager;

beforeEach(async () => {
  clock = createFakeClock();
  simulator = await startSimulator({ clock });
  algo = createAlgo({ store: memoryStore(), keys: memoryKeys(), brokers: [dhanAt(simulator)], clock });
  me = algo.user('u1');
  return async () => {
    await algo.close();
    await simulator.close();
  };
});

const run = <Value>(promise: Promise<Value>): Promise<Value> => clock.runUntil(promise, { stepMs: 20 });

describe('storing', () => {
  test('an account keeps its client: another client id is refused by the name of the field', async () => {
    const { clientId, accessToken } = simulator.dhan.credentials;
    await me.credentials.put('dhan', 'main', { clientId, accessToken });
    const [stored] = await me.credentials.list();
    await run(me.establishConnection(ME));
    const other = simulator.dhan.addAccount({ clientId: '1000000002' });

    const putting = me.credentials.put('dhan', 'main', { clientId: other.clientId, accessToken: other.accessToken });
    const error: unknown = await putting.catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({
      code: 'ALGO_INVALID_INPUT',
      effect: 'none',
      details: { problems: [{ field: 'clientId' }] },
    });
    expect(`${JSON.stringify(error)} ${String(error)}`).not.toContain(other.clientId);
    expect(`${JSON.stringify(error)} ${String(error)}`).not.toContain(other.accessToken);
    expect(await me.credentials.list()).toEqual([stored]);
    expect((await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })))).kind).toBe('accepted');
    expect(simulator.ledger()[0]?.clientId).toBe(clientId);
  });

  test('the other client is stored under another account name, and under the same one by another user', async () => {
    const { clientId, accessToken } = simulator.dhan.credentials;
    await me.credentials.put('dhan', 'main', { clientId, accessToken });
    const other = simulator.dhan.addAccount({ clientId: '1000000002' });
    const fields = { clientId: other.clientId, accessToken: other.accessToken };

    await me.credentials.put('dhan', 'second', fields);
    await algo.user('u2').credentials.put('dhan', 'main', fields);

    expect(await me.credentials.list()).toHaveLength(2);
    expect(await algo.user('u2').credentials.list()).toHaveLength(1);
  });

  test('an account whose credentials were deleted may be given to another client', async () => {
    const { clientId, accessToken } = simulator.dhan.credentials;
    await me.credentials.put('dhan', 'main', { clientId, accessToken });
    const other = simulator.dhan.addAccount({ clientId: '1000000002' });
    await me.credentials.delete('dhan', 'main');

    await me.credentials.put('dhan', 'main', { clientId: other.clientId, accessToken: other.accessToken });

    expect(await me.credentials.list()).toMatchObject([{ fields: { clientId: other.clientId } }]);
  });

  test('what was pasted with spaces and line breaks around it is stored and used without them', async () => {
    const { clientId, accessToken } = simulator.dhan.credentials;
    await me.credentials.put('dhan', 'main', { clientId: `\t${clientId} `, accessToken: `  ${accessToken}\r\n` });

    const connection = await run(me.establishConnection(ME));

    expect(connection.state.status).toBe('connected');
    expect(await me.credentials.list()).toMatchObject([{ fields: { clientId } }]);
    expect(simulator.received('profile').map(({ headers }) => headers['access-token'])).toEqual([accessToken]);
    await me.credentials.put('dhan', 'main', { clientId, accessToken }); // the same client, so it is taken
  });

  test('the list shows what is not secret, and nothing else', async () => {
    const { clientId, accessToken, pin, totpSecret } = simulator.dhan.credentials;
    await me.credentials.put('dhan', 'main', { clientId, accessToken, pin, totpSecret });

    const listed = await me.credentials.list();

    expect(listed).toEqual([
      {
        userId: 'u1',
        broker: 'dhan',
        account: 'main',
        version: expect.any(Number),
        fields: { clientId },
        updatedAtMs: clock.now(),
        state: { kind: 'readable' },
      },
    ]);
    for (const secret of [accessToken, pin, totpSecret]) expect(JSON.stringify(listed)).not.toContain(secret);
    expect(await algo.user('u2').credentials.list()).toEqual([]);
  });
});

describe('deleting', () => {
  test('is refused while an order of today is unknown, and done once it is settled', async () => {
    const simulated = await startSimulated({ faults: [dropReplyAfter('placeOrder')] });
    const { credentials, orders } = simulated.me;
    const outcome = await simulated.run(orders.place(limitBuy({ clientOrderId: 'c1' })), { stepMs: 10 });
    if (outcome.kind !== 'unknown') throw new Error('it should be unknown');

    await expect(credentials.delete('dhan', 'main')).rejects.toMatchObject({
      code: 'ALGO_ORDERS_UNSETTLED',
      effect: 'none',
      details: { broker: 'dhan', account: 'main', orders: 1 },
    });
    expect((await simulated.run(outcome.settled)).kind).toBe('accepted'); // looked up with what was not deleted

    expect(await credentials.delete('dhan', 'main')).toBe(true);
    expect(await credentials.delete('dhan', 'main')).toBe(false);
    expect(await credentials.list()).toEqual([]);
    await expect(simulated.run(simulated.connection.funds())).rejects.toMatchObject({ code: 'ALGO_NO_CREDENTIALS' });
  });

  test('is refused while an order is in flight', async () => {
    const simulated = await startSimulated({ faults: [hang('placeOrder')] });
    const place = simulated.me.orders.place(limitBuy({ clientOrderId: 'c1', deadlineMs: 60_000 }));
    while (simulated.simulator.received('placeOrder').length === 0) await new Promise((next) => setImmediate(next));

    await expect(simulated.me.credentials.delete('dhan', 'main')).rejects.toMatchObject({
      code: 'ALGO_ORDERS_UNSETTLED',
    });

    simulated.simulator.releaseHung();
    expect((await simulated.run(place)).kind).toBe('accepted');
    expect(await simulated.me.credentials.delete('dhan', 'main')).toBe(true);
  });

  test('does not wait for an order of an earlier day, whose book is gone', async () => {
    const simulated = await startSimulated({
      faults: [resetBefore('placeOrder'), emptyBook('orderBook', { times: 'always' })],
    });
    const outcome = await simulated.run(simulated.me.orders.place(limitBuy({ clientOrderId: 'c1' })));
    if (outcome.kind !== 'unknown') throw new Error('it should be unknown');
    await simulated.run(outcome.settled, { stepMs: 1_000 });
    await expect(simulated.me.credentials.delete('dhan', 'main')).rejects.toMatchObject({
      code: 'ALGO_ORDERS_UNSETTLED',
    });

    simulated.clock.jump(86_400_000);

    expect(await simulated.me.credentials.delete('dhan', 'main')).toBe(true);
  });

  test('leaves other accounts and other users alone', async () => {
    const { clientId, accessToken } = simulator.dhan.credentials;
    await me.credentials.put('dhan', 'main', { clientId, accessToken });
    await me.credentials.put('dhan', 'second', { clientId, accessToken });
    await algo.user('u2').credentials.put('dhan', 'main', { clientId, accessToken });

    expect(await me.credentials.delete('dhan', 'main')).toBe(true);

    expect((await me.credentials.list()).map(({ account }) => account)).toEqual(['second']);
    expect(await algo.user('u2').credentials.list()).toHaveLength(1);
  });
});

describe('a token of another account than the one stored', () => {
  test('signs nothing any more until the credentials change', async () => {
    const { clientId, accessToken } = simulator.dhan.credentials;
    const other = simulator.dhan.addAccount({ clientId: '1000000002' });
    await me.credentials.put('dhan', 'main', { clientId, accessToken: other.accessToken });
    await expect(run(me.establishConnection(ME))).rejects.toMatchObject({ code: 'ALGO_WRONG_ACCOUNT' });
    const connection = me.connection(ME);
    const received = simulator.received().length;

    const calls: readonly (() => Promise<unknown>)[] = [
      () => connection.funds(),
      () => connection.orders(),
      () => connection.profile(),
      () => connection.positions(),
      () => connection.raw({ purpose: 'read', method: 'GET', path: '/fundlimit' }),
      () => connection.raw({ purpose: 'command', method: 'DELETE', path: '/orders/1' }),
      () => connection.instruments.refresh(),
      () => me.retryConnection(ME),
    ];
    for (const call of calls) {
      await expect(run(call())).rejects.toMatchObject({ code: 'ALGO_WRONG_ACCOUNT', effect: 'none' });
    }
    expect(simulator.received()).toHaveLength(received);
    expect(connection.state).toMatchObject({ status: 'error', code: 'ALGO_WRONG_ACCOUNT' });

    await me.credentials.put('dhan', 'main', { clientId, accessToken });
    await run(me.retryConnection(ME));
    expect(connection.state.status).toBe('connected');
    expect((await run(connection.funds())).available).toBeGreaterThan(0);
  });

  test('is not remembered over a restart as a good session', async () => {
    const store = memoryStore();
    const other = simulator.dhan.addAccount({ clientId: '1000000002' });
    for (let start = 0; start < 2; start += 1) {
      const again = createAlgo({ store, keys: memoryKeys(), brokers: [dhanAt(simulator)], clock });
      onTestFinished(() => again.close());
      const mine = again.user('u1');
      const { clientId } = simulator.dhan.credentials;
      if (start === 0) await mine.credentials.put('dhan', 'main', { clientId, accessToken: other.accessToken });
      await expect(run(mine.establishConnection(ME))).rejects.toMatchObject({ code: 'ALGO_WRONG_ACCOUNT' });
    }
    expect(simulator.received('funds')).toHaveLength(0);
  });
});
