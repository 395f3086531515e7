import { dropReplyAfter, hang, resetBefore } from '@algo/simulator';
import { describe, expect, test } from 'vitest';
import { limitBuy, startSimulated } from './simulated.js';

describe('cancelling', () => {
  test('sends one cancel to the broker, and the book says that it worked', async () => {
    const { me, simulator, run } = await startSimulated();
    await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));

    const outcome = await run(me.orders.cancel({ clientOrderId: 'c1' }));
    const tracked = await run(me.orders.refresh('c1'));

    expect(outcome.kind).toBe('accepted');
    expect(tracked.order?.status).toBe('CANCELLED');
    expect(simulator.received('cancelOrder')).toHaveLength(1);
  });

  test('sends one cancel when it is asked for several times at once', async () => {
    const { me, simulator, run } = await startSimulated();
    await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));

    await run(Promise.all([1, 2, 3].map(() => me.orders.cancel({ clientOrderId: 'c1' }))));

    expect(simulator.received('cancelOrder')).toHaveLength(1);
  });

  test('waits for a place under way and goes out when its id is known', async () => {
    const { me, simulator, run } = await startSimulated({ faults: [hang('placeOrder')] });
    const place = me.orders.place(limitBuy({ clientOrderId: 'c1', deadlineMs: 30_000 }));
    await until(() => simulator.received('placeOrder').length === 1);

    const cancel = me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 30_000 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(simulator.received('cancelOrder')).toHaveLength(0);
    simulator.releaseHung();

    expect((await run(place)).kind).toBe('accepted');
    expect((await run(cancel)).kind).toBe('accepted');
    expect(simulator.received('cancelOrder')).toHaveLength(1);
  });

  test('is queued while nobody knows where the order is, and sent when it is found', async () => {
    const { me, simulator, clock, run } = await startSimulated({ faults: [hang('placeOrder')] });
    simulator.inject(hang('orderByTag', { times: 1 }));
    const place = await run(me.orders.place(limitBuy({ clientOrderId: 'c1', deadlineMs: 500 })), { stepMs: 10 });
    expect(place.kind).toBe('unknown');

    const cancel = await run(me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 100 }), { stepMs: 10 });

    expect(cancel.kind).toBe('queued');
    if (place.kind === 'unknown') expect((await run(place.settled)).kind).toBe('accepted');
    await clock.runUntil(until(() => simulator.received('cancelOrder').length === 1));
    expect((await run(me.orders.refresh('c1'))).order?.status).toBe('CANCELLED');
  });

  test('finds out from the order itself when the reply to the cancel is lost', async () => {
    const { me, simulator, run } = await startSimulated();
    await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));
    simulator.inject(dropReplyAfter('cancelOrder'));

    const outcome = await run(me.orders.cancel({ clientOrderId: 'c1' }));
    expect(outcome.kind).toBe('unknown');
    if (outcome.kind === 'unknown') expect((await run(outcome.settled)).kind).toBe('accepted');
    expect(simulator.received('cancelOrder')).toHaveLength(1);
  });

  test('tells that a cancel never arrived when the order is still open after the window', async () => {
    const { me, simulator, run } = await startSimulated();
    await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));
    simulator.inject(resetBefore('cancelOrder'));

    const outcome = await run(me.orders.cancel({ clientOrderId: 'c1' }));
    if (outcome.kind !== 'unknown') throw new Error(outcome.kind);
    const settled = await run(outcome.settled, { stepMs: 1_000 });

    expect(settled).toMatchObject({ kind: 'not-sent', proof: { by: 'absent' } });
  });

  test('of an order that never reached the broker sends nothing', async () => {
    const { me, simulator, run } = await startSimulated();
    await simulator.close();
    await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));

    const outcome = await run(me.orders.cancel({ clientOrderId: 'c1' }));

    expect(outcome).toMatchObject({ kind: 'not-sent', proof: { by: 'gate', why: 'order-not-at-broker' } });
  });

  test('of an unknown id is an error', async () => {
    const { me, run } = await startSimulated();

    await expect(run(me.orders.cancel({ clientOrderId: 'nobody' }))).rejects.toMatchObject({
      code: 'ALGO_UNKNOWN_ORDER',
    });
  });
});

