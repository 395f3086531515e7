import { serverErrorBefore } from '@algo/simulator';
import { expect, onTestFinished, test } from 'vitest';
import type { OrderOutcome } from '@algo/core';
import type { OrderJournal } from '@algo/core/store';
import type { OrderRequest } from '../../src/domain/order.js';
import { AlgoError } from '../../src/errors/algo-error.js';
import type { FirstStep, OrderRouting } from '../../src/orders/order-routing.js';
import type { OrderRoad } from '../../src/orders/order-road.js';
import { createWorld, limitBuy, rowsOf, settledOf } from '../scripted-brokers.js';
import type { Process, ProcessOptions, ScriptedBroker, World } from '../scripted-brokers.js';
import { ME, startSimulated } from '../simulated.js';

interface Setting {
  readonly world: World;
  readonly one: ScriptedBroker;
  readonly two: ScriptedBroker;
  readonly process: Process;
  start(options?: ProcessOptions): Promise<Process>;
}

const firstOf = (roads: readonly OrderRoad[]): FirstStep => {
  const [road] = roads;
  if (road === undefined) throw new Error('a process needs a broker');
  return { road, queueForMs: null };
};

/** Every order begins at `one` and goes on to `two`. */
const switching = (roads: readonly OrderRoad[]): OrderRouting => ({
  first: () => firstOf(roads),
  after: () => {
    const [, road] = roads;
    return road === undefined ? { kind: 'end' } : { kind: 'switch', road };
  },
  goesOn: () => true,
  mayDrain: () => true,
});

/** What `one` cannot take waits there. */
const queueing = (roads: readonly OrderRoad[]): OrderRouting => ({
  ...switching(roads),
  after: () => ({ kind: 'queue', forMs: 60_000 }),
});

async function setting(options: ProcessOptions): Promise<Setting> {
  const world = await createWorld();
  const [one, two] = world.brokers;
  if (one === undefined || two === undefined) throw new Error('two brokers are needed');
  const start: Setting['start'] = async (others = options) => {
    const process = await world.run(world.start(others));
    onTestFinished(() => world.run(process.close()));
    return process;
  };
  return { world, one, two, process: await start(), start };
}

/** Lets time go on in steps, so that whatever is due can answer. */
async function pass({ clock }: World, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 20) await clock.advance(20);
}

const order = (changes: Partial<OrderRequest> = {}): OrderRequest => limitBuy({ clientOrderId: 'c1', ...changes });

test('a modify of an order that moved on meanwhile goes to the broker that has it', async () => {
  const { world, one, two, process } = await setting({ routes: switching });
  one.answer = () => ({ kind: 'unsent', afterMs: 500 });
  const placing = process.desk.place(order());
  await pass(world, 100);
  const modifying = process.desk.modify({ clientOrderId: 'c1', price: 1_380 });
  expect(await world.run(placing)).toMatchObject({ kind: 'accepted', brokerOrderId: 'two-1' });
  expect(await world.run(modifying)).toMatchObject({ kind: 'accepted', brokerOrderId: 'two-1' });
  expect([one.changed, two.changed]).toEqual([[], ['two-1']]);
});

test('a cancel from another process follows the order to the broker that has it', async () => {
  const { world, one, two, process, start } = await setting({ routes: switching });
  const other = await start();
  one.answer = () => ({ kind: 'unsent', afterMs: 500 });
  const placing = process.desk.place(order());
  await pass(world, 100);
  const cancelling = other.desk.cancel({ clientOrderId: 'c1' });
  expect(await world.run(placing)).toMatchObject({ kind: 'accepted', brokerOrderId: 'two-1' });
  expect(await world.run(cancelling)).toMatchObject({ kind: 'accepted', brokerOrderId: 'two-1' });
  expect([one.changed, two.changed]).toEqual([[], ['two-1']]);
  expect(two.ledger.map(({ order: { status } }) => status)).toEqual(['CANCELLED']);
});

