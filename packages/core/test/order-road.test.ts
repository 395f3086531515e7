import { isAlgoError } from '@algo/core';
import type { OrderOutcome } from '@algo/core';
import {
  cutBody,
  dropReplyAfter,
  emptyBook,
  expiredToken,
  garbage,
  hang,
  htmlPage,
  lateVisibility,
  rateLimited,
  resetBefore,
  serverErrorAfter,
  serverErrorBefore,
} from '@algo/simulator';
import type { Fault } from '@algo/simulator';
import { describe, expect, test } from 'vitest';
import { limitBuy, startSimulated } from './simulated.js';

describe('placing', () => {
  test('answers accepted with the id the broker gave', async () => {
    const { me, simulator, run } = await startSimulated();

    const outcome = await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));

    expect(outcome).toEqual({
      kind: 'accepted',
      clientOrderId: 'c1',
      brokerOrderId: simulator.ledger()[0]?.brokerOrderId,
    });
  });

  test('gives the first answer again for the same id and order, and sends nothing', async () => {
    const { me, simulator, run } = await startSimulated();

    const first = await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));
    const again = await run(me.orders.place(limitBuy({ clientOrderId: 'c1', price: '1390.00' })));

    expect(again).toEqual(first);
    expect(simulator.received('placeOrder')).toHaveLength(1);
  });

  test('sends once when the same order is placed many times at once', async () => {
    const { me, simulator, run } = await startSimulated();

    const outcomes = await run(
      Promise.all(Array.from({ length: 20 }, () => me.orders.place(limitBuy({ clientOrderId: 'c1' })))),
    );

    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
    expect(simulator.received('placeOrder')).toHaveLength(1);
  });

  test('refuses a used id for another order, before and after the first one ended', async () => {
    const { me, simulator, run } = await startSimulated();
    const first = me.orders.place(limitBuy({ clientOrderId: 'c1' }));

    await expect(me.orders.place(limitBuy({ clientOrderId: 'c1', quantity: 2 }))).rejects.toMatchObject({
      code: 'ALGO_CLIENT_ORDER_ID_REUSED',
    });
    await run(first);
    await expect(run(me.orders.place(limitBuy({ clientOrderId: 'c1', quantity: 2 })))).rejects.toMatchObject({
      code: 'ALGO_CLIENT_ORDER_ID_REUSED',
    });
    expect(simulator.received('placeOrder')).toHaveLength(1);
  });

  test('makes a client order id when none is given, and a new one each time', async () => {
    const { me, run } = await startSimulated();

    const one = await run(me.orders.place(limitBuy()));
    const two = await run(me.orders.place(limitBuy()));

    expect(one.clientOrderId).toMatch(/^[A-Z2-7]{15}$/);
    expect(two.clientOrderId).not.toBe(one.clientOrderId);
  });

  test('puts the tag, the broker token and rupees on the wire', async () => {
    const { me, simulator, run } = await startSimulated();

    await run(me.orders.place(limitBuy({ clientOrderId: 'c1', price: '1390.10' })));

    const tracked = await me.orders.get('c1');
    const body: unknown = JSON.parse(simulator.received('placeOrder')[0]?.body ?? '');
    expect(body).toMatchObject({
      correlationId: tracked?.tag,
      securityId: '2885',
      exchangeSegment: 'NSE_EQ',
      price: 1390.1,
      quantity: 1,
    });
  });
});

/** Whatever happens after the bytes left, and leaves the order at the exchange. */
const ACTED: readonly (readonly [string, Fault])[] = [
  ['the socket is reset after the broker acted', dropReplyAfter('placeOrder')],
  ['the broker answers 500 after acting', serverErrorAfter('placeOrder')],
  ['the broker answers 503 after acting', serverErrorAfter('placeOrder', { status: 503 })],
  ['the reply is cut in the middle', cutBody('placeOrder')],
  ['the reply is broken JSON', garbage('placeOrder')],
  ['a web page with status 200 comes back', htmlPage('placeOrder', { status: 200, when: 'after' })],
  ['no answer comes at all', hang('placeOrder')],
];

describe('an order that was taken while its reply was lost', () => {
  test.each(ACTED)('is unknown, then found by its tag, and never sent twice, when %s', async (_what, fault) => {
    const { me, simulator, run } = await startSimulated({ faults: [fault] });

    const outcome = await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));
    const settled = await run(settledOf(outcome));
    const again = await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));

    const brokerOrderId = simulator.ledger()[0]?.brokerOrderId;
    expect(settled).toEqual({ kind: 'accepted', clientOrderId: 'c1', brokerOrderId });
    expect(again).toEqual(settled);
    expect(simulator.received('placeOrder')).toHaveLength(1);
    expect(simulator.ledger()).toHaveLength(1);
  });
});

