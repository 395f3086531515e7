import { AlgoError } from '@algo/core/store';
import type { OrderJournal } from '@algo/core/store';
import { createFakeClock } from '@algo/testkit';
import { describe, expect, test } from 'vitest';
import { place, processes, seconds } from './processes-support.js';
import { buy, createExchange, FAKE, fakeBroker, never, startAttack, until, within } from './support.js';
import type { AttackOptions } from './support.js';

/** A broker that takes every order and answers none. */
const silent: NonNullable<AttackOptions['script']> = ({ exchange }) => ({
  placeOrder: (command) => {
    exchange.accept(command);
    return never();
  },
});

const failed = (): AlgoError => new AlgoError('ALGO_STORE_FAILED', { what: 'a write', why: 'the link broke' });

describe('a cancel that was promised to go later', () => {
  test('goes out when the process that promised it died, whoever noticed that first', async () => {
    const { wrap, kill } = processes();
    const first = await startAttack({ store: wrap, script: silent });
    const second = await first.again();
    void place(first.me, 'c1', 120_000);
    await first.clock.advance(10);
    const cancel = await first.run(first.me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 200 }), { stepMs: 20 });
    expect(cancel.kind).toBe('queued');

    await kill(0);
    void place(second.me, 'c1', 300); // asks after the order, long before the next sweep
    await seconds(first.clock, 10);

    expect(first.exchange.orders[0]?.status).toBe('CANCELLED');
  });

  test('goes out although the book could not be read when its next process started', async () => {
    const { wrap, kill } = processes();
    let readable = true;
    const first = await startAttack({
      store: wrap,
      script: (parts) => ({
        ...silent(parts),
        orderBook: async () => {
          if (readable) return { orders: [...parts.exchange.orders], complete: true };
          throw new AlgoError('ALGO_BROKER_UNAVAILABLE', { broker: 'fake', status: 503, brokerCode: null });
        },
      }),
    });
    void place(first.me, 'c1', 120_000);
    await first.clock.advance(10);
    await first.run(first.me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 200 }), { stepMs: 20 });
    await kill(0);

    readable = false;
    const second = await first.again().catch((error: unknown) => error);
    expect(second).toMatchObject({ code: 'ALGO_BROKER_UNAVAILABLE' });
    readable = true;
    await seconds(first.clock, 10);

    expect(first.exchange.orders[0]?.status).toBe('CANCELLED');
  });

  test('goes out once, however many processes think that it is theirs', async () => {
    const { wrap, deemDead } = processes();
    const cancels: string[] = [];
    let found = false;
    const first = await startAttack({
      store: wrap,
      script: (parts) => ({
        ...silent(parts),
        ordersByTag: async (tag) => (found ? parts.exchange.orders.filter((order) => order.tag === tag) : []),
        orderBook: async () => ({ orders: found ? [...parts.exchange.orders] : [], complete: true }),
        cancelOrder: async ({ brokerOrderId }) => {
          cancels.push(brokerOrderId);
          return { kind: 'acknowledged', brokerOrderId };
        },
      }),
    });
    await first.again();
    void place(first.me, 'c1', 1_000);
    await seconds(first.clock, 2);
    await first.run(first.me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 200 }), { stepMs: 20 });

    deemDead(0);
    await seconds(first.clock, 60);
    found = true;
    await seconds(first.clock, 30);

    expect(cancels).toEqual(['B1']);
    const [, cancel] = await first.store.journal.attemptsOf('u1', 'c1');
    expect(cancel).toMatchObject({ kind: 'cancel', state: 'ACKNOWLEDGED' });
  });

  test('goes out although the answer to its claim was lost', async () => {
    let breaks = true;
    const first = await startAttack({
      script: silent,
      journal: (journal) => ({
        ...journal,
        move: async (move) => {
          const moved = await journal.move(move);
          if (breaks && move.from === 'INTENT' && move.to === 'SUBMITTING') {
            breaks = false;
            throw failed();
          }
          return moved;
        },
      }),
    });
    void place(first.me, 'c1', 1_000);
    await first.clock.advance(10);
    await first.run(first.me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 200 }), { stepMs: 20 });
    await seconds(first.clock, 20);

    expect(breaks).toBe(false);
    expect(first.exchange.orders[0]?.status).toBe('CANCELLED');
  });

  test('is not called unsent by the process that lost the race for it', async () => {
    const { wrap, owner } = processes();
    let lost = false;
    let found = false;
    const first = await startAttack({
      store: wrap,
      journal: (journal): OrderJournal => ({
        ...journal,
        move: async (move) => {
          if (lost && move.from === 'INTENT' && move.to === 'SUBMITTING') {
            lost = false;
            await journal.move({ ...move, owner: 'another process' }); // it was there first, and the answer is lost
            throw failed();
          }
          return journal.move(move);
        },
      }),
      script: (parts) => ({
        ...silent(parts),
        ordersByTag: async (tag) => (found ? parts.exchange.orders.filter((order) => order.tag === tag) : []),
        orderBook: async () => ({ orders: found ? [...parts.exchange.orders] : [], complete: true }),
      }),
    });
    void place(first.me, 'c1', 1_000);
    await seconds(first.clock, 2);
    await first.run(first.me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 200 }), { stepMs: 20 });
    lost = true;
    found = true;
    await first.clock.advance(3_000);

    const [, cancel] = await first.store.journal.attemptsOf('u1', 'c1');
    expect(cancel).toMatchObject({ owner: 'another process', state: 'SUBMITTING' });
    expect(owner(0)).not.toBe('another process');
  });
});

