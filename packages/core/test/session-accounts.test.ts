import { createAlgo, memoryStore } from '@algo/core';
import { AlgoError, Secret } from '@algo/core/adapter';
import type { BrokerAdapter, BrokerSession, RedirectLogin } from '@algo/core/adapter';
import { createFakeClock } from '@algo/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { buy, createExchange, FAKE, fakeBroker, startAttack, within } from './attack/support.js';
import { memoryKeys } from './simulated.js';

const KEY = { userId: 'u1', ...FAKE };

const session = (clientId: string, token: string, more: Partial<BrokerSession> = {}): BrokerSession => ({
  clientId,
  secrets: { token: new Secret(token) },
  facts: {},
  issuedAtMs: 0,
  expiresAtMs: null,
  renewable: false,
  ...more,
});

/** A user of a broker with a page of its own; a code of `stolen` comes back as somebody else's session. */
async function pageUser(login: Partial<RedirectLogin> = {}, more: Partial<BrokerAdapter> = {}) {
  const clock = createFakeClock();
  const store = await memoryStore().open();
  const definition = fakeBroker(createExchange(), clock);
  const redirectLogin: RedirectLogin = {
    begin: async (_credentials, state) => ({
      url: `https://broker.example/?state=${state}`,
      memo: {},
      returnsState: true,
    }),
    complete: async (_credentials, { code }) => session(code === 'stolen' ? 'B' : 'A', `canary-for-${code}`),
    ...login,
  };
  const method = { id: 'page', label: 'page', needs: ['clientId'], unattended: false, redirect: true };
  const broker = {
    ...definition,
    credentials: { ...definition.credentials, methods: [method] },
    connect: (context: Parameters<typeof definition.connect>[0]): BrokerAdapter => ({
      ...definition.connect(context),
      profile: async (call) => ({ clientId: call.session.clientId, name: null }) as never,
      redirectLogin,
      ...more,
    }),
  };
  const algo = createAlgo({ store: { open: async () => store }, keys: memoryKeys(), brokers: [broker], clock });
  onTestFinished(() => algo.close());
  const me = algo.user('u1');
  await me.credentials.put('fake', 'main', { clientId: 'A' });
  const begin = async (): Promise<string> => new URL((await me.beginLogin(FAKE)).url).searchParams.get('state') ?? '';
  return { me, clock, store, begin };
}

test('a page log-in that completes after the credentials were deleted leaves no session behind', async () => {
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const { me, clock, store, begin } = await pageUser({ complete: () => gate.then(() => session('A', 'late-token')) });
  const done = me.completeLogin(FAKE, { code: 'good', state: await begin() }).catch((error: unknown) => error);
  await clock.advance(100);
  await me.credentials.delete('fake', 'main');
  await me.credentials.put('fake', 'main', { clientId: 'B' }); // its version is 1 again
  release();
  expect(await clock.runUntil(done)).toMatchObject({ code: 'ALGO_LOGIN_NEEDED' });
  expect(await store.sessions.get(KEY)).toBeNull();
});

test('a log-in of another client is refused alone, even when the broker confirms whose it is', async () => {
  const { me, clock, begin } = await pageUser();
  await clock.runUntil(me.completeLogin(FAKE, { code: 'good', state: await begin() }));
  await clock.runUntil(me.orders.place(buy({ clientOrderId: 'a' })));
  const wrong = me.completeLogin(FAKE, { code: 'stolen', state: await begin() });
  await expect(clock.runUntil(wrong)).rejects.toMatchObject({ code: 'ALGO_WRONG_ACCOUNT' });
  expect((await clock.runUntil(me.orders.cancel({ clientOrderId: 'a' }))).kind).toBe('accepted');
});

test('neither a new token nor the callback’s values are repeated in the error of a log-in', async () => {
  const refuse = (brokerText: string): never => {
    throw new AlgoError('ALGO_LOGIN_REFUSED', { broker: 'fake', brokerCode: null, brokerText });
  };
  const echoes = [
    await pageUser({}, { profile: async (call) => refuse(`bad ${call.session.secrets['token']?.reveal()}`) }),
    await pageUser({ complete: async (_credentials, { code }) => refuse(`bad ${code}`) }),
  ];
  for (const { me, clock, begin } of echoes) {
    const done = me.completeLogin(FAKE, { code: 'canary-request-token', state: await begin() });
    const error: unknown = await clock.runUntil(done.catch((thrown: unknown) => thrown));
    expect(JSON.stringify(error)).toContain('[secret]');
    expect(JSON.stringify(error)).not.toContain('canary');
  }
});

test('a broker that refuses every session is not asked for a new one by every call', async () => {
  let logIns = 0;
  let isBad = false;
  const { connection, clock } = await startAttack({
    script: () => ({
      logIn: async () => session('A', `token-${(logIns += 1)}`),
      positions: async () => {
        if (isBad) throw new AlgoError('ALGO_SESSION_EXPIRED', { broker: 'fake', brokerCode: 'x' });
        return [];
      },
    }),
  });
  isBad = true;
  for (let at = 0; at < 20; at += 1) await within(clock, connection.positions(), 10_000);
  expect(logIns).toBeGreaterThan(1);
  expect(logIns).toBeLessThan(6);
});

test('a log-out that the broker does not answer, of a session due for renewal, still ends it here', async () => {
  let asked = 0;
  const { clock, connection, store } = await startAttack({
    script: ({ clock: { now } }) => ({
      logIn: async () => session('A', 'token-1', { expiresAtMs: now() + 20 * 60_000, renewable: true }),
      renew: async () => null,
      logOut: async () => {
        asked += 1;
        throw new Error('no answer');
      },
    }),
  });
  await clock.advance(120_000);
  expect(await clock.runUntil(connection.logOut())).toBe(false);
  expect(asked).toBe(1);
  expect(await store.sessions.get(KEY)).toBeNull();
});
