import { expect, onTestFinished, test } from 'vitest';
import {
  claimsOf,
  jsonCall,
  loggedIn,
  resultOf,
  shapeOf,
  startedJainam,
  verdictOf,
  xtsError,
  xtsFixture,
} from './jainam-support.js';
import { rowOf, rowsOf, send, steppingClock } from './support.js';

const loginBody = (simulator: Awaited<ReturnType<typeof startedJainam>>['simulator']) => {
  const { interactiveApiKey: appKey, interactiveApiSecret: secretKey } = simulator.jainam.credentials;
  return { appKey, secretKey, source: 'WEBAPI' };
};

test('logs an investor in with the documents’ fields and a token of XTS’s claims', async () => {
  const { simulator } = await startedJainam(onTestFinished);
  const url = `${simulator.jainam.baseUrl}/interactive/user/session`;
  const reply = await jsonCall('POST', url, {}, loginBody(simulator));
  const sample = rowOf(xtsFixture('login_interactive_200.json'));
  expect({ ...rowOf(reply.json), result: null }).toEqual({ ...sample, result: null });
  expect(shapeOf(resultOf(reply))).toEqual(shapeOf(sample['result']));
  expect(resultOf(reply)).toMatchObject({ isInvestorClient: true, clientCodes: ['A1000001'], userID: 'A1000001' });
  const segments = rowsOf(rowOf(resultOf(reply))['exchangeSegmentArray']);
  expect(segments).toContainEqual({ key: 'NSEFO', value: '2' });

  const claims = claimsOf(String(rowOf(resultOf(reply))['token']));
  expect(claims['userID']).toBe(`A1000001_${simulator.jainam.credentials.interactiveApiKey}`);
  expect(Number(claims['exp']) - Number(claims['iat'])).toBe(86_400);
});

test('logs in to market data with keys of its own', async () => {
  const { simulator } = await startedJainam(onTestFinished);
  const { marketApiKey: appKey, marketApiSecret: secretKey } = simulator.jainam.credentials;
  for (const prefix of ['apimarketdata', 'apibinarymarketdata']) {
    const reply = await jsonCall('POST', `${simulator.jainam.baseUrl}/${prefix}/auth/login`, {}, { appKey, secretKey });
    expect(shapeOf(resultOf(reply))).toEqual(shapeOf(rowOf(xtsFixture('login_market_200.json'))['result']));
  }
});

test('takes a form in place of JSON, as the Python clients send it', async () => {
  const { simulator } = await startedJainam(onTestFinished);
  const reply = await send({
    method: 'POST',
    url: `${simulator.jainam.baseUrl}/interactive/user/session`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(loginBody(simulator)).toString(),
  });
  expect([reply.status, rowOf(JSON.parse(reply.text))['type']]).toEqual([200, 'success']);
});

test('refuses wrong keys, and the other product’s, in the words that were seen', async () => {
  const { simulator } = await startedJainam(onTestFinished);
  const { baseUrl, credentials } = simulator.jainam;
  const wrong = { ...loginBody(simulator), secretKey: 'Wrong12$#@' };
  const swapped = { appKey: credentials.marketApiKey, secretKey: credentials.marketApiSecret };
  for (const body of [wrong, swapped]) {
    const reply = await jsonCall('POST', `${baseUrl}/interactive/user/session`, {}, body);
    expect(reply).toEqual({ status: 400, json: xtsError('bad_login') });
  }
  const empty = await jsonCall('POST', `${baseUrl}/interactive/user/session`, {}, {});
  expect(verdictOf(empty)).toEqual([400, 'e-property-validation-failed']);
});

