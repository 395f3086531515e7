import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { AlgoError, createAlgo, memoryStore } from '@algo/core';
import type { AlgoOptions, ManagerEvents } from '@algo/core';
import { Secret } from '@algo/core/adapter';
import type { FakeClock } from '@algo/testkit';
import { createFakeClock } from '@algo/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { memoryKeys, recordingLogger } from '../simulated.js';
import type { LogLine } from '../simulated.js';
import { buy, createExchange, FAKE, fakeBroker, session, startAttack } from './support.js';

async function pass(clock: FakeClock, ms: number, stepMs = 1_000): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) await clock.advance(Math.min(stepMs, left));
}

const EVENTS: readonly (keyof ManagerEvents)[] = [
  'connection-changed',
  'reconnect-scheduled',
  'login-needed',
  'session-taken-over',
  'breaker-changed',
  'health-changed',
  'alert-raised',
  'alert-resolved',
  'order-changed',
  'egress-shared',
];

const CHANNELS = ['algo:call', 'algo:order', 'algo:session', 'algo:connection', 'algo:breaker', 'algo:rate'];

/** A broker echoes what it was sent with that call, in whatever encoding. */
const encodings = (secret: string): readonly string[] => {
  const bytes = Buffer.from(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    encodeURIComponent(secret),
    json,
  ];
};

test('nothing secret is in events, hooks, channels, logs, errors, health, tests or a diagnosis', async () => {
  const canaries = [
    'canary"stored+token/1',
    'canary"session+token/2',
    'canary:proxy+pass/3',
    'canary"tested+token/4',
  ] as const;
  const [stored, living, proxied, tested] = canaries;
  const echo = (secret: string): string => encodings(secret).join(' | ');
  const out: string[] = [];
  const note = (what: unknown): void =>
    void out.push(JSON.stringify(what) ?? '', inspect(what, { depth: 20, showHidden: true }));
  const clock = createFakeClock();
  const log: LogLine[] = [];
  const fail = { with: null as Error | null };
  const broker = fakeBroker(createExchange(), clock, {
    script: () => ({
      logIn: async ({ fields, secrets }) => {
        if (secrets['token']?.reveal() === tested) {
          throw new AlgoError('ALGO_LOGIN_REFUSED', {
            broker: 'fake',
            brokerCode: echo(tested),
            brokerText: echo(proxied),
          });
        }
        return session(fields['clientId'] ?? '', living);
      },
      funds: async () => {
        if (fail.with !== null) throw fail.with;
        return {} as never;
      },
    }),
  });
  const hooks = Object.fromEntries(
    ['onCall', 'onOrder', 'onSession', 'onConnection', 'onBreaker', 'onRate'].map((name) => [name, note]),
  ) as NonNullable<AlgoOptions['hooks']>;
  const algo = createAlgo({
    store: memoryStore({ clock }),
    keys: memoryKeys(),
    brokers: [broker],
    clock,
    logger: recordingLogger(log),
    hooks,
    egress: { of: () => ({ proxy: { url: 'http://127.0.0.1:9', credentials: new Secret(proxied) } }) },
  });
  for (const name of CHANNELS) subscribe(name, note);
  onTestFinished(async () => {
    for (const name of CHANNELS) unsubscribe(name, note);
    await algo.close();
  });
  const me = algo.user('u1');
  for (const name of EVENTS) me.on(name, note);
  await me.credentials.put('fake', 'main', { clientId: 'A', token: stored });
  const connection = await clock.runUntil(me.establishConnection(FAKE), { stepMs: 4 });
  const failures = [
    new Error(echo(living), { cause: new Error(echo(proxied)) }),
    new AlgoError('ALGO_LOGIN_REFUSED', { broker: 'fake', brokerCode: echo(living), brokerText: echo(proxied) }),
    new AlgoError('ALGO_SESSION_EXPIRED', { broker: 'fake', brokerCode: echo(living) }),
  ];
  for (const failure of failures) {
    fail.with = failure;
    for (let count = 0; count < 3; count += 1) {
      const error: unknown = await clock.runUntil(
        connection.funds().catch((thrown: unknown) => thrown),
        { stepMs: 100 },
      );
      note(error);
      out.push(String(error), error instanceof Error ? (error.stack ?? '') : '');
    }
  }
  const test = { broker: 'fake', account: 'other', credentials: { clientId: 'B', token: tested } };
  note(await clock.runUntil(me.testConnection(test), { stepMs: 100 }));
  await pass(clock, 10_000);
  note(await clock.runUntil(me.diagnose(FAKE), { stepMs: 100 }));
  note([connection.health(), connection.healthHistory(), me.getConnectionStatus(), log, await me.audit.list()]);
  await clock.runUntil(me.stop(), { stepMs: 50 });

  expect(out.length).toBeGreaterThan(50);
  const text = out.join('\n');
  expect(canaries.flatMap(encodings).filter((secret) => text.includes(secret))).toEqual([]);
  expect(text).not.toContain('canary');
});

test('two hundred starts and stops leave no timer, and each start connects', async () => {
  const clock = createFakeClock();
  const broker = fakeBroker(createExchange(), clock);
  const algo = createAlgo({ store: memoryStore({ clock }), keys: memoryKeys(), brokers: [broker], clock });
  onTestFinished(() => algo.close());
  const me = algo.user('u1');
  await me.credentials.put('fake', 'main', { clientId: 'A', token: 'a-token-of-mine' });
  let afterFirst = 0;
  for (let cycle = 0; cycle < 200; cycle += 1) {
    expect((await clock.runUntil(me.start(), { stepMs: 4, realMs: 0 })).ok).toBe(true);
    await clock.runUntil(me.stop(), { stepMs: 4, realMs: 0 });
    await clock.advance(2);
    if (cycle === 0) afterFirst = clock.timers;
  }
  expect(clock.timers).toBeLessThanOrEqual(afterFirst);
  await algo.close();
  expect(clock.timers).toBe(0);
}, 30_000);

