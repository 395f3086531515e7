import { createAlgo, memoryStore } from '@algo/core';
import type { AlgoError, BrokerConnection, BrokerDefinition } from '@algo/core';
import { AlgoError as Failure } from '@algo/core/adapter';
import { expiredToken, hang, serverErrorBefore, startSimulator } from '@algo/simulator';
import { createFakeClock } from '@algo/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { dhanAt, limitBuy, ME, memoryKeys, startSimulated } from './simulated.js';

/** An order as Dhan wants it, sent past the journal. */
const RAW_ORDER = {
  purpose: 'command',
  method: 'POST',
  path: '/orders',
  body: {
    dhanClientId: '1000000001',
    correlationId: 'RAW',
    transactionType: 'BUY',
    exchangeSegment: 'NSE_EQ',
    productType: 'CNC',
    orderType: 'LIMIT',
    validity: 'DAY',
    securityId: '2885',
    quantity: 1,
    price: 1_390,
  },
} as const;

test('a raw read gives the reply as it is, refusals included', async () => {
  const { connection, simulator, run } = await startSimulated();

  const funds = await run(connection.raw({ purpose: 'read', method: 'GET', path: '/fundlimit' }), { stepMs: 5 });
  const nowhere = await run(connection.raw({ purpose: 'read', method: 'GET', path: '/nowhere' }), { stepMs: 5 });

  expect(funds).toMatchObject({ status: 200, body: { dhanClientId: '1000000001' } });
  expect(nowhere.status).toBeGreaterThanOrEqual(400);
  expect(simulator.received('funds')).toHaveLength(1);
  expect(simulator.received('unknown').map(({ path }) => path)).toEqual(['/v2/nowhere']);
});

test('a raw command gives the reply as it is, and leaves no row in the journal', async () => {
  const { me, connection, simulator, run } = await startSimulated();

  const reply = await run(connection.raw(RAW_ORDER), { stepMs: 5 });

  expect(reply).toMatchObject({ status: 200, body: { orderId: simulator.ledger()[0]?.brokerOrderId } });
  expect(await me.orders.list()).toEqual([]);
  expect(await run(connection.orders())).toHaveLength(1);
});

test('a raw command waits on the order lane behind what is there, and a raw read does not', async () => {
  const { me, connection, simulator, run } = await startSimulated({
    algo: { sockets: { orders: 2 } }, // one of them is for cancels alone
    faults: [hang('placeOrder')],
  });
  const stuck = me.orders.place(limitBuy({ clientOrderId: 'stuck', deadlineMs: 60_000 }));
  await until(() => simulator.received('placeOrder').length === 1);

  const command = connection.raw({ purpose: 'command', method: 'DELETE', path: '/orders/1' });
  await run(connection.raw({ purpose: 'read', method: 'GET', path: '/fundlimit' }), { stepMs: 5 });
  expect(simulator.received('cancelOrder')).toHaveLength(0);

  simulator.releaseHung();
  expect((await run(stuck)).kind).toBe('accepted');
  expect((await run(command)).status).toBeGreaterThanOrEqual(400);
  expect(simulator.received('cancelOrder')).toHaveLength(1);
});

test('raw commands take places in the rate windows of orders', async () => {
  const { me, connection, simulator, run } = await startSimulated({
    dhan: { rateLimits: { orders: [{ limit: 3, perMs: 60_000 }] } },
  });
  for (let count = 0; count < 3; count += 1) await run(connection.raw(RAW_ORDER), { stepMs: 1 });

  const refused = connection.raw(RAW_ORDER);
  await expect(run(refused, { stepMs: 1 })).rejects.toMatchObject({ code: 'ALGO_RATE_LIMITED', effect: 'none' });
  const outcome = await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })), { stepMs: 1 });

  expect(outcome).toMatchObject({ kind: 'not-sent', proof: { by: 'gate', why: 'rate-limited' } });
  expect(simulator.received('placeOrder')).toHaveLength(3);
});

test('raw commands whose outcome nobody knows count: they open the breaker of the order lane', async () => {
  const { me, connection, simulator, run } = await startSimulated();
  simulator.inject(hang('placeOrder', { times: 5 }));
  const { calls } = connection.health();

  for (let count = 0; count < 5; count += 1) {
    const error = await failureOf(run(connection.raw(RAW_ORDER)));
    expect(error).toMatchObject({ code: 'ALGO_DEADLINE', effect: 'unknown' });
  }
  const outcome = await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));

  expect(connection.orderBreaker().kind).toBe('open');
  expect(connection.health()).toMatchObject({ calls: calls + 5, failures: 5 });
  expect(outcome).toMatchObject({ kind: 'not-sent', proof: { by: 'gate', why: 'circuit-open' } });
  expect(simulator.received('placeOrder')).toHaveLength(5);
});

