import { createAlgo, memoryStore } from '@algo/core';
import type { AlgoOptions, ConnectionManager, OrderOutcome, Store, StoreDefinition } from '@algo/core';
import { dropReplyAfter, emptyBook, hang } from '@algo/simulator';
import type { Simulator } from '@algo/simulator';
import { expect, test } from 'vitest';
import { dhanAt, limitBuy, ME, memoryKeys, startSimulated } from './simulated.js';
import type { Simulated, SimulatedOptions } from './simulated.js';

const ACCOUNT = { userId: 'u1', ...ME };
const EVERY_STATE = [
  'INTENT',
  'SUBMITTING',
  'ACKNOWLEDGED',
  'REJECTED',
  'NOT_SENT',
  'AMBIGUOUS',
  'FOUND',
  'ABSENT',
  'UNRESOLVED',
] as const;

/** A manager whose store can be looked into after it was closed. */
async function start(
  options: SimulatedOptions = {},
): Promise<Simulated & { readonly store: Store; readonly definition: StoreDefinition }> {
  const definition = memoryStore();
  const store = await definition.open();
  const algo: Partial<AlgoOptions> = { ...options.algo, store: definition };
  return { ...(await startSimulated({ ...options, algo })), store, definition };
}

/** States of the rows of one kind, by client order id. */
async function statesIn({ journal }: Store, kind = 'place'): Promise<Readonly<Record<string, string>>> {
  const rows = await journal.inState(ACCOUNT, EVERY_STATE);
  return Object.fromEntries(rows.filter((row) => row.kind === kind).map((row) => [row.clientOrderId, row.state]));
}

/** An order whose reply was lost, and that no book shows. */
async function placeUnknown(
  { me, simulator, run }: Simulated,
  clientOrderId: string,
): Promise<OrderOutcome & { readonly kind: 'unknown' }> {
  simulator.inject(dropReplyAfter('placeOrder'));
  simulator.inject(emptyBook('orderBook', { times: 'always' }));
  simulator.inject(emptyBook('orderByTag', { times: 'always' }));
  const outcome = await run(me.orders.place(limitBuy({ clientOrderId })), { stepMs: 5 });
  if (outcome.kind !== 'unknown') throw new Error('it should be unknown');
  return outcome;
}

const placeAll = (me: ConnectionManager, ids: readonly string[]): Promise<OrderOutcome>[] =>
  ids.map((clientOrderId) => me.orders.place(limitBuy({ clientOrderId, deadlineMs: 60_000 })));

const reached = (simulator: Simulator, count: number): Promise<void> =>
  until(() => simulator.received('placeOrder').length === count);

test('answers every order that waits, is in flight or unknown, and the store shows what became of them', async () => {
  const simulated = await start({ algo: { sockets: { orders: 3 } } }); // one of them is for cancels alone
  const { algo, me, simulator, clock, run, store } = simulated;
  const unknown = await placeUnknown(simulated, 'unknown');
  simulator.inject(hang('placeOrder', { times: 'always' }));
  const inFlight = placeAll(me, ['f1', 'f2']);
  await reached(simulator, 3);
  const waiting = placeAll(me, ['w1', 'w2', 'w3']);
  await clock.advance(10);

  await run(algo.close(), { stepMs: 50 });
  const ended = await run(Promise.all([...waiting, ...inFlight]), { stepMs: 5 });
  const last = await run(unknown.settled, { stepMs: 5 });

  expect(ended.map(({ kind }) => kind)).toEqual(['not-sent', 'not-sent', 'not-sent', 'unknown', 'unknown']);
  for (const outcome of ended.slice(0, 3)) expect(outcome).toMatchObject({ proof: { by: 'gate' } });
  expect(last).toMatchObject({ kind: 'unknown', clientOrderId: 'unknown' });
  for (const outcome of ended) if (outcome.kind === 'unknown') expect((await outcome.settled).kind).toBe('unknown');
  expect(await statesIn(store)).toEqual({
    unknown: 'AMBIGUOUS',
    f1: 'AMBIGUOUS',
    f2: 'AMBIGUOUS',
    w1: 'NOT_SENT',
    w2: 'NOT_SENT',
    w3: 'NOT_SENT',
  });
  expect(simulator.received('placeOrder')).toHaveLength(3);
  expect(clock.timers).toBe(0);
});

test('an order answered within the grace is accepted, and the store holds it', async () => {
  const { algo, me, simulator, run, store } = await start();
  simulator.inject(hang('placeOrder'));
  const [place] = placeAll(me, ['c1']);
  await reached(simulator, 1);

  const closing = algo.close();
  simulator.releaseHung();
  await run(closing, { stepMs: 5 });

  expect(await place).toMatchObject({ kind: 'accepted', brokerOrderId: simulator.ledger()[0]?.brokerOrderId });
  expect(await statesIn(store)).toEqual({ c1: 'ACKNOWLEDGED' });
});

