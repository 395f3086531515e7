import { expect, onTestFinished, test } from 'vitest';
import { totpAt } from '../src/totp.js';
import {
  SECURE,
  angelFixture,
  clientWith,
  headersOf,
  loggedIn,
  login,
  refresh,
  refusalOf,
  sampleRow,
  shapeOf,
  startedAngel,
} from './angel-support.js';
import { rowOf, rowsOf, send, steppingClock } from './support.js';

const claimsOf = (token: unknown) =>
  rowOf(JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString()));

test('logs in with MPIN and TOTP and gives three tokens, and the state back when one was sent', async () => {
  const { simulator, client } = await startedAngel(onTestFinished, {}, { clock: steppingClock() });
  const { state: _state, ...without } = sampleRow('login_200.json');
  expect(shapeOf(client.tokens)).toEqual(shapeOf(without));

  const { clientcode: _code, password: _pin, totp: _totp, ...others } = rowOf(angelFixture('login_request.json'));
  expect(Object.keys(others)).toEqual(['state']);
  const { json } = await login(simulator, simulator.angel.credentials, { state: 'live' });
  expect(shapeOf(json)).toEqual(shapeOf(angelFixture('login_200.json')));
  expect(shapeOf(rowOf(json)['data'])).toEqual(shapeOf(sampleRow('login_200.json')));
  expect(rowOf(json)).toMatchObject({ message: 'SUCCESS', errorcode: '', data: { state: 'live' } });
});

test('signs tokens with an exp of 28 hours, and stops taking them at midnight IST all the same', async () => {
  const clock = steppingClock();
  const { simulator, client } = await startedAngel(onTestFinished, {}, { clock });
  const { iat, exp, sub } = claimsOf(client.tokens['jwtToken']);
  expect([sub, Number(exp) - Number(iat)]).toEqual([simulator.angel.credentials.clientCode, 28 * 3_600]);
  clock.setTo('2026-11-20T23:59:59+05:30');
  expect((await client.get('user/v1/getRMS')).json).toMatchObject({ status: true });
  clock.setTo('2026-11-21T00:00:00+05:30');
  expect((await client.get('user/v1/getRMS')).json).toMatchObject({ success: false, errorCode: 'AG8002' });
});

test('takes a token until its exp when told that sessions last so long', async () => {
  const clock = steppingClock();
  const { client } = await startedAngel(onTestFinished, { sessionEnds: 'token' }, { clock });
  clock.advance(28 * 3_600_000 - 1);
  expect((await client.get('user/v1/getRMS')).json).toMatchObject({ status: true });
  clock.advance(1);
  expect((await client.get('user/v1/getRMS')).json).toMatchObject({ errorCode: 'AG8002' });
});

test('refuses a wrong MPIN, wrong digits, an unknown client and another key, each in its own words', async () => {
  const { simulator } = await startedAngel(onTestFinished);
  const { credentials } = simulator.angel;
  const stranger = simulator.angel.addAccount({ clientId: 'B2000002' });
  const wrongMpin = credentials.mpin === '0000' ? '1111' : '0000';
  expect(refusalOf(await login(simulator, credentials, { password: wrongMpin }))[1]).toBe('AB1000');
  expect(refusalOf(await login(simulator, credentials, { clientcode: 'NOBODY1' }))[1]).toBe('AB1000');
  expect(refusalOf(await login(simulator, credentials, { totp: '12345' }))[1]).toBe('AB1050');
  expect(refusalOf(await login(simulator, { ...credentials, apiKey: stranger.apiKey }))[1]).toBe('AB1053');
  expect((await login(simulator, credentials)).json).toMatchObject({ status: true });
});

test('allows one step of clock difference either way, and no more', async () => {
  const clock = steppingClock();
  const { simulator } = await startedAngel(onTestFinished, {}, { clock });
  const { credentials } = simulator.angel;
  const codeAt = async (offsetMs: number) =>
    refusalOf(await login(simulator, credentials, { totp: totpAt(credentials.totpSecret, clock.now() + offsetMs) }))[1];
  expect([await codeAt(-60_000), await codeAt(60_000)]).toEqual(['AB1050', 'AB1050']);
  expect([await codeAt(-30_000), await codeAt(30_000)]).toEqual(['', '']);
});

test('takes the same digits twice, unless told that they are good once', async () => {
  const lenient = await startedAngel(onTestFinished, {}, { clock: steppingClock() });
  expect((await login(lenient.simulator, lenient.simulator.angel.credentials)).json).toMatchObject({ status: true });
  const clock = steppingClock();
  const strict = await startedAngel(onTestFinished, { totpReuse: 'refuse' }, { clock });
  expect(refusalOf(await login(strict.simulator, strict.simulator.angel.credentials))[1]).toBe('AB1050');
  clock.advance(30_000);
  expect((await login(strict.simulator, strict.simulator.angel.credentials)).json).toMatchObject({ status: true });
});

