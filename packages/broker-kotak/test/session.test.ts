import { Secret, isAlgoError, isSecret } from '@algo/core/adapter';
import type { BrokerCall, BrokerRequest, BrokerSession, Clock, Credentials } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import type { KotakConfig } from '../src/index.js';
import { ACCESS_TOKEN, callWith, clock, connect, fixtureFields, NOW_MS, recordingLogger } from './support/account.js';
import type { RecordingLogger } from './support/account.js';
import { dated, fakeHttp, json, text } from './support/fake-http.js';
import type { Answer, FakeHttp } from './support/fake-http.js';

/** During a log-in there is no session to sign with. */
const loggingIn = (remainingMs = 5_000): BrokerCall => ({
  get session(): BrokerSession {
    throw new Error('no session yet');
  },
  startedAtMs: NOW_MS,
  remainingMs: () => remainingMs,
  signal: new AbortController().signal,
});

const jwt = (claims: object): string =>
  `eyJhbGciOiJSUzI1NiJ9.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;

/** The seed of RFC 6238, Appendix B. */
const SEED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

const credentials: Credentials = {
  method: 'totp',
  fields: { ucc: 'AB1CD' },
  secrets: {
    accessToken: new Secret(ACCESS_TOKEN),
    mobileNumber: new Secret('9876543210'),
    mpin: new Secret('482915'),
    totpSecret: new Secret(SEED),
  },
};

/** A documented reply with its masks taken off. */
const grantedStep = (name: string, change: object): Answer => {
  const { data } = fixtureFields(name);
  return json({ data: { ...Object(data), ...change } });
};
const VIEW = { token: 'eyJ.view.token', sid: 'view-sid-1', ucc: 'AB1CD' };
const TRADE = {
  token: jwt({ exp: Date.UTC(2026, 10, 20, 18, 30) / 1_000 }),
  sid: 'trade-sid-1',
  ucc: 'AB1CD',
  baseUrl: 'https://e43.kotaksecurities.com',
};
const viewed = (change: object = {}): Answer => grantedStep('login_totp_200.json', { ...VIEW, ...change });
const traded = (change: object = {}): Answer => grantedStep('login_validate_200.json', { ...TRADE, ...change });
const badCode = (status = 401): Answer =>
  json({ status: 'error', message: 'Invalid credentials or TOTP.', errorCode: '401' }, status);

interface Attempt {
  readonly http: FakeHttp;
  readonly logger: RecordingLogger;
  readonly result: unknown;
}

interface Circumstances {
  readonly given?: Credentials;
  readonly call?: BrokerCall;
  readonly at?: Clock;
  readonly config?: KotakConfig;
}

/** Ends in the session, or in what is wrong. */
async function logIn(answers: readonly Answer[], circumstances: Circumstances = {}): Promise<Attempt> {
  const { given = credentials, call = loggingIn(), at = clock, config = {} } = circumstances;
  const http = fakeHttp(answers);
  const logger = recordingLogger();
  const result: unknown = await connect(http, config, logger, at)
    .logIn(given, call)
    .catch((error: unknown) => (isAlgoError(error) ? { code: error.code, details: error.details } : String(error)));
  return { http, logger, result };
}

const shown = (request: BrokerRequest | undefined): unknown => ({
  ...request,
  headers: request?.headers?.map((value) => (isSecret(value) ? value.reveal() : value)),
});

const sentBody = (request: BrokerRequest | undefined): unknown => JSON.parse(request?.body ?? 'null');

test('two steps make a session: the MPIN goes with what the first one gave', async () => {
  const { http, result } = await logIn([viewed(), traded()], { at: { ...clock, now: () => 59_000 } });
  const login = {
    purpose: 'command',
    lane: 'auth',
    family: 'auth',
    method: 'POST',
    origin: 'https://mis.kotaksecurities.com',
  };
  const application = ['neo-fin-key', 'neotradeapi', 'accept', 'application/json'];
  const headers = ['authorization', ACCESS_TOKEN, ...application, 'content-type', 'application/json'];
  expect(http.requests.map(shown)).toEqual([
    {
      ...login,
      path: '/login/1.0/tradeApiLogin',
      headers,
      body: JSON.stringify({ mobileNumber: '+919876543210', ucc: 'AB1CD', totp: '287082' }), // RFC 6238 for second 59
    },
    {
      ...login,
      path: '/login/1.0/tradeApiValidate',
      headers: [...headers, 'sid', 'view-sid-1', 'auth', 'eyJ.view.token'],
      body: JSON.stringify({ mpin: '482915' }),
    },
  ]);
  expect(result).toMatchObject({
    clientId: 'AB1CD',
    facts: { baseUrl: 'https://e43.kotaksecurities.com', ucc: 'AB1CD' },
    issuedAtMs: 59_000,
    expiresAtMs: Date.UTC(2026, 10, 20, 18, 30),
    renewable: false,
  });
});

test('the session holds its secrets as secrets, and nothing of the credentials but the access token', async () => {
  const { result } = await logIn([viewed(), traded()]);
  const printed = JSON.stringify(result);
  for (const secret of [ACCESS_TOKEN, TRADE.token, TRADE.sid, SEED, '482915', '9876543210', VIEW.token, VIEW.sid])
    expect(printed).not.toContain(secret);
  expect(Object.keys(Object(result).secrets)).toEqual(['accessToken', 'tradeToken', 'sid']);
  expect(Object(result).secrets.tradeToken.reveal()).toBe(TRADE.token);
});

test('the tokens travel as secrets in headers', async () => {
  const { http } = await logIn([viewed(), traded()]);
  const headers = JSON.stringify(http.requests.map((request) => request.headers));
  for (const secret of [ACCESS_TOKEN, VIEW.token, VIEW.sid]) expect(headers).not.toContain(secret);
});

test('a single code is used as it is, once', async () => {
  const { totpSecret: _seed, ...secrets } = credentials.secrets;
  const given = { ...credentials, method: 'code', secrets: { ...secrets, totp: new Secret('111222') } };
  const { http } = await logIn([viewed(), traded()], { given });
  expect(sentBody(http.requests[0])).toMatchObject({ totp: '111222' });
  const refused = await logIn([dated(badCode(), NOW_MS + 90_000)], { given, call: loggingIn(60_000) });
  expect(refused.result).toMatchObject({ code: 'ALGO_LOGIN_REFUSED' });
});

test.each(['9876543210', '98765 43210', '+919876543210', '919876543210', '+91 98765-43210'])(
  'the mobile number %s is sent with its country',
  async (mobileNumber) => {
    const given = { ...credentials, secrets: { ...credentials.secrets, mobileNumber: new Secret(mobileNumber) } };
    const { http } = await logIn([viewed(), traded()], { given });
    expect(sentBody(http.requests[0])).toMatchObject({ mobileNumber: '+919876543210' });
  },
);

test('an end that is not believable is taken for the next midnight in India', async () => {
  const midnightMs = Date.UTC(2026, 10, 20, 18, 30);
  for (const exp of [undefined, 'soon', 0, NOW_MS]) {
    expect((await logIn([viewed(), traded({ token: jwt({ exp }) })])).result).toMatchObject({
      expiresAtMs: midnightMs,
    });
  }
  expect((await logIn([viewed(), traded({ token: 'opaque' })])).result).toMatchObject({ expiresAtMs: midnightMs });
});

test("a token that is over on arrival shows that our clock runs ahead: its end is told by the server's", async () => {
  const serverMs = NOW_MS - 2 * 3_600_000;
  const token = jwt({ exp: (serverMs + 3_600_000) / 1_000 });
  const ahead = await logIn([viewed(), dated(traded({ token }), serverMs)]);
  const { expiresAtMs, facts } = Object(ahead.result);
  expect(Math.abs(expiresAtMs - (NOW_MS + 3_600_000))).toBeLessThanOrEqual(1_000);
  expect(Math.abs(Number(facts.clockOffsetMs) + 2 * 3_600_000)).toBeLessThanOrEqual(1_000);
  expect((await logIn([viewed(), traded({ token })])).result).toMatchObject({
    expiresAtMs: Date.UTC(2026, 10, 20, 18, 30),
  });
});

test("the server's clock is kept as a fact, from either step", async () => {
  const first = await logIn([dated(viewed(), NOW_MS + 7_000), traded()]);
  expect(Number(Object(first.result).facts.clockOffsetMs)).toBe(7_500);
  const none = await logIn([viewed(), traded()]);
  expect(Object(none.result).facts).not.toHaveProperty('clockOffsetMs');
});

test('a refused code is tried once more by the clock of the server, when ours is off', async () => {
  const at = { ...clock, now: () => 1_111_111_029_000 }; // 80 s before a moment whose code RFC 6238 prints
  const { http, logger, result } = await logIn([dated(badCode(), 1_111_111_109_000), viewed(), traded()], { at });
  expect(result).toMatchObject({ clientId: 'AB1CD' });
  expect(http.requests.map(({ path }) => path.split('/').at(-1))).toEqual([
    'tradeApiLogin',
    'tradeApiLogin',
    'tradeApiValidate',
  ]);
  expect(sentBody(http.requests[1])).toMatchObject({ totp: '081804' });
  expect(sentBody(http.requests[0])).not.toMatchObject({ totp: '081804' });
  expect(logger.lines.join()).toContain('kotak.totp-tried-again');
});

test('there is never a third try', async () => {
  const off = dated(badCode(), NOW_MS + 80_000);
  const { http, result } = await logIn([off, off, viewed()]);
  expect(result).toMatchObject({ code: 'ALGO_LOGIN_REFUSED' });
  expect(http.requests).toHaveLength(2);
});

/** A clock whose timers jump ahead instead of waiting. */
function jumpingClock(startMs: number): Clock {
  let nowMs = startMs;
  return {
    ...clock,
    now: () => nowMs,
    after(afterMs, task) {
      nowMs += afterMs;
      queueMicrotask(task);
      return () => undefined;
    },
  };
}

test('with a good clock the next half minute is tried where the deadline allows it', async () => {
  const start = 1_111_111_078_500; // the last half minute before the one of 1111111109 begins at …080
  const { http, result } = await logIn([badCode(), viewed(), traded()], {
    at: jumpingClock(start),
    call: loggingIn(10_000),
  });
  expect(result).toMatchObject({ clientId: 'AB1CD' });
  expect(sentBody(http.requests[1])).toMatchObject({ totp: '081804' });
});

test('with a good clock and no time for the next half minute the refusal stands', async () => {
  const { http, result } = await logIn([dated(badCode(), NOW_MS)]);
  expect(result).toEqual({
    code: 'ALGO_LOGIN_REFUSED',
    details: { broker: 'kotak', brokerCode: '401', brokerText: 'Invalid credentials or TOTP.' },
  });
  expect(http.requests).toHaveLength(1);
});

test('a wrong MPIN is not tried again', async () => {
  const wrong = json({ status: 'error', message: 'Invalid MPIN.', errorCode: '401' }, 401);
  const { http, result } = await logIn([viewed(), dated(wrong, NOW_MS + 80_000)], { call: loggingIn(60_000) });
  expect(result).toMatchObject({ code: 'ALGO_LOGIN_REFUSED', details: { brokerText: 'Invalid MPIN.' } });
  expect(http.requests).toHaveLength(2);
});

test('a refusal that is not about the code is not tried again', async () => {
  const { http } = await logIn([
    dated(json({ status: 'error', message: 'Account locked.', errorCode: '401' }, 401), NOW_MS + 80_000),
  ]);
  expect(http.requests).toHaveLength(1);
});

const echoing = (message: string, code = '401'): Answer => json({ status: 'error', message, errorCode: code }, 401);

test('a refusal repeats neither the one-time codes nor the MPIN', async () => {
  const at = { ...clock, now: () => 1_111_111_109_000 }; // whose code RFC 6238 prints
  const first = await logIn([echoing('081804 is no code for 482915', '081804')], { at });
  expect(first.result).toMatchObject({
    code: 'ALGO_LOGIN_REFUSED',
    details: { brokerCode: '[secret]', brokerText: '[secret] is no code for [secret]' },
  });
  const second = await logIn([viewed(), echoing('Invalid MPIN 482915 after 081804')], { at });
  expect(second.result).toMatchObject({ details: { brokerText: 'Invalid MPIN [secret] after [secret]' } });
  const bare = await logIn([json({ message: 'not 081804' }, 403)], { at });
  expect(bare.result).toMatchObject({ code: 'ALGO_LOGIN_REFUSED', details: { brokerText: 'not [secret]' } });
});

const REFUSED = 'ALGO_LOGIN_REFUSED';

test.each<[string, Answer, string, object]>([
  ['a refusal under 200', badCode(200), REFUSED, { brokerCode: '401' }],
  [
    'a missing field',
    json(fixtureFields('login_totp_missing_field_400.json'), 400),
    REFUSED,
    { brokerCode: '400', brokerText: "Missing required field 'MobileNumber'" },
  ],
  ['422', json({ status: 'error', message: 'Invalid request' }, 422), REFUSED, { brokerCode: null }],
  [
    'a session error',
    json({ stat: 'Not_Ok', stCode: 100022, emsg: 'invalid session token' }),
    REFUSED,
    { brokerCode: '100022' },
  ],
  ['401 with nothing', text('', 401), REFUSED, { brokerText: 'HTTP 401' }],
  [
    'another address',
    json({ stat: 'Not_Ok', stCode: 1037, emsg: 'x' }, 403),
    'ALGO_STATIC_IP_REFUSED',
    { brokerCode: '1037' },
  ],
  ['too many', json({ message: 'slow down' }, 429), 'ALGO_RATE_LIMITED', { family: 'auth' }],
  [
    '500',
    json({ status: 'error', message: 'oops', errorCode: '500' }, 500),
    'ALGO_BROKER_UNAVAILABLE',
    { status: 500 },
  ],
  ['HTML under 503', text('<html>', 503), 'ALGO_BROKER_UNAVAILABLE', { status: 503 }],
  ['HTML under 200', text('<html>'), 'ALGO_REPLY_UNREADABLE', {}],
  ['HTML under 403', text('<html>', 403), 'ALGO_REPLY_UNREADABLE', {}],
  ['nothing under 200', text(''), 'ALGO_REPLY_UNREADABLE', {}],
  ['no token', json({ data: { sid: 'x' } }), 'ALGO_REPLY_UNREADABLE', {}],
  ['no data', json({ status: 'success' }), 'ALGO_REPLY_UNREADABLE', {}],
  ['a token that breaks headers', viewed({ token: 'a\r\nb: c' }), 'ALGO_REPLY_UNREADABLE', {}],
  ['a sid that breaks headers', viewed({ sid: 'a b' }), 'ALGO_REPLY_UNREADABLE', {}],
])('a step is answered with %s', async (_what, answer, code, details) => {
  expect((await logIn([answer])).result).toMatchObject({ code, details });
  const second = await logIn([viewed(), answer]);
  expect(second.result).toMatchObject({ code, details });
  expect(second.http.requests).toHaveLength(2);
});

test('a session that may not trade is none', async () => {
  expect((await logIn([viewed(), traded({ kType: 'View' })])).result).toMatchObject({ code: REFUSED });
  expect((await logIn([viewed(), traded({ kType: undefined })])).result).toMatchObject({ code: REFUSED });
});

test.each([
  ['http://e43.kotaksecurities.com', 'ALGO_HOST_NOT_ALLOWED'],
  ['https://e43.kotaksecurities.com.evil.test', 'ALGO_HOST_NOT_ALLOWED'],
  ['https://e31.kotaksecurities.com', 'ALGO_HOST_NOT_ALLOWED'],
  ['http://127.0.0.1:8080', 'ALGO_HOST_NOT_ALLOWED'],
  ['nowhere', 'ALGO_HOST_NOT_ALLOWED'],
  ['', 'ALGO_REPLY_UNREADABLE'],
  [undefined, 'ALGO_REPLY_UNREADABLE'],
])('a session at %o is refused before anything secret goes there', async (baseUrl, code) => {
  const { http, result } = await logIn([viewed(), traded({ baseUrl })]);
  expect(result).toMatchObject({ code });
  expect(http.requests).toHaveLength(2);
});

test('a simulator on this machine may name this machine', async () => {
  const config = { loginUrl: 'http://127.0.0.1:8080' };
  const { http, result } = await logIn([viewed(), traded({ baseUrl: 'http://127.0.0.1:8081/neo/' })], { config });
  expect(result).toMatchObject({ facts: { baseUrl: 'http://127.0.0.1:8081/neo' } });
  expect(http.requests.map(({ origin }) => origin)).toEqual(['http://127.0.0.1:8080', 'http://127.0.0.1:8080']);
});

test('whose account it is, the reply says; the profile tells it on', async () => {
  const limits = json(fixtureFields('limits_200.json'));
  const profileOf = async (ucc: unknown): Promise<string> => {
    const http = fakeHttp([viewed({ ucc }), traded({ ucc }), limits]);
    const adapter = connect(http);
    return (await adapter.profile(callWith(await adapter.logIn(credentials, loggingIn())))).clientId;
  };
  expect(await profileOf('AB1CD')).toBe('AB1CD');
  expect(await profileOf(' ab1cd ')).toBe('AB1CD');
  expect(await profileOf('ZZ9ZZ')).toBe('ZZ9ZZ'); // core sees that this is somebody else
  for (const masked of ['XXXXX', 'AB***', '', undefined]) expect(await profileOf(masked)).toBe('AB1CD');
});

test('an access token of another look is worth a line in the log, and works', async () => {
  const given = { ...credentials, secrets: { ...credentials.secrets, accessToken: new Secret('old-token') } };
  const { logger, result } = await logIn([viewed(), traded()], { given });
  expect(result).toMatchObject({ clientId: 'AB1CD' });
  expect(logger.lines).toEqual(['kotak.access-token-unusual {}']);
  expect((await logIn([viewed(), traded()])).logger.lines).toEqual([]);
});

test('what is missing or malformed is said by its field', async () => {
  const problem = async (given: Credentials): Promise<unknown> => (await logIn([], { given })).result;
  const missing = (field: string): object => ({ code: 'ALGO_INVALID_INPUT', details: { problems: [{ field }] } });
  const without = (name: string): Credentials => ({
    ...credentials,
    secrets: Object.fromEntries(Object.entries(credentials.secrets).filter(([key]) => key !== name)),
  });
  expect(await problem({ ...credentials, fields: {} })).toMatchObject(missing('ucc'));
  for (const name of ['accessToken', 'mobileNumber', 'mpin', 'totpSecret'])
    expect(await problem(without(name))).toMatchObject(missing(name));
  expect(await problem({ ...credentials, method: 'code' })).toMatchObject(missing('totp'));
  const foreign = { ...credentials.secrets, mobileNumber: new Secret('+15551234567') };
  expect(await problem({ ...credentials, secrets: foreign })).toMatchObject(missing('mobileNumber'));
  const seed = { ...credentials.secrets, totpSecret: new Secret('0189!') };
  expect(await problem({ ...credentials, secrets: seed })).toMatchObject(missing('totpSecret'));
  expect(await problem({ ...credentials, method: 'redirect' })).toMatchObject({ code: 'ALGO_NOT_SUPPORTED' });
});

test('a session is neither renewed nor closed', async () => {
  const http = fakeHttp([]);
  const adapter = connect(http);
  expect(await adapter.renew(callWith())).toBeNull();
  expect(await adapter.logOut(callWith())).toBe(false);
  expect(http.requests).toHaveLength(0);
});
