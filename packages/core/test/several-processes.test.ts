import { createAlgo, memoryStore } from '@algo/core';
import type { ConnectionManager, OrderOutcome } from '@algo/core';
import type { Store, StoreChange } from '@algo/core/store';
import { AlgoError } from '@algo/core/store';
import { createFakeClock } from '@algo/testkit';
import { describe, expect, test } from 'vitest';
import { buy, createExchange, FAKE, fakeBroker, never, session, startAttack, until, within } from './attack/support.js';
import type { AttackOptions } from './attack/support.js';
import { memoryKeys } from './simulated.js';

/** What each opened store of a test was asked to do beside its work. */
interface Watched {
  readonly stores: Store[];
  /** Says to all of them that something changed. */
  tell(change: StoreChange): void;
}

/** Stores that say that processes share them, and that can be told from outside what changed. */
function watched(): Watched & { readonly wrap: (store: Store) => Store } {
  const stores: Store[] = [];
  const listeners = new Set<(change: StoreChange) => void>();
  return {
    stores,
    tell: (change) => listeners.forEach((listener) => listener(change)),
    wrap(store) {
      stores.push(store);
      return {
        ...store,
        shared: true,
        onChange(listener) {
          listeners.add(listener);
          const unsubscribe = store.onChange(listener);
          return () => {
            listeners.delete(listener);
            unsubscribe();
          };
        },
      };
    },
  };
}

/** A broker whose sessions are numbered, and that refuses all but the last one. */
function numberedSessions(): {
  readonly script: NonNullable<AttackOptions['script']>;
  readonly logIns: () => number;
  end(): void;
} {
  let logIns = 0;
  let ended = 0;
  return {
    logIns: () => logIns,
    end: () => void (ended = logIns),
    script: () => ({
      logIn: async ({ fields }) => session(fields['clientId'] ?? '', `token-number-${(logIns += 1)}`),
      funds: async (call) => {
        const number = Number(call.session.secrets['token']?.reveal().split('-').at(-1));
        if (number <= ended) throw new AlgoError('ALGO_SESSION_EXPIRED', { broker: 'fake', brokerCode: null });
        return { available: number } as never;
      },
    }),
  };
}

const placed = async (me: ConnectionManager, clientOrderId: string): Promise<OrderOutcome> =>
  me.orders.place(buy({ clientOrderId }));

describe('a session', () => {
  test('that one process made serves the others', async () => {
    const { script, logIns } = numberedSessions();
    const first = await startAttack({ script });
    const second = await first.again();

    expect(logIns()).toBe(1);
    expect(await first.run(second.me.connection().funds())).toEqual({ available: 1 });
  });

  test('that ends is made anew once, however many processes hear of it', async () => {
    const { script, logIns, end } = numberedSessions();
    const first = await startAttack({ script });
    const others = [await first.again(), await first.again(), await first.again()];
    const all = [first.me, ...others.map(({ me }) => me)];
    for (let round = 2; round <= 20; round += 1) {
      await first.clock.advance(4 * 60_000); // oftener, and it would be taken for another program that logs in
      end();
      const reads = await first.run(Promise.all(all.map((me) => me.connection().funds())), { stepMs: 4 });
      expect(reads).toEqual(all.map(() => ({ available: round })));
      expect(logIns()).toBe(round);
    }
  });

  test('is made by another process when the one that was making it died', async () => {
    let waits = true;
    const { stores, wrap } = watched();
    const { script, logIns, end } = numberedSessions();
    const first = await startAttack({ script, store: wrap });
    const second = await first.again();
    const lease = { userId: 'u1', name: 'session/fake/main' };
    const held = await stores[0]?.leases.acquire(lease, 'somebody who died', 15_000);
    expect(held).not.toBeNull();
    end();

    const read = second.me.connection().funds();
    const over = (): void => void (waits = false);
    read.then(over, over);
    await first.clock.advance(9_000);
    expect(waits).toBe(true);
    await within(first.clock, read, 10_000);
    await first.clock.advance(10_000);

    expect(await first.run(second.me.connection().funds())).toEqual({ available: 2 });
    expect(logIns()).toBe(2);
  });

  test('is used on when the store fails at the time it is read again', async () => {
    let failing = false;
    const fail = (): never => {
      throw new AlgoError('ALGO_STORE_FAILED', { what: 'reading', why: 'it is gone' });
    };
    const { script } = numberedSessions();
    const first = await startAttack({
      script,
      algo: { cache: { ttlMs: 1_000 } },
      store: (store) => ({
        ...store,
        sessions: { ...store.sessions, get: async (key) => (failing ? fail() : store.sessions.get(key)) },
      }),
    });
    failing = true;
    await first.clock.advance(5_000);

    expect(await first.run(first.me.connection().funds())).toEqual({ available: 1 });
  });
});