test('answers a bad token exactly as recorded, in either envelope, and a missing one with AG8003', async () => {
  const [gateway, service] = rowsOf(angelFixture('errors.json')).map((sample) => sample['body']);
  for (const [tokenErrors, sample] of [
    ['gateway', gateway],
    ['service', service],
  ] as const) {
    const { simulator } = await startedAngel(onTestFinished, { tokenErrors });
    const { credentials } = simulator.angel;
    const wrong = clientWith(simulator, credentials, { jwtToken: 'eyJ.eyJ.x' });
    expect(await wrong.get('order/v1/getOrderBook')).toEqual({ status: 200, json: sample });
    const url = `${simulator.angel.baseUrl}${SECURE}/order/v1/getOrderBook`;
    const bare = await send({ url, headers: headersOf(credentials.apiKey) });
    expect(bare.text).toContain('AG8003');
  }
});

test('lets a second login kill the first session, or keep it', async () => {
  for (const [secondLogin, works] of [
    ['kills', false],
    ['keeps', true],
  ] as const) {
    const { simulator, client } = await startedAngel(onTestFinished, { secondLogin });
    const second = await loggedIn(simulator);
    expect('status' in rowOf((await client.get('user/v1/getRMS')).json), secondLogin).toBe(works);
    expect((await second.get('user/v1/getRMS')).json).toMatchObject({ status: true });
  }
});

test('refreshes with the refresh token, even after midnight, and the old tokens die', async () => {
  const clock = steppingClock();
  const { simulator, client } = await startedAngel(onTestFinished, {}, { clock });
  clock.setTo('2026-11-21T00:30:00+05:30');
  const { jwtToken, refreshToken } = client.tokens;
  const { json } = await refresh(simulator, jwtToken, refreshToken);
  expect(shapeOf(rowOf(json)['data'])).toEqual(shapeOf(sampleRow('generate_tokens_200.json')));
  const renewed = clientWith(simulator, simulator.angel.credentials, rowOf(rowOf(json)['data']));
  expect((await renewed.get('user/v1/getRMS')).json).toMatchObject({ status: true });
  expect((await client.get('user/v1/getRMS')).json).toMatchObject({ errorCode: 'AG8001' });
  expect((await refresh(simulator, jwtToken, refreshToken)).json).toMatchObject({ errorCode: 'AG8001' });
});

test('refuses an unknown refresh token, an outlived one, and one of another client', async () => {
  const clock = steppingClock();
  const { simulator, client } = await startedAngel(onTestFinished, {}, { clock });
  const other = await loggedIn(simulator, simulator.angel.addAccount({ clientId: 'B2000002' }));
  const { jwtToken, refreshToken } = client.tokens;
  expect(refusalOf(await refresh(simulator, jwtToken, 'eyJ.eyJ.x'))[1]).toBe('AB8050');
  expect(refusalOf(await refresh(simulator, jwtToken, other.tokens['refreshToken']))[1]).toBe('AB8050');
  expect((await refresh(simulator, undefined, refreshToken)).json).toMatchObject({ errorCode: 'AG8003' });
  clock.advance(28 * 3_600_000);
  expect(refusalOf(await refresh(simulator, jwtToken, refreshToken))[1]).toBe('AB8051');
});

test('logs out: the token and its refresh token are dead', async () => {
  const { simulator, client } = await startedAngel(onTestFinished);
  expect(refusalOf(await client.post('user/v1/logout', { clientcode: 'B2000002' }))[1]).toBe('AB1007');
  const { clientCode } = simulator.angel.credentials;
  const { json } = await client.post('user/v1/logout', { clientcode: clientCode });
  expect(json).toEqual(angelFixture('logout_200.json'));
  expect((await client.get('user/v1/getRMS')).json).toMatchObject({ errorCode: 'AG8001' });
  const { jwtToken, refreshToken } = client.tokens;
  expect((await refresh(simulator, jwtToken, refreshToken)).json).toMatchObject({ errorCode: 'AG8001' });
});

test('gives a profile whose lists are texts, or lists when told so', async () => {
  const { client } = await startedAngel(onTestFinished);
  const profile = rowOf(await client.data('user/v1/getProfile'));
  expect(shapeOf(profile)).toEqual(shapeOf(sampleRow('profile_200.json')));
  expect(JSON.parse(String(profile['exchanges']))).toEqual(['NSE', 'BSE', 'NFO', 'BFO', 'CDS', 'MCX']);
  const listed = await startedAngel(onTestFinished, {
    profileLists: 'list',
    account: { clientId: 'A1000001', segments: ['NSE_EQ', 'MCX_COMM'] },
  });
  expect(await listed.client.data('user/v1/getProfile')).toMatchObject({ exchanges: ['NSE', 'MCX'] });
});

