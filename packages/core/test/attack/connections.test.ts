import { kotak } from '@algo/broker-kotak';
import { AlgoError, createAlgo, isAlgoError, memoryStore } from '@algo/core';
import type { AlgoOptions, ConnectionManager, ManagerEvents } from '@algo/core';
import { hang, startSimulator } from '@algo/simulator';
import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { dhanAt, limitBuy, memoryKeys } from '../simulated.js';
import { buy, createExchange, FAKE, fakeBroker, never, session, TOKEN, within } from './support.js';
import type { FakeBrokerOptions, Script } from './support.js';

const gone = (): AlgoError => new AlgoError('ALGO_BROKER_UNAVAILABLE', { broker: 'fake', status: 503 } as never);
const refused = (): AlgoError => new AlgoError('ALGO_SESSION_EXPIRED', { broker: 'fake', brokerCode: null });

const codeOf = (error: unknown): unknown => (isAlgoError(error) ? error.code : error);

const outcomeOf = (work: () => unknown): Promise<unknown> => (async () => work())().then(() => 'done', codeOf);

async function pass(clock: FakeClock, ms: number, stepMs = 1_000): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) await clock.advance(Math.min(stepMs, left));
}

interface World {
  readonly me: ConnectionManager;
  readonly clock: FakeClock;
}

/** A manager over scripted brokers of these ids. */
async function world(
  scripts: Readonly<Record<string, Script>>,
  algoOptions: Partial<AlgoOptions> = {},
  brokerOptions: FakeBrokerOptions = {},
): Promise<World> {
  const clock = createFakeClock();
  const brokers = Object.entries(scripts).map(([id, script]) => ({
    ...fakeBroker(createExchange(), clock, { ...brokerOptions, script: () => script }),
    id,
    name: id,
  }));
  const algo = createAlgo({ store: memoryStore({ clock }), keys: memoryKeys(), brokers, clock, ...algoOptions });
  onTestFinished(() => algo.close());
  const me = algo.user('u1');
  for (const id of Object.keys(scripts)) await me.credentials.put(id, 'main', { clientId: `C-${id}`, token: TOKEN });
  return { me, clock };
}

describe('routing is not misled', () => {
  const ONE = { broker: 'one', account: 'main' };
  const TWO = { broker: 'two', account: 'main' };

  test('by quotes that are slow while others are asked: entries stay where orders work', async () => {
    const clock = createFakeClock();
    const simulator = await startSimulator({ brokers: ['dhan', 'kotak'], clock });
    const brokers = [dhanAt(simulator), kotak({ loginUrl: simulator.kotak.loginUrl })];
    const algo = createAlgo({ store: memoryStore(), keys: memoryKeys(), brokers, clock });
    onTestFinished(async () => {
      simulator.releaseHung();
      await algo.close();
      await simulator.close();
    });
    const me = algo.user('u1');
    const [dhan, neo] = ['dhan', 'kotak'].map((broker) => ({ broker, account: 'main' }));
    if (dhan === undefined || neo === undefined) throw new Error('unreachable');
    const { clientId, accessToken } = simulator.dhan.credentials;
    await me.credentials.put('dhan', 'main', { clientId, accessToken });
    await me.credentials.put('kotak', 'main', { ...simulator.kotak.credentials });
    await me.setFailover({ primary: dhan, backups: [neo], rules: [{ on: 'TIMEOUT', misses: 3, then: 'SWITCH' }] });
    expect((await clock.runUntil(me.start(), { stepMs: 20 })).ok).toBe(true);
    simulator.inject(hang('ltp', { broker: 'dhan', times: 'always', when: 'before' }));
    for (let count = 0; count < 4; count += 1) {
      const reading = await clock.runUntil(me.market.quotes(['NSE:RELIANCE']), { stepMs: 50 });
      expect(reading.from).toEqual(neo);
    }
    expect(await clock.runUntil(me.orders.place(limitBuy()), { stepMs: 20 })).toMatchObject({ kind: 'accepted' });
    expect(me.routingStatus()?.serving).toEqual(dhan);
    expect(me.connection(dhan).health()).toMatchObject({ failures: 0 });
  });

  test('by a session that is renewed: the entry waits for it and goes where it was meant to', async () => {
    let good = TOKEN;
    let logIns = 0;
    const at = { clock: null as FakeClock | null };
    const { me, clock } = await world({
      one: {
        logIn: async ({ fields }) => {
          logIns += 1;
          if (logIns > 1) await new Promise<void>((resolve) => at.clock?.after(3_000, resolve));
          good = `token-number-${logIns}`;
          return session(fields['clientId'] ?? '', good);
        },
        funds: async (call) => {
          if (call.session.secrets['token']?.reveal() !== good) throw refused();
          return {} as never;
        },
      },
      two: {},
    });
    at.clock = clock;
    await me.setFailover({ primary: ONE, backups: [TWO], rules: [{ on: 'ERROR_RATE', then: 'SWITCH' }] });
    expect((await clock.runUntil(me.start(), { stepMs: 20 })).ok).toBe(true);
    good = 'somebody-elses';
    void me
      .connection(ONE)
      .funds()
      .catch(() => null);
    await pass(clock, 500, 100);
    expect(me.connection(ONE).state).toMatchObject({ status: 'connecting', step: 'session' });
    const outcome = await clock.runUntil(me.orders.place(buy({ clientOrderId: 'c1' })), { stepMs: 50 });
    expect(outcome).toMatchObject({ kind: 'accepted' });
    expect(me.routingStatus()?.serving).toEqual(ONE);
    expect((await me.orders.get('c1'))?.connection).toEqual(ONE);
  });

  test('by a session that cannot be renewed: that connection is down as soon as it is known', async () => {
    const { me, clock } = await world(
      {
        one: {
          funds: async () => {
            throw refused();
          },
        },
        two: {},
      },
      {},
      { unattended: false },
    );
    await me.setFailover({ primary: ONE, backups: [TWO], rules: [{ on: 'ERROR_RATE', then: 'SWITCH' }] });
    expect((await clock.runUntil(me.start(), { stepMs: 20 })).ok).toBe(true);
    await clock.runUntil(
      me
        .connection(ONE)
        .funds()
        .catch(() => null),
      { stepMs: 50 },
    );
    await pass(clock, 500, 100);
    expect(me.connection(ONE).state).toMatchObject({ status: 'error', needsPerson: true });
    expect(await clock.runUntil(me.orders.place(buy()), { stepMs: 50 })).toMatchObject({ kind: 'accepted' });
    expect(me.routingStatus()?.serving).toEqual(TWO);
  });
});

