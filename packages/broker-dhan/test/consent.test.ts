import { isAlgoError, isSecret, Secret } from '@algo/core/adapter';
import type { BrokerAdapter, BrokerCall, BrokerSession, Credentials, RedirectLogin } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { connect, fixture, NOW_MS } from './support/account.js';
import { fakeHttp, json, text } from './support/fake-http.js';

const loggingIn: BrokerCall = {
  get session(): BrokerSession {
    throw new Error('no session yet');
  },
  startedAtMs: NOW_MS,
  remainingMs: () => 5_000,
  signal: new AbortController().signal,
};

const keys: Credentials = {
  method: 'consent',
  fields: { clientId: '1000000001' },
  secrets: { apiKey: new Secret('app-key-of-the-test'), apiSecret: new Secret('app-secret-of-the-test') },
};

const begun = { url: 'https://auth.dhan.co/login', memo: {}, returnsState: false };

function pageOf({ redirectLogin }: BrokerAdapter): RedirectLogin {
  if (redirectLogin === undefined) throw new Error('there is no redirect log-in');
  return redirectLogin;
}

const codeOf = async (task: Promise<unknown>): Promise<unknown> =>
  task.then(
    () => 'none',
    (error: unknown) => (isAlgoError(error) ? error.code : error),
  );

test('a consent is made with the key pair, and names the page', async () => {
  const http = fakeHttp([json(fixture('consent_generate_200.json'))]);
  const { url, returnsState } = await pageOf(connect(http)).begin(keys, 'state', loggingIn);
  expect(url).toBe('https://auth.dhan.co/login/consentApp-login?consentAppId=940b0ca1-3ff4-4476-b46e-03a3ce7dc55d');
  expect(returnsState).toBe(false);
  const [request] = http.requests;
  expect(request).toMatchObject({
    purpose: 'command',
    lane: 'auth',
    method: 'POST',
    origin: 'https://auth.dhan.co',
    path: '/app/generate-consent',
  });
  expect(request?.headers?.filter((value) => isSecret(value))).toHaveLength(2);
  expect(JSON.stringify(http.requests)).not.toMatch(/app-(key|secret)-of-the-test/);
});

test('the token id that the page sends back is traded for a session, by GET and else by POST', async () => {
  const http = fakeHttp([text('', 405), json(fixture('consent_consume_200.json'))]);
  const session = await pageOf(connect(http)).complete(keys, { tokenId: 'one-use-token-id' }, begun, loggingIn);
  expect(session).toMatchObject({ clientId: '1000000001', facts: { method: 'consent' }, renewable: false });
  expect(session.secrets['accessToken']?.reveal()).toBe('eyJ...');
  expect(http.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /app/consumeApp-consent',
    'POST /app/consumeApp-consent',
  ]);
  expect(JSON.stringify(http.requests)).not.toContain('one-use-token-id');
});

test.each([
  ['another client', { dhanClientId: '1000000002', accessToken: 'eyJ...' }],
  ['no client', { accessToken: 'eyJ...' }],
  ['a client that cannot be read', { dhanClientId: 2.5, accessToken: 'eyJ...' }],
])('a token that is for %s makes no session', async (_what, answer) => {
  const page = pageOf(connect(fakeHttp([json(answer)])));
  expect(await codeOf(page.complete(keys, { tokenId: 'x' }, begun, loggingIn))).toBe('ALGO_LOGIN_REFUSED');
});

test('a page that sent no token id back has refused, and nothing is asked', async () => {
  const http = fakeHttp([]);
  const page = pageOf(connect(http));
  expect(await codeOf(page.complete(keys, {}, begun, loggingIn))).toBe('ALGO_LOGIN_REFUSED');
  expect(http.requests).toEqual([]);
});

test('what Dhan refuses is a refused log-in, what it cannot do is not', async () => {
  const refused = json({ status: 'error', message: 'Invalid token id' });
  const returned = { tokenId: 'x' };
  expect(await codeOf(pageOf(connect(fakeHttp([refused]))).complete(keys, returned, begun, loggingIn))).toBe(
    'ALGO_LOGIN_REFUSED',
  );
  expect(await codeOf(pageOf(connect(fakeHttp([text('down', 503)]))).complete(keys, returned, begun, loggingIn))).toBe(
    'ALGO_BROKER_UNAVAILABLE',
  );
  expect(await codeOf(pageOf(connect(fakeHttp([json({ status: 'success' })]))).begin(keys, 's', loggingIn))).toBe(
    'ALGO_REPLY_UNREADABLE',
  );
});
