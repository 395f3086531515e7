import { expiredToken, rateLimited, resetBefore, serverErrorBefore } from '@algo/simulator';
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

test('a half-open order lane is tried by itself, and every change is told', async () => {
  const told: string[] = [];
  const simulated = await startSimulated();
  const { me, connection, simulator, clock, run } = simulated;
  me.on('breaker-changed', ({ lane, state, previous }) => told.push(`${lane} ${previous.kind} to ${state.kind}`));
  simulator.inject(serverErrorBefore('placeOrder', { times: 5 }));
  for (let count = 1; count <= 5; count += 1) {
    await run(me.orders.place(limitBuy({ clientOrderId: `failing-${count}` })), { stepMs: 5 });
  }
  const state = connection.orderBreaker();
  expect(connection.breakers()).toMatchObject({ orders: { kind: 'open' }, reads: { kind: 'closed' } });
  expect(state.kind === 'open' && state.untilMs - clock.now()).toBeGreaterThan(11_000); // epoch milliseconds

  await clock.runUntil(
    until(() => connection.orderBreaker().kind === 'trial'),
    { stepMs: 100 },
  );
  expect(told).toEqual(['orders closed to open', 'orders open to half-open', 'orders half-open to trial']);
  expect(simulator.received('placeOrder')).toHaveLength(5); // nobody risked an order to find out
});

test('a reads lane that stands open is tried by itself and closes', async () => {
  const { connection, simulator, clock, run } = await startSimulated();
  simulator.inject(serverErrorBefore('funds', { times: 6 }));
  while (connection.breakers().reads.kind === 'closed')
    await run(
      connection.funds().catch(() => null),
      { stepMs: 5 },
    );
  await clock.runUntil(
    until(() => connection.breakers().reads.kind === 'closed' && connection.state.status === 'connected'),
    { stepMs: 100 },
  );
  expect((await run(connection.funds(), { stepMs: 5 })).available).toBeGreaterThan(0);
});

test('opened by hand it refuses entries and lets a cancel out, until it is closed by hand', async () => {
  const { me, connection, clock, run } = await startSimulated();
  await run(me.orders.place(limitBuy({ clientOrderId: 'resting' })), { stepMs: 5 });
  connection.openBreaker('orders', null);
  await clock.advance(1_000);
  const entry = await run(me.orders.place(limitBuy({ clientOrderId: 'next' })), { stepMs: 5 });
  const cancel = await run(me.orders.cancel({ clientOrderId: 'resting' }), { stepMs: 5 });
  expect(entry).toMatchObject({ kind: 'not-sent', proof: { why: 'circuit-open' } });
  expect(cancel.kind).toBe('accepted');
  expect(connection.orderBreaker()).toMatchObject({ kind: 'open', manual: true });

  connection.closeBreaker('orders');
  const later = await run(me.orders.place(limitBuy({ clientOrderId: 'later' })), { stepMs: 5 });
  expect(later.kind).toBe('accepted');
});

test.each([0, -1, NaN, Infinity])('a lane cannot be opened for %d milliseconds', async (forMs) => {
  const { connection } = await startSimulated();
  expect(() => connection.openBreaker('orders', forMs)).toThrow(
    expect.objectContaining({ code: 'ALGO_INVALID_INPUT' }),
  );
  expect(connection.orderBreaker()).toEqual({ kind: 'closed' });
});

test('refusals for too many calls and of the session do not open a breaker', async () => {
  const { connection, simulator, clock, run } = await startSimulated();
  for (const fault of [rateLimited('funds', { times: 4 }), expiredToken('positions', { times: 6 })])
    simulator.inject(fault);
  for (let round = 0; round < 6; round += 1) {
    await run(Promise.allSettled([connection.funds(), connection.positions()]), { stepMs: 50 });
    await clock.advance(1_000);
  }
  expect(connection.breakers()).toMatchObject({ reads: { kind: 'closed' }, orders: { kind: 'closed' } });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}
