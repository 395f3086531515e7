import { expect, onTestFinished, test } from 'vitest';
import type { OrderOutcome } from '@algo/core';
import type { RejectReason } from '../src/domain/order-outcome.js';
import type { NextStep, OrderRouting } from '../src/orders/order-routing.js';
import type { OrderRoad } from '../src/orders/order-road.js';
import { createWorld, limitBuy, notConnected, reliance, rowsOf } from './scripted-brokers.js';
import type { Process, ProcessOptions, ScriptedBroker, World } from './scripted-brokers.js';

interface Setting {
  readonly world: World;
  readonly one: ScriptedBroker;
  readonly two: ScriptedBroker;
  readonly process: Process;
  place(changes?: Parameters<typeof limitBuy>[0]): Promise<OrderOutcome>;
}

/** What a rule says each time it is asked. */
const saying =
  (next: (roads: readonly OrderRoad[]) => NextStep) =>
  (roads: readonly OrderRoad[]): OrderRouting => ({
    first: ({ connection }) => {
      const road = roads.find(({ gate }) => gate.connection.broker === (connection?.broker ?? 'one'));
      if (road === undefined) throw notConnected('none');
      return { road, queueForMs: null };
    },
    after: () => next(roads),
    goesOn: () => true,
    mayDrain: () => true,
  });

const switching = saying(([, road]) => (road === undefined ? { kind: 'end' } : { kind: 'switch', road }));
const retrying = saying(() => ({ kind: 'retry', tries: 2 }));

async function setting(routes: ProcessOptions['routes'], options: ProcessOptions = {}): Promise<Setting> {
  const world = await createWorld();
  const [one, two] = world.brokers;
  if (one === undefined || two === undefined) throw new Error('two brokers are needed');
  const process = await world.run(world.start({ ...(routes === undefined ? {} : { routes }), ...options }));
  onTestFinished(() => world.run(process.close()));
  const place: Setting['place'] = (changes) =>
    world.run(process.desk.place(limitBuy({ clientOrderId: 'c1', ...changes })));
  return { world, one, two, process, place };
}

test('an entry that was proven unsent goes to the next broker, as a second attempt of the same order', async () => {
  const { world, one, two, process, place } = await setting(switching);
  one.answer = () => ({ kind: 'unsent' });
  expect(await place()).toEqual({ kind: 'accepted', clientOrderId: 'c1', brokerOrderId: 'two-1' });
  expect(await rowsOf(world.store, 'c1')).toMatchObject([
    { broker: 'one', number: 1, state: 'NOT_SENT' },
    { broker: 'two', number: 2, state: 'ACKNOWLEDGED' },
  ]);
  const tags = (await rowsOf(world.store, 'c1')).map(({ tag }) => tag);
  expect(new Set(tags).size).toBe(2);

  expect(await place()).toMatchObject({ kind: 'accepted', brokerOrderId: 'two-1' }); // the latest attempt tells
  expect(await place({ connection: two.ref })).toMatchObject({ kind: 'accepted' });
  await expect(place({ quantity: 2 })).rejects.toMatchObject({ code: 'ALGO_CLIENT_ORDER_ID_REUSED' });
  expect(two.asked).toHaveLength(1);
  expect(await world.run(process.desk.get('c1'))).toMatchObject({ connection: two.ref });
  expect(await world.run(process.desk.list())).toHaveLength(1);
  expect(await world.run(process.desk.refresh('c1'))).toMatchObject({ order: { brokerOrderId: 'two-1' } });
  expect(await world.run(process.desk.cancel({ clientOrderId: 'c1' }))).toMatchObject({ kind: 'accepted' });
  expect(two.ledger.map(({ order }) => order.status)).toEqual(['CANCELLED']);
});

const MAY: readonly RejectReason[] = ['broker-down', 'session', 'static-ip', 'not-enabled', 'margin'];
const MAY_NOT: readonly RejectReason[] = [
  'price',
  'quantity',
  'market-closed',
  'instrument',
  'rate-limited',
  'order-not-open',
  'invalid-request',
  'other',
];

test.each(MAY)('a rejection for %s may go on', async (reason) => {
  const { one, place } = await setting(switching);
  one.answer = () => ({ kind: 'reject', reason });
  expect(await place()).toMatchObject({ kind: 'accepted', brokerOrderId: 'two-1' });
});