test('sends the browser of a publisher login back with tokens that work', async () => {
  const redirectUrl = 'https://example.com/back?app=1';
  const { simulator } = await startedAngel(onTestFinished, { redirectUrl });
  const { credentials, publisherLoginUrl } = simulator.angel;
  const { status, headers } = await send({ url: `${publisherLoginUrl}?api_key=${credentials.apiKey}&state=s%201` });
  const target = new URL(headers.location ?? '');
  expect([status, target.origin + target.pathname]).toEqual([302, 'https://example.com/back']);
  expect([...target.searchParams.keys()]).toEqual(['app', 'auth_token', 'feed_token', 'refresh_token', 'state']);
  expect(target.searchParams.get('state')).toBe('s 1');

  const jwtToken = target.searchParams.get('auth_token');
  const client = clientWith(simulator, credentials, { jwtToken });
  expect((await client.get('user/v1/getProfile')).json).toMatchObject({ status: true });
  const renewed = await refresh(simulator, jwtToken, target.searchParams.get('refresh_token'));
  expect(renewed.json).toMatchObject({ status: true });
  expect((await send({ url: `${publisherLoginUrl}?api_key=wrong` })).status).toBe(404);
});

test('wants the headers of every call, and looks into none of the machine values', async () => {
  const { simulator, client } = await startedAngel(onTestFinished);
  const url = `${simulator.angel.baseUrl}${SECURE}/user/v1/getRMS`;
  const full = headersOf(simulator.angel.credentials.apiKey, client.tokens['jwtToken']);
  const names = ['x-usertype', 'x-sourceid', 'x-clientlocalip', 'x-clientpublicip', 'x-macaddress', 'x-privatekey'];
  for (const name of names) {
    const headers = Object.fromEntries(Object.entries(full).filter(([key]) => key !== name));
    expect((await send({ url, headers })).text, name).toContain(name);
  }
  const odd = { ...full, 'x-clientpublicip': 'null', 'x-macaddress': '' };
  expect((await send({ url, headers: odd })).text).toContain('"status":true');
  const other = { ...full, 'x-privatekey': 'wrongkey' };
  expect((await send({ url, headers: other })).text).toContain('AB1053');
});

test('takes Bearer twice in front of a token, and a body behind a GET', async () => {
  const { simulator, client } = await startedAngel(onTestFinished);
  const url = `${simulator.angel.baseUrl}${SECURE}/user/v1/getProfile?%7B%7D`;
  const headers = headersOf(simulator.angel.credentials.apiKey, `Bearer ${String(client.tokens['jwtToken'])}`);
  for (const body of ['{}', 'null']) {
    const counted = { ...headers, 'content-length': String(body.length) };
    expect((await send({ url, headers: counted, body })).text, body).toContain('"status":true');
  }
});

test('gives the same secrets for the same seed and others for another', async () => {
  const secretsOf = async (seed: number) =>
    (await startedAngel(onTestFinished, {}, { seed })).simulator.angel.credentials;
  expect(await secretsOf(7)).toEqual(await secretsOf(7));
  expect(await secretsOf(7)).not.toEqual(await secretsOf(8));
});

test('refuses an account under an impossible client code', async () => {
  const { simulator } = await startedAngel(onTestFinished);
  expect(() => simulator.angel.addAccount({ clientId: 'a b' })).toThrow('4 to 12 capitals and digits');
});

test('counts placing, modifying and cancelling together, and refuses with the recorded text', async () => {
  const clock = steppingClock();
  const { client } = await startedAngel(onTestFinished, { rateLimits: 'on' }, { clock });
  const { orderid } = await client.placed();
  for (let call = 0; call < 7; call += 1) await client.placed();
  expect((await client.post('order/v1/cancelOrder', { variety: 'NORMAL', orderid })).json).toMatchObject({
    status: true,
  });
  const raw = rowsOf(angelFixture('errors.json')).find((sample) => 'raw' in sample);
  expect(await client.place()).toEqual({ status: 403, json: raw?.['raw'] });
  expect((await client.get('order/v1/getOrderBook')).status).toBe(200);
  expect((await client.get('order/v1/getOrderBook')).status).toBe(403);
  clock.advance(1_000);
  expect((await client.place()).status).toBe(200);
});

test('refuses too many calls with 429 or AB1021 when told so, and takes other windows', async () => {
  const rateLimits = { funds: [{ calls: 1, perMs: 60_000 }] };
  for (const [rateLimitWords, words] of [
    ['too-many', { status: 429, json: 'Too Many Requests' }],
    ['code', { status: 200, json: expect.objectContaining({ errorcode: 'AB1021' }) as unknown }],
  ] as const) {
    const clock = steppingClock();
    const { client } = await startedAngel(onTestFinished, { rateLimits, rateLimitWords }, { clock });
    expect((await client.get('user/v1/getRMS')).status).toBe(200);
    clock.advance(59_999);
    expect(await client.get('user/v1/getRMS')).toEqual(words);
    clock.advance(1);
    expect((await client.get('user/v1/getRMS')).json).toMatchObject({ status: true });
  }
});

test('counts logins per client code, one a second', async () => {
  const clock = steppingClock();
  const { simulator } = await startedAngel(onTestFinished, { rateLimits: 'on' }, { clock });
  const { credentials } = simulator.angel;
  expect((await login(simulator, credentials)).status).toBe(403);
  expect((await login(simulator, simulator.angel.addAccount({ clientId: 'B2000002' }))).status).toBe(200);
  clock.advance(1_000);
  expect((await login(simulator, credentials)).json).toMatchObject({ status: true });
});