test('a caller that goes on writing to its request changes neither the next attempt nor the change of an order', async () => {
  const { world, one, two, process } = await setting({ routes: switching });
  one.answer = () => ({ kind: 'unsent', afterMs: 500 });
  const request = { ...order() };
  const placing = process.desk.place(request);
  request.quantity = 100;
  expect(await world.run(placing)).toMatchObject({ kind: 'accepted' });
  expect(two.asked.map(({ quantity }) => quantity)).toEqual([1]);
});

test('nobody is told that an order is nowhere while it still waits in the queue', async () => {
  let journalFails = false;
  const failing = (journal: OrderJournal): OrderJournal => {
    const tried = <Value>(work: () => Promise<Value>): Promise<Value> =>
      journalFails ? Promise.reject(new Error('the disk is gone')) : work();
    return {
      ...journal,
      move: (move) => tried(() => journal.move(move)),
      attemptsOf: (userId, id) => tried(() => journal.attemptsOf(userId, id)),
    };
  };
  const { world, one, process } = await setting({ routes: queueing, journal: failing });
  one.refuses = new AlgoError('ALGO_CIRCUIT_OPEN', { lane: 'orders', retryAtMs: 0 });
  expect((await world.run(process.desk.place(order()))).kind).toBe('queued');

  journalFails = true;
  one.refuses = null;
  process.desk.drain(one.ref);
  await world.clock.advance(1); // the claim has failed, and nobody can say how
  const again = await world.run(process.desk.place(order()));
  journalFails = false;
  const told: OrderOutcome[] = [again];
  void settledOf(again).then((outcome) => told.push(outcome));
  await pass(world, 5_000);
  process.desk.drain(one.ref);
  await pass(world, 5_000);
  expect(one.ledger).toHaveLength(1);
  expect(told.map(({ kind }) => kind)).not.toContain('not-sent');
});

test('an exit whose position is closed by now is told what became of it, not that nobody holds the position', async () => {
  let held = true;
  const routes = (roads: readonly OrderRoad[]): OrderRouting => ({
    ...switching(roads),
    first: async () => {
      if (!held) throw new AlgoError('ALGO_CONNECTION_UNCLEAR', { connections: ['one/main', 'two/main'] });
      return firstOf(roads);
    },
  });
  const { world, one, process } = await setting({ routes });
  const exit = order({ side: 'SELL', reduceOnly: true });
  const told = await world.run(process.desk.place(exit));
  held = false;
  expect(await world.run(process.desk.place(exit))).toEqual(told);
  expect(one.asked).toHaveLength(1);
  await expect(world.run(process.desk.place({ ...exit, quantity: 2 }))).rejects.toMatchObject({
    code: 'ALGO_CLIENT_ORDER_ID_REUSED',
  });
  await expect(world.run(process.desk.place({ ...exit, clientOrderId: 'c2' }))).rejects.toMatchObject({
    code: 'ALGO_CONNECTION_UNCLEAR',
  });
});

test('an order that is still looking for its connection when the desk closes is not sent', async () => {
  let found: () => void = () => undefined;
  const routes = (roads: readonly OrderRoad[]): OrderRouting => ({
    ...switching(roads),
    first: () => new Promise((resolve) => (found = () => resolve(firstOf(roads)))),
  });
  const { world, one, process } = await setting({ routes });
  const placing = process.desk.place(order({ reduceOnly: true }));
  const closing = process.desk.close();
  found();
  await expect(world.run(placing)).rejects.toMatchObject({ code: 'ALGO_CLOSED' });
  await world.run(closing);
  expect(one.asked).toEqual([]);
  expect(await rowsOf(world.store, 'c1')).toEqual([]);
});

test('the time an exit takes to find its connection counts', async () => {
  const world = await createWorld();
  const routes = (roads: readonly OrderRoad[]): OrderRouting => ({
    ...switching(roads),
    after: () => ({ kind: 'end' }),
    first: () => new Promise((resolve) => void world.clock.after(400, () => resolve(firstOf(roads)))),
  });
  const process = await world.run(world.start({ routes }));
  onTestFinished(() => world.run(process.close()));
  const [one] = world.brokers;
  if (one !== undefined) one.answer = () => ({ kind: 'accept', afterMs: 5_000 });
  const began = world.clock.monotonic();
  const outcome = await world.run(process.desk.place(order({ reduceOnly: true, deadlineMs: 1_000 })));
  expect(outcome.kind).toBe('unknown');
  expect(world.clock.monotonic() - began).toBeLessThanOrEqual(1_020);
});