describe('an order whose process is held for dead while it lives', () => {
  test('keeps the order id that its process was told, also where no book shows our tag', async () => {
    const { wrap, deemDead } = processes();
    let answer = (): void => undefined;
    const first = await startAttack({
      store: wrap,
      grade: 'G0',
      script: ({ exchange }) => ({
        placeOrder: (command) =>
          new Promise((resolve) => {
            answer = () => resolve({ kind: 'acknowledged', brokerOrderId: exchange.accept({ ...command, tag: '' }) });
          }),
        ordersByTag: async () => null,
      }),
    });
    const second = await first.again();
    const placing = place(first.me, 'c1', 60_000);
    await first.clock.advance(10);
    deemDead(0);
    await seconds(first.clock, 40);
    const [taken] = await first.store.journal.attemptsOf('u1', 'c1');
    expect(taken).toMatchObject({ state: 'AMBIGUOUS' });
    answer();

    expect(await first.run(placing)).toMatchObject({ kind: 'accepted', brokerOrderId: 'B1' });
    await seconds(first.clock, 200);
    expect(await second.me.orders.get('c1')).toMatchObject({ outcome: { kind: 'accepted', brokerOrderId: 'B1' } });
    expect(await first.run(second.me.orders.cancel({ clientOrderId: 'c1' }))).toMatchObject({ kind: 'accepted' });
  });

  test('that its broker refused ends as refused', async () => {
    const { wrap, deemDead } = processes();
    let answer = (): void => undefined;
    const first = await startAttack({
      store: wrap,
      script: () => ({
        placeOrder: () =>
          new Promise((resolve) => {
            answer = () =>
              resolve({ kind: 'rejected', reason: 'margin', brokerCode: 'M1', brokerText: 'not enough margin' });
          }),
      }),
    });
    const second = await first.again();
    const placing = place(first.me, 'c1', 60_000);
    await first.clock.advance(10);
    deemDead(0);
    await seconds(first.clock, 40);
    answer();

    expect(await first.run(placing)).toMatchObject({ kind: 'rejected', reason: 'margin' });
    expect(await second.me.orders.get('c1')).toMatchObject({ outcome: { kind: 'rejected', reason: 'margin' } });
  });

  test('is not called absent before two minutes after the last moment it could have been sent', async () => {
    const { wrap, deemDead } = processes();
    let send = (): void => undefined;
    const first = await startAttack({
      store: wrap,
      script: ({ exchange }) => ({
        placeOrder: (command) => {
          send = () => void exchange.accept(command);
          return never();
        },
      }),
    });
    const second = await first.again();
    await first.run(place(second.me, 'another', 5_000)).catch(() => null);
    first.exchange.accept({ tag: 'ELSEWHERE' } as never); // the book is not empty
    void place(first.me, 'c1', 120_000); // it may be sent for two minutes
    await first.clock.advance(10);
    deemDead(0);
    await seconds(first.clock, 180);
    const [row] = await first.store.journal.attemptsOf('u1', 'c1');
    expect(row).toMatchObject({ owner: expect.any(String), state: 'AMBIGUOUS' });
    send();
    await seconds(first.clock, 120);

    expect((await first.store.journal.attemptsOf('u1', 'c1'))[0]).toMatchObject({ state: 'FOUND' });
  });

  test('is not sent by a process that was frozen until its deadline was over', async () => {
    const clock = createFakeClock();
    let frozenMs = 0;
    let freeze = false;
    const frozen = { ...clock, monotonic: () => clock.monotonic() + frozenMs, now: () => clock.now() + frozenMs };
    Object.defineProperty(frozen, 'timers', { get: () => clock.timers });
    const { me, exchange } = await startAttack({
      clock: frozen,
      journal: (journal) => ({
        ...journal,
        add: async (row) => {
          const added = await journal.add(row);
          if (freeze) frozenMs += 60_000; // no timer fires in a process that stands still
          return added;
        },
      }),
    });
    freeze = true;
    const outcome = await place(me, 'c1', 5_000);

    expect(outcome).toMatchObject({ kind: 'not-sent', proof: { by: 'gate', why: 'deadline' } });
    expect(exchange.orders).toEqual([]);
  });
});