test('the metrics of the cache count every call once', async () => {
  const { script } = numberedSessions();
  const { algo, me, run } = await startAttack({ script });
  const before = algo.cacheMetrics().sessions;
  for (let call = 0; call < 10; call += 1) await run(me.connection().funds());

  expect(algo.cacheMetrics().sessions).toEqual({ ...before, hits: before.hits + 10 });
});

describe('a log-in that the broker refuses', () => {
  const refusing = () => {
    let tries = 0;
    let refuses = true;
    const script: NonNullable<AttackOptions['script']> = () => ({
      logIn: async ({ fields }) => {
        tries += 1;
        if (!refuses) return session(fields['clientId'] ?? '', 'a-token-that-works');
        throw new AlgoError('ALGO_LOGIN_REFUSED', { broker: 'fake', brokerCode: null, brokerText: 'wrong PIN' });
      },
    });
    return { script, tries: () => tries, mend: () => void (refuses = false) };
  };

  test('is tried once, not once in every process: many tries lock an account', async () => {
    const { script, tries, mend } = refusing();
    const clock = createFakeClock();
    const open = memoryStore({ clock });
    const brokers = [fakeBroker(createExchange(), clock, { script })];
    const processes = Array.from({ length: 8 }, () => createAlgo({ store: open, keys: memoryKeys(), brokers, clock }));
    const users = processes.map((algo) => algo.user('u1'));
    await users[0]?.credentials.put('fake', 'main', { clientId: 'A', token: 'wrong' });
    const connect = (user: ConnectionManager | undefined) =>
      clock.runUntil(user?.establishConnection(FAKE) ?? never(), { stepMs: 20 }).then(
        () => 'connected',
        (error: unknown) => Object(error).code,
      );

    expect(await connect(users[0])).toBe('ALGO_LOGIN_REFUSED');
    for (const user of users.slice(1)) expect(await connect(user)).toBe('ALGO_LOGIN_NEEDED');
    expect(tries()).toBe(1);

    expect(await connect(users[0])).toBe('ALGO_LOGIN_REFUSED'); // a person asks again where it was refused
    expect(tries()).toBe(2);
    mend();
    expect(await connect(users[1])).toBe('ALGO_LOGIN_NEEDED');
    await clock.advance(61_000);
    expect(await connect(users[1])).toBe('connected');
    expect(await connect(users[2])).toBe('connected');
    expect(tries()).toBe(3);
    expect(await users[0]?.configuration.list()).toEqual([]);
    for (const algo of processes) await clock.runUntil(algo.close(), { stepMs: 20 });
  });

  test('with one PIN is no reason not to try the next one, from any process', async () => {
    const { script, tries, mend } = refusing();
    const clock = createFakeClock();
    const open = memoryStore({ clock });
    const brokers = [fakeBroker(createExchange(), clock, { script })];
    const start = () => createAlgo({ store: open, keys: memoryKeys(), brokers, clock });
    const [first, second] = [start(), start()] as const;
    await first.user('u1').credentials.put('fake', 'main', { clientId: 'A', token: 'wrong' });
    await clock.runUntil(first.user('u1').establishConnection(FAKE), { stepMs: 20 }).catch(() => undefined);
    mend();
    await first.user('u1').credentials.put('fake', 'main', { clientId: 'A', token: 'right' });

    const connected = await clock.runUntil(second.user('u1').establishConnection(FAKE), { stepMs: 20 });

    expect(connected.state.status).toBe('connected');
    expect(tries()).toBe(2);
    for (const algo of [first, second]) await clock.runUntil(algo.close(), { stepMs: 20 });
  });
});

