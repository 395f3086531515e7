import { isAlgoError, isSecret, Secret } from '@algo/core/adapter';
import type { BrokerCall, BrokerSession, Credentials } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { callWith, clock, connect, fixture, NOW_MS, recordingLogger, session, TOKEN } from './support/account.js';
import { fakeHttp, json, text } from './support/fake-http.js';
import type { Answer } from './support/fake-http.js';

/** During a log-in there is no session to sign with. */
const loggingIn: BrokerCall = {
  get session(): BrokerSession {
    throw new Error('no session yet');
  },
  startedAtMs: NOW_MS,
  remainingMs: () => 5_000,
  signal: new AbortController().signal,
};

const jwt = (claims: object): string =>
  `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;

const pasted = (accessToken: string): Credentials => ({
  method: 'token',
  fields: { clientId: '1000000003' },
  secrets: { accessToken: new Secret(accessToken) },
});

/** The seed of RFC 6238, Appendix B. */
const SEED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

const totp: Credentials = {
  method: 'totp',
  fields: { clientId: '1000000401' },
  secrets: { pin: new Secret('482915'), totpSecret: new Secret(SEED) },
};

const errorOf = async (task: Promise<unknown>): Promise<unknown> => {
  try {
    return await task;
  } catch (error) {
    return isAlgoError(error) ? { code: error.code, details: error.details } : String(error);
  }
};

test('a pasted token needs no call and ends when it says', async () => {
  const http = fakeHttp([]);
  const expiresAtMs = NOW_MS + 3_600_000;
  const token = jwt({ exp: expiresAtMs / 1_000 });
  const opened = await connect(http).logIn(pasted(token), loggingIn);
  expect(opened).toMatchObject({
    clientId: '1000000003',
    facts: { method: 'token' },
    issuedAtMs: NOW_MS,
    expiresAtMs,
    renewable: true,
  });
  expect(opened.secrets['accessToken']?.reveal()).toBe(token);
  expect(JSON.stringify(opened)).not.toContain(token);
  expect(http.requests).toHaveLength(0);
});

test('a token whose end is not believable is taken without one', async () => {
  for (const exp of [undefined, 'soon', 0, NOW_MS]) {
    expect((await connect(fakeHttp([])).logIn(pasted(jwt({ exp })), loggingIn)).expiresAtMs).toBeNull();
  }
  expect((await connect(fakeHttp([])).logIn(pasted('opaque'), loggingIn)).expiresAtMs).toBeNull();
});

test('a token that has ended is refused at once', async () => {
  const token = jwt({ exp: (NOW_MS - 1_000) / 1_000 });
  expect(await errorOf(connect(fakeHttp([])).logIn(pasted(token), loggingIn))).toEqual({
    code: 'ALGO_LOGIN_REFUSED',
    details: { broker: 'dhan', brokerCode: null, brokerText: 'the access token has expired' },
  });
});

test('PIN and TOTP make a token: the secrets travel apart from the path, and the end is IST', async () => {
  const http = fakeHttp([json(fixture('token_generate_totp_200.json'))]);
  const at = { ...clock, now: () => 59_000 };
  const opened = await connect(http, {}, recordingLogger(), at).logIn(totp, loggingIn);
  expect(opened).toMatchObject({
    clientId: '1000000401',
    facts: { method: 'totp' },
    issuedAtMs: 59_000,
    expiresAtMs: Date.UTC(2025, 11, 31, 18, 30),
    renewable: false,
  });
  expect(opened.secrets['accessToken']?.reveal()).toBe('eyJ...');
  const [request] = http.requests;
  expect(request).toMatchObject({
    purpose: 'command',
    lane: 'auth',
    family: 'auth',
    method: 'POST',
    origin: 'https://auth.dhan.co',
    path: '/app/generateAccessToken',
  });
  expect(request).not.toHaveProperty('body');
  const query = Object.entries(request?.secretQuery ?? {}).map(([name, value]) => [
    name,
    isSecret(value) ? value.reveal() : value,
  ]);
  // RFC 6238 gives 94287082 for second 59; Dhan takes the last six digits.
  expect(query).toEqual([
    ['dhanClientId', '1000000401'],
    ['pin', '482915'],
    ['totp', '287082'],
  ]);
  for (const secret of ['482915', '287082', SEED]) expect(JSON.stringify(http.requests)).not.toContain(secret);
});

test('a TOTP secret printed in groups and lower case works', async () => {
  const http = fakeHttp([json(fixture('token_generate_totp_200.json'))]);
  const at = { ...clock, now: () => 59_000 };
  const grouped = new Secret('gezd gnbv gy3t qojq gezd gnbv gy3t qojq');
  await connect(http, {}, recordingLogger(), at).logIn(
    { ...totp, secrets: { ...totp.secrets, totpSecret: grouped } },
    loggingIn,
  );
  const code = http.requests[0]?.secretQuery?.['totp'];
  expect(isSecret(code) && code.reveal()).toBe('287082');
});

test.each<[string, Answer, string, object]>([
  [
    'too soon',
    json({ status: 'error', message: 'Token can be generated once every 2 minutes.' }),
    'ALGO_RATE_LIMITED',
    { family: 'auth', retryAfterMs: 120_000 },
  ],
  [
    'a wrong PIN under 200',
    json({ status: 'error', message: 'Invalid Pin' }),
    'ALGO_LOGIN_REFUSED',
    { brokerCode: null, brokerText: 'Invalid Pin' },
  ],
  [
    'a refusal under 401',
    json({ errorType: 'X', errorCode: 'DH-901', errorMessage: 'invalid' }, 401),
    'ALGO_LOGIN_REFUSED',
    { brokerCode: 'DH-901', brokerText: 'invalid' },
  ],
  [
    'a text nobody knows under 400',
    json({ status: 'error', message: 'no' }, 400),
    'ALGO_LOGIN_REFUSED',
    { brokerText: 'no' },
  ],
  ['HTML under 503', text('<html>', 503), 'ALGO_BROKER_UNAVAILABLE', { status: 503 }],
  ['an error under 500', json({ status: 'error', message: 'oops' }, 500), 'ALGO_BROKER_UNAVAILABLE', { status: 500 }],
  ['a limit', json({ status: 'error', message: 'slow' }, 429), 'ALGO_RATE_LIMITED', { family: 'auth' }],
  ['HTML under 200', text('<html>'), 'ALGO_REPLY_UNREADABLE', {}],
  ['HTML under 400', text('<html>', 400), 'ALGO_REPLY_UNREADABLE', {}],
  ['no token', json({ dhanClientId: '1000000401' }), 'ALGO_REPLY_UNREADABLE', {}],
  ['a token that breaks headers', json({ accessToken: 'eyJ\r\nx: y' }), 'ALGO_REPLY_UNREADABLE', {}],
])('the token service answers with %s', async (_what, answer, code, details) => {
  expect(await errorOf(connect(fakeHttp([answer])).logIn(totp, loggingIn))).toMatchObject({ code, details });
});

test('what is missing or malformed is said by its field', async () => {
  const fieldOf = async (credentials: Credentials): Promise<unknown> =>
    errorOf(connect(fakeHttp([])).logIn(credentials, loggingIn));
  const missing = (field: string): object => ({ code: 'ALGO_INVALID_INPUT', details: { problems: [{ field }] } });
  expect(await fieldOf({ ...totp, fields: {} })).toMatchObject(missing('clientId'));
  expect(await fieldOf({ ...totp, secrets: {} })).toMatchObject(missing('pin'));
  expect(await fieldOf({ ...totp, secrets: { pin: new Secret('482915') } })).toMatchObject(missing('totpSecret'));
  expect(await fieldOf({ ...totp, secrets: { ...totp.secrets, totpSecret: new Secret('0189!') } })).toMatchObject(
    missing('totpSecret'),
  );
  expect(await fieldOf({ ...totp, method: 'redirect' })).toMatchObject({ code: 'ALGO_NOT_SUPPORTED' });
});

test('the sandbox makes no tokens and renews none', async () => {
  const adapter = connect(fakeHttp([]), { environment: 'sandbox' });
  expect(await errorOf(adapter.logIn(totp, loggingIn))).toMatchObject({ code: 'ALGO_NOT_SUPPORTED' });
  expect((await adapter.logIn(pasted('opaque'), loggingIn)).renewable).toBe(false);
});

test('a pasted token is renewed into a new one', async () => {
  const token = jwt({ exp: (NOW_MS + 86_400_000) / 1_000 });
  const http = fakeHttp([json({ accessToken: token })]);
  const renewed = await connect(http).renew(callWith());
  expect(renewed).toMatchObject({ clientId: '1000000003', expiresAtMs: NOW_MS + 86_400_000, renewable: true });
  expect(renewed?.secrets['accessToken']?.reveal()).toBe(token);
  const [request] = http.requests;
  expect(request).toMatchObject({
    purpose: 'command',
    lane: 'auth',
    method: 'GET',
    origin: 'https://api.dhan.co',
    path: '/v2/RenewToken',
  });
  expect(request?.headers?.map((value) => (isSecret(value) ? value.reveal() : value))).toEqual([
    'access-token',
    TOKEN,
    'dhanClientId',
    '1000000003',
    'accept',
    'application/json',
  ]);
});

test('a token of the token service is not renewed', async () => {
  const http = fakeHttp([]);
  expect(await connect(http).renew(callWith({ ...session, renewable: false }))).toBeNull();
  expect(http.requests).toHaveLength(0);
});

test('a renewal that is refused or cannot be read is an error', async () => {
  const ended = json({ errorType: 'X', errorCode: 'DH-901', errorMessage: 'expired' }, 401);
  expect(await errorOf(connect(fakeHttp([ended])).renew(callWith()))).toMatchObject({ code: 'ALGO_SESSION_EXPIRED' });
  expect(await errorOf(connect(fakeHttp([json({})])).renew(callWith()))).toMatchObject({
    code: 'ALGO_REPLY_UNREADABLE',
  });
});