describe('what is left of orders', () => {
  test('is looked for although the answer to its taking over was lost', async () => {
    const { wrap, kill } = processes();
    let breaks = false;
    const first = await startAttack({
      store: wrap,
      script: silent,
      journal: (journal) => ({
        ...journal,
        move: async (move) => {
          const moved = await journal.move(move);
          if (breaks && move.owner !== undefined) {
            breaks = false;
            throw failed();
          }
          return moved;
        },
      }),
    });
    await first.again();
    void place(first.me, 'c1', 120_000);
    await first.clock.advance(10);
    await kill(0);
    breaks = true;
    await seconds(first.clock, 90);

    expect(breaks).toBe(false);
    expect((await first.store.journal.attemptsOf('u1', 'c1'))[0]).toMatchObject({ state: 'FOUND' });
  });

  test('is taken over in time when another process died in the middle of taking it over', async () => {
    const { wrap, kill, owner } = processes();
    const first = await startAttack({ store: wrap, script: silent });
    void place(first.me, 'c1', 120_000);
    await first.clock.advance(10);
    await kill(0);
    await first.store.leases.acquire({ userId: 'u1', name: 'rows/fake/main' }, 'one that died', 15_000);

    const second = first.beside();
    const early = first.run(second.me.establishConnection(FAKE), { stepMs: 4 });
    await expect(early).rejects.toMatchObject({ code: 'ALGO_DEADLINE' }); // the dead one's lease lasts longer than a connect
    await first.run(second.me.retryConnection(FAKE), { stepMs: 4 });

    expect(second.me.connection().state.status).toBe('connected');
    expect((await first.store.journal.attemptsOf('u1', 'c1'))[0]).toMatchObject({ owner: owner(1) });
  });

  test('is looked for again when a deletion of the broker was refused because of it', async () => {
    let onSecondCount = (): void => undefined;
    let counts = 0;
    const { me, clock, run, store } = await startAttack({
      script: silent,
      journal: (journal) => ({
        ...journal,
        inState: async (key, states) => {
          const rows = await journal.inState(key, states);
          counts += 1;
          if (counts === 2) onSecondCount();
          return rows;
        },
      }),
    });
    counts = 0;
    let placing: Promise<unknown> = Promise.resolve();
    onSecondCount = () => {
      placing = place(me, 'c1', 1_000).catch(() => null);
    };
    const deleting = await run(
      me.brokers.delete('fake').catch((error: unknown) => error),
      { stepMs: 20 },
    );
    await run(placing);
    await clock.advance(2_000);
    if ((await store.journal.attemptsOf('u1', 'c1')).length === 0) throw new Error('the order was not placed in time');
    expect(deleting).toMatchObject({ code: 'ALGO_ORDERS_UNSETTLED' });

    await run(me.establishConnection(FAKE));
    await seconds(clock, 60);

    expect((await store.journal.attemptsOf('u1', 'c1'))[0]).toMatchObject({ state: 'FOUND' });
  });
});

