import { AlgoError, Secret, isAlgoError } from '@algo/core/adapter';
import type { BrokerCall, BrokerRequest, Clock, Credentials } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import {
  MARKET_TOKEN,
  NOW_MS,
  TOKEN,
  callWith,
  clock,
  codeOf,
  connect,
  dealerSession,
  fixture,
  jwt,
  loggingIn,
  recordingLogger,
  session,
  shown,
  tradingSession,
} from './support/account.js';
import { failure, fakeHttp, json, success, text } from './support/fake-http.js';
import type { Answer } from './support/fake-http.js';

const SECRETS = {
  interactiveApiKey: new Secret('aaaabbbbccccdddd1111'),
  interactiveApiSecret: new Secret('Inter$1#2@'),
  marketApiKey: new Secret('eeeeffff000011112222'),
  marketApiSecret: new Secret('Market$1#2'),
};

const keys: Credentials = { method: 'keys', fields: { clientId: 'client01' }, secrets: SECRETS };
const tradingKeys: Credentials = { ...keys, method: 'trading-keys' };

const login = (change: object = {}, date?: string): Answer =>
  success({ token: TOKEN, userID: 'CLIENT01', isInvestorClient: true, clientCodes: ['CLIENT01'], ...change }, date);
const marketLogin = success({ token: MARKET_TOKEN, userID: 'CLIENT01' });

const errorOf = async (task: Promise<unknown>): Promise<unknown> => {
  try {
    return await task;
  } catch (error) {
    return isAlgoError(error) ? { code: error.code, details: error.details } : String(error);
  }
};

test('both products are logged in to, each with its keys, and the session ends with the first token', async () => {
  const http = fakeHttp([login(), marketLogin]);
  const opened = await connect(http).logIn(keys, loggingIn);
  expect(opened).toMatchObject({
    clientId: 'CLIENT01',
    facts: { userId: 'CLIENT01', dealer: 'no' },
    issuedAtMs: NOW_MS,
    expiresAtMs: NOW_MS + 86_300_000,
    renewable: false,
  });
  expect(opened.secrets['interactiveToken']?.reveal()).toBe(TOKEN);
  expect(opened.secrets['marketToken']?.reveal()).toBe(MARKET_TOKEN);
  for (const secret of [TOKEN, MARKET_TOKEN]) expect(JSON.stringify(opened)).not.toContain(secret);
  const headers = ['content-type', 'application/json', 'accept', 'application/json'];
  const origin = 'https://jtrade.jainam.in:5000';
  expect(http.requests.map(shown)).toEqual([
    {
      purpose: 'command',
      lane: 'auth',
      family: 'auth',
      method: 'POST',
      origin,
      path: '/interactive/user/session',
      headers,
      body: { appKey: 'aaaabbbbccccdddd1111', secretKey: 'Inter$1#2@', source: 'WEBAPI' },
    },
    {
      purpose: 'command',
      lane: 'auth',
      family: 'auth-data',
      method: 'POST',
      origin,
      path: '/apimarketdata/auth/login',
      headers,
      body: { appKey: 'eeeeffff000011112222', secretKey: 'Market$1#2', source: 'WEBAPI' },
    },
  ]);
});

test('the sample replies log in, placeholder tokens and all', async () => {
  const real = (name: string): Answer => json(JSON.parse(JSON.stringify(fixture(name)).replaceAll('<JWT>', 'opaque')));
  const http = fakeHttp([real('login_interactive_200.json'), real('login_market_200.json')]);
  expect(await connect(http).logIn(keys, loggingIn)).toMatchObject({ clientId: 'CLIENT01', expiresAtMs: null });
  const dealer = await connect(fakeHttp([real('login_dealer_200.json')])).logIn(tradingKeys, loggingIn);
  expect(dealer.facts).toEqual({ userId: 'DEALER01', dealer: 'yes' });
});

test('without market data keys only trading is logged in to', async () => {
  const http = fakeHttp([login()]);
  const opened = await connect(http).logIn(tradingKeys, loggingIn);
  expect(Object.keys(opened.secrets)).toEqual(['interactiveToken']);
  expect(opened.expiresAtMs).toBe(NOW_MS + 86_400_000);
  expect(http.requests).toHaveLength(1);
});

