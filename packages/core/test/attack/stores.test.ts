import type { CommandReply } from '@algo/core/adapter';
import type { AttemptMove, AttemptRow, OrderJournal } from '@algo/core/store';
import { describe, expect, onTestFinished, test } from 'vitest';
import { buy, never, startAttack, within } from './support.js';

/** A journal whose single calls can be made to misbehave while the test runs. */
function brittle() {
  const how: {
    add?: (add: () => ReturnType<OrderJournal['add']>, row: AttemptRow) => ReturnType<OrderJournal['add']>;
    move?: (move: () => Promise<boolean>, change: AttemptMove) => Promise<boolean>;
    attemptsOf?: (read: () => ReturnType<OrderJournal['attemptsOf']>) => ReturnType<OrderJournal['attemptsOf']>;
  } = {};
  const journal = (inner: OrderJournal): OrderJournal => ({
    ...inner,
    add: (row) => (how.add === undefined ? inner.add(row) : how.add(() => inner.add(row), row)),
    move: (change) => (how.move === undefined ? inner.move(change) : how.move(() => inner.move(change), change)),
    attemptsOf: (user, id) =>
      how.attemptsOf === undefined ? inner.attemptsOf(user, id) : how.attemptsOf(() => inner.attemptsOf(user, id)),
  });
  return { how, journal };
}

const fail = <Value>(): Promise<Value> => Promise.reject(new Error('disk full'));

describe('a journal that hangs', () => {
  test('at the claim does not keep place beyond its deadline', async () => {
    const { how, journal } = brittle();
    const { me, clock, exchange } = await startAttack({ journal });
    how.add = () => never();
    const outcome = await within(clock, me.orders.place(buy({ clientOrderId: 'c1', deadlineMs: 500 })), 2_000);
    expect(outcome).not.toBe('pending');
    expect(exchange.orders).toHaveLength(0);
  });

  test('at a refusal does not keep place beyond its deadline', async () => {
    const { how, journal } = brittle();
    const { me, clock } = await startAttack({ journal, ordersPerSecond: 1 });
    await within(clock, me.orders.place(buy({ clientOrderId: 'c0' })), 100);
    how.add = () => never();
    const outcome = await within(clock, me.orders.place(buy({ clientOrderId: 'c1', deadlineMs: 200 })), 2_000);
    expect(outcome).not.toBe('pending');
  });

  test('at the claim does not keep a cancel beyond its deadline', async () => {
    const { how, journal } = brittle();
    const { me, clock } = await startAttack({ journal });
    await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 100);
    how.add = () => never();
    expect(await within(clock, me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 500 }), 2_000)).not.toBe('pending');
  });

  test('at an outcome does not keep the manager from closing', async () => {
    const { how, journal } = brittle();
    const { algo, me, clock } = await startAttack({ journal });
    how.move = () => never();
    await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 100);
    expect(await within(clock, algo.close(), 30_000)).not.toBe('pending');
  });

  test('at the claim does not keep the manager from closing', async () => {
    const { how, journal } = brittle();
    const { algo, me, clock } = await startAttack({ journal });
    how.add = () => never();
    void me.orders.place(buy({ clientOrderId: 'c1' }));
    await clock.advance(1);
    expect(await within(clock, algo.close(), 30_000)).not.toBe('pending');
  });
});

describe('a journal that fails', () => {
  test('is no reason to call an order not sent that may be at the broker', async () => {
    const { how, journal } = brittle();
    const { me, clock } = await startAttack({
      journal,
      script: () => ({
        placeOrder: async (): Promise<CommandReply> => ({ kind: 'unknown', why: 'lost' }),
        ordersByTag: never,
        orderBook: async () => ({ orders: [], complete: false }),
      }),
    });
    const first = await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 1_000);
    if (first === 'pending' || !('kind' in first) || first.kind !== 'unknown') throw new Error('must be unknown');
    await clock.runUntil(first.settled, { stepMs: 1_000 }); // UNRESOLVED: surfaced, nobody knows
    how.add = () => fail();
    const again = await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 10_000);
    expect(again).not.toMatchObject({ kind: 'not-sent' });
  });

  test('is no reason to call an order not sent that the broker acknowledged', async () => {
    const { how, journal } = brittle();
    const { me, clock } = await startAttack({ journal });
    await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 1_000);
    how.add = () => fail();
    const again = await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 10_000);
    expect(again).not.toMatchObject({ kind: 'not-sent' });
  });

  test('after it wrote the claim does not leave the order unaccounted for ever', async () => {
    const { how, journal } = brittle();
    const { me, clock, store } = await startAttack({ journal });
    how.add = async (add) => {
      await add();
      return fail();
    };
    const outcome = await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 1_000);
    expect(outcome).toMatchObject({ kind: 'not-sent' });
    delete how.add;
    await clock.advance(300_000);
    const [row] = await store.journal.attemptsOf('u1', 'c1');
    expect(row?.state).toBe('NOT_SENT');
  });

  test('at the outcome does not keep a cancel from an order we were told is accepted', async () => {
    const { how, journal } = brittle();
    const { me, clock, exchange } = await startAttack({ journal });
    how.move = () => fail(); // the acknowledgement stays in memory and is tried again
    const placed = await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 1_000);
    expect(placed).toMatchObject({ kind: 'accepted' });
    await within(clock, me.orders.cancel({ clientOrderId: 'c1' }), 10_000);
    expect(exchange.orders[0]?.status).toBe('CANCELLED');
  });

  test('at the outcome does not change what the same place is told in this process', async () => {
    const { how, journal } = brittle();
    const { me, clock } = await startAttack({ journal });
    how.move = () => fail();
    const placed = await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 1_000);
    const again = await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 1_000);
    expect(again).toEqual(placed);
  });

  test('does not keep a cancel from the broker', async () => {
    const { how, journal } = brittle();
    const { me, clock, exchange } = await startAttack({ journal });
    await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 1_000);
    how.add = () => fail();
    how.move = () => fail();
    await within(clock, me.orders.cancel({ clientOrderId: 'c1' }), 10_000);
    expect(exchange.orders[0]?.status).toBe('CANCELLED');
  });

  test.each(['add', 'attemptsOf'] as const)(
    'at %s makes a cancel end as an outcome and not as an exception',
    async (what) => {
      const { how, journal } = brittle();
      const { me, clock } = await startAttack({
        journal,
        script: () => ({ placeOrder: async (): Promise<CommandReply> => ({ kind: 'unknown', why: 'lost' }) }),
      });
      await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 400);
      if (what === 'add') how.add = () => fail();
      else how.attemptsOf = () => fail();
      const outcome = await within(clock, me.orders.cancel({ clientOrderId: 'c1' }), 10_000);
      expect(outcome).toHaveProperty('kind');
    },
  );

  test('at once, without a promise, makes a refused place end as an outcome', async () => {
    const { how, journal } = brittle();
    const { me, clock } = await startAttack({ journal, ordersPerSecond: 1 });
    await within(clock, me.orders.place(buy({ clientOrderId: 'c0' })), 100);
    how.add = () => {
      throw new Error('driver gone');
    };
    const outcome = await within(clock, me.orders.place(buy({ clientOrderId: 'c1', deadlineMs: 200 })), 2_000);
    expect(outcome).toHaveProperty('kind');
  });
});

