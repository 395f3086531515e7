import { rateLimited } from '@algo/simulator';
import { expect, test } from 'vitest';
import { limitBuy, startSimulated } from './simulated.js';

test('orders at a broker that says "too many" for ever reach it once per pause, and the pauses grow', async () => {
  const { me, simulator, clock, run } = await startSimulated();
  simulator.inject(rateLimited('placeOrder', { times: 'always' }));
  const began = clock.monotonic();
  const reached: number[] = [];
  for (let order = 0; clock.monotonic() - began < 120_000; order += 1) {
    const before = simulator.received('placeOrder').length;
    await run(me.orders.place(limitBuy({ clientOrderId: `c${order}`, deadlineMs: 500 })), { stepMs: 50 });
    if (simulator.received('placeOrder').length > before) reached.push(clock.monotonic() - began);
    await clock.advance(100);
  }

  expect(reached.length).toBeGreaterThanOrEqual(5);
  expect(reached.length).toBeLessThanOrEqual(9);
  const pauses = reached.slice(1).map((at, index) => at - (reached[index] ?? 0));
  for (const [index, pause] of pauses.entries()) {
    expect(pause).toBeGreaterThanOrEqual(Math.min(30_000, 1_000 * 2 ** index) - 100); // steps of the fake clock
  }
});

test('an order that found its family slowed down was not sent, and says so', async () => {
  const { me, simulator, run } = await startSimulated();
  simulator.inject(rateLimited('placeOrder', { times: 1 }));
  await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));
  const second = await run(me.orders.place(limitBuy({ clientOrderId: 'c2', deadlineMs: 300 })), { stepMs: 20 });

  expect(second).toMatchObject({ kind: 'not-sent', proof: { by: 'gate', why: 'rate-limited' } });
  expect(simulator.received('placeOrder')).toHaveLength(1);
});

test('a cancel goes first when the pause is over', async () => {
  const { me, simulator, run } = await startSimulated();
  await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));
  simulator.inject(rateLimited('placeOrder', { times: 1 }));
  await run(me.orders.place(limitBuy({ clientOrderId: 'c2' })));

  const entry = me.orders.place(limitBuy({ clientOrderId: 'c3', deadlineMs: 20_000 }));
  const cancel = me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 20_000 });
  const [third, cancelled] = await run(Promise.all([entry, cancel]), { stepMs: 20 });

  expect([third.kind, cancelled.kind]).toEqual(['accepted', 'accepted']);
  const commands = simulator.received().map(({ operation }) => operation);
  expect(commands.filter((name) => name === 'placeOrder' || name === 'cancelOrder')).toEqual([
    'placeOrder',
    'placeOrder',
    'cancelOrder',
    'placeOrder',
  ]);
});