describe('a journal that came back with older data', () => {
  /** One that loses the row of an order while the order is on its way. */
  async function losing(options: AttackOptions = {}) {
    const { tell, wrap } = processes();
    let lost: string | null = null;
    const attack = await startAttack({
      ...options,
      store: wrap,
      journal: (journal) => {
        const isLost = ({ tag }: { readonly tag: string }): boolean => tag === lost;
        return {
          ...journal,
          async add(row) {
            // The first one is not there any more when it is looked for: it never was.
            if (lost !== null) return journal.add(row);
            lost = row.tag;
            return { kind: 'added' };
          },
          move: async (move) =>
            isLost(move) && (await journal.byTag('u1', move.tag)) === null ? false : journal.move(move),
        };
      },
    });
    return { ...attack, tell };
  }

  test('gets back the row of an order that was on its way, and the order does not go out again', async () => {
    const sent: string[] = [];
    const { me, run, clock, store, tell, again } = await losing({
      grade: 'G0',
      script: ({ exchange }) => ({
        placeOrder: (command) => {
          sent.push(command.tag);
          exchange.accept({ ...command, tag: '' });
          return never();
        },
        ordersByTag: async () => null,
      }),
    });
    const placing = place(me, 'c1', 2_000);
    await clock.advance(10);
    tell({ kind: 'journal-went-back' });
    const outcome = await run(placing);
    expect(outcome.kind).toBe('unknown');
    await seconds(clock, 200); // long enough to be surfaced

    expect((await store.journal.attemptsOf('u1', 'c1'))[0]).toMatchObject({ state: 'UNRESOLVED' });
    const other = await again();
    for (const manager of [me, other.me]) {
      expect(await run(place(manager, 'c1', 500), { stepMs: 20 })).toMatchObject({ kind: 'unknown' });
    }
    expect(sent).toHaveLength(1);
  });

  test('twice in a row lets entries go only after the books were read for the second time', async () => {
    const { tell, wrap } = processes();
    const books: (() => void)[] = [];
    let waits = false;
    const { me, run, clock } = await startAttack({
      store: wrap,
      script: ({ exchange }) => ({
        orderBook: async () => {
          const reading = { orders: [...exchange.orders], complete: true };
          if (waits) await new Promise<void>((resolve) => books.push(resolve));
          return reading;
        },
      }),
    });
    const tryToPlace = (id: string): Promise<unknown> => run(place(me, id, 300), { stepMs: 20 });
    const refused = { kind: 'not-sent', proof: { by: 'gate', why: 'not-reconciled' } };
    waits = true;
    tell({ kind: 'journal-went-back' });
    await clock.advance(10);
    tell({ kind: 'journal-went-back' });
    await clock.advance(10);
    books[0]?.();
    await clock.advance(10);
    expect(await tryToPlace('c1')).toMatchObject(refused);
    waits = false;
    for (const answer of books) answer();
    await seconds(clock, 20);

    expect(await tryToPlace('c2')).toMatchObject({ kind: 'accepted' });
  });

  test('does not wait for the book of a connection that was ended meanwhile', async () => {
    const { tell, wrap } = processes();
    const clock = createFakeClock();
    let readable = true;
    const slow = fakeBroker(createExchange(), clock, {
      script: () => ({
        orderBook: async () => {
          if (readable) return { orders: [], complete: true };
          throw new AlgoError('ALGO_BROKER_UNAVAILABLE', { broker: 'slow', status: 503, brokerCode: null });
        },
      }),
    });
    const brokers = [fakeBroker(createExchange(), clock), { ...slow, id: 'slow' }];
    const { me, run } = await startAttack({ clock, store: wrap, algo: { brokers } });
    await me.credentials.put('slow', 'main', { clientId: 'A', token: 'another-token' });
    await run(me.establishConnection({ broker: 'slow', account: 'main' }));
    const order = (clientOrderId: string) => buy({ clientOrderId, deadlineMs: 300, connection: FAKE });
    readable = false;
    tell({ kind: 'journal-went-back' });
    await seconds(clock, 10);
    expect(await run(me.orders.place(order('c1')), { stepMs: 20 })).toMatchObject({ kind: 'not-sent' });

    await run(me.brokers.delete('slow'), { stepMs: 20 });
    await seconds(clock, 10);

    expect(await run(me.orders.place(order('c2')), { stepMs: 20 })).toMatchObject({ kind: 'accepted' });
  });
});