test('a dealer keeps the client that was asked for; another account is told apart later, by the profile', async () => {
  const dealer = login({ userID: 'DEALER01', isInvestorClient: false, clientCodes: [] });
  const opened = await connect(fakeHttp([dealer])).logIn(tradingKeys, loggingIn);
  expect(opened).toMatchObject({ clientId: 'client01', facts: { userId: 'DEALER01', dealer: 'yes' } });
  const other = await connect(fakeHttp([login({ userID: 'X', clientCodes: ['X'] })])).logIn(tradingKeys, loggingIn);
  expect(other.clientId).toBe('client01');
  const profile = await connect(fakeHttp([success({ ClientId: 'X' })])).profile(callWith(other));
  expect(profile.clientId).toBe('X');
});

test('the source can be another one', async () => {
  const http = fakeHttp([login()]);
  await connect(http, { config: { source: 'DEALERAPI' } }).logIn(tradingKeys, loggingIn);
  expect(shown(http.requests[0])).toMatchObject({ body: { source: 'DEALERAPI' } });
});

test('a token whose end is not believable is taken without one', async () => {
  for (const exp of [undefined, 'soon', 0, NOW_MS]) {
    const opened = await connect(fakeHttp([login({ token: jwt({ exp }) })])).logIn(tradingKeys, loggingIn);
    expect(opened.expiresAtMs).toBeNull();
  }
});

test('a clock that runs wrong is measured, and the end is told on ours', async () => {
  const ahead = new Date(NOW_MS + 600_000).toUTCString();
  const opened = await connect(fakeHttp([login({}, ahead)])).logIn(tradingKeys, loggingIn);
  expect(opened.facts['clockOffsetMs']).toBe('600000');
  expect(opened.expiresAtMs).toBe(NOW_MS + 86_400_000 - 600_000);
  const same = new Date(NOW_MS).toUTCString();
  const right = await connect(fakeHttp([login({}, same)])).logIn(tradingKeys, loggingIn);
  expect(right.facts).not.toHaveProperty('clockOffsetMs');
});

test('a token that says when it was made shows the broker’s clock better than a header', async () => {
  const made = NOW_MS / 1_000 - 3_600; // their clock is an hour behind ours
  const token = jwt({ iat: made, exp: made + 86_400 });
  const opened = await connect(fakeHttp([login({ token }, new Date(NOW_MS + 600_000).toUTCString())])).logIn(
    tradingKeys,
    loggingIn,
  );
  expect(opened.expiresAtMs).toBe(NOW_MS + 86_400_000);
});

test.each<[string, Answer, string, object]>([
  [
    'wrong keys',
    failure('e-user-0001', 'Entered invalid credentials'),
    'ALGO_LOGIN_REFUSED',
    { brokerCode: 'e-user-0001', brokerText: 'Entered invalid credentials' },
  ],
  ['a text nobody knows', failure('e-x-1', 'no'), 'ALGO_LOGIN_REFUSED', { brokerText: 'no' }],
  ['an error under 200', failure('e-x-1', 'no', 200), 'ALGO_LOGIN_REFUSED', { brokerText: 'no' }],
  ['an error under 401', failure('e-x-1', 'no', 401), 'ALGO_LOGIN_REFUSED', { brokerText: 'no' }],
  ['a limit', failure('e-apirl-0004', 'slow'), 'ALGO_RATE_LIMITED', { family: 'auth' }],
  ['a limit of a gateway', text('slow', 429), 'ALGO_RATE_LIMITED', { family: 'auth' }],
  ['an error under 500', failure('e-x-1', 'oops', 500), 'ALGO_BROKER_UNAVAILABLE', { status: 500 }],
  ['HTML under 503', text('<html>', 503), 'ALGO_BROKER_UNAVAILABLE', { status: 503 }],
  ['HTML under 404', text('<html>', 404), 'ALGO_REPLY_UNREADABLE', {}],
  ['HTML under 200', text('<html>'), 'ALGO_REPLY_UNREADABLE', {}],
  ['no token', login({ token: undefined }), 'ALGO_REPLY_UNREADABLE', {}],
  ['a token that breaks headers', login({ token: 'a\r\nb' }), 'ALGO_REPLY_UNREADABLE', {}],
  ['no word on dealers', login({ isInvestorClient: undefined }), 'ALGO_REPLY_UNREADABLE', {}],
  ['no user', login({ userID: '' }), 'ALGO_REPLY_UNREADABLE', {}],
  ['no result', json({ type: 'success' }), 'ALGO_REPLY_UNREADABLE', {}],
])('the interactive log-in answers with %s', async (_what, answer, code, details) => {
  const http = fakeHttp([answer]);
  expect(await errorOf(connect(http).logIn(keys, loggingIn))).toMatchObject({ code, details });
  expect(http.requests).toHaveLength(1);
});