test('gives keys that look like XTS’s, the same for the same seed', async () => {
  const keysOf = async (seed: number) => {
    const { simulator } = await startedJainam(onTestFinished, {}, { seed });
    return simulator.jainam.credentials;
  };
  const keys = await keysOf(7);
  expect(keys.interactiveApiKey).toMatch(/^[0-9a-f]{22}$/);
  expect(keys.interactiveApiSecret).toMatch(/^.{7}\$#@$/);
  expect(keys.marketApiKey).not.toBe(keys.interactiveApiKey);
  expect(await keysOf(7)).toEqual(keys);
  expect(await keysOf(8)).not.toEqual(keys);
});

test('a second log-in with the same keys kills the first token, and only that product’s', async () => {
  const { simulator, client } = await startedJainam(onTestFinished);
  const url = `${simulator.jainam.baseUrl}/interactive/user/session`;
  const reply = await jsonCall('POST', url, {}, loginBody(simulator));
  const token = String(rowOf(resultOf(reply))['token']);
  expect(token).not.toBe(client.token); // even within one second
  expect(await client.call('GET', '/user/profile')).toEqual({ status: 400, json: xtsError('session_replaced') });
  expect((await client.market('GET', '/config/clientConfig')).status).toBe(200);
  const profile = `${simulator.jainam.baseUrl}/interactive/user/profile`;
  expect((await jsonCall('GET', profile, { authorization: token })).status).toBe(200);
});

test('ends a session when its day is over, not at midnight', async () => {
  const clock = steppingClock();
  const { client } = await startedJainam(onTestFinished, {}, { clock });
  clock.advance(86_399_000);
  expect((await client.call('GET', '/user/profile')).status).toBe(200);
  clock.advance(1_000);
  expect(verdictOf(await client.call('GET', '/user/profile'))).toEqual([400, 'e-session-0005']);
  expect(verdictOf(await client.market('GET', '/config/clientConfig'))).toEqual([400, 'e-session-0007']);
});

test('tells a missing token from a wrong one, and one product’s from the other’s', async () => {
  const { simulator, client } = await startedJainam(onTestFinished, { invalidTokenStatus: 401 });
  const url = `${simulator.jainam.baseUrl}/interactive/user/profile`;
  const codeOf = async (headers: Readonly<Record<string, string>>) => verdictOf(await jsonCall('GET', url, headers));
  expect(await codeOf({})).toEqual([401, 'e-token-0001']);
  expect(await codeOf({ authorization: `Bearer ${client.token}` })).toEqual([401, 'e-token-0002']);
  expect(await codeOf({ authorization: client.marketToken })).toEqual([401, 'e-session-0005']);
  expect(await codeOf({ authorization: client.token })).toEqual([200, 's-user-0001']);
});

test('logs out of each product on its own', async () => {
  const { client } = await startedJainam(onTestFinished);
  expect((await client.call('DELETE', '/user/session')).status).toBe(200);
  expect(verdictOf(await client.call('GET', '/orders'))).toEqual([400, 'e-session-0005']);
  expect((await client.market('DELETE', '/auth/logout')).status).toBe(200);
  expect(verdictOf(await client.market('GET', '/config/clientConfig'))).toEqual([400, 'e-session-0007']);
});

test('answers an HTML page under a prefix that nobody serves', async () => {
  const { simulator } = await startedJainam(onTestFinished);
  const reply = await send({ url: `${simulator.jainam.baseUrl}/marketdata/config/clientConfig` });
  expect([reply.status, reply.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
});

test('looks the host up, and takes its key at the log-in', async () => {
  const { simulator } = await startedJainam(onTestFinished, { hostLookup: 'required' });
  const { baseUrl, hostLookupUrl } = simulator.jainam;
  const url = `${baseUrl}/interactive/user/session`;
  expect((await jsonCall('POST', url, {}, loginBody(simulator))).status).toBe(400);
  const found = await jsonCall(
    'POST',
    hostLookupUrl,
    {},
    {
      accesspassword: '2021HostLookUpAccess',
      version: 'interactive_1.0.1',
    },
  );
  expect(rowOf(found.json)['type']).toBe(true);
  const { uniqueKey, connectionString } = rowOf(resultOf(found));
  const body = { ...loginBody(simulator), source: undefined, uniqueKey };
  expect((await jsonCall('POST', `${String(connectionString)}/user/session`, {}, body)).status).toBe(200);
  const made = await jsonCall('POST', url, {}, { ...body, uniqueKey: 'made-up' });
  expect(made).toEqual({ status: 400, json: xtsError('bad_login') });
});

test('spells the look-up the other way, or has none', async () => {
  const text = await startedJainam(onTestFinished, { hostLookupReply: 'text' });
  const body = { AccessPassword: '2021HostLookUpAccess', version: 'interactive_2.0' };
  const reply = await jsonCall('POST', text.simulator.jainam.hostLookupUrl, {}, body);
  expect(rowOf(reply.json)['type']).toBe('success');
  expect(resultOf(reply)).toHaveProperty('UniqueKey');
  const wrong = await jsonCall('POST', text.simulator.jainam.hostLookupUrl, {}, { ...body, AccessPassword: 'x' });
  expect(wrong.status).toBe(400);

  const none = await startedJainam(onTestFinished, { hostLookup: 'absent' });
  expect((await send({ method: 'POST', url: none.simulator.jainam.hostLookupUrl, body: '{}' })).status).toBe(404);
});

test('gives profile, enums, exchange status and messages', async () => {
  const { client } = await startedJainam(onTestFinished);
  expect(resultOf(await client.call('GET', '/user/profile?clientID=undefined'))).toMatchObject({
    ClientId: 'A1000001',
    isInvestorClient: true,
    ClientExchangeDetailsList: { NSECM: { ExchangeSegNumber: 1 }, MCXFO: { ExchangeSegNumber: 51 } },
  });
  expect(resultOf(await client.call('GET', '/user/enums?userID=A1000001'))).toHaveProperty('orderType');
  const { marketStatus } = rowOf(resultOf(await client.call('GET', '/status/exchange?userID=A1000001')));
  expect(rowsOf(marketStatus)[0]).toEqual({
    exchangeSegment: 'NSECM',
    exchangeMarketType: 'Normal',
    exchangeTradingSession: 'Open',
  });
  expect((await client.call('GET', '/messages/exchange?exchangeSegment=NSECM')).status).toBe(200);
});

test('a dealer logs in without segments, and every call of his names a client', async () => {
  const account = { clientId: 'DEALER01', dealer: true, clientCodes: ['C1', 'C2'] };
  const { simulator, client } = await startedJainam(onTestFinished, { account });
  const { baseUrl, credentials } = simulator.jainam;
  const reply = await jsonCall('POST', `${baseUrl}/interactive/user/session`, {}, loginBody(simulator));
  expect(shapeOf(resultOf(reply))).toEqual(shapeOf(rowOf(xtsFixture('login_dealer_200.json'))['result']));
  expect(resultOf(reply)).toMatchObject({ isInvestorClient: false, clientCodes: ['C1', 'C2'] });
  expect(verdictOf(await client.call('GET', '/user/profile'))).toEqual([400, 'e-session-0005']); // the log-in took over

  const dealer = await loggedIn(simulator, credentials);
  const fieldsOf = (json: unknown) => rowsOf(rowOf(rowOf(json)['result'])['errors']).map(({ field }) => field);
  const bare = await dealer.place();
  expect([bare.status, fieldsOf(bare.json)]).toEqual([400, [['clientID']]]);
  expect((await dealer.call('GET', '/orders/dealerorderbook?clientID=undefined')).status).toBe(400);
  const stranger = await dealer.place({ clientID: 'C3' });
  expect(rowOf(stranger.json)['description']).toBe('Client not mapped under dealer');

  const placed = await dealer.place({ clientID: 'C2' });
  expect(rowOf(resultOf(placed))['ClientID']).toBe('C2');
  const [row] = rowsOf(resultOf(await dealer.call('GET', '/orders/dealerorderbook?clientID=C2')));
  expect(row).toMatchObject({ LoginID: 'DEALER01', ClientID: 'C2' });
  expect(verdictOf(await dealer.call('GET', '/orders/dealerorderbook?clientID=C1'))).toEqual([400, 'e-orders-0005']);
  expect(verdictOf(await dealer.call('GET', '/orders?clientID=C2'))).toEqual([400, 'e-user-0103']);
  expect(verdictOf(await dealer.call('GET', '/user/balance?clientID=C2'))).toEqual([400, 'e-user-0103']);
  const id = String(row?.['AppOrderID']);
  expect((await dealer.call('GET', `/orders?appOrderID=${id}&clientID=C2`)).status).toBe(200);
  expect(verdictOf(await dealer.call('DELETE', `/orders?appOrderID=${id}&clientID=C1`))).toEqual([
    400,
    'e-orders-0001',
  ]);
  expect((await dealer.call('DELETE', `/orders?appOrderID=${id}&clientID=C2`)).status).toBe(200);
});

test('an investor may name himself, nobody else, and has no business on the dealers’ paths', async () => {
  const { simulator, client } = await startedJainam(onTestFinished);
  simulator.jainam.addAccount({ clientId: 'A1000002' }); // a client of this house, and still not his
  expect((await client.place({ clientID: 'A1000001' })).status).toBe(200);
  expect(verdictOf(await client.place({ clientID: 'A1000002' }))).toEqual([400, 'e-user-0101']);
  expect(simulator.ledger().map(({ clientId }) => clientId)).toEqual(['A1000001']);
  for (const path of ['/orders/dealerorderbook', '/orders/dealertradebook', '/portfolio/dealerpositions']) {
    expect(verdictOf(await client.call('GET', `${path}?dayOrNet=NetWise`)), path).toEqual([400, 'e-user-0102']);
  }
});

test('counts calls as public adapters keep to, and checks the token before the rate', async () => {
  const clock = steppingClock();
  const { client } = await startedJainam(onTestFinished, { rateLimits: 'on' }, { clock });
  for (let call = 0; call < 10; call += 1) expect((await client.place()).status).toBe(200);
  expect(await client.place()).toEqual({ status: 400, json: xtsError('rate_limited') });
  expect((await client.call('GET', '/orders')).status).toBe(200);
  expect(verdictOf(await client.call('GET', '/orders'))).toEqual([400, 'e-apirl-0004']);
  expect(verdictOf(await client.call('GET', '/orders/trades'))).toEqual([400, 'e-tradebook-0005']);
  clock.advance(1_000);
  expect((await client.place()).status).toBe(200);
  expect(await client.book()).toHaveLength(11); // the refused one is not there
  await client.call('DELETE', '/user/session');
  expect(verdictOf(await client.call('GET', '/orders'))).toEqual([400, 'e-session-0005']);
});

test('can take a place over the limit all the same, which only the book shows', async () => {
  const clock = steppingClock();
  const rateLimits = { order: [{ calls: 1, perMs: 1_000 }] };
  const options = { rateLimits, rateLimitedPlace: 'taken', rateLimitStatus: 429 } as const;
  const { simulator, client } = await startedJainam(onTestFinished, options, { clock });
  await client.place({ orderUniqueIdentifier: 'first' });
  expect(verdictOf(await client.place({ orderUniqueIdentifier: 'second' }))).toEqual([429, 'e-apirl-0004']);
  expect(simulator.ledger().map(({ tag }) => tag)).toEqual(['first', 'second']);
});
