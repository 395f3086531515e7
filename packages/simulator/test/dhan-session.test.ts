import { expect, onTestFinished, test } from 'vitest';
import { totpAt } from '../src/totp.js';
import { clientOf, fixture, loginUrl, rowOf, rowsOf, send, started, steppingClock } from './support.js';

test('reads an authenticator’s six digits as RFC 6238 does', () => {
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'; // "12345678901234567890", appendix B, last six of eight digits
  expect(totpAt(secret, 59_000)).toBe('287082');
  expect(totpAt(secret, 1_111_111_109_000)).toBe('081804');
  expect(totpAt(secret, 20_000_000_000_000)).toBe('353130');
});

test('answers DH-901 exactly as recorded without a token, with an unknown one and with an expired one', async () => {
  const clock = steppingClock();
  const { simulator, client } = await started(onTestFinished, { clock });
  const [sample] = rowsOf(fixture('errors.json'));
  const refused = { status: 401, json: sample?.['body'] };
  const { credentials } = simulator.dhan;
  const bare = await send({ url: `${simulator.dhan.baseUrl}/fundlimit` });
  expect({ status: bare.status, json: JSON.parse(bare.text) }).toEqual(refused);
  expect(await clientOf(simulator, { ...credentials, accessToken: 'eyJ.eyJ.x' }).get('/fundlimit')).toEqual(refused);
  expect((await client.get('/fundlimit')).status).toBe(200);
  clock.advance(86_400_000);
  expect(await client.get('/fundlimit')).toEqual(refused);
});

test('gives tokens that look like and say what Dhan’s do', async () => {
  const { simulator, client } = await started(onTestFinished);
  const { accessToken } = simulator.dhan.credentials;
  expect(accessToken).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
  const claims = rowOf(JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()));
  expect(claims).toMatchObject({ iss: 'dhan', dhanClientId: '1000000001' });
  const { json } = await client.get('/profile');
  expect(Object.keys(rowOf(json))).toEqual(Object.keys(rowOf(fixture('profile_200.json'))));
  expect(json).toMatchObject({ tokenValidity: '21/11/2026 10:00', dataPlan: 'Active' });
});

test('logs in with PIN and TOTP, and the new token kills the old one', async () => {
  const clock = steppingClock();
  const { simulator, client } = await started(onTestFinished, { clock });
  const reply = await send({ method: 'POST', url: loginUrl(simulator) });
  const token = rowOf(JSON.parse(reply.text));
  expect(Object.keys(token)).toEqual(Object.keys(rowOf(fixture('token_generate_totp_200.json'))));
  expect(token['expiryTime']).toBe('2026-11-21T10:00:00.000');
  expect((await client.get('/fundlimit')).status).toBe(401);
  const { credentials } = simulator.dhan;
  const renewed = clientOf(simulator, { ...credentials, accessToken: String(token['accessToken']) });
  expect((await renewed.get('/fundlimit')).status).toBe(200);
});

test('allows one step of clock difference either way, and no more', async () => {
  const clock = steppingClock();
  const { simulator } = await started(onTestFinished, { clock });
  const { totpSecret } = simulator.dhan.credentials;
  const tryAt = async (offsetMs: number) => {
    const totp = totpAt(totpSecret, clock.now() + offsetMs);
    const { text } = await send({ method: 'POST', url: loginUrl(simulator, { totp }) });
    clock.advance(120_000);
    return rowOf(JSON.parse(text));
  };
  expect(await tryAt(-60_000)).toEqual({ message: 'Invalid TOTP', status: 'error' });
  expect(await tryAt(60_000)).toEqual({ message: 'Invalid TOTP', status: 'error' });
  expect(await tryAt(-30_000)).toHaveProperty('accessToken');
  expect(await tryAt(30_000)).toHaveProperty('accessToken');
});

test('refuses a wrong PIN, and a second token within two minutes', async () => {
  const clock = steppingClock();
  const { simulator } = await started(onTestFinished, { clock });
  const login = async (changes = {}) => {
    const { status, text } = await send({ method: 'POST', url: loginUrl(simulator, changes) });
    return [status, rowOf(JSON.parse(text))['message']];
  };
  expect(await login({ pin: '000000' })).toEqual([200, 'Invalid Pin']);
  expect(await login()).toEqual([200, undefined]);
  clock.advance(119_999);
  expect(await login()).toEqual([200, 'Token can be generated once every 2 minutes.']);
  clock.advance(1);
  expect(await login()).toEqual([200, undefined]);
});

test('renews a web token by GET only, and the old one dies', async () => {
  const { simulator } = await started(onTestFinished);
  const { accessToken, clientId } = simulator.dhan.credentials;
  const url = `${simulator.dhan.baseUrl}/RenewToken`;
  const headers = { 'access-token': accessToken, dhanClientId: clientId };
  expect((await send({ method: 'POST', url, headers })).status).toBe(400);
  const renewed = await send({ url, headers });
  expect(rowOf(JSON.parse(renewed.text))['accessToken']).not.toBe(accessToken);
  expect((await send({ url, headers })).status).toBe(401);
});

test('does not renew a token made by PIN and TOTP', async () => {
  const { simulator } = await started(onTestFinished);
  const { text } = await send({ method: 'POST', url: loginUrl(simulator) });
  const headers = { 'access-token': String(rowOf(JSON.parse(text))['accessToken']), dhanClientId: '1000000001' };
  expect((await send({ url: `${simulator.dhan.baseUrl}/RenewToken`, headers })).status).toBe(400);
});

test('gives the same secrets for the same seed and others for another', async () => {
  const secretsOf = async (seed: number) => {
    const { simulator } = await started(onTestFinished, { seed });
    const { pin, totpSecret } = simulator.dhan.credentials;
    return [pin, totpSecret];
  };
  expect(await secretsOf(7)).toEqual(await secretsOf(7));
  expect(await secretsOf(7)).not.toEqual(await secretsOf(8));
});

test('counts calls per account and family as the documents say, and orders together', async () => {
  const clock = steppingClock();
  const { client } = await started(onTestFinished, { clock, dhan: { rateLimits: 'on' } });
  const orderId = await client.placed();
  for (let call = 0; call < 8; call += 1) expect((await client.place()).status).toBe(200);
  expect((await client.delete(`/orders/${orderId}`)).status).toBe(202);
  const { status, json } = await client.place();
  expect([status, rowOf(json)['errorCode']]).toEqual([429, 'DH-904']);
  expect((await client.get('/orders')).status).toBe(200);
  clock.advance(1_000);
  expect((await client.place()).status).toBe(200);
});

test('takes other windows in place of the documented ones', async () => {
  const clock = steppingClock();
  const rateLimits = { order: [{ calls: 1, perMs: 60_000 }] };
  const { client } = await started(onTestFinished, { clock, dhan: { rateLimits } });
  expect((await client.place()).status).toBe(200);
  clock.advance(59_999);
  expect((await client.place()).status).toBe(429);
  clock.advance(1);
  expect((await client.place()).status).toBe(200);
});