test('refused market data keys refuse the log-in and say which ones they are', async () => {
  const http = fakeHttp([login(), failure('e-user-0001', 'Entered invalid credentials')]);
  expect(await errorOf(connect(http).logIn(keys, loggingIn))).toMatchObject({
    code: 'ALGO_LOGIN_REFUSED',
    details: { brokerText: 'market data: Entered invalid credentials' },
  });
});

test.each<[string, Answer | Error, string]>([
  ['is down', text('<html>', 503), 'ALGO_BROKER_UNAVAILABLE'],
  ['answers a web page', text('<html>'), 'ALGO_REPLY_UNREADABLE'],
  ['answers without a token', success({}), 'ALGO_REPLY_UNREADABLE'],
  ['is busy', failure('e-apirl-0004', 'slow'), 'ALGO_RATE_LIMITED'],
  [
    'cannot be reached',
    new AlgoError('ALGO_BROKER_UNREACHABLE', { broker: 'jainam', cause: 'ECONNREFUSED' }),
    'ALGO_BROKER_UNREACHABLE',
  ],
])('a market data product that %s leaves a session that trades', async (_what, answer, code) => {
  const logger = recordingLogger();
  const opened = await connect(fakeHttp([login(), answer]), { logger }).logIn(keys, loggingIn);
  expect(opened.secrets['interactiveToken']?.reveal()).toBe(TOKEN);
  expect(opened.facts['marketDataFailure']).toBe(code);
  expect(logger.lines).toEqual([`jainam.market-data-login-failed {"code":"${code}"}`]);
  const quotes = connect(fakeHttp([])).quotes([], 'ltp', callWith(opened));
  expect(await quotes).toEqual([]);
});

test('a market data product that hangs is waited for until a second before the deadline', async () => {
  let waited = 0;
  const at: Clock = {
    ...clock,
    after: (ms, run) => {
      waited = ms;
      queueMicrotask(run);
      return () => undefined;
    },
  };
  const hangs = (request: BrokerRequest): Answer | Promise<Answer> =>
    request.path.endsWith('/auth/login') ? new Promise(() => undefined) : login();
  const opened = await connect(fakeHttp(hangs), { clock: at }).logIn(keys, loggingIn);
  expect(opened.facts['marketDataFailure']).toBe('ALGO_DEADLINE');
  expect(waited).toBe(4_000);
});

test('what is no failure of the market data product is an error', async () => {
  const astray = new AlgoError('ALGO_HOST_NOT_ALLOWED', { host: 'x', why: 'y' });
  expect(await codeOf(() => connect(fakeHttp([login(), astray])).logIn(keys, loggingIn))).toBe('ALGO_HOST_NOT_ALLOWED');
});

test('what is missing is said by its field', async () => {
  const fieldOf = async (credentials: Credentials): Promise<unknown> =>
    errorOf(connect(fakeHttp([])).logIn(credentials, loggingIn));
  const missing = (field: string): object => ({ code: 'ALGO_INVALID_INPUT', details: { problems: [{ field }] } });
  expect(await fieldOf({ ...keys, fields: {} })).toMatchObject(missing('clientId'));
  for (const name of Object.keys(SECRETS)) {
    const secrets = Object.fromEntries(Object.entries(SECRETS).filter(([other]) => other !== name));
    expect(await fieldOf({ ...keys, secrets })).toMatchObject(missing(name));
  }
  expect(await fieldOf({ ...keys, method: 'totp' })).toMatchObject({ code: 'ALGO_NOT_SUPPORTED' });
});

const lookup = (result: object): Answer => json({ type: true, result });
const FOUND = { uniqueKey: 'unique', connectionString: 'https://smpd.jainam.in:3643/interactive' };