test('two processes that change one order at once send one cancel', async () => {
  const cancels: string[] = [];
  const first = await startAttack({
    script: () => ({
      cancelOrder: async ({ brokerOrderId }) => {
        cancels.push(brokerOrderId);
        return { kind: 'acknowledged', brokerOrderId };
      },
    }),
  });
  const second = await first.again();
  await first.run(place(first.me, 'c1'));
  const both = [first.me, second.me].map((me) => me.orders.cancel({ clientOrderId: 'c1' }));

  for (const outcome of await first.run(Promise.all(both))) expect(outcome).toMatchObject({ kind: 'accepted' });
  expect(cancels).toEqual(['B1']);
});

test('an id that another process used for another order is refused, whatever became of that one', async () => {
  const first = await startAttack({ script: silent });
  const second = await first.again();
  void place(first.me, 'c1', 1_000);
  await first.clock.advance(10);
  const other = second.me.orders.place(buy({ clientOrderId: 'c1', quantity: 2 }));

  await expect(first.run(other)).rejects.toMatchObject({ code: 'ALGO_CLIENT_ORDER_ID_REUSED' });
  await until(() => first.exchange.orders.length === 1);
});

test('a deadline shorter than any look at the other process is kept', async () => {
  const first = await startAttack({ script: () => ({ placeOrder: () => never() }) });
  const second = await first.again();
  void place(first.me, 'c1', 60_000);
  await first.clock.advance(10);

  expect(await within(first.clock, place(second.me, 'c1', 20), 60)).toMatchObject({ kind: 'unknown' });
});

test('an order of unknown outcome is followed and cancelled after its broker was switched off elsewhere', async () => {
  const { wrap } = processes();
  const first = await startAttack({ store: wrap, script: silent });
  const second = await first.again();
  void place(first.me, 'c1', 1_000);
  await first.clock.advance(10);
  await second.me.brokers.disable('fake');
  await first.clock.advance(10);

  expect(await first.run(place(second.me, 'c1', 500), { stepMs: 20 })).toMatchObject({ kind: 'unknown' });
  const cancel = await first.run(second.me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 300 }), { stepMs: 20 });
  expect(cancel.kind).toBe('queued');
  await seconds(first.clock, 15);
  expect(first.exchange.orders[0]?.status).toBe('CANCELLED');
  await expect(place(first.me, 'c2')).rejects.toMatchObject({ code: 'ALGO_BROKER_DISABLED' });
});

test('a manager that closes while it follows an order elsewhere leaves nothing running', async () => {
  const { wrap } = processes();
  const first = await startAttack({ store: wrap, script: () => ({ placeOrder: () => never() }) });
  const second = await first.again();
  void place(first.me, 'c1', 60_000).catch(() => null);
  await first.clock.advance(10);
  const asked = await first.run(place(second.me, 'c1', 100), { stepMs: 20 });
  if (asked.kind !== 'unknown') throw new Error(asked.kind);

  const before = first.clock.timers;
  expect(await within(first.clock, second.algo.close(), 5_000)).not.toBe('pending');
  expect(await within(first.clock, asked.settled, 3_000)).toMatchObject({ kind: 'unknown' });
  await within(first.clock, first.algo.close(), 5_000);
  expect(before).toBeGreaterThan(0);
  expect(first.clock.timers).toBe(0);
});
