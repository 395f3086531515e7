import { createAlgo, memoryStore } from '@algo/core';
import type { BrokerConnection, BrokerDefinition, ConnectionManager, ManagerEvents } from '@algo/core';
import { AlgoError } from '@algo/core/adapter';
import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { createExchange, FAKE, fakeBroker, never } from './attack/support.js';
import type { Script } from './attack/support.js';
import { memoryKeys } from './simulated.js';

const down = (): AlgoError =>
  new AlgoError('ALGO_BROKER_UNAVAILABLE', { broker: 'fake', status: 503, brokerCode: null });
const refused = (): AlgoError => new AlgoError('ALGO_STATIC_IP_REFUSED', { broker: 'fake', brokerCode: null });

interface Failing {
  readonly me: ConnectionManager;
  readonly clock: FakeClock;
  readonly broker: { failing: (() => AlgoError) | null; logIns: number; reads: number; books: number };
  readonly states: string[];
  readonly scheduled: ManagerEvents['reconnect-scheduled'][];
  readonly close: () => Promise<void>;
}

/** A broker that fails whatever it is asked for as long as it is told to. */
async function start(changes: Partial<BrokerDefinition> = {}, script: Script = {}): Promise<Failing> {
  const clock = createFakeClock();
  const exchange = createExchange();
  const broker: Failing['broker'] = { failing: null, logIns: 0, reads: 0, books: 0 };
  const ask = <Value>(value: Value): Value => {
    broker.reads += 1;
    if (broker.failing !== null) throw broker.failing();
    return value;
  };
  const plain = fakeBroker(exchange, clock, {
    script: () => ({
      profile: async (call) => ask({ clientId: call.session.clientId, name: null } as never),
      positions: async () => ask([]),
      funds: async () => ask({ available: 1 } as never),
      orderBook: async () => {
        broker.books += 1;
        return ask({ orders: [], complete: true });
      },
      ...script,
    }),
  });
  const connect: BrokerDefinition['connect'] = (context) => {
    const adapter = plain.connect(context);
    return {
      ...adapter,
      logIn: async (credentials, call) => {
        broker.logIns += 1;
        return adapter.logIn(credentials, call);
      },
    };
  };
  const algo = createAlgo({
    store: memoryStore(),
    keys: memoryKeys(),
    brokers: [{ ...plain, connect, ...changes }],
    clock,
    random: { fill: (target) => void target.fill(7), fraction: () => 0.999 },
  });
  onTestFinished(() => algo.close());
  const me = algo.user('u1');
  const states: string[] = [];
  const scheduled: ManagerEvents['reconnect-scheduled'][] = [];
  me.on('connection-changed', ({ state }) => {
    if (states.at(-1) !== state.status) states.push(state.status);
  });
  me.on('reconnect-scheduled', (event) => void scheduled.push(event));
  await me.credentials.put('fake', 'main', { clientId: 'A', token: 'token-of-the-test' });
  return { me, clock, broker, states, scheduled, close: () => algo.close() };
}

const connectTo = ({ me, clock }: Failing): Promise<BrokerConnection> =>
  clock.runUntil(me.establishConnection(FAKE), { stepMs: 4 });

/** So many reads that the breaker opens. */
async function failReads({ clock }: Failing, connection: BrokerConnection): Promise<void> {
  for (let count = 0; count < 3; count += 1) {
    await clock.runUntil(
      connection.funds().catch(() => undefined),
      { stepMs: 20 },
    );
  }
}

/** Lets time pass in steps, so that what a timer begins goes on in between. */
async function pass(clock: FakeClock, ms: number, stepMs = 250): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) await clock.advance(Math.min(stepMs, left));
}

test('a connection whose reads fail until the breaker opens is in error, and comes back with the broker', async () => {
  const simulated = await start();
  const { clock, broker, states } = simulated;
  const connection = await connectTo(simulated);
  const { logIns, books } = broker;
  broker.failing = down;
  await failReads(simulated, connection);
  expect(connection.state).toMatchObject({ status: 'error', needsPerson: false });

  await pass(clock, 60_000);
  expect(connection.state.status).not.toBe('connected');
  broker.failing = null;
  await pass(clock, 120_000);

  expect(connection.state.status).toBe('connected');
  expect(states.slice(-3)).toEqual(['error', 'connecting', 'connected']);
  expect(broker.books).toBe(books + 1); // the journal was brought up to date with the broker's book
  expect(broker.logIns).toBe(logIns); // the session was never in doubt
});