test('with a host lookup the log-in, and every call after it, goes where it leads', async () => {
  const http = fakeHttp([lookup(FOUND), login(), marketLogin, success([])]);
  const adapter = connect(http, { config: { useHostLookup: true } });
  const opened = await adapter.logIn(keys, loggingIn);
  await adapter.orderBook(callWith(opened));
  expect(http.requests.map(({ origin, path }) => origin + path)).toEqual([
    'https://jtrade.jainam.in:5000/hostlookup',
    'https://smpd.jainam.in:3643/interactive/user/session',
    'https://jtrade.jainam.in:5000/apimarketdata/auth/login',
    'https://smpd.jainam.in:3643/interactive/orders',
  ]);
  expect(shown(http.requests[0])).toMatchObject({
    purpose: 'read',
    family: 'auth-data',
    body: { accesspassword: '2021HostLookUpAccess', version: 'interactive_1.0.1' },
  });
  expect(shown(http.requests[1])).toMatchObject({
    body: { appKey: 'aaaabbbbccccdddd1111', secretKey: 'Inter$1#2@', uniqueKey: 'unique' },
  });
  expect(opened.facts).toMatchObject({
    interactiveOrigin: 'https://smpd.jainam.in:3643',
    interactivePath: '/interactive',
  });
});

test('a host lookup may spell its key otherwise and name a host without a path', async () => {
  const http = fakeHttp([
    json({ type: 'success', result: { UniqueKey: 'u', connectionString: 'https://smpd.jainam.in:3643' } }),
    login(),
  ]);
  await connect(http, { config: { useHostLookup: true } }).logIn(tradingKeys, loggingIn);
  expect(http.requests[1]?.path).toBe('/interactive/user/session');
});

test.each<[string, Answer, string]>([
  ['another domain', lookup({ ...FOUND, connectionString: 'https://evil.com/interactive' }), 'ALGO_HOST_NOT_ALLOWED'],
  ['plain http', lookup({ ...FOUND, connectionString: 'http://smpd.jainam.in' }), 'ALGO_HOST_NOT_ALLOWED'],
  ['this machine', lookup({ ...FOUND, connectionString: 'http://127.0.0.1:1' }), 'ALGO_HOST_NOT_ALLOWED'],
  ['nowhere', lookup({ uniqueKey: 'u' }), 'ALGO_REPLY_UNREADABLE'],
  ['an error', failure('e-x-1', 'no'), 'ALGO_BROKER_REFUSED'],
  ['an outage', text('<html>', 502), 'ALGO_BROKER_UNAVAILABLE'],
])('a host lookup that leads to %s ends the log-in before a key is sent', async (_what, answer, code) => {
  const http = fakeHttp([answer]);
  const adapter = connect(http, { config: { useHostLookup: true } });
  expect(await codeOf(() => adapter.logIn(keys, loggingIn))).toBe(code);
  expect(http.requests).toHaveLength(1);
  for (const secret of Object.values(SECRETS)) expect(JSON.stringify(http.requests)).not.toContain(secret.reveal());
});

test('there is no renewal', async () => {
  const http = fakeHttp([]);
  expect(await connect(http).renew(callWith())).toBeNull();
  expect(http.requests).toHaveLength(0);
});

test('both products are logged out of, each with its token', async () => {
  const http = fakeHttp([success({}), success({})]);
  expect(await connect(http).logOut(callWith())).toBe(true);
  expect(http.requests.map(shown)).toMatchObject([
    { purpose: 'command', lane: 'auth', method: 'DELETE', path: '/interactive/user/session' },
    { purpose: 'command', lane: 'auth', method: 'DELETE', path: '/apimarketdata/auth/logout' },
  ]);
  expect(http.requests.map((request) => shown(request))).toMatchObject([
    { headers: ['authorization', TOKEN, 'accept', 'application/json'] },
    { headers: ['authorization', MARKET_TOKEN, 'accept', 'application/json'] },
  ]);
});

test('a session that the broker does not know any more is over as well; another failure is an error', async () => {
  const call: BrokerCall = callWith(tradingSession);
  expect(await connect(fakeHttp([failure('e-session-0005', 'Invalid Token')])).logOut(call)).toBe(true);
  expect(await codeOf(() => connect(fakeHttp([text('', 503)])).logOut(call))).toBe('ALGO_BROKER_UNAVAILABLE');
});

test('that market data cannot be logged out of does not matter', async () => {
  const down = new AlgoError('ALGO_BROKER_UNREACHABLE', { broker: 'jainam', cause: 'x' });
  expect(await connect(fakeHttp([success({}), down])).logOut(callWith(session))).toBe(true);
  expect(await connect(fakeHttp([success({}), text('', 500)])).logOut(callWith(dealerSession))).toBe(true);
});
