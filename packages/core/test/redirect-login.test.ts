import { createHash } from 'node:crypto';
import { createAlgo, memoryStore } from '@algo/core';
import type { BrokerDefinition, ConnectionManager } from '@algo/core';
import { AlgoError, Secret } from '@algo/core/adapter';
import type { BrokerSession, RedirectLogin } from '@algo/core/adapter';
import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { createExchange, FAKE, fakeBroker } from './attack/support.js';
import { memoryKeys } from './simulated.js';

const session = (clientId: string, token: string): BrokerSession => ({
  clientId,
  secrets: { token: new Secret(token) },
  facts: {},
  issuedAtMs: 0,
  expiresAtMs: null,
  renewable: false,
});

/** A broker whose log-ins all happen on its own page. */
function pageBroker(clock: FakeClock, login: Partial<RedirectLogin> = {}): BrokerDefinition {
  const definition = fakeBroker(createExchange(), clock);
  const redirectLogin: RedirectLogin = {
    begin: async (_credentials, state) => ({
      url: `https://broker.example/login?state=${state}`,
      memo: { verifier: new Secret('verifier-of-this-login') },
      returnsState: true,
    }),
    complete: async (_credentials, { code }, { memo }) => {
      if (code === undefined || memo['verifier'] === undefined) {
        throw new AlgoError('ALGO_LOGIN_REFUSED', { broker: 'fake', brokerCode: null, brokerText: 'no code' });
      }
      return session(code === 'stolen' ? 'SOMEBODY' : 'A', `token-for-${code}`);
    },
    ...login,
  };
  return {
    ...definition,
    credentials: {
      ...definition.credentials,
      methods: [{ id: 'page', label: 'page', needs: ['clientId'], unattended: false, redirect: true }],
    },
    connect: (context) => ({
      ...definition.connect(context),
      profile: async (call) => ({ clientId: call.session.clientId === 'SOMEBODY' ? 'B' : 'A', name: null }) as never,
      redirectLogin,
    }),
  };
}

async function user(login: Partial<RedirectLogin> = {}): Promise<{ me: ConnectionManager; clock: FakeClock }> {
  const clock = createFakeClock();
  const algo = createAlgo({ store: memoryStore(), keys: memoryKeys(), brokers: [pageBroker(clock, login)], clock });
  onTestFinished(() => algo.close());
  const me = algo.user('u1');
  await me.credentials.put('fake', 'main', { clientId: 'A' });
  return { me, clock };
}

const stateIn = (url: string): string => new URL(url).searchParams.get('state') ?? '';
const code = (error: unknown): unknown => (error instanceof AlgoError ? error.code : error);

test('is begun here, made on the page, and completed with what the page sent', async () => {
  const { me, clock } = await user();
  const { url } = await me.beginLogin(FAKE);
  expect(stateIn(url).length).toBeGreaterThanOrEqual(32);
  const connection = await clock.runUntil(me.completeLogin(FAKE, { code: 'good', state: stateIn(url) }));
  expect(connection.state.status).toBe('connected');
});

test('a connection that has only this way says so instead of trying another', async () => {
  const { me, clock } = await user();
  await expect(clock.runUntil(me.establishConnection(FAKE))).rejects.toMatchObject({
    code: 'ALGO_LOGIN_NEEDED',
    message: expect.stringContaining('beginLogin') as string,
  });
});

test.each([
  ['another state', (state: string) => ({ code: 'good', state: `${state}x` })],
  ['no state', () => ({ code: 'good' })],
  ['an empty query', () => ({})],
])('a callback with %s is refused, and five of them use the log-in up', async (_what, returned) => {
  const { me, clock } = await user();
  const first = stateIn((await me.beginLogin(FAKE)).url);
  expect(await clock.runUntil(me.completeLogin(FAKE, returned(first)).catch(code))).toBe('ALGO_LOGIN_REFUSED');
  await clock.runUntil(me.completeLogin(FAKE, { code: 'good', state: first }));

  const state = stateIn((await me.beginLogin(FAKE)).url);
  for (let wrong = 0; wrong < 5; wrong += 1) {
    expect(await clock.runUntil(me.completeLogin(FAKE, returned(state)).catch(code))).toBe('ALGO_LOGIN_REFUSED');
  }
  expect(await clock.runUntil(me.completeLogin(FAKE, { code: 'good', state }).catch(code))).toBe('ALGO_LOGIN_REFUSED');
});