test('no try is made before the breaker lets one through', async () => {
  const simulated = await start();
  const { clock, broker, scheduled } = simulated;
  const connection = await connectTo(simulated);
  broker.failing = down;
  await failReads(simulated, connection);
  const { reads } = broker;

  expect(scheduled[0]?.attempt).toBe(1);
  expect((scheduled[0]?.atMs ?? 0) - clock.now()).toBeGreaterThanOrEqual(11_900); // 15 s less the jitter, less what passed
  await pass(clock, 10_000);
  expect(broker.reads).toBe(reads);
  expect(connection.state).toMatchObject({ retryAtMs: scheduled[0]?.atMs });
});

test('a first connection that fails is the host’s to try again', async () => {
  const simulated = await start();
  const { clock, broker, scheduled } = simulated;
  broker.failing = down;
  await expect(connectTo(simulated)).rejects.toMatchObject({ code: 'ALGO_BROKER_UNAVAILABLE' });
  const { reads } = broker;
  await pass(clock, 60_000);
  expect(scheduled).toEqual([]);
  expect(broker.reads).toBe(reads);
});

test('a failure that only a person mends is not tried again by itself, until the person asks', async () => {
  const simulated = await start();
  const { me, clock, broker, scheduled } = simulated;
  const connection = await connectTo(simulated);
  await clock.runUntil(connection.logOut());
  broker.failing = refused;
  await expect(clock.runUntil(me.retryConnection(FAKE), { stepMs: 4 })).rejects.toMatchObject({
    code: 'ALGO_STATIC_IP_REFUSED',
  });
  expect(connection.state).toMatchObject({ status: 'error', needsPerson: true, retryAtMs: null });
  const { reads, logIns } = broker;
  await pass(clock, 120_000);
  expect(scheduled).toEqual([]);
  expect([broker.reads, broker.logIns]).toEqual([reads, logIns]);

  broker.failing = null;
  await clock.runUntil(me.retryConnection(FAKE), { stepMs: 4 });
  expect(connection.state.status).toBe('connected');
});

test('a person who asks does not wait for the time that was set', async () => {
  const simulated = await start();
  const { me, clock, broker } = simulated;
  const connection = await connectTo(simulated);
  broker.failing = down;
  await failReads(simulated, connection);
  await pass(clock, 200_000);
  expect(connection.state).toMatchObject({ status: 'error' });
  broker.failing = null;
  for (let tries = 0; tries < 400 && connection.state.status !== 'connected'; tries += 1) {
    await clock.runUntil(
      me.retryConnection(FAKE).catch(() => undefined),
      { stepMs: 4 },
    );
    await clock.advance(250);
  }
  expect(connection.state.status).toBe('connected');
});

test('closing ends the tries, and leaves no timer', async () => {
  const simulated = await start();
  const { clock, broker, close } = simulated;
  const connection = await connectTo(simulated);
  broker.failing = down;
  await failReads(simulated, connection);
  expect(connection.state).toMatchObject({ status: 'error' });
  await close();
  expect(clock.timers).toBe(0);
  const { reads } = broker;
  await pass(clock, 60_000);
  expect(broker.reads).toBe(reads);
  expect(connection.state.status).toBe('disconnected');
});

test('a log-out ends the tries', async () => {
  const simulated = await start();
  const { clock, broker } = simulated;
  const connection = await connectTo(simulated);
  broker.failing = down;
  await failReads(simulated, connection);
  await clock.runUntil(connection.logOut());
  broker.failing = null;
  await pass(clock, 120_000);
  expect(connection.state.status).toBe('disconnected');
});

test('a failure within a declared window is maintenance, and outside of it an error', async () => {
  const simulated = await start({ maintenance: [{ from: '10:00', to: '10:05' }] }); // the clock shows 10:00 IST
  const { clock, broker } = simulated;
  const connection = await connectTo(simulated);
  expect(connection.state.status).toBe('connected'); // one that works in a window stays connected
  const windowEndsMs = clock.now() - (clock.now() % 60_000) + 5 * 60_000;
  broker.failing = down;
  await failReads(simulated, connection);
  expect(connection.state).toMatchObject({ status: 'maintenance', untilMs: windowEndsMs });
  expect(connection.severity).toBe('warning');

  await pass(clock, 10 * 60_000, 1_000);
  expect(connection.state.status).toBe('error');
  expect(connection.severity).toBe('critical'); // a Friday, and the market is open
  broker.failing = null;
  await pass(clock, 6 * 60_000, 1_000);
  expect(connection.state.status).toBe('connected');
});