test('an order that waits for the rate window ends unsent, and at once', async () => {
  const { algo, me, simulator, clock, run, store } = await start({
    dhan: { rateLimits: { orders: [{ limit: 1, perMs: 30_000 }] } },
  });
  await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })), { stepMs: 5 });
  const waiting = placeAll(me, ['w1', 'w2']);
  await clock.advance(10);

  const began = clock.monotonic();
  await run(algo.close(), { stepMs: 5 });
  const ended = await run(Promise.all(waiting), { stepMs: 5 });

  expect(clock.monotonic() - began).toBeLessThan(1_000);
  for (const outcome of ended) expect(outcome).toMatchObject({ kind: 'not-sent', proof: { by: 'gate' } });
  expect(await statesIn(store)).toEqual({ c1: 'ACKNOWLEDGED', w1: 'NOT_SENT', w2: 'NOT_SENT' });
  expect(simulator.received('placeOrder')).toHaveLength(1);
  expect(clock.timers).toBe(0);
});

test('takes a second or so although an order may wait for a minute', async () => {
  const { algo, me, simulator, clock, run } = await start();
  simulator.inject(hang('placeOrder'));
  const [place] = placeAll(me, ['c1']);
  await reached(simulator, 1);

  const began = clock.monotonic();
  await run(algo.close(), { stepMs: 20 });

  expect(clock.monotonic() - began).toBeLessThan(2_000);
  expect((await place)?.kind).toBe('unknown');
});

test('an order found by the next manager on the same store is the one that was in flight', async () => {
  const { algo, me, simulator, clock, run, definition } = await start();
  simulator.inject(hang('placeOrder'));
  const [place] = placeAll(me, ['c1']);
  await reached(simulator, 1);
  await run(algo.close(), { stepMs: 50 });
  expect((await place)?.kind).toBe('unknown');

  const next = createAlgo({
    store: definition,
    keys: memoryKeys(),
    brokers: [dhanAt(simulator)],
    clock,
  });
  await run(next.user('u1').establishConnection(ME), { stepMs: 20 });
  const again = await run(next.user('u1').orders.place(limitBuy({ clientOrderId: 'c1' })));

  expect(again).toMatchObject({ kind: 'accepted', brokerOrderId: simulator.ledger()[0]?.brokerOrderId });
  expect(simulator.received('placeOrder')).toHaveLength(1);
  await run(next.close(), { stepMs: 20 });
  expect(clock.timers).toBe(0);
});

test('answers a cancel and a read that are under way', async () => {
  const { algo, me, connection, simulator, clock, run, store } = await start();
  await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })), { stepMs: 5 });
  simulator.inject(hang('cancelOrder'));
  simulator.inject(hang('funds', { times: 'always' }));
  const cancel = me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 60_000 });
  const funds = connection.funds().then(
    () => 'read',
    () => 'refused',
  );
  await until(() => simulator.received('cancelOrder').length === 1 && simulator.received('funds').length === 1);

  await run(algo.close(), { stepMs: 50 });

  expect((await run(cancel, { stepMs: 5 })).kind).toBe('unknown');
  expect(await run(funds, { stepMs: 5 })).toBe('refused');
  expect(await statesIn(store, 'cancel')).toEqual({ c1: 'AMBIGUOUS' });
  expect(clock.timers).toBe(0);
});

test('closing twice, and again later, is closing once', async () => {
  const { algo, me, simulator, clock, run } = await start();
  simulator.inject(hang('placeOrder'));
  const [place] = placeAll(me, ['c1']);
  await reached(simulator, 1);

  await run(Promise.all([algo.close(), algo.close()]), { stepMs: 50 });
  await algo.close();

  expect((await place)?.kind).toBe('unknown');
  expect(clock.timers).toBe(0);
});

test('an order asked for while it closes is refused by an error and sent nowhere', async () => {
  const { algo, me, simulator, run } = await start();
  const closing = algo.close();

  await expect(me.orders.place(limitBuy({ clientOrderId: 'c1' }))).rejects.toMatchObject({
    code: 'ALGO_CLOSED',
    effect: 'none',
  });
  await run(closing, { stepMs: 20 });
  expect(simulator.received('placeOrder')).toHaveLength(0);
});