test('credentials changed in one process are used by the others, and cost one log-in', async () => {
  const tokens: string[] = [];
  const first = await startAttack({
    script: () => ({
      logIn: async ({ fields, secrets }) => {
        tokens.push(secrets['token']?.reveal() ?? '');
        return session(fields['clientId'] ?? '', tokens.at(-1) ?? '');
      },
      funds: async (call) => ({ available: call.session.secrets['token']?.reveal() }) as never,
    }),
  });
  const second = await first.again();

  await first.me.credentials.put('fake', 'main', { clientId: 'A', token: 'a-newer-token' });
  const reads = [second.me.connection().funds(), first.me.connection().funds()];

  expect(await first.run(Promise.all(reads))).toEqual([{ available: 'a-newer-token' }, { available: 'a-newer-token' }]);
  expect(tokens).toHaveLength(2);
});

test('a broker switched off in one process takes no entry from the others, until it is switched on', async () => {
  const first = await startAttack();
  const second = await first.again();

  await first.me.brokers.disable('fake', { why: 'it is slow' });
  await first.clock.advance(10);
  await expect(placed(second.me, 'c1')).rejects.toMatchObject({ code: 'ALGO_BROKER_DISABLED' });
  await expect(placed(first.me, 'c1')).rejects.toMatchObject({ code: 'ALGO_BROKER_DISABLED' });
  await first.me.brokers.enable('fake');
  await first.clock.advance(10);

  expect(await first.run(placed(second.me, 'c1'))).toMatchObject({ kind: 'accepted' });
});

describe('an order', () => {
  test('of one id placed by several processes at once goes out once, and all are told of it', async () => {
    const first = await startAttack();
    const others = [await first.again(), await first.again()];
    const all = [first.me, ...others.map(({ me }) => me)];

    for (let n = 1; n <= 30; n += 1) {
      const outcomes = await first.run(Promise.all(all.map((me) => placed(me, `c${n}`))), { stepMs: 4 });
      const expected = { kind: 'accepted', clientOrderId: `c${n}`, brokerOrderId: `B${n}` };
      expect(outcomes).toEqual(all.map(() => expected));
    }
    expect(first.exchange.orders).toHaveLength(30);
  });

  test('that another process is sending is unknown at the deadline, and then what that process is told', async () => {
    let answer = (): void => undefined;
    const first = await startAttack({
      script: ({ exchange }) => ({
        placeOrder: (command) =>
          new Promise((resolve) => {
            answer = () => resolve({ kind: 'acknowledged', brokerOrderId: exchange.accept(command) });
          }),
      }),
    });
    const second = await first.again();
    const sending = first.me.orders.place(buy({ clientOrderId: 'c1', deadlineMs: 20_000 }));
    await first.clock.advance(10);

    const asked = await first.run(second.me.orders.place(buy({ clientOrderId: 'c1', deadlineMs: 500 })), {
      stepMs: 20,
    });
    if (asked.kind !== 'unknown') throw new Error(asked.kind);
    answer();

    expect(await first.run(sending)).toMatchObject({ kind: 'accepted' });
    expect(await first.run(asked.settled, { stepMs: 100 })).toMatchObject({ kind: 'accepted', brokerOrderId: 'B1' });
    expect(first.exchange.orders).toHaveLength(1);
  });

  test('that another process is sending is cancelled once its id is known', async () => {
    let answer = (): void => undefined;
    const first = await startAttack({
      script: ({ exchange }) => ({
        placeOrder: (command) =>
          new Promise((resolve) => {
            answer = () => resolve({ kind: 'acknowledged', brokerOrderId: exchange.accept(command) });
          }),
      }),
    });
    const second = await first.again();
    const sending = first.me.orders.place(buy({ clientOrderId: 'c1', deadlineMs: 20_000 }));
    await first.clock.advance(10);

    const cancel = await first.run(second.me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 200 }), { stepMs: 20 });
    expect(cancel.kind).toBe('queued');
    answer();
    await first.run(sending);
    await first.clock.advance(5_000);

    await until(() => first.exchange.orders[0]?.status === 'CANCELLED');
  });

  test('of a process that lives is left to it by one that starts', async () => {
    const first = await startAttack({ script: () => ({ placeOrder: () => never() }) });
    const sending = first.me.orders.place(buy({ clientOrderId: 'c1', deadlineMs: 20_000 }));
    await first.clock.advance(10);

    const second = await first.again();

    expect((await second.me.orders.get('c1'))?.state).toBe('SUBMITTING');
    expect((await within(first.clock, sending, 25_000)) as OrderOutcome).toMatchObject({ kind: 'unknown' });
  });

  test('of a process that died is looked for by the others within a minute', async () => {
    const { stores, wrap } = watched();
    const first = await startAttack({
      store: wrap,
      script: ({ exchange }) => ({
        placeOrder: (command) => {
          exchange.accept(command);
          return never();
        },
      }),
    });
    const second = await first.again();
    void first.me.orders.place(buy({ clientOrderId: 'c1', deadlineMs: 20_000 }));
    await first.clock.advance(10);
    expect((await second.me.orders.get('c1'))?.state).toBe('SUBMITTING');

    await stores[0]?.close(); // its process is gone
    for (let second = 0; second < 60; second += 1) await first.clock.advance(1_000);

    expect(await second.me.orders.get('c1')).toMatchObject({
      state: 'FOUND',
      outcome: { kind: 'accepted', brokerOrderId: 'B1' },
    });
    expect(first.exchange.orders).toHaveLength(1);
  });
});