test.each(['positions', 'profile', 'orderBook'] as const)(
  'a broker that never answers for its %s fails a connection after ten seconds',
  async (read) => {
    const simulated = await start({}, { [read]: () => never() });
    const began = simulated.clock.monotonic();
    await expect(connectTo(simulated)).rejects.toMatchObject({ code: 'ALGO_DEADLINE' });
    expect(simulated.clock.monotonic() - began).toBeGreaterThanOrEqual(9_990);
    expect(simulated.clock.monotonic() - began).toBeLessThan(10_100);
  },
);

test('steps that are slow one by one fail together after ten seconds', async () => {
  const slow = { clock: null as FakeClock | null };
  const after = <Value>(value: Value): Promise<Value> =>
    new Promise((resolve) => void slow.clock?.after(4_000, () => resolve(value)));
  const simulated = await start(
    {},
    {
      positions: () => after([]),
      orderBook: () => after({ orders: [], complete: true }),
      profile: (call) => after({ clientId: call.session.clientId, name: null } as never),
    },
  );
  slow.clock = simulated.clock;
  await expect(connectTo(simulated)).rejects.toMatchObject({ code: 'ALGO_DEADLINE', details: { deadlineMs: 10_000 } });
});

test('each step is told, and an account that may see no portfolio connects all the same', async () => {
  const notEntitled = new AlgoError('ALGO_NOT_ENTITLED', { broker: 'fake', brokerCode: null, brokerText: 'no' });
  const simulated = await start({}, { positions: () => Promise.reject(notEntitled) });
  const steps: string[] = [];
  simulated.me.on('connection-changed', ({ state }) => {
    if (state.status === 'connecting') steps.push(state.step);
  });
  const connection = await connectTo(simulated);
  expect(connection.state.status).toBe('connected');
  expect(steps).toEqual(['session', 'profile', 'portfolio', 'instruments', 'orders']);
});

test('an account whose portfolio cannot be read is not connected', async () => {
  const simulated = await start({}, { positions: () => Promise.reject(down()) });
  await expect(connectTo(simulated)).rejects.toMatchObject({ code: 'ALGO_BROKER_UNAVAILABLE' });
});

test('an order that the broker refuses for its address costs no log-in, and neither do the next ones', async () => {
  const simulated = await start(
    {},
    {
      placeOrder: async () => ({ kind: 'rejected', reason: 'static-ip', brokerCode: null, brokerText: 'Invalid IP' }),
      funds: () => Promise.reject(refused()),
    },
  );
  const { me, clock, broker } = simulated;
  const connection = await connectTo(simulated);
  const { logIns } = broker;
  for (let count = 0; count < 5; count += 1) {
    const outcome = await clock.runUntil(
      me.orders.place({
        clientOrderId: `c${count}`,
        instrument: 'NSE:RELIANCE',
        side: 'BUY',
        quantity: 1,
        type: 'LIMIT',
        price: 1_390,
        product: 'CNC',
      }),
      { stepMs: 4 },
    );
    expect(outcome).toMatchObject({ kind: 'rejected', reason: 'static-ip' });
    await expect(clock.runUntil(connection.funds())).rejects.toMatchObject({ code: 'ALGO_STATIC_IP_REFUSED' });
  }
  await pass(clock, 60_000);
  expect(broker.logIns).toBe(logIns);
  expect(connection.state.status).toBe('connected');
});

test.each([600_000, -600_000])('a wall clock that jumps by %d ms while it waits changes nothing', async (jump) => {
  const simulated = await start();
  const { clock, broker } = simulated;
  const connection = await connectTo(simulated);
  broker.failing = down;
  await failReads(simulated, connection);
  broker.failing = null;
  clock.jump(jump);
  await pass(clock, 10_000);
  expect(connection.state.status).toBe('error'); // the breaker is open for its fifteen seconds, whatever the wall says
  await pass(clock, 30_000);
  expect(connection.state.status).toBe('connected');
  expect(broker.logIns).toBe(1);
});
