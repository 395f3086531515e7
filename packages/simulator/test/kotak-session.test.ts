import { expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '../src/index.js';
import { totpAt } from '../src/totp.js';
import {
  LIMIT_BUY,
  PLACE,
  beginLogin,
  clientOf,
  dataOf,
  expectShape,
  jsonOf,
  loggedIn,
  sample,
  startedKotak,
  validateLogin,
} from './kotak-support.js';
import { rowOf, steppingClock } from './support.js';

const refusedLogin = (message: string) => ({ status: 401, json: { status: 'error', message, errorCode: '401' } });

async function served() {
  const clock = steppingClock();
  const simulator = await startSimulator({ brokers: ['kotak'], clock });
  onTestFinished(() => simulator.close());
  return { simulator, clock };
}

test('logs in with TOTP and MPIN, in replies with the keys of the recordings', async () => {
  const { simulator } = await served();
  const first = await beginLogin(simulator);
  expect(first.status).toBe(200);
  expectShape(first.json, sample('login_totp_200.json'));
  expect(dataOf(first.json)).toMatchObject({ kType: 'View', ucc: 'A1000001' });

  const second = await validateLogin(simulator, dataOf(first.json));
  expect(second.status).toBe(200);
  expectShape(second.json, sample('login_validate_200.json'));
  expect(dataOf(second.json)).toMatchObject({
    kType: 'Trade',
    dataCenter: 'E21',
    baseUrl: `${simulator.kotak.loginUrl}/e21`,
  });
});

test('gives tokens that end at midnight IST and say so', async () => {
  const { client, clock } = await startedKotak(onTestFinished);
  const claims = rowOf(JSON.parse(Buffer.from(client.session.token.split('.')[1] ?? '', 'base64url').toString()));
  expect(claims['exp']).toBe(Date.parse('2026-11-21T00:00:00+05:30') / 1_000);
  await client.placed();
  clock.setTo('2026-11-20T23:59:59+05:30');
  expect(rowOf((await client.get('/quick/user/orders')).json)['stCode']).toBe(200);
  clock.setTo('2026-11-21T00:00:00+05:30');
  expect(await client.get('/quick/user/orders')).toEqual({ status: 200, json: sample('session_over_100022.json') });
});

test('names the field that is missing, as recorded', async () => {
  const { simulator } = await served();
  expect(await beginLogin(simulator, { mobileNumber: '' })).toEqual({
    status: 400,
    json: sample('login_totp_missing_field_400.json'),
  });
  expect(JSON.stringify((await beginLogin(simulator, { ucc: undefined })).json)).toContain("'Ucc'");
  expect(JSON.stringify((await beginLogin(simulator, { totp: '' })).json)).toContain("'Totp'");
});

test('refuses a wrong token, mobile number, client code and TOTP with the same words', async () => {
  const { simulator } = await served();
  const refused = refusedLogin('Invalid credentials or TOTP.');
  expect(await beginLogin(simulator, { mobileNumber: '9999999999' })).toEqual(refused);
  expect(await beginLogin(simulator, { ucc: 'NOBODY' })).toEqual(refused);
  expect(await beginLogin(simulator, { totp: '000000' })).toEqual(refused);
  expect(await beginLogin(simulator, {}, { Authorization: 'Bearer x' })).toEqual(refused);
  expect((await beginLogin(simulator, {}, { 'neo-fin-key': '' })).status).toBe(403);
  expect((await beginLogin(simulator)).status).toBe(200);
});

test('takes a code of the neighbouring window, and each code once', async () => {
  const { simulator, clock } = await served();
  const { totpSecret } = simulator.kotak.credentials;
  const codeAt = (offsetMs: number) => totpAt(totpSecret, clock.now() + offsetMs);
  expect((await beginLogin(simulator, { totp: codeAt(-60_000) })).status).toBe(401);
  const early = codeAt(30_000);
  expect((await beginLogin(simulator, { totp: early })).status).toBe(200);
  expect((await beginLogin(simulator, { totp: early })).status).toBe(401);
  clock.advance(30_000);
  expect((await beginLogin(simulator, { totp: early })).status).toBe(401);
  clock.advance(30_000);
  expect((await beginLogin(simulator)).status).toBe(200);
});

test('takes a code again when told to', async () => {
  const clock = steppingClock();
  const simulator = await startSimulator({ brokers: ['kotak'], clock, kotak: { totpReuse: 'accept' } });
  onTestFinished(() => simulator.close());
  expect((await beginLogin(simulator)).status).toBe(200);
  expect((await beginLogin(simulator)).status).toBe(200);
});

test('refuses a wrong MPIN, and the second step without the first', async () => {
  const { simulator } = await served();
  const view = dataOf((await beginLogin(simulator)).json);
  expect(await validateLogin(simulator, view, { mpin: '12345' })).toEqual(refusedLogin('Invalid MPIN.'));
  expect((await validateLogin(simulator, { ...view, sid: 'other' })).status).toBe(401);
  expect((await validateLogin(simulator, {})).status).toBe(401);
  expect((await validateLogin(simulator, view)).status).toBe(200);
});

test('lets a view token, a foreign sid and a missing header call nothing', async () => {
  const { simulator, client } = await startedKotak(onTestFinished, { kotak: { totpReuse: 'accept' } });
  const view = dataOf((await beginLogin(simulator)).json);
  const { baseUrl, token, sid } = client.session;
  const strangers = [
    { token: String(view['token']), sid: String(view['sid']), baseUrl },
    { token, sid: String(view['sid']), baseUrl },
    { token: '', sid, baseUrl },
  ];
  for (const stranger of strangers) {
    expect((await clientOf(stranger).form(PLACE, LIMIT_BUY)).json).toEqual({
      stCode: 100_022,
      errMsg: 'invalid session token',
      stat: 'Not_Ok',
    });
    expect((await clientOf(stranger).get('/quick/user/trades')).json).toEqual(sample('session_over_100022.json'));
  }
  expect(simulator.ledger()).toEqual([]);
});

test('answers a session that is over with the HTTP status it is told', async () => {
  const { client } = await startedKotak(onTestFinished, { kotak: { sessionOverStatus: 403 } });
  const stranger = clientOf({ ...client.session, token: 'eyJ.eyJ.x' });
  expect((await stranger.place()).status).toBe(403);
});

test('lets sessions coexist: a second log-in ends nothing', async () => {
  const { simulator, client, clock } = await startedKotak(onTestFinished);
  clock.advance(60_000);
  const second = clientOf(await loggedIn(simulator));
  const orderNumber = await client.placed();
  expect((await second.row(orderNumber))['nOrdNo']).toBe(orderNumber);
  expect((await client.cancel({ on: orderNumber, am: 'NO' })).status).toBe(200);
});

test('serves a session below its own base URL and nowhere else', async () => {
  const { simulator, client, clock } = await startedKotak(onTestFinished);
  const { loginUrl } = simulator.kotak;
  const hardCoded = clientOf({ ...client.session, baseUrl: loginUrl });
  expect((await hardCoded.place()).status).toBe(404);
  const elsewhere = clientOf({ ...client.session, baseUrl: `${loginUrl}/e43` });
  expect(rowOf((await elsewhere.place()).json)['stCode']).toBe(100_022);
  const other = simulator.kotak.addAccount({ clientId: 'B2000002', dataCenter: 'E43' });
  clock.advance(60_000);
  const session = await loggedIn(simulator, other);
  expect(session.baseUrl).toBe(`${loginUrl}/e43`);
  expect(rowOf((await clientOf(session).place()).json)['stat']).toBe('Ok');
  expect(simulator.ledger()).toHaveLength(1);
});

test('answers 404 to paths that nobody serves, however they are spelt', async () => {
  const { simulator } = await served();
  for (const path of [
    '/',
    '//',
    '/e21/quick/user/orders/',
    '/oauth2/token',
    '/e21/quick/user/orders/%ZZ',
    '/e21/Orders/2.0/quick/user/orders',
  ]) {
    const { status, json } = await jsonOf({ url: simulator.kotak.loginUrl + path });
    expect([status, rowOf(json)['stat']], path).toEqual([404, 'Not_Ok']);
  }
});

test('tells the caller its own address', async () => {
  const { simulator, client } = await startedKotak(onTestFinished);
  const url = `${simulator.kotak.loginUrl}/login/1.0/get-client-ip`;
  const headers = { Auth: client.session.token, Sid: client.session.sid };
  const { accessToken } = simulator.kotak.credentials;
  const { json } = await jsonOf({ url, headers: { ...headers, Authorization: accessToken } });
  expectShape(json, sample('client_ip_200.json'));
  expect((await jsonOf({ url, headers })).status).toBe(401);
});

test('gives the same secrets for the same seed and others for another, in the forms Kotak has', async () => {
  const secretsOf = async (seed: number) => {
    const simulator = await startSimulator({ brokers: ['kotak'], seed });
    onTestFinished(() => simulator.close());
    return simulator.kotak.credentials;
  };
  expect(await secretsOf(7)).toEqual(await secretsOf(7));
  expect(await secretsOf(7)).not.toEqual(await secretsOf(8));
  expect(await secretsOf(7)).toMatchObject({
    accessToken: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    mobileNumber: expect.stringMatching(/^\+91\d{10}$/),
    mpin: expect.stringMatching(/^\d{6}$/),
    totpSecret: expect.stringMatching(/^[A-Z2-7]{32}$/),
  });
});

test('counts ten orders a second, cancels and modifies among them, and reads apart', async () => {
  const { client, clock } = await startedKotak(onTestFinished, { kotak: { rateLimits: 'on' } });
  const orderNumber = await client.placed();
  for (let call = 0; call < 8; call += 1) expect((await client.place()).status).toBe(200);
  expect((await client.cancel({ on: orderNumber })).status).toBe(200);
  const refused = await client.place();
  expect([refused.status, rowOf(refused.json)['stat']]).toEqual([429, 'Not_Ok']);
  expect(await client.book()).toHaveLength(9);
  clock.advance(1_000);
  expect((await client.place()).status).toBe(200);
});

test('counts twenty-five quotes and five candle calls a second', async () => {
  const { simulator, client } = await startedKotak(onTestFinished, { kotak: { rateLimits: 'on' } });
  const headers = { Authorization: simulator.kotak.credentials.accessToken };
  const statuses = async (path: string, calls: number) => {
    const seen: number[] = [];
    for (let call = 0; call < calls; call += 1) seen.push((await client.get(path, headers)).status);
    return seen.filter((status) => status === 200).length;
  };
  expect(await statuses('/script-details/1.0/quotes/neosymbol/nse_cm|2885/ltp', 27)).toBe(25);
  const candles = '/market-data/1.0/historical/details?neosymbol=nse_cm|2885&fromdate=2026-11-19&todate=2026-11-19';
  expect(await statuses(`${candles}&interval=D`, 7)).toBe(5);
});