test.each(MAY_NOT)('a rejection for %s ends it, whatever the rules say', async (reason) => {
  const { one, two, place } = await setting(switching);
  one.answer = () => ({ kind: 'reject', reason });
  expect(await place()).toMatchObject({ kind: 'rejected', reason });
  expect(two.asked).toEqual([]);
});

test.each([
  ['switch', switching],
  ['retry', retrying],
  ['queue', saying(() => ({ kind: 'queue', forMs: 60_000 }))],
] as const)('an order of unknown effect is left alone though the rules say %s', async (_what, routes) => {
  for (const taken of [true, false]) {
    const { world, one, two, process, place } = await setting(routes);
    one.answer = () => ({ kind: 'lost', taken });
    expect((await place()).kind).toBe('unknown');
    for (let at = 0; at < 40; at += 1) await world.clock.advance(5_000);
    expect(one.asked.length + two.asked.length).toBe(1);
    expect(await rowsOf(world.store, 'c1')).toHaveLength(1);
    expect(await world.run(process.desk.queued())).toEqual([]);
  }
});

test('it is tried again at the same broker as often as the rule says, with a pause between, each under its own tag', async () => {
  const { world, one, place } = await setting(retrying);
  one.answer = () => ({ kind: 'reject', reason: 'broker-down' });
  const before = world.clock.now();
  expect(await place()).toMatchObject({ kind: 'rejected', reason: 'broker-down' });
  expect(one.asked).toHaveLength(3);
  expect(new Set(one.asked.map(({ tag }) => tag)).size).toBe(3);
  expect(world.clock.now() - before).toBeGreaterThan(300);
});

test('it answers at its deadline, however many tries are left', async () => {
  const { world, one, place } = await setting(saying(() => ({ kind: 'retry', tries: 1_000 })));
  one.answer = () => ({ kind: 'reject', reason: 'broker-down' });
  const before = world.clock.now();
  await place({ deadlineMs: 1_000 });
  expect(world.clock.now() - before).toBeLessThanOrEqual(1_040);
  const asked = one.asked.length;
  for (let at = 0; at < 10; at += 1) await world.clock.advance(1_000);
  expect(one.asked).toHaveLength(asked);
  expect((await rowsOf(world.store, 'c1')).every(({ state }) => state !== 'INTENT')).toBe(true);
});

test('the end of an attempt is durable before another one begins', async () => {
  let isDown = false;
  const { one, two, place, world } = await setting(switching, {
    journal: (journal) => ({
      ...journal,
      move: (move) => (isDown ? Promise.reject(new Error('the disk is full')) : journal.move(move)),
    }),
  });
  one.answer = () => {
    isDown = true;
    return { kind: 'reject', reason: 'broker-down' };
  };
  expect(await place({ deadlineMs: 3_000 })).toMatchObject({ kind: 'rejected', reason: 'broker-down' });
  isDown = false;
  for (let at = 0; at < 10; at += 1) await world.clock.advance(1_000);
  expect(two.asked).toEqual([]);
});

test('what the next broker would not take as it is ends with the first one’s answer', async () => {
  for (const listing of [reliance({ lotSize: 10 }), reliance({ tick: 30_000 }), null]) {
    const { one, two, place } = await setting(switching);
    one.answer = () => ({ kind: 'reject', reason: 'broker-down' });
    two.listing = listing;
    expect(await place()).toMatchObject({ kind: 'rejected', reason: 'broker-down' });
    expect(two.asked).toEqual([]);
  }
});

test('where the next broker needs another type it is emulated, and is the same order still', async () => {
  const { world, one, two, process } = await setting(switching);
  one.answer = () => ({ kind: 'unsent' });
  two.orderTypes = ['LIMIT'];
  const { price: _price, ...market } = limitBuy({ clientOrderId: 'c1', type: 'MARKET', emulate: { withinPercent: 1 } });
  const placeMarket = (): Promise<OrderOutcome> => world.run(process.desk.place(market));
  expect(await placeMarket()).toMatchObject({ kind: 'accepted', brokerOrderId: 'two-1' });
  expect(two.ledger[0]?.order.type).toBe('LIMIT');
  expect(await placeMarket()).toMatchObject({ kind: 'accepted', brokerOrderId: 'two-1' });
});

