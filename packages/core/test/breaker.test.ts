import { resetBefore, serverErrorBefore } from '@algo/simulator';
import type { Fault } from '@algo/simulator';
import { expect, test } from 'vitest';
import { limitBuy, startSimulated } from './simulated.js';
import type { Simulated } from './simulated.js';

/** Longer than the first opening may last: fifteen seconds and a fifth. */
const OPEN_MS = 18_000;

/** An order that rests at the broker, and after it five places that failed. */
async function startFailing(fault: Fault): Promise<Simulated> {
  const simulated = await startSimulated();
  const { me, simulator, run } = simulated;
  await run(me.orders.place(limitBuy({ clientOrderId: 'resting' })), { stepMs: 5 });
  simulator.inject(fault);
  for (let count = 1; count <= 5; count += 1) {
    expect(simulated.connection.orderBreaker().kind).toBe('closed');
    const outcome = await run(me.orders.place(limitBuy({ clientOrderId: `failing-${count}` })), { stepMs: 5 });
    expect(outcome.kind).toBe('unknown');
  }
  return simulated;
}

const FAULTS: readonly (readonly [string, Fault])[] = [
  ['server errors', serverErrorBefore('placeOrder', { times: 5 })],
  ['resets', resetBefore('placeOrder', { times: 5 })],
];

test.each(FAULTS)('five %s stop new entries, and a cancel still goes out', async (_what, fault) => {
  const { me, connection, simulator, run } = await startFailing(fault);

  const entry = await run(me.orders.place(limitBuy({ clientOrderId: 'next' })), { stepMs: 5 });
  const cancel = await run(me.orders.cancel({ clientOrderId: 'resting' }), { stepMs: 5 });

  expect(entry).toMatchObject({ kind: 'not-sent', proof: { by: 'gate', why: 'circuit-open' } });
  expect(cancel.kind).toBe('accepted');
  expect((await run(me.orders.refresh('resting'))).order?.status).toBe('CANCELLED');
  expect(connection.orderBreaker()).toMatchObject({ kind: 'open', openings: 1 });
  expect(simulator.received('placeOrder')).toHaveLength(6);
});

test('after its time a profile read is the probe, an entry goes on trial, and then it is closed', async () => {
  const { me, connection, simulator, clock, run } = await startFailing(serverErrorBefore('placeOrder', { times: 5 }));
  const profiles = simulator.received('profile').length;
  await clock.advance(OPEN_MS);

  const asking = await run(me.orders.place(limitBuy({ clientOrderId: 'asking' })), { stepMs: 5 });
  expect(asking).toMatchObject({ kind: 'not-sent', proof: { why: 'circuit-open' } }); // an order is never the probe
  await clock.runUntil(
    until(() => connection.orderBreaker().kind === 'trial'),
    { stepMs: 5 },
  );
  expect(simulator.received('profile')).toHaveLength(profiles + 2);
  expect(simulator.received('placeOrder')).toHaveLength(6);

  const trial = await run(me.orders.place(limitBuy({ clientOrderId: 'trial' })), { stepMs: 5 });
  expect(trial.kind).toBe('accepted');
  expect(connection.orderBreaker()).toEqual({ kind: 'closed' });
  const outcomes = await run(
    Promise.all(['a', 'b', 'c'].map((clientOrderId) => me.orders.place(limitBuy({ clientOrderId })))),
    { stepMs: 5 },
  );
  expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted']);
});

test('on trial entries go one at a time', async () => {
  const { me, connection, simulator, clock, run } = await startFailing(resetBefore('placeOrder', { times: 5 }));
  await clock.advance(OPEN_MS);
  await run(me.orders.place(limitBuy({ clientOrderId: 'asking' })), { stepMs: 5 });
  await clock.runUntil(
    until(() => connection.orderBreaker().kind === 'trial'),
    { stepMs: 5 },
  );

  const outcomes = await run(
    Promise.all(['a', 'b', 'c'].map((clientOrderId) => me.orders.place(limitBuy({ clientOrderId })))),
    { stepMs: 5 },
  );

  expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'not-sent', 'not-sent']);
  expect(simulator.received('placeOrder')).toHaveLength(7);
});

test('a probe that fails keeps entries out for longer', async () => {
  const { me, connection, simulator, clock, run } = await startFailing(resetBefore('placeOrder', { times: 5 }));
  simulator.inject(serverErrorBefore('profile', { times: 'always' }));
  await clock.advance(OPEN_MS);
  await run(me.orders.place(limitBuy({ clientOrderId: 'asking' })), { stepMs: 5 });
  await clock.runUntil(
    until(() => connection.orderBreaker().kind === 'open'),
    { stepMs: 20 },
  );
  expect(connection.orderBreaker()).toMatchObject({ kind: 'open', openings: 2 });

  simulator.clearFaults();
  await clock.advance(OPEN_MS);
  const entry = await run(me.orders.place(limitBuy({ clientOrderId: 'later' })), { stepMs: 5 });
  expect(entry).toMatchObject({ kind: 'not-sent', proof: { why: 'circuit-open' } });
  expect(connection.orderBreaker()).toMatchObject({ kind: 'open', openings: 2 });
  expect(simulator.received('placeOrder')).toHaveLength(6);
});

test('reads go on while the order lane is open', async () => {
  const { connection, run } = await startFailing(serverErrorBefore('placeOrder', { times: 5 }));
  expect(connection.orderBreaker().kind).toBe('open');
  expect((await run(connection.funds(), { stepMs: 5 })).available).toBeGreaterThan(0);
  expect(await run(connection.orders(), { stepMs: 5 })).toHaveLength(1);
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}
