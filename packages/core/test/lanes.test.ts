import { hang } from '@algo/simulator';
import { expect, test } from 'vitest';
import { limitBuy, startSimulated } from './simulated.js';

const SOCKETS = 8;

test('a cancel reaches the broker within 50 ms while every other socket of the order lane hangs', async () => {
  const { me, simulator, clock, run } = await startSimulated({ algo: { sockets: { orders: SOCKETS } } });
  await run(me.orders.place(limitBuy({ clientOrderId: 'open' })));
  simulator.inject(hang('placeOrder', { times: 'always' }));
  const hung = Array.from({ length: SOCKETS + 4 }, (_, at) =>
    me.orders.place(limitBuy({ clientOrderId: `hung-${at}`, deadlineMs: 3_000 })),
  );
  await until(() => simulator.received('placeOrder').length === SOCKETS); // the open one, and all but one socket

  const asked = clock.monotonic();
  const cancel = me.orders.cancel({ clientOrderId: 'open' });
  // Fake time runs at a tenth of real time here, so that a slow machine does not count.
  await clock.runUntil(
    until(() => simulator.received('cancelOrder').length === 1),
    { stepMs: 1, realMs: 10 },
  );

  expect(clock.monotonic() - asked).toBeLessThan(50);
  expect((await run(cancel, { stepMs: 1 })).kind).toBe('accepted');
  const outcomes = await run(Promise.all(hung));
  expect(outcomes.filter(({ kind }) => kind === 'unknown')).toHaveLength(SOCKETS - 1);
  expect(outcomes.filter(({ kind }) => kind === 'not-sent')).toHaveLength(5);
  expect(simulator.received('placeOrder')).toHaveLength(SOCKETS);
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