/** The same failures with nothing at the exchange: from outside they look alike. */
const NOT_ACTED: readonly (readonly [string, Fault])[] = [
  ['the socket is reset before the broker acted', resetBefore('placeOrder')],
  ['the broker answers 500 without acting', serverErrorBefore('placeOrder')],
  ['a maintenance page comes back', htmlPage('placeOrder')],
];

describe('an order that was written and never taken', () => {
  test.each(NOT_ACTED)('is unknown, and absent only after the window, when %s', async (_what, fault) => {
    const { me, simulator, clock, run } = await startSimulated();
    await run(me.orders.place(limitBuy({ clientOrderId: 'other' })));
    simulator.inject(fault);

    const outcome = await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));
    const since = clock.monotonic();
    const settled = await run(settledOf(outcome), { stepMs: 1_000 });

    expect(settled).toMatchObject({ kind: 'not-sent', proof: { by: 'absent' } });
    expect(clock.monotonic() - since).toBeGreaterThanOrEqual(119_000);
    expect(simulator.received('placeOrder')).toHaveLength(2);
  });

  test('stays unresolved, and is surfaced, when every book is empty', async () => {
    const { me, run } = await startSimulated({
      faults: [resetBefore('placeOrder'), emptyBook('orderBook', { times: 'always' })],
    });
    const surfaced: string[] = [];
    me.on('order-unresolved', ({ clientOrderId }) => surfaced.push(clientOrderId));

    const outcome = await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));
    const settled = await run(settledOf(outcome), { stepMs: 1_000 });

    expect(settled.kind).toBe('unknown');
    expect(surfaced).toEqual(['c1']);
    expect(await me.orders.get('c1')).toMatchObject({ state: 'UNRESOLVED' });
  });
});

describe('an order that shows up late', () => {
  test('is found when it appears in the book only after 83 s', async () => {
    const { me, simulator, clock, run } = await startSimulated({
      faults: [lateVisibility('placeOrder', 83_000), dropReplyAfter('placeOrder')],
    });

    const outcome = await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));
    const since = clock.monotonic();
    const settled = await run(settledOf(outcome));

    expect(settled).toMatchObject({ kind: 'accepted', brokerOrderId: simulator.ledger()[0]?.brokerOrderId });
    expect(clock.monotonic() - since).toBeGreaterThan(80_000);
    expect(simulator.received('placeOrder')).toHaveLength(1);
  });

  test('is an incident when it appears after it was held absent, and is then found all the same', async () => {
    const { me, simulator, clock, run } = await startSimulated();
    await run(me.orders.place(limitBuy({ clientOrderId: 'other' })));
    simulator.inject(lateVisibility('placeOrder', 300_000));
    simulator.inject(dropReplyAfter('placeOrder'));
    const incidents: string[] = [];
    me.on('order-incident', ({ clientOrderId, what }) => incidents.push(`${clientOrderId} ${what}`));

    const outcome = await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));
    expect(await run(settledOf(outcome), { stepMs: 1_000 })).toMatchObject({
      kind: 'not-sent',
      proof: { by: 'absent' },
    });
    await clock.runUntil(
      until(() => incidents.length > 0),
      { stepMs: 1_000 },
    );

    expect(incidents).toEqual(['c1 late-sighting']);
    expect(await me.orders.get('c1')).toMatchObject({ state: 'FOUND', outcome: { kind: 'accepted' } });
    expect(simulator.ledger()).toHaveLength(2);
  });
});

describe('an order the broker refused in its own words', () => {
  test('is rejected for a session that ended, and no log-in is repeated for a pasted token', async () => {
    const { me, connection, simulator, run } = await startSimulated({ faults: [expiredToken('placeOrder')] });

    const outcome = await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));
    const next = await run(me.orders.place(limitBuy({ clientOrderId: 'c2' })));

    expect(outcome).toMatchObject({ kind: 'rejected', reason: 'session' });
    expect(next).toMatchObject({ kind: 'not-sent', proof: { by: 'gate', why: 'login-needed' } });
    expect(connection.state).toMatchObject({ status: 'error' });
    expect(simulator.received('placeOrder')).toHaveLength(1);
  });

  test('is rejected for too many calls', async () => {
    const { me, run } = await startSimulated({ faults: [rateLimited('placeOrder')] });

    const outcome = await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));

    expect(outcome).toMatchObject({ kind: 'rejected', reason: 'rate-limited' });
  });

  test('is accepted by the broker and shown as rejected once the exchange refused it', async () => {
    const { me, run } = await startSimulated();

    const outcome = await run(me.orders.place(limitBuy({ clientOrderId: 'c1', quantity: 1_000_000 })));
    const tracked = await run(me.orders.refresh('c1'));

    expect(outcome.kind).toBe('accepted');
    expect(tracked.order).toMatchObject({ status: 'REJECTED', filledQuantity: 0 });
    expect(tracked.order?.reason).toMatch(/./);
  });
});