test('a listener that throws, at once or later, harms neither the order nor the next listener', async () => {
  const { algo, me, log, clock, run } = await start();
  const heard: string[] = [];
  me.on('order-changed', () => {
    throw new Error('a fault of the host');
  });
  me.on('order-changed', (): unknown => Promise.reject(new TypeError('another one')));
  me.on('order-changed', ({ clientOrderId, state }) => void heard.push(`${clientOrderId} ${state}`));

  const outcome = await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })), { stepMs: 5 });
  await run(algo.close(), { stepMs: 20 });

  expect(outcome.kind).toBe('accepted');
  expect(heard).toEqual(['c1 ACKNOWLEDGED']);
  const failures = log.filter(({ event }) => event === 'listener-failed').map(({ fields }) => fields['error']);
  expect(failures.sort()).toEqual(['Error', 'TypeError']);
  expect(JSON.stringify(log)).not.toContain('a fault of the host');
  expect(clock.timers).toBe(0);
});

test('a listener that calls back into the SDK gets its answers, also when that is to close it', async () => {
  const { algo, me, simulator, clock, run } = await start();
  const answers: unknown[] = [];
  const closings: Promise<void>[] = [];
  const callBack = async (): Promise<void> => {
    answers.push((await me.orders.get('c1'))?.outcome.kind);
    answers.push((await me.orders.place(limitBuy({ clientOrderId: 'c2' }))).kind);
    answers.push((await me.orders.cancel({ clientOrderId: 'c1' })).kind);
  };
  me.on('order-changed', ({ clientOrderId, command, state }) => {
    if (clientOrderId !== 'c1' || state !== 'ACKNOWLEDGED') return;
    if (command === 'cancel') closings.push(algo.close());
    else void callBack();
  });

  await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })), { stepMs: 5 });
  await clock.runUntil(
    until(() => answers.length === 3),
    { stepMs: 5 },
  );
  await run(Promise.all(closings), { stepMs: 20 });

  expect(answers).toEqual(['accepted', 'accepted', 'accepted']);
  expect(closings).toHaveLength(1);
  expect(simulator.received('placeOrder')).toHaveLength(2);
  expect(clock.timers).toBe(0);
});

test('a journal that fails for a while is written again, and the caller’s answer stands meanwhile', async () => {
  const { me, algo, clock, run, inner, fail, log } = await startFlaky();
  fail(3);

  const outcome = await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })), { stepMs: 5 });
  expect(outcome.kind).toBe('accepted');
  expect(await statesIn(inner)).toEqual({ c1: 'SUBMITTING' });
  for (let second = 0; second < 5; second += 1) await clock.advance(1_000);

  expect(await statesIn(inner)).toEqual({ c1: 'ACKNOWLEDGED' });
  expect(log.filter(({ event }) => event === 'journal-write-failed')).toHaveLength(3);
  await run(algo.close(), { stepMs: 20 });
  expect(clock.timers).toBe(0);
});

test('closing tries once more what the journal has not taken yet', async () => {
  const { me, algo, clock, run, inner, fail } = await startFlaky();
  fail(1);
  await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })), { stepMs: 5 });
  expect(await statesIn(inner)).toEqual({ c1: 'SUBMITTING' });

  await run(algo.close(), { stepMs: 5 });

  expect(await statesIn(inner)).toEqual({ c1: 'ACKNOWLEDGED' });
  expect(clock.timers).toBe(0);
});

test('closing ends although the journal never works again, and leaves what the next start looks up', async () => {
  const { me, algo, clock, run, inner, fail } = await startFlaky();
  fail(Infinity);
  await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })), { stepMs: 5 });

  await run(algo.close(), { stepMs: 20 });

  expect(await statesIn(inner)).toEqual({ c1: 'SUBMITTING' });
  expect(clock.timers).toBe(0);
});

/** A journal of which as many moves fail as it is told to. */
async function startFlaky() {
  const memory = memoryStore();
  const inner = await memory.open();
  let failing = 0;
  const flaky = async (): Promise<Store> => {
    const store = await memory.open();
    const move: Store['journal']['move'] = async (wanted) => {
      if (failing > 0) {
        failing -= 1;
        throw new Error('the disk is full');
      }
      return store.journal.move(wanted);
    };
    return { ...store, journal: { ...store.journal, move } };
  };
  const simulated = await startSimulated({ algo: { store: { open: flaky } } });
  return { ...simulated, inner, fail: (times: number): void => void (failing = times) };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

test('leaves a cancel that waits for its order to be found for the next start', async () => {
  const simulated = await start();
  const { algo, me, clock, run, store } = simulated;
  await placeUnknown(simulated, 'c1');
  const queued = await run(me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 100 }), { stepMs: 5 });
  const waiting = me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 60_000 });
  await clock.advance(10);

  await run(algo.close(), { stepMs: 50 });

  expect(queued.kind).toBe('queued');
  expect((await run(waiting, { stepMs: 5 })).kind).toBe('queued');
  expect(await statesIn(store)).toEqual({ c1: 'AMBIGUOUS' });
  expect(await statesIn(store, 'cancel')).toEqual({ c1: 'INTENT' });
  expect(clock.timers).toBe(0);
});
