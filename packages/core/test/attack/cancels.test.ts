import type { CommandReply } from '@algo/core/adapter';
import { describe, expect, test } from 'vitest';
import { buy, never, orderOf, startAttack, until, within } from './support.js';

const unknown: CommandReply = { kind: 'unknown', why: 'lost' };

describe('a cancel', () => {
  test('of a live order is sent although the same place is asked for again and waits', async () => {
    const { me, clock, exchange } = await startAttack({ ordersPerSecond: 1 });
    await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 100);
    const again = me.orders.place(buy({ clientOrderId: 'c1' })); // waits for the rate window
    await until(() => true);
    const cancelled = await within(clock, me.orders.cancel({ clientOrderId: 'c1' }), 8_000);
    await within(clock, again, 8_000);
    expect(cancelled).toMatchObject({ kind: 'accepted' });
    expect(exchange.orders[0]?.status).toBe('CANCELLED');
  });

  test('of a live order is sent although another order waits under its id by mistake', async () => {
    const { me, clock, exchange } = await startAttack({ ordersPerSecond: 1 });
    await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 100);
    const wrong = me.orders.place(buy({ clientOrderId: 'c1', quantity: 2 })).catch(() => null);
    const cancelled = await within(clock, me.orders.cancel({ clientOrderId: 'c1' }), 8_000);
    await within(clock, wrong, 8_000);
    expect(cancelled).toMatchObject({ kind: 'accepted' });
    expect(exchange.orders[0]?.status).toBe('CANCELLED');
  });

  test('answers by its own deadline while a modify of the same order hangs', async () => {
    const { me, clock } = await startAttack({ script: () => ({ modifyOrder: () => never<CommandReply>() }) });
    await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 100);
    const modify = me.orders.modify({ clientOrderId: 'c1', price: 1_391, deadlineMs: 60_000 });
    await clock.advance(10);
    const cancelled = await within(clock, me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 1_000 }), 5_000);
    expect(cancelled).not.toBe('pending');
    await within(clock, modify, 61_000);
  });

  test('answers by its own deadline while the read before a modify hangs', async () => {
    const { me, clock } = await startAttack({ script: () => ({ order: () => never() }) });
    await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 100);
    const modify = me.orders.modify({ clientOrderId: 'c1', price: 1_391, deadlineMs: 500 });
    await clock.advance(10);
    const cancelled = await within(clock, me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 1_000 }), 5_000);
    expect(cancelled).not.toBe('pending');
    await within(clock, modify, 30_000);
  });

  test('that is queued survives the end of the manager and goes out after the restart', async () => {
    let hidden = true;
    const attack = await startAttack({
      script: ({ exchange }) => ({
        placeOrder: async (command) => {
          exchange.accept(command);
          return unknown;
        },
        ordersByTag: async (tag) => (hidden ? [] : exchange.orders.filter((order) => order.tag === tag)),
        orderBook: async () => ({ orders: hidden ? [] : [...exchange.orders], complete: true }),
      }),
    });
    const { me, clock, exchange, algo } = attack;
    await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 200);
    const cancelled = await within(clock, me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 100 }), 400);
    expect(cancelled).toMatchObject({ kind: 'queued' });
    await within(clock, algo.close(), 5_000);
    hidden = false;
    await attack.again();
    await clock.advance(5_000);
    await until(() => exchange.orders[0]?.status === 'CANCELLED');
  });

  test('that waits for its order when the manager closes is not told that the order is not at the broker', async () => {
    const { me, clock, algo } = await startAttack({
      script: () => ({ placeOrder: async () => unknown, ordersByTag: async () => [] }),
    });
    await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 200);
    const cancel = me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 60_000 });
    await clock.advance(10);
    await within(clock, algo.close(), 5_000);
    expect(await within(clock, cancel, 100)).not.toMatchObject({ kind: 'not-sent' });
  });

  /** Five orders that nobody knows of open the breaker; their cancels wait; one reading of the book finds them all. */
  async function fiveFoundTogether() {
    let hidden = true;
    const attack = await startAttack({
      grade: 'G1',
      script: ({ exchange: { accept, orders }, clock }) => ({
        placeOrder: async (command) => {
          accept(command);
          return unknown;
        },
        cancelOrder: ({ brokerOrderId }) =>
          new Promise((resolve) => {
            clock.after(50, () => {
              const at = orders.findIndex((order) => order.brokerOrderId === brokerOrderId);
              orders[at] = { ...orderOf(orders[at]), status: 'CANCELLED' };
              resolve({ kind: 'acknowledged', brokerOrderId });
            });
          }),
        ordersByTag: async () => null,
        orderBook: async () => ({ orders: hidden ? [] : [...orders], complete: true }),
      }),
    });
    const { me, clock } = attack;
    const events: string[] = [];
    me.on('order-changed', ({ clientOrderId, command, state }) => {
      if (command === 'cancel') events.push(`${clientOrderId} ${state}`);
    });
    const ids = ['c1', 'c2', 'c3', 'c4', 'c5'];
    for (const clientOrderId of ids) await within(clock, me.orders.place(buy({ clientOrderId })), 40);
    expect(me.connection().orderBreaker().kind).toBe('open');
    for (const clientOrderId of ids) {
      const outcome = await within(clock, me.orders.cancel({ clientOrderId, deadlineMs: 20 }), 100);
      expect(outcome).toMatchObject({ kind: 'queued' });
    }
    hidden = false;
    for (let step = 0; step < 120; step += 1) await clock.advance(500);
    return { ...attack, ids, events };
  }

  test('that was queued is sent however many orders were found together while the breaker is open', async () => {
    const { exchange, ids } = await fiveFoundTogether();
    expect(exchange.orders.map(({ status }) => status)).toEqual(ids.map(() => 'CANCELLED'));
  });

  test('that was queued and did not go is at least told of by an event', async () => {
    const { ids, events } = await fiveFoundTogether();
    expect(new Set(events.map((event) => event.slice(0, 2)))).toEqual(new Set(ids));
  });

  test('of each of three orders at once gets through while the breaker is open', async () => {
    let broken = false;
    const { me, clock, exchange } = await startAttack({
      script: ({ exchange: { accept } }) => ({
        placeOrder: async (command) => (broken ? unknown : { kind: 'acknowledged', brokerOrderId: accept(command) }),
        ordersByTag: async () => [],
      }),
    });
    for (const clientOrderId of ['a', 'b', 'c']) await within(clock, me.orders.place(buy({ clientOrderId })), 40);
    broken = true;
    for (const clientOrderId of ['1', '2', '3', '4', '5'])
      await within(clock, me.orders.place(buy({ clientOrderId })), 40);
    expect(me.connection().orderBreaker().kind).toBe('open');
    await within(
      clock,
      Promise.all(['a', 'b', 'c'].map((clientOrderId) => me.orders.cancel({ clientOrderId }))),
      6_000,
    );
    expect(exchange.orders.map(({ status }) => status)).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED']);
  });

  test('asked for again after the first one got no answer is sent again', async () => {
    let lose = true;
    const { me, clock, exchange } = await startAttack({
      script: () => ({
        cancelOrder: async ({ brokerOrderId }) => {
          if (lose) return unknown;
          exchange.orders[0] = orderOf({ brokerOrderId, status: 'CANCELLED' });
          return { kind: 'acknowledged', brokerOrderId };
        },
      }),
    });
    await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 100);
    expect(await within(clock, me.orders.cancel({ clientOrderId: 'c1' }), 400)).toMatchObject({ kind: 'unknown' });
    lose = false;
    expect(await within(clock, me.orders.cancel({ clientOrderId: 'c1' }), 400)).toMatchObject({ kind: 'accepted' });
  });

  test('goes out although a modify before it was refused as input', async () => {
    const { me, clock, exchange } = await startAttack();
    await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 100);
    const modify = me.orders.modify({ clientOrderId: 'c1' }).catch(() => null);
    const cancel = me.orders.cancel({ clientOrderId: 'c1' });
    expect(await within(clock, cancel, 1_000)).toMatchObject({ kind: 'accepted' });
    await modify;
    expect(exchange.orders[0]?.status).toBe('CANCELLED');
  });

  test('of an order that was surfaced as unresolved goes out when the order turns up late', async () => {
    let hidden = true;
    const { me, clock, exchange } = await startAttack({
      script: ({ exchange: { accept, orders } }) => ({
        placeOrder: async (command) => {
          accept(command);
          return unknown;
        },
        ordersByTag: (tag) =>
          hidden ? Promise.reject(new Error('down')) : Promise.resolve(orders.filter((order) => order.tag === tag)),
        orderBook: async () => ({ orders: [], complete: false }),
      }),
    });
    const place = await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 40);
    if (place === 'pending' || !('kind' in place) || place.kind !== 'unknown') throw new Error('must be unknown');
    await within(clock, me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 20 }), 100);
    expect((await clock.runUntil(place.settled, { stepMs: 1_000 })).kind).toBe('unknown');
    hidden = false;
    for (let minute = 0; minute < 4; minute += 1) await clock.advance(60_000);
    expect(exchange.orders[0]?.status).toBe('CANCELLED');
  });
});
