import { createAlgo, memoryStore } from '@algo/core';
import type { BrokerConnection, ConnectionManager, ManagerEvents } from '@algo/core';
import { AlgoError, Secret } from '@algo/core/adapter';
import type { BrokerSession } from '@algo/core/adapter';
import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { createExchange, FAKE, fakeBroker, startAttack } from './attack/support.js';
import type { Script } from './attack/support.js';
import { memoryKeys } from './simulated.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const refused = (): AlgoError => new AlgoError('ALGO_SESSION_EXPIRED', { broker: 'fake', brokerCode: null });

interface Living {
  readonly me: ConnectionManager;
  readonly connection: BrokerConnection;
  readonly clock: FakeClock;
  readonly counts: { logIns: number; renewals: number };
  readonly needed: ManagerEvents['login-needed'][];
  readonly takeovers: ManagerEvents['session-taken-over'][];
  /** Another log-in ends the session that is in use. */
  readonly throwOut: () => void;
}

interface LivingOptions {
  readonly lastsMs?: number | null;
  readonly renewable?: boolean;
  readonly unattended?: boolean;
  readonly script?: Script;
}

/** A broker whose sessions end, and whose newest one alone is good. */
async function live({ lastsMs = null, renewable = false, unattended = true, script }: LivingOptions): Promise<Living> {
  const clock = createFakeClock();
  const counts = { logIns: 0, renewals: 0 };
  let good = '';
  const made = (clientId: string): BrokerSession => {
    good = `token-number-${counts.logIns + counts.renewals}`;
    return {
      clientId,
      secrets: { token: new Secret(good) },
      facts: {},
      issuedAtMs: clock.now(),
      expiresAtMs: lastsMs === null ? null : clock.now() + lastsMs,
      renewable,
    };
  };
  const check = (token: string | undefined): void => {
    if (token !== good) throw refused();
  };
  const definition = fakeBroker(createExchange(), clock, {
    unattended,
    script: () => ({
      logIn: async ({ fields }) => {
        counts.logIns += 1;
        return made(fields['clientId'] ?? '');
      },
      renew: async (call) => {
        counts.renewals += 1;
        return made(call.session.clientId);
      },
      profile: async (call) => {
        check(call.session.secrets['token']?.reveal());
        return { clientId: call.session.clientId, name: null } as never;
      },
      funds: async (call) => {
        check(call.session.secrets['token']?.reveal());
        return { available: 1 } as never;
      },
      ...script,
    }),
  });
  const algo = createAlgo({ store: memoryStore({ clock }), keys: memoryKeys(), brokers: [definition], clock });
  onTestFinished(() => algo.close());
  const me = algo.user('u1');
  const needed: Living['needed'] = [];
  const takeovers: Living['takeovers'] = [];
  me.on('login-needed', (event) => void needed.push(event));
  me.on('session-taken-over', (event) => void takeovers.push(event));
  await me.credentials.put('fake', 'main', { clientId: 'A', token: 'token-of-the-owner' });
  const connection = await clock.runUntil(me.establishConnection(FAKE), { stepMs: 4 });
  return { me, connection, clock, counts, needed, takeovers, throwOut: () => void (good = 'somebody-elses') };
}

async function pass(clock: FakeClock, ms: number, stepMs = 15_000): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) await clock.advance(Math.min(stepMs, left));
}

const funds = ({ clock, connection }: Living): Promise<unknown> =>
  clock.runUntil(
    connection.funds().then(
      () => 'read',
      (error: unknown) => (error instanceof AlgoError ? error.code : error),
    ),
    { stepMs: 20 },
  );

test('a session that nobody uses is renewed ahead of its end, again and again', async () => {
  const living = await live({ lastsMs: 2 * HOUR_MS, renewable: true });
  await pass(living.clock, 6 * HOUR_MS + 6 * MINUTE_MS);
  expect(living.counts).toEqual({ logIns: 1, renewals: 4 }); // every ninety minutes, half an hour ahead
  expect(living.connection.state.status).toBe('connected');
  expect(living.needed).toEqual([]);
  expect(await funds(living)).toBe('read');
});

test('one that cannot be renewed is made anew at its end where that needs no person', async () => {
  const living = await live({ lastsMs: 2 * HOUR_MS });
  await pass(living.clock, 2 * HOUR_MS + 2 * MINUTE_MS);
  expect(living.counts).toEqual({ logIns: 2, renewals: 0 });
  expect(living.connection.state.status).toBe('connected');
  expect(living.needed).toEqual([]);
});

test('where a person is needed, one is asked for half an hour ahead, once, and again when it is over', async () => {
  const living = await live({ lastsMs: 2 * HOUR_MS, unattended: false, script: {} });
  const endsAtMs = living.clock.now() + 2 * HOUR_MS;
  await pass(living.clock, 90 * MINUTE_MS - 30_000);
  expect(living.needed).toEqual([]);
  await pass(living.clock, 25 * MINUTE_MS);
  expect(living.needed).toMatchObject([{ connection: FAKE, endsAtMs }]);
  expect(living.connection.state.status).toBe('connected'); // it still lives
});