describe('alerts', () => {
  test('that were raised are resolved once when the connection is logged out, and when its user stops', async () => {
    let down = false;
    const script: Script = {
      funds: async () => {
        if (down) throw gone();
        return {} as never;
      },
      profile: async (call) => {
        if (down) throw gone();
        return { clientId: call.session.clientId, name: null } as never;
      },
    };
    for (const end of ['log out', 'stop'] as const) {
      down = false;
      const { me, clock } = await world({ fake: script });
      const told: string[] = [];
      me.on('alert-raised', ({ alert }) => void told.push(`raised ${alert.kind}`));
      me.on('alert-resolved', ({ alert }) => void told.push(`resolved ${alert.kind}`));
      const connection = await clock.runUntil(me.establishConnection(FAKE), { stepMs: 4 });
      down = true;
      for (let count = 0; count < 6; count += 1) {
        await clock.runUntil(
          connection.funds().catch(() => null),
          { stepMs: 250 },
        );
      }
      await pass(clock, 2_000, 250);
      expect(told).toContain('raised disconnected');
      await clock.runUntil<unknown>(end === 'stop' ? me.stop() : connection.logOut(), { stepMs: 20 });
      const raised = told.filter((what) => what.startsWith('raised')).map((what) => what.slice(7));
      const resolved = told.filter((what) => what.startsWith('resolved')).map((what) => what.slice(9));
      expect(resolved.toSorted()).toEqual(raised.toSorted());
      expect(connection.health().alerts).toEqual([]);
    }
  });
});