test('a raw command refused before any request was asked for counts for nothing and opens no breaker', async () => {
  const { me, connection, simulator, clock, run } = await startSimulated();
  const received = simulator.received().length;
  const health = connection.health();

  for (let count = 0; count < 12; count += 1) {
    const error = await failureOf(run(connection.raw({ ...RAW_ORDER, path: '/../orders' }), { stepMs: 1 }));
    expect(error).toMatchObject({ code: 'ALGO_INVALID_INPUT', effect: 'none' });
    await clock.advance(200);
  }

  expect(connection.orderBreaker()).toEqual({ kind: 'closed' });
  expect(connection.health()).toEqual(health);
  expect(simulator.received()).toHaveLength(received);
  expect((await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })), { stepMs: 1 })).kind).toBe('accepted');
});

test('a raw read may not be what would change something', async () => {
  const { connection, simulator, run } = await startSimulated();
  const received = simulator.received().length;

  const error = await failureOf(run(connection.raw({ ...RAW_ORDER, purpose: 'read' })));

  expect(error).toMatchObject({ code: 'ALGO_INVALID_INPUT', details: { problems: [{ field: 'purpose' }] } });
  expect(simulator.received()).toHaveLength(received);
});

test('a raw command is sent once, whatever comes back', async () => {
  const { connection, simulator, run } = await startSimulated();
  simulator.inject(serverErrorBefore('placeOrder'));
  simulator.inject(expiredToken('placeOrder'));

  const first = await run(connection.raw(RAW_ORDER));
  const second = await run(connection.raw(RAW_ORDER));

  expect([first.status, second.status]).toEqual([500, 401]);
  expect(simulator.received('placeOrder')).toHaveLength(2);
});

test('a raw reply is shown without the credentials it repeats', async () => {
  const { connection, run, accessToken } = await startEchoing((token) => ({
    status: 200,
    body: { said: `token ${token}`, list: [Buffer.from(token).toString('base64'), 7], [token]: null },
  }));

  for (const purpose of ['read', 'command'] as const) {
    const reply = await run(connection.raw({ purpose, method: 'GET', path: '/echo' }), { stepMs: 5 });
    expect(reply).toEqual({ status: 200, body: { said: 'token [secret]', list: ['[secret]', 7], '[secret]': null } });
    expect(JSON.stringify(reply)).not.toContain(accessToken);
  }
});

test('a raw refusal is told without the credentials it repeats', async () => {
  const { connection, run, accessToken } = await startEchoing((token) => {
    const brokerText = `bad token ${token}`;
    throw new Failure('ALGO_BROKER_REFUSED', { broker: 'dhan', reason: 'other', brokerCode: null, brokerText });
  });

  for (const purpose of ['read', 'command'] as const) {
    const error = await failureOf(run(connection.raw({ purpose, method: 'GET', path: '/echo' }), { stepMs: 5 }));
    expect(error).toMatchObject({ code: 'ALGO_BROKER_REFUSED', details: { brokerText: 'bad token [secret]' } });
    expect(`${JSON.stringify(error)} ${String(error)} ${error.stack}`).not.toContain(accessToken);
  }
});

/** A broker that answers raw requests with the token it was signed with. */
async function startEchoing(answer: (token: string) => { readonly status: number; readonly body: unknown }) {
  const clock = createFakeClock();
  const simulator = await startSimulator({ clock });
  const dhan = dhanAt(simulator);
  const echoing: BrokerDefinition = {
    ...dhan,
    connect: (context) => ({
      ...dhan.connect(context),
      raw: async (_request, call) => answer(call.session.secrets['accessToken']?.reveal() ?? ''),
    }),
  };
  const algo = createAlgo({ store: memoryStore(), keys: memoryKeys(), brokers: [echoing], clock });
  onTestFinished(async () => {
    await algo.close();
    await simulator.close();
  });
  const { clientId, accessToken } = simulator.dhan.credentials;
  await algo.user('u1').credentials.put('dhan', 'main', { clientId, accessToken });
  const connection: BrokerConnection = await clock.runUntil(algo.user('u1').establishConnection(ME), { stepMs: 20 });
  return { connection, accessToken, run: clock.runUntil.bind(clock) };
}

async function failureOf(call: Promise<unknown>): Promise<AlgoError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('it must fail');
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}