test('a session whose renewal fails asks for a person before it ends, and then says that it is over', async () => {
  const failing = new AlgoError('ALGO_LOGIN_REFUSED', { broker: 'fake', brokerCode: null, brokerText: 'no' });
  let broken = false;
  const living = await live({
    lastsMs: 2 * HOUR_MS,
    renewable: true,
    unattended: false,
    script: {
      renew: () => Promise.reject(failing),
      logIn: async ({ fields }) => {
        if (broken) throw failing;
        return {
          clientId: fields['clientId'] ?? '',
          secrets: { token: new Secret('token-number-0') },
          facts: {},
          issuedAtMs: 0,
          expiresAtMs: Date.UTC(2026, 10, 20, 6, 30),
          renewable: true,
        };
      },
      profile: async (call) => ({ clientId: call.session.clientId, name: null }) as never,
    },
  });
  broken = true;
  await pass(living.clock, 110 * MINUTE_MS);
  expect(living.needed).toMatchObject([{ why: expect.stringContaining('could not be renewed') as string }]);
  expect(living.connection.state.status).toBe('connected');
  await pass(living.clock, 12 * MINUTE_MS);
  expect(living.needed).toHaveLength(2);
  expect(living.needed[1]).toMatchObject({ endsAtMs: null });
  expect(living.connection.state).toMatchObject({ status: 'error', needsPerson: true, retryAtMs: null });
  await pass(living.clock, HOUR_MS);
  expect(living.needed).toHaveLength(2); // never repeated
});

test('a session that another log-in ended is made again, once, and the host is told', async () => {
  const living = await live({});
  expect(await funds(living)).toBe('read');
  living.throwOut();
  expect(await funds(living)).toBe('read');
  expect(living.counts.logIns).toBe(2);
  expect(living.takeovers).toEqual([{ connection: FAKE, times: 1, stopped: false }]);
  expect(living.connection.state.status).toBe('connected');
});

test('two programs that throw each other out do not go on for ever', async () => {
  const living = await live({});
  const answers: unknown[] = [];
  for (let minute = 0; minute < 60; minute += 1) {
    answers.push(await funds(living));
    living.throwOut();
    await pass(living.clock, MINUTE_MS);
  }
  expect(living.counts.logIns).toBe(4); // the first, and three more
  expect(living.takeovers.map(({ times, stopped }) => [times, stopped])).toEqual([
    [1, false],
    [2, false],
    [3, false],
    [4, true],
  ]);
  expect(answers.at(-1)).toBe('ALGO_SESSION_TAKEN_OVER');
  expect(living.connection.state).toMatchObject({
    status: 'error',
    code: 'ALGO_SESSION_TAKEN_OVER',
    needsPerson: true,
    retryAtMs: null,
  });

  await living.clock.runUntil(living.me.retryConnection(FAKE), { stepMs: 4 });
  expect(living.connection.state.status).toBe('connected');
  expect(await funds(living)).toBe('read');
});

test('a session that ended about when it should is no take-over', async () => {
  const living = await live({ lastsMs: 2 * HOUR_MS });
  await funds(living);
  await pass(living.clock, 2 * HOUR_MS - 2 * MINUTE_MS);
  living.throwOut(); // its time-table is two minutes ahead of ours
  expect(await funds(living)).toBe('read');
  expect(living.takeovers).toEqual([]);
});

test('a session that another process of ours renewed is no take-over', async () => {
  let good = 1;
  let logIns = 0;
  const token = (number: number): BrokerSession => ({
    clientId: 'A',
    secrets: { token: new Secret(`canary-number-${number}`) },
    facts: {},
    issuedAtMs: 0,
    expiresAtMs: null,
    renewable: false,
  });
  const first = await startAttack({
    script: () => ({
      logIn: async () => token((good = logIns += 1)),
      funds: async (call) => {
        if (call.session.secrets['token']?.reveal() !== `canary-number-${good}`) throw refused();
        return { available: good } as never;
      },
    }),
  });
  const told: unknown[] = [];
  first.me.on('session-taken-over', (event) => void told.push(event));
  await first.run(first.connection.funds());
  const second = await first.again();
  await first.run(second.me.connection().funds());
  await first.run(second.me.connection().logOut());
  await first.run(second.me.retryConnection(FAKE), { stepMs: 4 }); // a new session, made elsewhere
  expect(logIns).toBe(2);
  expect(await first.run(first.connection.funds(), { stepMs: 20 })).toEqual({ available: 2 });
  expect(logIns).toBe(2);
  expect(told).toEqual([]);
});

test('credentials that change while connected are used by the next call', async () => {
  const living = await live({});
  await living.me.credentials.put('fake', 'main', { clientId: 'A', token: 'another-token-of-the-owner' });
  expect(await funds(living)).toBe('read');
  expect(living.counts.logIns).toBe(2);
  expect(living.connection.state.status).toBe('connected');
});

test('credentials that are wrong or gone while connected are told by the state as soon as a call needs them', async () => {
  const living = await live({
    script: {
      logIn: async ({ fields, secrets }) => {
        if (secrets['token']?.reveal() !== 'token-of-the-owner') {
          throw new AlgoError('ALGO_LOGIN_REFUSED', { broker: 'fake', brokerCode: null, brokerText: 'wrong' });
        }
        return { clientId: fields['clientId'] ?? '', secrets: { token: secrets['token'] } } as unknown as BrokerSession;
      },
      profile: async (call) => ({ clientId: call.session.clientId, name: null }) as never,
    },
  });
  await living.me.credentials.put('fake', 'main', { clientId: 'A', token: 'a-mistyped-token-of-hers' });
  expect(await funds(living)).toBe('ALGO_LOGIN_REFUSED');
  expect(living.connection.state).toMatchObject({ status: 'error', code: 'ALGO_LOGIN_REFUSED', needsPerson: true });
  expect(living.needed).toHaveLength(1);

  await living.me.credentials.delete('fake', 'main');
  expect(await funds(living)).toBe('ALGO_NO_CREDENTIALS');
});