test('in a burst of reads, entries and cancels the cancels go first, and no window is ever over its limit', async () => {
  const sentAtMs: number[] = [];
  const order: string[] = [];
  const attack = await startAttack({
    ordersPerSecond: 10,
    script: ({ exchange, clock }) => ({
      placeOrder: async (command) => {
        sentAtMs.push(clock.monotonic());
        order.push('entry');
        return { kind: 'acknowledged', brokerOrderId: exchange.accept(command) };
      },
      cancelOrder: async ({ brokerOrderId }) => {
        sentAtMs.push(clock.monotonic());
        order.push('cancel');
        const at = exchange.orders.findIndex((known) => known.brokerOrderId === brokerOrderId);
        const known = exchange.orders[at];
        if (known !== undefined) exchange.orders[at] = { ...known, status: 'CANCELLED', brokerStatus: 'CANCELLED' };
        return { kind: 'acknowledged', brokerOrderId };
      },
    }),
  });
  const { me, connection, clock, run } = attack;
  const resting = await run(
    Promise.all([1, 2, 3, 4, 5].map((count) => me.orders.place(buy({ clientOrderId: `rest-${count}` })))),
    { stepMs: 20 },
  );
  expect(resting.every(({ kind }) => kind === 'accepted')).toBe(true);
  await clock.advance(2_000);
  sentAtMs.length = 0;
  order.length = 0;

  const entries = Array.from({ length: 60 }, (_, count) => me.orders.place(buy({ clientOrderId: `burst-${count}` })));
  const reads = Array.from({ length: 1_000 }, () => connection.funds().catch(() => null));
  await clock.advance(1);
  const before = order.length;
  const cancels = [1, 2, 3, 4, 5].map((count) => me.orders.cancel({ clientOrderId: `rest-${count}` }));
  await run(Promise.all(cancels), { stepMs: 10 });
  expect(order.slice(before).filter((what) => what === 'cancel')).toHaveLength(5);
  expect(order.slice(before, before + 5)).toEqual(['cancel', 'cancel', 'cancel', 'cancel', 'cancel']);
  await run(Promise.allSettled([...entries, ...reads]), { stepMs: 50 });
  for (const [at, ms] of sentAtMs.entries()) {
    const later = sentAtMs[at + 10];
    if (later !== undefined) expect(later - ms).toBeGreaterThanOrEqual(1_000);
  }
});

test('events that nobody reads are bounded, and a reader that leaves or a stop ends the stream', async () => {
  const { me, connection, run } = await startAttack();
  const unread = me.events('breaker-changed', { buffer: 10 });
  const left = me.events('breaker-changed');
  for (let count = 0; count < 500; count += 1) {
    connection.openBreaker('data', null);
    connection.closeBreaker('data');
  }
  expect(unread.lost).toBe(990);
  expect((await left.next()).done).toBe(false);
  await left.return();
  expect(await left.next()).toEqual({ value: undefined, done: true });
  await run(me.stop(), { stepMs: 20 });
  let read = 0;
  for await (const _event of unread) read += 1;
  expect(read).toBe(10);
});

test('connections that lose their broker together do not come back all at once', async () => {
  const clock = createFakeClock();
  const tries = new Map<number, number>();
  let down = false;
  const broker = fakeBroker(createExchange(), clock, {
    script: () => ({
      profile: async (call) => {
        if (!down) return { clientId: call.session.clientId, name: null } as never;
        const second = Math.floor(clock.monotonic() / 1_000);
        tries.set(second, (tries.get(second) ?? 0) + 1);
        throw new AlgoError('ALGO_BROKER_UNREACHABLE', { broker: 'fake', reason: 'refused' } as never);
      },
      positions: async () => {
        if (!down) return [];
        const second = Math.floor(clock.monotonic() / 1_000);
        tries.set(second, (tries.get(second) ?? 0) + 1);
        throw new AlgoError('ALGO_BROKER_UNREACHABLE', { broker: 'fake', reason: 'refused' } as never);
      },
    }),
  });
  const algo = createAlgo({
    store: memoryStore({ clock }),
    keys: memoryKeys(),
    brokers: [broker],
    clock,
    limits: { connectionsPerUser: null },
  });
  onTestFinished(() => algo.close());
  const me = algo.user('u1');
  const count = 200;
  for (let at = 0; at < count; at += 1)
    await me.credentials.put('fake', `a${at}`, { clientId: `C${at}`, token: `token-number-${at}` });
  expect((await clock.runUntil(me.start(), { stepMs: 20 })).ok).toBe(true);
  down = true;
  await Promise.all(
    me
      .getConnectionStatus()
      .map(async ({ broker: name, account }) => {
        const connection = me.connection({ broker: name, account });
        for (let read = 0; read < 6; read += 1) {
          const reading = connection.positions().catch(() => null);
          await reading;
        }
      })
      .map((work) => clock.runUntil(work, { stepMs: 100 }))
      .slice(0, 1),
  );
  await pass(clock, 60_000, 250);
  const perSecond = [...tries.values()];
  expect(perSecond.length).toBeGreaterThan(20);
  expect(Math.max(...perSecond.slice(1))).toBeLessThan(count / 2); // the first second holds the reads that found out
}, 60_000);