describe('what a host says', () => {
  const bad: readonly (readonly [string, unknown])[] = [
    ['nonsense', 'fast'],
    ['a limit that is no number', { reads: [{ limit: Number.NaN, perMs: 1_000 }] }],
    ['a limit of none', { orders: [{ limit: 0, perMs: 1_000 }] }],
    ['a window without length', { orders: [{ limit: 5 }] }],
    ['another name', { order: [{ limit: 5, perMs: 1_000 }] }],
  ];
  test.each(bad)('of rates is refused by name: %s', async (_what, answer) => {
    const { me, clock } = await world({ fake: {} }, { limits: { rates: () => answer as never } });
    expect(await clock.runUntil(outcomeOf(() => me.establishConnection(FAKE)))).toBe('ALGO_INVALID_INPUT');
  });

  test('by a function that throws is a typed error that names the function and not its text', async () => {
    const failing = (): never => {
      throw new Error(`connection string with ${TOKEN}`);
    };
    for (const [options, field] of [
      [{ limits: { rates: failing } }, 'limits.rates'],
      [{ egress: { of: failing } }, 'egress.of'],
    ] as const) {
      const { me, clock } = await world({ fake: {} }, options);
      const error: unknown = await clock.runUntil(me.establishConnection(FAKE).catch((thrown: unknown) => thrown));
      expect(error).toMatchObject({ code: 'ALGO_INVALID_INPUT', details: { problems: [{ field }] } });
      expect(JSON.stringify(error) + String(error)).not.toContain(TOKEN);
      const report = await clock.runUntil(me.start());
      expect(report.results).toMatchObject([{ ok: false, code: 'ALGO_INVALID_INPUT' }]);
    }
  });

  test('by naming an option and leaving it undefined is its default', async () => {
    const options = {
      limits: {
        sockets: undefined,
        socketsPerUser: undefined,
        connectionsPerUser: undefined,
        queuedPerUser: undefined,
      },
      health: { thresholds: { errorRate: undefined, responseMs: undefined }, probeIdleMs: undefined },
      warmUp: { fromIst: undefined, untilIst: undefined },
      sessions: { loginNeededLeadMs: undefined },
      egress: { of: undefined, acceptShared: undefined },
    };
    const { me, clock } = await world({ fake: {} }, options as never);
    const connection = await clock.runUntil(me.establishConnection(FAKE), { stepMs: 4 });
    await pass(clock, 400_000, 10_000); // probes, grades, warm-up
    expect(connection.health().calls).toBeGreaterThan(0);
    expect(await clock.runUntil(me.orders.place(buy()))).toMatchObject({ kind: 'accepted' });
  });
});