describe('modifying', () => {
  test('sends the new total quantity and leaves alone what was not named', async () => {
    const { me, simulator, run } = await startSimulated();
    await run(me.orders.place(limitBuy({ clientOrderId: 'c1', quantity: 10 })));

    const outcome = await run(me.orders.modify({ clientOrderId: 'c1', quantity: 25 }));
    const tracked = await run(me.orders.refresh('c1'));

    expect(outcome.kind).toBe('accepted');
    expect(JSON.parse(simulator.received('modifyOrder')[0]?.body ?? '')).toMatchObject({ quantity: 25, price: 1390 });
    expect(tracked.order).toMatchObject({ quantity: 25, price: 1390, status: 'OPEN' });
  });

  test('keeps the order of commands: a cancel asked for during a modify goes out after it', async () => {
    const { me, simulator, run } = await startSimulated();
    await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));

    await run(
      Promise.all([me.orders.modify({ clientOrderId: 'c1', price: 1385 }), me.orders.cancel({ clientOrderId: 'c1' })]),
    );

    const commands = simulator.received().map(({ operation }) => operation);
    expect(commands.filter((name) => name === 'modifyOrder' || name === 'cancelOrder')).toEqual([
      'modifyOrder',
      'cancelOrder',
    ]);
  });

  test('finds out from the order itself when the reply to the modify is lost', async () => {
    const { me, simulator, run } = await startSimulated();
    await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));
    simulator.inject(dropReplyAfter('modifyOrder'));

    const outcome = await run(me.orders.modify({ clientOrderId: 'c1', price: 1385 }));
    if (outcome.kind !== 'unknown') throw new Error(outcome.kind);

    expect((await run(outcome.settled)).kind).toBe('accepted');
  });

  test('of a filled order is refused without asking the broker to change it', async () => {
    const { me, simulator, run } = await startSimulated();
    await run(me.orders.place(limitBuy({ clientOrderId: 'c1', price: 1410 })));

    const outcome = await run(me.orders.modify({ clientOrderId: 'c1', price: 1385 }));

    expect(outcome).toMatchObject({ kind: 'rejected', reason: 'order-not-open', brokerText: 'TRADED' });
    expect(simulator.received('modifyOrder')).toHaveLength(0);
  });

  test('stops where the broker would refuse more changes of one order, and a cancel still goes', async () => {
    const { me, connection, simulator, run } = await startSimulated();
    const most = connection.capabilities.modificationsPerOrder ?? 0;
    expect(most).toBe(25);
    await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));
    simulator.inject(resetBefore('modifyOrder', { times: 1 })); // one that may have been sent counts as well
    for (let count = 0; count < most; count += 1) {
      await run(me.orders.modify({ clientOrderId: 'c1', price: 1_380 + (count % 2) }), { stepMs: 50 });
    }

    const outcome = await run(me.orders.modify({ clientOrderId: 'c1', price: 1385 }), { stepMs: 50 });

    expect(outcome).toMatchObject({ kind: 'not-sent', proof: { by: 'gate', why: 'modify-limit' } });
    expect(simulator.received('modifyOrder')).toHaveLength(most);
    expect((await run(me.orders.cancel({ clientOrderId: 'c1' }), { stepMs: 50 })).kind).toBe('accepted');
  });

  test.each([
    ['off tick', { price: 1385.07 }, 'ALGO_PRICE_OFF_TICK'],
    ['a quantity of zero', { quantity: 0 }, 'ALGO_INVALID_INPUT'],
    ['nothing to change', {}, 'ALGO_INVALID_INPUT'],
    ['a trigger on a limit order', { triggerPrice: 1380 }, 'ALGO_PRICE_NOT_ALLOWED'],
  ])('with %s is an error and sends nothing', async (_what, change, code) => {
    const { me, simulator, run } = await startSimulated();
    await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));

    await expect(run(me.orders.modify({ clientOrderId: 'c1', ...change }))).rejects.toMatchObject({ code });
    expect(simulator.received('modifyOrder')).toHaveLength(0);
  });
});

async function until(true_: () => boolean): Promise<void> {
  const end = Date.now() + 5_000;
  while (!true_()) {
    if (Date.now() > end) throw new Error('It did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