test('the page gets a challenge, and only who completes the log-in shows what it was made of', async () => {
  const seen: { challenge?: string; method?: string; verifier?: string } = {};
  const { me, clock } = await user({
    begin: async (_credentials, state, _call, pkce) => {
      Object.assign(seen, pkce);
      return { url: `https://broker.example/login?state=${state}`, memo: {}, returnsState: true };
    },
    complete: async (_credentials, _returned, _begun, _call, verifier) => {
      seen.verifier = verifier?.reveal() ?? '';
      return session('A', 'token-of-the-page');
    },
  });
  const state = stateIn((await me.beginLogin(FAKE)).url);
  await clock.runUntil(me.completeLogin(FAKE, { code: 'good', state }));
  expect(seen.method).toBe('S256');
  expect(seen.verifier).toMatch(/^[\w-]{43}$/);
  expect(
    createHash('sha256')
      .update(seen.verifier ?? '')
      .digest('base64url'),
  ).toBe(seen.challenge);

  const first = seen.verifier;
  await me.beginLogin(FAKE);
  expect(
    createHash('sha256')
      .update(first ?? '')
      .digest('base64url'),
  ).not.toBe(seen.challenge); // one for each log-in
});

test('a callback is good once', async () => {
  const { me, clock } = await user();
  const returned = { code: 'good', state: stateIn((await me.beginLogin(FAKE)).url) };
  await clock.runUntil(me.completeLogin(FAKE, returned));
  expect(await clock.runUntil(me.completeLogin(FAKE, returned).catch(code))).toBe('ALGO_LOGIN_REFUSED');
});

test('ten minutes are enough for a person, and eleven are too many', async () => {
  const { me, clock } = await user();
  const returned = { code: 'good', state: stateIn((await me.beginLogin(FAKE)).url) };
  await clock.advance(11 * 60_000);
  expect(await clock.runUntil(me.completeLogin(FAKE, returned).catch(code))).toBe('ALGO_LOGIN_REFUSED');
});

test('a second log-in takes the place of the first', async () => {
  const { me, clock } = await user();
  const first = stateIn((await me.beginLogin(FAKE)).url);
  const second = stateIn((await me.beginLogin(FAKE)).url);
  expect(first).not.toBe(second);
  expect(await clock.runUntil(me.completeLogin(FAKE, { code: 'good', state: first }).catch(code))).toBe(
    'ALGO_LOGIN_REFUSED',
  );
});

test('somebody else’s log-in is not taken for the account that was meant', async () => {
  const { me, clock } = await user();
  const state = stateIn((await me.beginLogin(FAKE)).url);
  expect(await clock.runUntil(me.completeLogin(FAKE, { code: 'stolen', state }).catch(code))).toBe(
    'ALGO_WRONG_ACCOUNT',
  );
});

test('credentials that change meanwhile end what was begun with the old ones', async () => {
  const { me, clock } = await user();
  const state = stateIn((await me.beginLogin(FAKE)).url);
  await me.credentials.put('fake', 'main', { clientId: 'A', token: 'new' });
  expect(await clock.runUntil(me.completeLogin(FAKE, { code: 'good', state }).catch(code))).toMatch(
    /ALGO_LOGIN_(REFUSED|NEEDED)/,
  );
});

test('a broker without a page of its own, and a callback that is no query, are told apart', async () => {
  const clock = createFakeClock();
  const plain = fakeBroker(createExchange(), clock);
  const algo = createAlgo({ store: memoryStore(), keys: memoryKeys(), brokers: [plain], clock });
  onTestFinished(() => algo.close());
  const me = algo.user('u1');
  await me.credentials.put('fake', 'main', { clientId: 'A', token: 'secret-token-text' });
  expect(await me.beginLogin(FAKE).catch(code)).toBe('ALGO_NOT_SUPPORTED');
  for (const returned of [null, 'x', { code: 7 }, { code: 'x'.repeat(10_000_000) }]) {
    expect(await me.completeLogin(FAKE, returned as never).catch(code)).toBe('ALGO_INVALID_INPUT');
  }
});