describe('bad input', () => {
  test('in place of any argument is a typed error, before anything is sent', async () => {
    const { me, clock } = await world({ fake: {} });
    await clock.runUntil(me.establishConnection(FAKE), { stepMs: 4 });
    const values: readonly unknown[] = [
      null,
      5,
      'text',
      [],
      {},
      { broker: 5, account: null },
      { broker: 'nobody', account: 'main' },
    ];
    const untyped = me as unknown as Record<string, (...given: unknown[]) => unknown>;
    const names = [
      'establishConnection',
      'retryConnection',
      'beginLogin',
      'monitorHealth',
      'connection',
      'diagnose',
      'testConnection',
      'setDefault',
      'setFailover',
      'handleFailover',
      'start',
    ];
    const wrong: string[] = [];
    for (const name of names) {
      for (const value of values) {
        const result = await within(
          clock,
          outcomeOf(() => untyped[name]?.(value)),
          60_000,
        );
        const isTyped = result === 'done' || (typeof result === 'string' && result.startsWith('ALGO_'));
        if (!isTyped) wrong.push(`${name}(${JSON.stringify(value)}): ${String(result)}`);
      }
    }
    for (const value of values) {
      for (const name of ['completeLogin', 'diagnose'] as const) {
        const result = await within(
          clock,
          outcomeOf(() => untyped[name]?.(FAKE, value)),
          60_000,
        );
        if (!(result === 'done' || (typeof result === 'string' && result.startsWith('ALGO_')))) {
          wrong.push(`${name}(FAKE, ${JSON.stringify(value)}): ${String(result)}`);
        }
      }
      for (const name of ['funds', 'orders'] as const) {
        const result = await within(
          clock,
          outcomeOf(() => me.accounts[name](value as never)),
          60_000,
        );
        if (!(result === 'done' || (typeof result === 'string' && result.startsWith('ALGO_')))) {
          wrong.push(`accounts.${name}(${JSON.stringify(value)}): ${String(result)}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('names of any kind are names: one account is never taken for another', async () => {
    const names = ['__proto__', 'constructor', 'a/b', 'a', 'a\nb', 'a%2Fb', ' .', 'é'.repeat(200), '"],["', '..'];
    const { me, clock } = await world({ fake: {} });
    for (const account of names)
      await me.credentials.put('fake', account, { clientId: `C ${account}`, token: `${TOKEN}-x` });
    const report = await clock.runUntil(
      me.start({ connections: names.map((account) => ({ broker: 'fake', account })) }),
      { stepMs: 20 },
    );
    expect(report.ok).toBe(true);
    for (const account of names) {
      const profile = await clock.runUntil(me.connection({ broker: 'fake', account }).profile(), { stepMs: 4 });
      expect(profile.clientId).toBe(`C ${account}`);
    }
    expect(await outcomeOf(() => me.establishConnection({ broker: 'fake', account: 'x'.repeat(10_000) }))).toBe(
      'ALGO_INVALID_INPUT',
    );
  });
});

describe('a connection that is logged out while it connects', () => {
  test('is connected by who asks afterwards', async () => {
    let logIns = 0;
    const at = { clock: null as FakeClock | null };
    const { me, clock } = await world({
      fake: {
        profile: async (call) => {
          logIns += 1;
          await new Promise<void>((resolve) => at.clock?.after(1_000, resolve));
          return { clientId: call.session.clientId, name: null } as never;
        },
      },
    });
    at.clock = clock;
    const first = outcomeOf(() => me.establishConnection(FAKE));
    await pass(clock, 500, 100);
    const out = me.connection(FAKE).logOut();
    const second = outcomeOf(() => me.establishConnection(FAKE));
    const ended = await clock.runUntil(Promise.all([first, out, second]), { stepMs: 50 });
    expect(ended[2]).toBe('done');
    expect(me.connection(FAKE).state.status).toBe('connected');
    expect(logIns).toBeGreaterThan(0);
  });
});

describe('a broker that asks to wait', () => {
  test('for a hundred years is tried again within the hour', async () => {
    const retryAfterMs = 4e12;
    let tries = 0;
    const { me, clock } = await world({
      fake: {
        positions: async () => {
          tries += 1;
          throw new AlgoError('ALGO_RATE_LIMITED', { family: 'reads', retryAfterMs });
        },
      },
    });
    const waits: number[] = [];
    me.on(
      'reconnect-scheduled',
      ({ atMs }: ManagerEvents['reconnect-scheduled']) => void waits.push(atMs - clock.now()),
    );
    void me.start();
    await pass(clock, 120_000);
    expect(waits.length).toBeGreaterThan(0);
    expect(waits.every((ms) => ms > 0 && ms <= 3_600_001)).toBe(true);
    expect(tries).toBeLessThan(40);
  });
});

describe('sessions of a broker that hangs', () => {
  test('do not keep those of another from being renewed', async () => {
    const at = { clock: null as FakeClock | null };
    const ends = (): number => (at.clock?.now() ?? 0) + 40 * 60_000;
    const renewed = new Set<string>();
    const made = (clientId: string) => ({
      ...session(clientId, `${TOKEN}-${clientId}`),
      issuedAtMs: at.clock?.now() ?? 0,
      expiresAtMs: ends(),
      renewable: true,
    });
    const logIn: Script['logIn'] = async ({ fields }) => made(fields['clientId'] ?? '');
    const clock = createFakeClock();
    at.clock = clock;
    const define = (id: string, renew: NonNullable<Script['renew']>) => ({
      ...fakeBroker(createExchange(), clock, { script: () => ({ logIn, renew }) }),
      id,
      name: id,
    });
    const algo = createAlgo({
      store: memoryStore({ clock }),
      keys: memoryKeys(),
      clock,
      brokers: [
        define('hangs', () => never()),
        define('works', async (call) => {
          renewed.add(call.session.clientId);
          return made(call.session.clientId);
        }),
      ],
      health: { probeIdleMs: null },
    });
    onTestFinished(async () => {
      const closing = algo.close();
      await clock.runUntil(closing, { limitMs: 30_000 }).catch(() => undefined);
    });
    const me = algo.user('u1');
    for (let count = 0; count < 90; count += 1)
      await me.credentials.put('hangs', `a${count}`, { clientId: `H${count}`, token: TOKEN });
    for (let count = 0; count < 5; count += 1)
      await me.credentials.put('works', `a${count}`, { clientId: `W${count}`, token: TOKEN });
    const hangs = Array.from({ length: 90 }, (_, count) => ({ broker: 'hangs', account: `a${count}` }));
    const works = Array.from({ length: 5 }, (_, count) => ({ broker: 'works', account: `a${count}` }));
    await clock.runUntil(me.start({ connections: hangs }), { stepMs: 20 });
    expect(
      (await clock.runUntil(me.start({ connections: works }), { stepMs: 20 })).results.filter(({ ok }) => !ok),
    ).toEqual([]);
    await pass(clock, 29 * 60_000, 2_500);
    expect(renewed.size).toBe(5);
  }, 60_000);
});