describe('a journal that came back with older data', () => {
  test('stops entries until the book of every account was read, and lets cancels through', async () => {
    const { tell, wrap } = watched();
    let readable = true;
    const { me, clock, exchange, run } = await startAttack({
      store: wrap,
      script: ({ exchange: { orders } }) => ({
        orderBook: async () => {
          if (!readable)
            throw new AlgoError('ALGO_BROKER_UNAVAILABLE', { broker: 'fake', status: 503, brokerCode: null });
          return { orders: [...orders], complete: true };
        },
      }),
    });
    const events: string[] = [];
    me.on('journal-went-back', () => events.push('journal-went-back'));
    me.on('order-books-read', () => events.push('order-books-read'));
    await run(placed(me, 'c1'));
    readable = false;

    tell({ kind: 'journal-went-back' });
    const refused = await run(me.orders.place(buy({ clientOrderId: 'c2', deadlineMs: 500 })), { stepMs: 20 });
    expect(refused).toMatchObject({ kind: 'not-sent', proof: { by: 'gate', why: 'not-reconciled' } });
    expect(await run(me.orders.cancel({ clientOrderId: 'c1' }))).toMatchObject({ kind: 'accepted' });
    readable = true;
    for (let second = 0; second < 30; second += 1) await clock.advance(1_000);

    expect(await run(placed(me, 'c3'))).toMatchObject({ kind: 'accepted' });
    expect(exchange.orders).toHaveLength(2);
    expect(events).toEqual(['journal-went-back', 'order-books-read']);
  });

  test('does not make an order that this process was told of go out again', async () => {
    const { tell, wrap } = watched();
    let lost = false;
    const { me, clock, exchange, run } = await startAttack({
      store: wrap,
      journal: (journal) => ({
        ...journal,
        add: async (row) => (lost && row.clientOrderId === 'c1' ? { kind: 'added' } : journal.add(row)),
      }),
    });
    await run(placed(me, 'c1'));
    lost = true;
    tell({ kind: 'journal-went-back' });
    await clock.advance(1_000);

    expect(await run(placed(me, 'c1'))).toEqual({ kind: 'accepted', clientOrderId: 'c1', brokerOrderId: 'B1' });
    expect(exchange.orders).toHaveLength(1);
  });
});

describe('an account whose session serves one process', () => {
  test('is connected by one process at a time, and passes on when that one closes', async () => {
    const first = await startAttack({ oneProcess: true });
    const refused = await first.again().catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'ALGO_CONNECTION_OWNED', details: FAKE });

    await first.run(first.algo.close(), { stepMs: 20 });

    expect((await first.again()).me.connection().state.status).toBe('connected');
  });

  test('passes on fifteen seconds after its process died', async () => {
    const { stores, wrap } = watched();
    const first = await startAttack({ oneProcess: true, store: wrap });
    await first.clock.advance(60_000);
    await stores[0]?.close();

    expect(await first.again().catch((error: unknown) => error)).toMatchObject({ code: 'ALGO_CONNECTION_OWNED' });
    await first.clock.advance(16_000);

    expect((await first.again()).me.connection().state.status).toBe('connected');
    expect(first.connection.state).toMatchObject({ status: 'error', code: 'ALGO_CONNECTION_OWNED' });
    await expect(first.connection.funds()).rejects.toMatchObject({ code: 'ALGO_LOGIN_NEEDED' });
  });
});
