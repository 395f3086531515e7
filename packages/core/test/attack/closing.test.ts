import type { CommandReply } from '@algo/core/adapter';
import { describe, expect, test } from 'vitest';
import { hang } from '@algo/simulator';
import { limitBuy, startSimulated } from '../simulated.js';
import { buy, FAKE, never, startAttack, until, within } from './support.js';

describe('closing the manager', () => {
  test('answers a place that waits for the rate window', async () => {
    const { algo, me, clock } = await startAttack({ ordersPerSecond: 1 });
    await within(clock, me.orders.place(buy({ clientOrderId: 'c0' })), 100);
    const place = me.orders.place(buy({ clientOrderId: 'c1' }));
    await clock.advance(1);
    expect(await within(clock, algo.close(), 10_000)).not.toBe('pending');
    expect(await within(clock, place, 100)).toMatchObject({ kind: 'not-sent' });
    expect(clock.timers).toBe(0);
  });

  test('answers a place that is in flight as unknown', async () => {
    const { algo, me, clock } = await startAttack({ script: () => ({ placeOrder: () => never<CommandReply>() }) });
    const place = me.orders.place(buy({ clientOrderId: 'c1', deadlineMs: 60_000 }));
    await clock.advance(1);
    expect(await within(clock, algo.close(), 10_000)).not.toBe('pending');
    expect(await within(clock, place, 100)).toMatchObject({ kind: 'unknown' });
  });

  test('answers a cancel that is in flight', async () => {
    const { algo, me, clock } = await startAttack({ script: () => ({ cancelOrder: () => never<CommandReply>() }) });
    await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 100);
    const cancel = me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 60_000 });
    await clock.advance(1);
    expect(await within(clock, algo.close(), 10_000)).not.toBe('pending');
    expect(await within(clock, cancel, 100)).not.toBe('pending');
  });

  test('answers a read that waits for the rate window', async () => {
    const { algo, connection, clock } = await startAttack({ readsPerSecond: 5 });
    const reads = Array.from({ length: 12 }, () => connection.orders().catch((error: unknown) => ({ threw: error })));
    await clock.advance(1);
    expect(await within(clock, algo.close(), 10_000)).not.toBe('pending');
    expect(await within(clock, Promise.all(reads), 100)).not.toBe('pending');
    await clock.advance(20_000);
    expect(clock.timers).toBe(0);
  });

  test('answers a connect whose log-in hangs', async () => {
    let hung = false;
    const { algo, me, clock } = await startAttack({
      script: () => ({ profile: async (call) => (hung ? never() : ({ clientId: call.session.clientId } as never)) }),
    });
    hung = true;
    await me.credentials.put('fake', 'other', { clientId: 'A', token: 'another-token' });
    const connecting = me.establishConnection({ broker: 'fake', account: 'other' }).catch(() => 'refused');
    await clock.advance(1);
    expect(await within(clock, algo.close(), 10_000)).not.toBe('pending');
    expect(await within(clock, connecting, 100)).toBe('refused');
  });

  test('at any moment of a connect leaves no connection that works on', async () => {
    for (let ticks = 0; ticks < 60; ticks += 1) {
      const { algo, me, clock } = await startAttack();
      await me.credentials.put('fake', 'other', { clientId: 'A', token: 'another-token' });
      const connecting = me.establishConnection({ broker: 'fake', account: 'other' }).catch(() => null);
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
      await within(clock, algo.close(), 10_000);
      const made = await within(clock, connecting, 1_000);
      const left = made !== null && typeof made === 'object' && 'state' in made ? made.state.status : made;
      expect({ ticks, left, timers: clock.timers }).toEqual({
        ticks,
        left: left === null ? null : 'disconnected',
        timers: 0,
      });
    }
  });

  test('twice and from a listener ends once and does not hang', async () => {
    const { algo, me, clock } = await startAttack();
    const closings: Promise<void>[] = [];
    me.on('order-changed', () => void closings.push(algo.close(), algo.close()));
    await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 1_000);
    expect(closings).toHaveLength(2);
    expect(await within(clock, Promise.all(closings), 10_000)).not.toBe('pending');
  });

  test('while an order hangs at a real socket leaves no timer, no socket and no open promise', async () => {
    const { algo, me, simulator, clock } = await startSimulated({ faults: [hang('placeOrder')] });
    const place = me.orders.place(limitBuy({ clientOrderId: 'c1', deadlineMs: 60_000 }));
    await until(() => simulator.received('placeOrder').length === 1);
    await clock.runUntil(algo.close(), { stepMs: 50 });
    const outcome = await within(clock, place, 100);
    expect(outcome).toMatchObject({ kind: 'unknown' });
    if (outcome === 'pending' || !('kind' in outcome) || outcome.kind !== 'unknown') return;
    expect(await within(clock, outcome.settled, 1_000)).toMatchObject({ kind: 'unknown' });
    expect(clock.timers).toBe(0);
  });

  test('lets what was placed after it be refused by an error and sends nothing', async () => {
    const { algo, me, exchange, clock } = await startAttack();
    const closing = algo.close();
    await expect(me.orders.place(buy({ clientOrderId: 'c1' }))).rejects.toMatchObject({ code: 'ALGO_CLOSED' });
    await within(clock, closing, 1_000);
    expect(exchange.orders).toHaveLength(0);
    void FAKE;
  });
});

test('nothing ticks any more once every order and read has ended, although nobody closed the manager', async () => {
  const { me, clock, connection } = await startAttack();
  await clock.advance(1_000); // the ticker stops a moment after its last wait
  const watches = clock.timers; // one each for all sessions, all health and the opening hour, in the background
  expect(watches).toBeLessThanOrEqual(3);
  await within(clock, me.orders.place(buy({ clientOrderId: 'c1', deadlineMs: 120_000 })), 100);
  await within(clock, connection.orders(), 100);
  await within(clock, me.orders.cancel({ clientOrderId: 'c1' }), 100);
  await clock.advance(1_000);
  expect(clock.timers).toBeLessThanOrEqual(watches);
});
