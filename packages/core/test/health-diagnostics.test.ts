import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { rateLimited, serverErrorBefore } from '@algo/simulator';
import { expect, onTestFinished, test } from 'vitest';
import { limitBuy, startSimulated } from './simulated.js';

/** Messages of a channel, without the parts that differ from run to run. */
function heardOn(name: string): Record<string, unknown>[] {
  const heard: Record<string, unknown>[] = [];
  const listener = (message: unknown): void => void heard.push({ ...Object(message) });
  subscribe(name, listener);
  onTestFinished(() => void unsubscribe(name, listener));
  return heard;
}

const OWNER = { userId: 'u1', broker: 'dhan', account: 'main' };

test('a call is told when it begins and when it ends, with its time and outcome', async () => {
  const { connection, simulator, run } = await startSimulated();
  const calls = heardOn('algo:call');
  simulator.inject(serverErrorBefore('funds', { times: 1 }));
  await run(connection.funds(), { stepMs: 5 });

  const of = (id: unknown) =>
    calls.filter((message) => message['id'] === id).map(({ phase, outcome, code }) => [phase, outcome, code]);
  const ids = [...new Set(calls.map(({ id }) => id))];
  expect(ids.map(of)).toEqual([
    [
      ['start', undefined, undefined],
      ['end', 'failed', 'ALGO_BROKER_UNAVAILABLE'],
    ],
    [
      ['start', undefined, undefined],
      ['end', 'answered', null],
    ],
  ]);
  for (const message of calls) expect(message).toMatchObject({ ...OWNER, lane: 'reads', operation: 'read' });
  for (const { phase, tookMs } of calls) if (phase === 'end') expect(tookMs).toBeGreaterThanOrEqual(0);
});

test('messages of two managers in one process are told apart by an id that says nothing else', async () => {
  const first = await startSimulated();
  const second = await startSimulated();
  const calls = heardOn('algo:call');
  await first.run(first.connection.funds(), { stepMs: 5 });
  await second.run(second.connection.funds(), { stepMs: 5 });
  const managers = [...new Set(calls.map(({ manager }) => manager))];
  expect(managers).toHaveLength(2);
  for (const manager of managers) expect(manager).toMatch(/^[0-9a-f]{16}$/);
});

test('an order is told as a call of the order lane and by the states of its attempt', async () => {
  const { me, run } = await startSimulated();
  const calls = heardOn('algo:call');
  const orders = heardOn('algo:order');
  await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })), { stepMs: 5 });
  const entries = calls.filter(({ operation }) => operation === 'entry');
  expect(entries.map(({ phase, lane }) => [phase, lane])).toEqual([
    ['start', 'orders'],
    ['end', 'orders'],
  ]);
  expect(orders.at(-1)).toMatchObject({ ...OWNER, clientOrderId: 'c1', command: 'place', state: 'ACKNOWLEDGED' });
});

test('connections, breakers and rate limits are told on channels of their own', async () => {
  const { connection, simulator, run } = await startSimulated();
  const connections = heardOn('algo:connection');
  const breakers = heardOn('algo:breaker');
  const rates = heardOn('algo:rate');
  simulator.inject(rateLimited('funds', { times: 1 }));
  await run(
    connection.funds().catch(() => null),
    { stepMs: 50 },
  );
  connection.openBreaker('data', null);
  await run(connection.logOut(), { stepMs: 20 });

  expect(rates).toContainEqual(expect.objectContaining({ ...OWNER, lane: 'reads', what: 'refused' }));
  const shut = { lane: 'data', previous: 'closed', state: 'open', untilMs: null, openings: 1 };
  expect(breakers).toEqual([expect.objectContaining({ ...OWNER, ...shut })]);
  expect(connections).toEqual([
    expect.objectContaining({ ...OWNER, previous: 'connected', status: 'disconnected', code: null }),
  ]);
});

test('no message carries a secret', async () => {
  const { me, connection, simulator, run } = await startSimulated();
  const all = ['algo:call', 'algo:order', 'algo:session', 'algo:connection', 'algo:breaker', 'algo:rate'].map(heardOn);
  await run(connection.funds(), { stepMs: 5 });
  await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })), { stepMs: 5 });
  await run(connection.logOut(), { stepMs: 20 });
  const { clientId, accessToken } = simulator.dhan.credentials;
  const text = JSON.stringify(all);
  expect(text).toContain('dhan');
  for (const secret of [clientId, accessToken]) expect(text).not.toContain(secret);
});
