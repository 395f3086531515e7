import { Secret } from '@algo/core/adapter';
import type { Credentials, RedirectBegun, RedirectLogin } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import type { AngelConfig } from '../src/index.js';
import { API_KEY, connect, errorOf, JWT, loggingIn, NOW_MS } from './support/account.js';
import { fakeHttp } from './support/fake-http.js';

const credentials: Credentials = {
  method: 'publisher',
  fields: { clientCode: 'D12345', redirectUrl: 'https://bot.example/back', localIp: '192.168.0.2' },
  secrets: { apiKey: new Secret(API_KEY) },
};

function publisher(config: AngelConfig = {}): RedirectLogin {
  const { redirectLogin } = connect(fakeHttp([]), config);
  if (redirectLogin === undefined) throw new Error('no redirect log-in');
  return redirectLogin;
}

const begin = (config: AngelConfig = {}): Promise<RedirectBegun> =>
  publisher(config).begin(credentials, 'one-use-state', loggingIn());

const complete = async (returned: Readonly<Record<string, string>>, config: AngelConfig = {}): Promise<unknown> =>
  errorOf(publisher(config).complete(credentials, returned, await begin(config), loggingIn()));

test("the person goes to Angel's own page, with our state", async () => {
  const begun = await begin();
  expect(begun.url).toBe(`https://smartapi.angelone.in/publisher-login?api_key=${API_KEY}&state=one-use-state`);
  expect(begun.returnsState).toBe(true);
  expect(begun.memo['state']?.reveal()).toBe('one-use-state');
  expect(JSON.stringify(begun.memo)).not.toContain('one-use-state');
  expect((await begin({ publisherState: 'optional' })).returnsState).toBe(false);
});

test('what the page gives back makes a session', async () => {
  const returned = { auth_token: `Bearer ${JWT}`, feed_token: 'f', refresh_token: 'r', state: 'one-use-state' };
  const session = await publisher().complete(credentials, returned, await begin(), loggingIn());
  expect(session).toMatchObject({
    clientId: 'D12345',
    facts: { method: 'publisher', localIp: '192.168.0.2' },
    issuedAtMs: NOW_MS,
    expiresAtMs: Date.UTC(2026, 10, 20, 18, 30),
    renewable: true,
  });
  expect(session.secrets['jwtToken']?.reveal()).toBe(JWT);
  expect(session.secrets['refreshToken']?.reveal()).toBe('r');
});

test('without a refresh token the session cannot be renewed', async () => {
  expect(await complete({ auth_token: JWT, state: 'one-use-state' })).toMatchObject({ renewable: false });
});

const ended = `eyJhbGciOiJIUzUxMiJ9.${Buffer.from(JSON.stringify({ exp: NOW_MS / 1_000 - 60 })).toString('base64url')}.c2ln`;

test.each<[string, Readonly<Record<string, string>>, AngelConfig]>([
  ['no state', { auth_token: JWT }, {}],
  ['another state', { auth_token: JWT, state: 'forged' }, {}],
  ['another state where none is needed', { auth_token: JWT, state: 'forged' }, { publisherState: 'optional' }],
  ['an empty state', { auth_token: JWT, state: '' }, {}],
  ['no token', { state: 'one-use-state' }, {}],
  ['a token that has ended', { auth_token: ended, state: 'one-use-state' }, {}],
])('a callback with %s is refused', async (_what, returned, config) => {
  expect(await complete(returned, config)).toMatchObject({ code: 'ALGO_LOGIN_REFUSED' });
});

test('a callback without a state is taken where the host says that Angel gives none back', async () => {
  expect(await complete({ auth_token: JWT }, { publisherState: 'optional' })).toMatchObject({ clientId: 'D12345' });
});

test('a token that breaks headers is refused', async () => {
  expect(await complete({ auth_token: 'a\r\nb', state: 'one-use-state' })).toMatchObject({
    code: 'ALGO_REPLY_UNREADABLE',
  });
});