test('one that names its connection stays there', async () => {
  const { one, two, place } = await setting(switching);
  one.answer = () => ({ kind: 'unsent' });
  expect(await place({ connection: one.ref })).toMatchObject({ kind: 'not-sent', proof: { by: 'send-record' } });
  expect(two.asked).toEqual([]);
});

test('it does not go to a broker that the user has switched off', async () => {
  const { one, two, place } = await setting(switching, { isOff: (broker) => broker === 'two' });
  one.answer = () => ({ kind: 'unsent' });
  expect((await place()).kind).toBe('not-sent');
  expect(two.asked).toEqual([]);
});

test('an exit is tried at its broker and leaves it only when its caller says so', async () => {
  const { world, one, two, place } = await setting(switching);
  one.answer = () => ({ kind: 'unsent' });
  expect(await place({ reduceOnly: true })).toMatchObject({ kind: 'not-sent', proof: { by: 'send-record' } });
  expect(two.asked).toEqual([]);
  expect(await rowsOf(world.store, 'c1')).toMatchObject([{ broker: 'one', state: 'NOT_SENT' }]);
  const moved = await place({ clientOrderId: 'c2', reduceOnly: true, mayMove: true });
  expect(moved).toMatchObject({ kind: 'accepted', brokerOrderId: 'two-1' });
  expect(await rowsOf(world.store, 'c2')).toMatchObject([{ broker: 'one' }, { broker: 'two' }]);
});

test('a cancel while it waits for its next try ends it, and nothing more is sent', async () => {
  const { world, one, process } = await setting(saying(() => ({ kind: 'retry', tries: 9 })));
  one.answer = () => ({ kind: 'reject', reason: 'broker-down' });
  const placing = process.desk.place(limitBuy({ clientOrderId: 'c1' }));
  await world.clock.advance(20);
  expect(one.asked).toHaveLength(1);
  const cancelled = await world.run(process.desk.cancel({ clientOrderId: 'c1' }));
  expect(cancelled).toMatchObject({ kind: 'not-sent', proof: { why: 'order-not-at-broker' } });
  expect((await world.run(placing)).kind).toBe('not-sent');
  for (let at = 0; at < 10; at += 1) await world.clock.advance(1_000);
  expect(one.asked).toHaveLength(1);
});

test('a cancel from another process ends it as well', async () => {
  const { world, one, process } = await setting(saying(() => ({ kind: 'retry', tries: 9 })));
  const other = await world.run(world.start());
  onTestFinished(() => world.run(other.close()));
  one.answer = () => ({ kind: 'reject', reason: 'broker-down' });
  const placing = process.desk.place(limitBuy({ clientOrderId: 'c1' }));
  await world.clock.advance(20);
  expect((await world.run(other.desk.cancel({ clientOrderId: 'c1' }))).kind).toBe('not-sent');
  expect(await world.run(placing)).toMatchObject({ kind: 'not-sent', proof: { why: 'cancelled' } });
  expect(one.asked).toHaveLength(1);
});

test('the same id at two processes at once is one order, wherever it ends', async () => {
  const { world, one, two, process } = await setting(switching);
  const other = await world.run(world.start({ routes: switching }));
  onTestFinished(() => world.run(other.close()));
  one.answer = () => ({ kind: 'reject', reason: 'broker-down' });
  const request = limitBuy({ clientOrderId: 'c1' });
  const both = await world.run(Promise.all([process.desk.place(request), other.desk.place(request)]));
  expect(both.map(({ kind }) => kind)).toContain('accepted');
  expect(two.ledger).toHaveLength(1);
  expect(one.asked).toHaveLength(1);
});

test('a process that dies between two attempts leaves nothing that could be sent', async () => {
  const { world, one, process } = await setting(saying(() => ({ kind: 'retry', tries: 9 })));
  one.answer = () => ({ kind: 'reject', reason: 'broker-down' });
  void process.desk.place(limitBuy({ clientOrderId: 'c1' }));
  await world.clock.advance(20);
  await process.kill();
  const next = await world.run(world.start({ routes: retrying }));
  onTestFinished(() => world.run(next.close()));
  for (let at = 0; at < 10; at += 1) await world.clock.advance(1_000);
  expect(one.asked).toHaveLength(1);
  expect(await world.run(next.desk.get('c1'))).toMatchObject({ outcome: { proof: { why: 'process-ended' } } });
});
