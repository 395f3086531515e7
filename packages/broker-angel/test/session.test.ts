import { isSecret, Secret } from '@algo/core/adapter';
import type { BrokerSession, Clock, Credentials } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import {
  API_KEY,
  callWith,
  clock,
  connect,
  errorOf,
  fixture,
  HEADERS,
  JWT,
  loggingIn,
  NOW_MS,
  recordingLogger,
  session,
  shown,
} from './support/account.js';
import { bad, barred, fakeHttp, good, json, text } from './support/fake-http.js';
import type { Answer, FakeHttp } from './support/fake-http.js';

const jwt = (claims: object): string =>
  `eyJhbGciOiJIUzUxMiJ9.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;

/** The seed of RFC 6238, Appendix B. */
const SEED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
/** Midnight in India after {@link NOW_MS}. */
const MIDNIGHT = Date.UTC(2026, 10, 20, 18, 30);

const totp: Credentials = {
  method: 'totp',
  fields: { clientCode: 'D12345', publicIp: '203.0.113.7' },
  secrets: { apiKey: new Secret(API_KEY), mpin: new Secret('4829'), totpSecret: new Secret(SEED) },
};

const logIn = (http: FakeHttp, credentials: Credentials = totp, at: Clock = clock): Promise<BrokerSession> =>
  connect(http, {}, recordingLogger(), at).logIn(credentials, loggingIn());

const at = (ms: number): Clock => ({ ...clock, now: () => ms });

test('MPIN and TOTP make a session that ends at midnight in India', async () => {
  const http = fakeHttp([json(fixture('login_200.json'))]);
  const opened = await logIn(http);
  expect(opened).toMatchObject({
    clientId: 'D12345',
    facts: { method: 'totp', publicIp: '203.0.113.7' },
    issuedAtMs: NOW_MS,
    expiresAtMs: MIDNIGHT,
    renewable: true,
  });
  expect(Object.keys(opened.secrets)).toEqual(['apiKey', 'jwtToken', 'refreshToken', 'feedToken']);
  expect(opened.secrets['jwtToken']?.reveal()).toBe('eyJhbGciOiJIUzUxMiJ9.eyJzdWI...');
  expect(Object.values(opened.facts).join()).not.toContain(API_KEY);
});

test('the log-in goes out as the docs say, signed with the API key alone', async () => {
  const http = fakeHttp([json(fixture('login_200.json'))]);
  await logIn(http, totp, at(59_000));
  expect(http.requests.map(shown)).toEqual([
    {
      purpose: 'command',
      lane: 'auth',
      family: 'login',
      method: 'POST',
      origin: 'https://apiconnect.angelone.in',
      path: '/rest/auth/angelbroking/user/v1/loginByPassword',
      headers: HEADERS.slice(0, -2),
      // RFC 6238 gives 94287082 for second 59; Angel takes the last six digits.
      body: { clientcode: 'D12345', password: '4829', totp: '287082' },
    },
  ]);
  expect(JSON.stringify(http.requests[0]?.headers)).not.toContain(API_KEY);
});

test('a TOTP secret printed in groups and lower case works', async () => {
  const http = fakeHttp([json(fixture('login_200.json'))]);
  const totpSecret = new Secret('gezd gnbv gy3t qojq gezd gnbv gy3t qojq');
  await logIn(http, { ...totp, secrets: { ...totp.secrets, totpSecret } }, at(59_000));
  expect(http.requests[0]?.body).toContain('"287082"');
});

const tokens = (change: object = {}): Answer => good({ jwtToken: JWT, refreshToken: 'r', feedToken: 'f', ...change });

test('a token that ends before midnight ends the session then, and a Bearer before it is no part of it', async () => {
  const ends = NOW_MS + 3_600_000;
  const token = jwt({ exp: ends / 1_000 });
  const opened = await logIn(fakeHttp([tokens({ jwtToken: `Bearer ${token}` })]));
  expect(opened.expiresAtMs).toBe(ends);
  expect(opened.secrets['jwtToken']?.reveal()).toBe(token);
});

test('without a refresh token a session is not renewable', async () => {
  const opened = await logIn(fakeHttp([tokens({ refreshToken: '', feedToken: null })]));
  expect(opened.renewable).toBe(false);
  expect(Object.keys(opened.secrets)).toEqual(['apiKey', 'jwtToken']);
});

test.each<[string, Answer, string, object]>([
  ['a wrong password', bad('AB1000', 'Invalid Email Or Password'), 'ALGO_LOGIN_REFUSED', { brokerCode: 'AB1000' }],
  ['AB1007 about the MPIN', bad('AB1007', 'Invalid user or password'), 'ALGO_LOGIN_REFUSED', { brokerCode: 'AB1007' }],
  ['a wrong API key', bad('AB1053', 'Invalid apikey'), 'ALGO_LOGIN_REFUSED', { brokerCode: 'AB1053' }],
  ['a blocked client', bad('AB1006', 'Blocked'), 'ALGO_LOGIN_REFUSED', { brokerCode: 'AB1006', brokerText: 'Blocked' }],
  ['the gateway', barred('AG8003', 'Token missing'), 'ALGO_LOGIN_REFUSED', { brokerCode: 'AG8003' }],
  ['a code nobody knows', bad('AB7777', 'no'), 'ALGO_LOGIN_REFUSED', { brokerCode: 'AB7777', brokerText: 'no' }],
  ['a refusal under 401', bad('AB1000', 'x', 401), 'ALGO_LOGIN_REFUSED', { brokerCode: 'AB1000' }],
  ['a refusal under 500', bad('AB7777', 'x', 500), 'ALGO_BROKER_UNAVAILABLE', { status: 500 }],
  ['an inner error', bad('AB1004', 'Something Went Wrong'), 'ALGO_BROKER_UNAVAILABLE', {}],
  ['a limit', text('Access denied because of exceeding access rate', 403), 'ALGO_RATE_LIMITED', { family: 'login' }],
  ['HTML under 503', text('<html>', 503), 'ALGO_BROKER_UNAVAILABLE', { status: 503 }],
  ['HTML under 200', text('<html>'), 'ALGO_REPLY_UNREADABLE', {}],
  ['nothing', text(''), 'ALGO_BROKER_UNAVAILABLE', {}],
  ['no token', good({ refreshToken: 'r' }), 'ALGO_REPLY_UNREADABLE', {}],
  ['a token that breaks headers', tokens({ jwtToken: 'eyJ\r\nx: y' }), 'ALGO_REPLY_UNREADABLE', {}],
])('the log-in is answered with %s', async (_what, answer, code, details) => {
  const http = fakeHttp([answer]);
  expect(await errorOf(logIn(http))).toMatchObject({ code, details });
  expect(http.requests).toHaveLength(1);
});

test.each<[string, Answer, string, object]>([
  ['nothing under 403', text('', 403), 'ALGO_LOGIN_REFUSED', { brokerText: 'HTTP 403' }],
  ['a sentence under 401', text('code 287082 is wrong', 401), 'ALGO_LOGIN_REFUSED', { brokerText: 'HTTP 401' }],
  ['JSON of no shape', json({ message: 'code 287082' }, 403), 'ALGO_LOGIN_REFUSED', { brokerText: 'HTTP 403' }],
  ['an address', json({ message: 'IP not whitelisted' }, 403), 'ALGO_STATIC_IP_REFUSED', {}],
  [
    'its code and MPIN',
    bad('AB1000', 'Invalid totp 287082 (287082) with 4829'),
    'ALGO_LOGIN_REFUSED',
    { brokerText: 'Invalid totp [secret] ([secret]) with [secret]' },
  ],
  ['its code for a code', bad('287082', 'no'), 'ALGO_LOGIN_REFUSED', { brokerCode: '[secret]' }],
])('a log-in that is answered with %s repeats nothing of what it sent', async (_what, answer, code, details) => {
  const error = await errorOf(logIn(fakeHttp([answer, answer]), totp, at(59_000)));
  expect(error).toMatchObject({ code, details });
  expect(JSON.stringify(error) + String(error)).not.toMatch(/287082|4829/);
});

test('a second refusal repeats neither of the two codes', async () => {
  const echo = bad('AB1050', 'Invalid totp 755224, 287082');
  const error = await errorOf(logIn(fakeHttp([dated(echo, 59_000), dated(echo, 59_000)]), totp, at(29_000)));
  expect(error).toMatchObject({ details: { brokerText: 'Invalid totp [secret], [secret]' } });
});

test('what is missing or malformed is said by its field', async () => {
  const missing = (field: string): object => ({ code: 'ALGO_INVALID_INPUT', details: { problems: [{ field }] } });
  const fieldOf = (credentials: Credentials): Promise<unknown> => errorOf(logIn(fakeHttp([]), credentials));
  expect(await fieldOf({ ...totp, fields: {} })).toMatchObject(missing('clientCode'));
  for (const name of ['apiKey', 'mpin', 'totpSecret']) {
    const secrets = Object.fromEntries(Object.entries(totp.secrets).filter(([other]) => other !== name));
    expect(await fieldOf({ ...totp, secrets })).toMatchObject(missing(name));
  }
  const totpSecret = new Secret('0189!');
  expect(await fieldOf({ ...totp, secrets: { ...totp.secrets, totpSecret } })).toMatchObject(missing('totpSecret'));
  expect(await fieldOf({ ...totp, method: 'publisher' })).toMatchObject({ code: 'ALGO_NOT_SUPPORTED' });
});

const BAD_CODE = bad('AB1050', 'Invalid totp');
const dated = (answer: Answer, ms: number): Answer => ({ ...answer, date: new Date(ms).toUTCString() });
const codesIn = (http: FakeHttp): readonly unknown[] =>
  http.requests.map(({ body }) => {
    const sent: unknown = JSON.parse(body ?? '');
    return typeof sent === 'object' && sent !== null && 'totp' in sent ? sent.totp : null;
  });

test('a refused code is tried once more by the clock of the broker, when ours is off', async () => {
  // Ours shows second 29, the broker's second 59: RFC 6238 gives ...287082 for 30 to 59.
  const http = fakeHttp([dated(BAD_CODE, 59_000), dated(tokens(), 59_000)]);
  const opened = await logIn(http, totp, at(29_000));
  expect(codesIn(http)).toEqual(['755224', '287082']);
  expect(opened.facts['clockOffsetMs']).toBe('30500');
});

test('a second refusal is the last', async () => {
  const http = fakeHttp([dated(BAD_CODE, 59_000), dated(BAD_CODE, 59_000)]);
  expect(await errorOf(logIn(http, totp, at(29_000)))).toMatchObject({
    code: 'ALGO_LOGIN_REFUSED',
    details: { brokerCode: 'AB1050', brokerText: 'Invalid totp' },
  });
  expect(http.requests).toHaveLength(2);
});

/** A clock whose timers fire at once and take the time with them. */
function jumpingClock(startMs: number): Clock & { readonly waits: readonly number[] } {
  let now = startMs;
  const waits: number[] = [];
  return {
    ...clock,
    waits,
    now: () => now,
    after(ms, task) {
      waits.push(ms);
      now += ms;
      queueMicrotask(task);
      return () => undefined;
    },
  };
}

test('with clocks that agree, the next window is waited for, if the deadline allows it', async () => {
  const http = fakeHttp([dated(BAD_CODE, 22_000), tokens()]);
  const jumping = jumpingClock(22_000);
  const adapter = connect(http, {}, recordingLogger(), jumping);
  await adapter.logIn(totp, loggingIn(11_000));
  expect(jumping.waits).toEqual([8_750]);
  expect(codesIn(http)).toEqual(['755224', '287082']);
});

test('no code is sent twice: where the deadline comes before the next window, the refusal stands', async () => {
  const http = fakeHttp([BAD_CODE]);
  const adapter = connect(http, {}, recordingLogger(), jumpingClock(22_000));
  expect(await errorOf(adapter.logIn(totp, loggingIn(10_000)))).toMatchObject({ code: 'ALGO_LOGIN_REFUSED' });
  expect(http.requests).toHaveLength(1);
});

test('who gives up while waiting for the next window gets the refusal', async () => {
  const http = fakeHttp([BAD_CODE]);
  const gone = new AbortController();
  const asked = connect(http, {}, recordingLogger(), at(22_000)).logIn(totp, loggingIn(60_000, gone.signal));
  setTimeout(() => gone.abort(), 5);
  expect(await errorOf(asked)).toMatchObject({ code: 'ALGO_LOGIN_REFUSED' });
  expect(http.requests).toHaveLength(1);
});

test('a refused code under 500 is no refused code', async () => {
  const http = fakeHttp([bad('AB1050', 'Invalid totp', 500)]);
  await errorOf(logIn(http, totp, at(29_000)));
  expect(http.requests).toHaveLength(1);
});

test('the clock of the broker is noted at every log-in', async () => {
  expect((await logIn(fakeHttp([dated(tokens(), NOW_MS - 2_000)]))).facts['clockOffsetMs']).toBe('-1500');
  expect((await logIn(fakeHttp([tokens()]))).facts).not.toHaveProperty('clockOffsetMs');
  expect((await logIn(fakeHttp([{ ...tokens(), date: 'soon' }]))).facts).not.toHaveProperty('clockOffsetMs');
});

test('the refresh token makes a new session, signed with the old one', async () => {
  const http = fakeHttp([json(fixture('generate_tokens_200.json'))]);
  const renewed = await connect(http).renew(callWith());
  expect(renewed).toMatchObject({ clientId: 'D12345', facts: session.facts, expiresAtMs: MIDNIGHT, renewable: true });
  expect(renewed?.secrets['apiKey']?.reveal()).toBe(API_KEY);
  expect(renewed?.secrets['jwtToken']?.reveal()).toBe('eyJhbGciOiJIUzUxMiJ9.eyJzdWIi...');
  expect(http.requests.map(shown)).toEqual([
    {
      purpose: 'command',
      lane: 'auth',
      family: 'renew',
      method: 'POST',
      origin: 'https://apiconnect.angelone.in',
      path: '/rest/auth/angelbroking/jwt/v1/generateTokens',
      headers: HEADERS,
      body: { refreshToken: 'refresh-me' },
    },
  ]);
});

test('a renewal that names no new refresh token keeps the old one', async () => {
  const renewed = await connect(fakeHttp([tokens({ refreshToken: null })])).renew(callWith());
  expect(renewed?.secrets['refreshToken']?.reveal()).toBe('refresh-me');
});

test('what cannot be renewed is not', async () => {
  const http = fakeHttp([]);
  expect(await connect(http).renew(callWith({ ...session, renewable: false }))).toBeNull();
  expect(await connect(http).renew(callWith({ ...session, secrets: {} }))).toBeNull();
  expect(http.requests).toHaveLength(0);
});

test.each([
  [bad('AB8050', 'Invalid Refresh Token'), 'ALGO_SESSION_EXPIRED'],
  [bad('AB8051', 'Refresh Token Expired'), 'ALGO_SESSION_EXPIRED'],
  [bad('AB1004', 'x'), 'ALGO_BROKER_UNAVAILABLE'],
  [good({}), 'ALGO_REPLY_UNREADABLE'],
])('a renewal answered with %j is an error', async (answer, code) => {
  expect(await errorOf(connect(fakeHttp([answer])).renew(callWith()))).toMatchObject({ code });
});

test('logging out names the account', async () => {
  const http = fakeHttp([json(fixture('logout_200.json')), good(''), bad('AG8001', 'Invalid Token')]);
  const adapter = connect(http);
  expect(await adapter.logOut(callWith())).toBe(true);
  expect(await adapter.logOut(callWith())).toBe(true);
  expect(await errorOf(adapter.logOut(callWith()))).toMatchObject({ code: 'ALGO_SESSION_EXPIRED' });
  expect(shown(http.requests[0])).toEqual({
    purpose: 'command',
    lane: 'auth',
    family: 'logout',
    method: 'POST',
    origin: 'https://apiconnect.angelone.in',
    path: '/rest/secure/angelbroking/user/v1/logout',
    headers: HEADERS,
    body: { clientcode: 'D12345' },
  });
});

test('a session from elsewhere that lacks its secrets signs nothing', async () => {
  const http = fakeHttp([]);
  const { apiKey = new Secret('') } = session.secrets;
  for (const secrets of [{}, { apiKey }])
    expect(await errorOf(connect(http).profile(callWith({ ...session, secrets })))).toMatchObject({
      code: 'ALGO_SESSION_EXPIRED',
    });
  expect(http.requests).toHaveLength(0);
});

test('the token is a secret in every header list', async () => {
  const http = fakeHttp([json(fixture('profile_200.json'))]);
  await connect(http).profile(callWith());
  const headers = http.requests[0]?.headers ?? [];
  expect(JSON.stringify(headers)).not.toContain(JWT);
  expect(headers.filter(isSecret)).toHaveLength(2);
});
