import { createAlgo, memoryStore } from '@algo/core';
import type { Algo, ConnectionManager, OrderOutcome } from '@algo/core';
import type { AttemptRow, Store, StoreDefinition } from '@algo/core/store';
import { htmlPage, startSimulator } from '@algo/simulator';
import type { Simulator } from '@algo/simulator';
import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { dhanAt, limitBuy, ME, memoryKeys } from './simulated.js';

const DAY_MS = 86_400_000;

let clock: FakeClock;
let simulator: Simulator;
let definition: StoreDefinition;
let store: Store;

beforeEach(async () => {
  clock = createFakeClock();
  simulator = await startSimulator({ clock });
  definition = memoryStore();
  store = await definition.open();
  return () => simulator.close();
});

/** A new process on the same store. */
async function start(): Promise<{ readonly algo: Algo; readonly me: ConnectionManager }> {
  const algo = createAlgo({ store: definition, keys: memoryKeys(), brokers: [dhanAt(simulator)], clock });
  onTestFinished(() => algo.close());
  const me = algo.user('u1');
  const { clientId, accessToken } = simulator.dhan.credentials;
  await me.credentials.put('dhan', 'main', { clientId, accessToken });
  return { algo, me };
}

/** What a process that died after the claim leaves behind. */
async function leaveBehind(changes: Partial<AttemptRow>): Promise<AttemptRow> {
  const now = clock.now();
  const row: AttemptRow = {
    userId: 'u1',
    broker: 'dhan',
    account: 'main',
    kind: 'place',
    number: 1,
    clientOrderId: 'c1',
    owner: '',
    tag: 'AAAAAAAAAAAAAAB',
    request:
      '{"instrument":"NSE:RELIANCE","side":"BUY","quantity":1,"type":"LIMIT","price":1390,"triggerPrice":null,"product":"CNC","validity":"DAY"}',
    state: 'SUBMITTING',
    tradingDay: '2026-11-20',
    createdAtMs: now,
    sendByMs: now + 5_000,
    brokerOrderId: null,
    detail: null,
    updatedAtMs: now,
    ...changes,
  };
  await store.journal.add(row);
  return row;
}

/** Places an order at the broker behind the SDK's back, under the given tag. */
async function placeAtBroker(correlationId: string, quantity = 1): Promise<string> {
  const { baseUrl, credentials } = simulator.dhan;
  const body = {
    dhanClientId: credentials.clientId,
    correlationId,
    transactionType: 'BUY',
    exchangeSegment: 'NSE_EQ',
    productType: 'CNC',
    orderType: 'LIMIT',
    validity: 'DAY',
    securityId: '2885',
    quantity,
    price: 1390,
  };
  const reply = await fetch(`${baseUrl}/orders`, {
    method: 'POST',
    headers: { 'access-token': credentials.accessToken, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { orderId }: { orderId: string } = JSON.parse(await reply.text());
  return orderId;
}

test('finds an order that was claimed before the process died, and does not place it again', async () => {
  const row = await leaveBehind({});
  const brokerOrderId = await placeAtBroker(row.tag);
  const { me } = await start();

  await clock.runUntil(me.establishConnection(ME), { stepMs: 20 });
  const again = await clock.runUntil(me.orders.place(limitBuy({ clientOrderId: 'c1' })));

  expect(again).toEqual({ kind: 'accepted', clientOrderId: 'c1', brokerOrderId });
  expect(await me.orders.get('c1')).toMatchObject({ state: 'FOUND', order: { status: 'OPEN' } });
  expect(simulator.ledger()).toHaveLength(1);
});

test('holds a claimed order absent only after the window, when the broker never had it', async () => {
  await placeAtBroker('SOMEONEELSE', 2);
  await leaveBehind({});
  const { me } = await start();
  await clock.runUntil(me.establishConnection(ME), { stepMs: 20 });

  const outcome = await clock.runUntil(me.orders.place(limitBuy({ clientOrderId: 'c1' })));

  expect(outcome.kind).toBe('unknown');
  const settled = await clock.runUntil(settledOf(outcome), { stepMs: 1_000 });
  expect(settled).toMatchObject({ kind: 'not-sent', proof: { by: 'absent' } });
  expect(simulator.received('placeOrder')).toHaveLength(1); // the other one
});

test('ends a claimed row of an earlier trading day as unresolved, since its book is gone', async () => {
  await leaveBehind({ tradingDay: '2026-11-19', createdAtMs: clock.now() - DAY_MS, sendByMs: clock.now() - DAY_MS });
  const { me } = await start();
  const surfaced: string[] = [];
  me.on('order-unresolved', ({ clientOrderId }) => surfaced.push(clientOrderId));

  await clock.runUntil(me.establishConnection(ME), { stepMs: 20 });

  expect(surfaced).toEqual(['c1']);
  const tracked = await me.orders.get('c1');
  expect(tracked?.state).toBe('UNRESOLVED');
  if (tracked?.outcome.kind !== 'unknown') throw new Error('it should be unknown');
  expect((await tracked.outcome.settled).kind).toBe('unknown');
});

test('knows that a row nobody claimed was never sent', async () => {
  await leaveBehind({ state: 'INTENT', sendByMs: null });
  const { me } = await start();

  await clock.runUntil(me.establishConnection(ME), { stepMs: 20 });

  expect((await me.orders.get('c1'))?.outcome).toMatchObject({
    kind: 'not-sent',
    proof: { by: 'gate', why: 'process-ended' },
  });
});

test('goes on with a cancel that was waiting for its order to be found', async () => {
  const row = await leaveBehind({});
  await placeAtBroker(row.tag);
  await leaveBehind({ kind: 'cancel', tag: 'BBBBBBBBBBBBBBB', state: 'INTENT', sendByMs: null, request: '{}' });
  const { me } = await start();

  await clock.runUntil(me.establishConnection(ME), { stepMs: 20 });
  await clock.runUntil(me.orders.cancel({ clientOrderId: 'c1' }));

  expect((await clock.runUntil(me.orders.refresh('c1'))).order?.status).toBe('CANCELLED');
});

test('takes no new order before the account’s book has been read', async () => {
  const { me } = await start();
  simulator.inject(htmlPage('orderBook', { times: 'always' }));

  await expect(clock.runUntil(me.establishConnection(ME))).rejects.toMatchObject({ code: 'ALGO_BROKER_UNAVAILABLE' });
  const outcome = await clock.runUntil(me.orders.place(limitBuy({ clientOrderId: 'c1' })));

  expect(outcome).toMatchObject({ kind: 'not-sent', proof: { by: 'gate', why: 'not-reconciled' } });
  expect(simulator.received('placeOrder')).toHaveLength(0);

  simulator.clearFaults();
  await clock.runUntil(me.retryConnection(ME));
  expect((await clock.runUntil(me.orders.place(limitBuy({ clientOrderId: 'c2' })))).kind).toBe('accepted');
});

function settledOf(outcome: OrderOutcome): Promise<OrderOutcome> {
  return outcome.kind === 'unknown' ? outcome.settled : Promise.resolve(outcome);
}