test.each(['hangs', 'fails'])('a journal that %s when a broker is off keeps nobody waiting', async (how) => {
  const isOff = (broker: string): boolean => broker === 'one';
  const stuck = (journal: OrderJournal): OrderJournal => ({
    ...journal,
    attemptsOf: () => (how === 'hangs' ? new Promise(() => undefined) : Promise.reject(new Error('gone'))),
  });
  const { world, one, process } = await setting({ routes: switching, isOff, journal: stuck });
  const began = world.clock.monotonic();
  await expect(world.run(process.desk.place(order({ deadlineMs: 1_000 })))).rejects.toThrow();
  expect(world.clock.monotonic() - began).toBeLessThanOrEqual(1_020);
  expect(one.asked).toEqual([]);
});

test('a claim whose answer comes late does not undo the one that was sent', async () => {
  let fail: () => void = () => undefined;
  let claims = 0;
  const late = (journal: OrderJournal): OrderJournal => ({
    ...journal,
    async move(move) {
      claims += move.to === 'SUBMITTING' ? 1 : 0;
      if (move.to === 'SUBMITTING' && claims === 1)
        await new Promise((_, reject) => (fail = () => reject(new Error())));
      return journal.move(move);
    },
  });
  const { world, one, process } = await setting({ routes: queueing, journal: late });
  one.refuses = new AlgoError('ALGO_CIRCUIT_OPEN', { lane: 'orders', retryAtMs: 0 });
  expect((await world.run(process.desk.place(order()))).kind).toBe('queued');
  one.refuses = null;
  one.answer = () => ({ kind: 'accept', afterMs: 4_000 });
  await pass(world, 10_000); // the claim hangs; its order waits on
  fail();
  await pass(world, 10_000);
  expect(one.ledger).toHaveLength(1);
  expect(await rowsOf(world.store, 'c1')).toMatchObject([
    { state: 'NOT_SENT' },
    { state: 'ACKNOWLEDGED', brokerOrderId: 'one-1' },
  ]);
});

test('a journal that hangs at the end of an attempt keeps nobody waiting past the deadline', async () => {
  const stuck = (journal: OrderJournal): OrderJournal => ({
    ...journal,
    move: (move) =>
      move.from === 'INTENT' && move.to === 'NOT_SENT' ? new Promise(() => undefined) : journal.move(move),
  });
  const { world, one, two, process } = await setting({ routes: switching, journal: stuck });
  one.answer = () => ({ kind: 'unsent' });
  two.refuses = new AlgoError('ALGO_CIRCUIT_OPEN', { lane: 'orders', retryAtMs: 0 });
  const began = world.clock.monotonic();
  const outcome = await world.run(process.desk.place(order({ deadlineMs: 200 })));
  expect(outcome).toMatchObject({ kind: 'not-sent', proof: { why: 'circuit-open' } });
  expect(world.clock.monotonic() - began).toBeLessThanOrEqual(220);
});

test('an account whose orders wait keeps its credentials: another client must not get them', async () => {
  const { me, run, simulator, connection } = await startSimulated();
  const { credentials, orders } = me;
  await me.setFailover({ primary: ME, backups: [], rules: [{ on: 'ERROR_RATE', then: 'QUEUE' }] });
  simulator.inject(serverErrorBefore('*', { status: 503, times: 'always' }));
  for (let count = 0; count < 5; count += 1) await run(connection.funds().catch(() => null));
  expect((await run(orders.place(order()))).kind).toBe('queued');

  await expect(credentials.delete('dhan', 'main')).rejects.toMatchObject({ code: 'ALGO_ORDERS_UNSETTLED' });
  expect((await run(orders.cancel({ clientOrderId: 'c1' }))).kind).toBe('not-sent');
  expect(await credentials.delete('dhan', 'main')).toBe(true);
});