describe('an order that provably never left', () => {
  test('is not-sent by the send record when the broker cannot be reached', async () => {
    const { me, simulator, run } = await startSimulated();
    await simulator.close();

    const outcome = await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));

    expect(outcome).toMatchObject({
      kind: 'not-sent',
      proof: { by: 'send-record', requests: 1, cause: 'ALGO_BROKER_UNREACHABLE' },
    });
  });

  test('is not-sent at its deadline while it waits for a socket, and is never sent after', async () => {
    const { me, simulator, clock, run } = await startSimulated({
      algo: { sockets: { orders: 2 } },
      faults: [hang('placeOrder')],
    });
    const stuck = me.orders.place(limitBuy({ clientOrderId: 'stuck', deadlineMs: 60_000 }));
    await received(simulator.received.bind(simulator), 'placeOrder', 1);

    const started = clock.monotonic();
    const outcome = await run(me.orders.place(limitBuy({ clientOrderId: 'late', deadlineMs: 1_000 })), { stepMs: 5 });
    const waited = clock.monotonic() - started;
    simulator.releaseHung();
    await run(stuck);
    await clock.advance(5_000);

    expect(outcome).toMatchObject({ kind: 'not-sent', proof: { by: 'gate', why: 'deadline' } });
    expect(waited).toBeGreaterThanOrEqual(1_000);
    expect(waited).toBeLessThan(1_020);
    expect(simulator.received('placeOrder')).toHaveLength(1);
    expect(simulator.ledger()).toHaveLength(1);
  });

  test('is taken out of the line unsent by a cancel', async () => {
    const { me, simulator, run } = await startSimulated({
      algo: { sockets: { orders: 2 } },
      faults: [hang('placeOrder')],
    });
    const stuck = me.orders.place(limitBuy({ clientOrderId: 'stuck', deadlineMs: 60_000 }));
    await received(simulator.received.bind(simulator), 'placeOrder', 1);
    const waiting = me.orders.place(limitBuy({ clientOrderId: 'waiting', deadlineMs: 30_000 }));
    await new Promise((resolve) => setTimeout(resolve, 20));

    const cancelled = await run(me.orders.cancel({ clientOrderId: 'waiting' }));

    expect(cancelled).toMatchObject({ kind: 'not-sent', proof: { why: 'order-not-at-broker' } });
    expect(await run(waiting)).toMatchObject({ kind: 'not-sent', proof: { by: 'gate', why: 'cancelled' } });
    simulator.releaseHung();
    await run(stuck);
    expect(simulator.received('placeOrder')).toHaveLength(1);
    expect(simulator.received('cancelOrder')).toHaveLength(0);
  });

  test('is refused, and nothing is sent, while the journal cannot be written', async () => {
    const { memoryStore } = await import('@algo/core');
    const store = await memoryStore().open();
    const full = { ...store, journal: { ...store.journal, add: () => Promise.reject(new Error('disk full')) } };
    const { me, simulator, run } = await startSimulated({ algo: { store: { open: async () => full } } });

    const outcome = await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));

    expect(outcome).toMatchObject({ kind: 'not-sent', proof: { by: 'gate', why: 'journal-unavailable' } });
    expect(simulator.received('placeOrder')).toHaveLength(0);
  });
});

describe('a closed manager', () => {
  test('refuses every call with one clear error', async () => {
    const { algo, me, run } = await startSimulated();
    await algo.close();

    const calls = [
      () => me.orders.place(limitBuy()),
      () => me.orders.cancel({ clientOrderId: 'c1' }),
      () => me.orders.modify({ clientOrderId: 'c1', quantity: 2 }),
      () => me.orders.get('c1'),
      () => me.establishConnection({ broker: 'dhan', account: 'main' }),
      () => me.credentials.list(),
      async () => algo.user('u2'),
    ];
    for (const call of calls) {
      const error: unknown = await run(
        call().then(
          () => null,
          (thrown: unknown) => thrown,
        ),
      );
      expect(isAlgoError(error) && error.code).toBe('ALGO_CLOSED');
    }
  });
});

function settledOf(outcome: OrderOutcome): Promise<OrderOutcome> {
  expect(outcome.kind).toBe('unknown');
  return outcome.kind === 'unknown' ? outcome.settled : Promise.resolve(outcome);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Waits in real time until the simulator has received so many requests. */
async function received(
  list: (operation: string) => readonly unknown[],
  operation: string,
  count: number,
): Promise<void> {
  const until = Date.now() + 5_000;
  while (list(operation).length < count) {
    if (Date.now() > until) throw new Error(`The simulator did not receive ${count} × ${operation}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