test('a journal that throws at once at the outcome does not turn an accepted order into an exception', async () => {
  const { how, journal } = brittle();
  const { me, clock, exchange } = await startAttack({ journal });
  how.move = () => {
    throw new Error('driver gone');
  };
  const outcome = await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 1_000);
  expect(exchange.orders).toHaveLength(1);
  expect(outcome).toMatchObject({ kind: 'accepted' });
});

test('closing waits for an acknowledgement that is being written before it lets go of the store', async () => {
  const { how, journal } = brittle();
  const steps: string[] = [];
  const { algo, me, clock } = await startAttack({
    journal,
    store: (store) => ({ ...store, close: async () => void steps.push('store closed') }),
  });
  how.move = async (move) => {
    await new Promise<void>((resolve) => void clock.after(50, resolve));
    const moved = await move();
    steps.push('written');
    return moved;
  };
  await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 8);
  await within(clock, algo.close(), 5_000);
  await clock.advance(200);
  expect(steps).toEqual(['written', 'store closed']);
});

test('a row acknowledged without an id does not keep the other orders from being listed', async () => {
  const { me, clock, store } = await startAttack();
  await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 100);
  const [row] = await store.journal.attemptsOf('u1', 'c1');
  if (row === undefined) throw new Error('must be there');
  await store.journal.add({ ...row, clientOrderId: 'c2', tag: 'WITHOUTANID2222', brokerOrderId: null });
  expect(await me.orders.list()).toHaveLength(2);
});

test('a session store that fails when the broker refuses the session ends nothing but that', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  let broken = false;
  const { me, clock } = await startAttack({
    store: (store) => ({
      ...store,
      sessions: { ...store.sessions, delete: (key) => (broken ? fail() : store.sessions.delete(key)) },
    }),
    script: () => ({
      placeOrder: async (): Promise<CommandReply> => ({
        kind: 'rejected',
        reason: 'session',
        brokerCode: 'X',
        brokerText: '',
      }),
    }),
  });
  broken = true;
  const outcome = await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 1_000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(outcome).toMatchObject({ kind: 'rejected' });
  expect(unhandled).toEqual([]);
});

test('a host logger that throws does not turn an unknown order into an exception', async () => {
  const boom = (): never => {
    throw new Error('EPIPE');
  };
  const { me, clock } = await startAttack({
    algo: { logger: { debug: () => undefined, info: () => undefined, warn: boom, error: boom } },
    script: () => ({ placeOrder: async (): Promise<CommandReply> => ({ kind: 'unknown', why: 'lost' }) }),
  });
  const outcome = await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 1_000);
  expect(outcome).toMatchObject({ kind: 'unknown' });
});

test('a listener that calls back and throws harms nobody', async () => {
  const { me, clock, exchange } = await startAttack();
  const seen: string[] = [];
  me.on('order-changed', ({ clientOrderId, state }) => {
    seen.push(state);
    if (clientOrderId === 'c1') void me.orders.place(buy({ clientOrderId: 'c2' }));
    void me.orders.cancel({ clientOrderId: 'c1' });
    throw new Error('listener');
  });
  const outcome = await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 1_000);
  expect(outcome).toMatchObject({ kind: 'accepted' });
  await clock.advance(100);
  expect(exchange.orders.map(({ status }) => status)).toEqual(['CANCELLED', 'OPEN']);
});
