import { dhan } from '@algo/broker-dhan';
import { kotak } from '@algo/broker-kotak';
import { createAlgo, memoryStore } from '@algo/core';
import { detectEnvironment, importEnvironment } from '@algo/migrate';
import type { EnvironmentImport } from '@algo/migrate';
import { startSimulator } from '@algo/simulator';
import { createFakeClock } from '@algo/testkit';
import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { fixture, memoryKeys } from './helpers.js';

const KEPT = await readFile(fixture('kept.env'), 'utf8');
const CANARY = 'canary-token-in-the-file';

test('shows which fields a file has, which are secret, and how they log in', () => {
  const [found, kotakFound, ...others] = detectEnvironment(KEPT, [dhan(), kotak()]);

  expect(others).toEqual([]);
  expect(found).toMatchObject({ broker: 'dhan', account: 'main', method: 'token' });
  expect(found?.fields.map(({ name, state, shown }) => [name, state, shown])).toEqual([
    ['clientId', 'found', '1100123456'],
    ['accessToken', 'found', '(secret)'],
    ['pin', 'missing', null],
    ['totpSecret', 'missing', null],
    ['apiKey', 'missing', null],
    ['apiSecret', 'missing', null],
  ]);
  expect(kotakFound).toMatchObject({ broker: 'kotak', method: null });
  expect(kotakFound?.methods[0]?.lacks).toEqual(['accessToken', 'mobileNumber', 'mpin', 'totpSecret']);
});

test('never tells a secret value, malformed ones included', () => {
  const source = `${KEPT}\nKOTAK_MPIN=canary-pin\nKOTAK_TOTP_SECRET=canary totp!`;
  const found = detectEnvironment(source, [dhan(), kotak()]);
  expect(found[1]?.fields.find(({ name }) => name === 'mpin')).toMatchObject({ state: 'malformed', shown: '(secret)' });
  expect(JSON.stringify(found)).not.toContain('canary');
});

test('leaves out brokers without a variable, and finds several accounts by their suffix', () => {
  expect(detectEnvironment({ PATH: '/bin', DHAN_CLIENT_ID: '' }, [dhan(), kotak()])).toEqual([]);
  const variables = { DHAN_CLIENT_ID: '1', DHAN_CLIENT_ID_2: '1100000002', DHAN_ACCESS_TOKEN_2: 'x' };
  const found = detectEnvironment(variables, [dhan()], { accounts: { main: '', second: '_2' } });
  expect(found.map(({ account, fields }) => [account, fields[0]?.variable])).toEqual([
    ['main', 'DHAN_CLIENT_ID'],
    ['second', 'DHAN_CLIENT_ID_2'],
  ]);
  const renamed = detectEnvironment({ MY_ID: '1100000002' }, [dhan()], { renamed: { DHAN_CLIENT_ID: 'MY_ID' } });
  expect(renamed[0]?.fields[0]).toMatchObject({ variable: 'MY_ID', state: 'found' });
});

test('stores what works, sealed and with an audit row', async () => {
  const { run, importFrom, store, simulator, me } = await startImport();
  const { clientId, accessToken } = simulator.dhan.credentials;

  const imported = await run(importFrom(`DHAN_CLIENT_ID=${clientId}\nDHAN_ACCESS_TOKEN=${accessToken}`));

  expect(imported).toMatchObject([{ outcome: 'stored', why: null }]);
  expect(await me.credentials.list()).toMatchObject([{ broker: 'dhan', account: 'main', fields: { clientId } }]);
  expect(me.getConnectionStatus()).toMatchObject([{ broker: 'dhan', account: 'main' }]);
  const audit = await store.audit.list('u1', { limit: 10 });
  expect(audit).toMatchObject([{ actor: 'operator', why: 'moving in', subject: 'dhan/main' }]);
  expect(JSON.stringify([imported, audit])).not.toContain(accessToken);
});

test('takes credentials that do not work away again', async () => {
  const { run, importFrom, store, simulator, me } = await startImport();

  const imported = await run(importFrom(KEPT.replace('1100123456', simulator.dhan.credentials.clientId)));

  expect(imported[0]).toMatchObject({ outcome: 'rolled-back', why: expect.stringMatching(/dhan/) });
  expect(await me.credentials.list()).toEqual([]);
  expect(JSON.stringify([imported, await store.audit.list('u1', { limit: 10 })])).not.toContain(CANARY);
});

test('puts back what was there before, and that works', async () => {
  const { run, importFrom, store, simulator, me } = await startImport();
  const { clientId, accessToken } = simulator.dhan.credentials;
  await me.credentials.put('dhan', 'main', { clientId, accessToken });

  const imported = await run(importFrom(KEPT.replace('1100123456', clientId)));

  expect(imported[0]?.outcome).toBe('rolled-back');
  await run(me.retryConnection({ broker: 'dhan', account: 'main' }));
  const [latest] = await store.audit.list('u1', { limit: 1 });
  expect(latest).toMatchObject({ action: 'credentials-restored', actor: 'operator', subject: 'dhan/main' });
});

test('does not write over credentials that it could not put back', async () => {
  const { run, importFrom, store, simulator, me } = await startImport();
  const { clientId, accessToken } = simulator.dhan.credentials;
  await me.credentials.put('dhan', 'main', { clientId, accessToken });
  const key = { userId: 'u1', broker: 'dhan', account: 'main' };
  const before = await store.credentials.get(key);

  const imported = await run(importFrom(KEPT.replace('1100123456', clientId), { keys: memoryKeys('another') }));

  expect(imported[0]).toMatchObject({ outcome: 'refused', why: expect.stringContaining('cannot be opened') });
  expect(await store.credentials.get(key)).toEqual(before);
});

test('stores nothing that is incomplete, malformed or of another client, and goes on with the next broker', async () => {
  const { run, importFrom, simulator, me } = await startImport();
  const { clientId, accessToken } = simulator.dhan.credentials;
  const good = `DHAN_CLIENT_ID=${clientId}\nDHAN_ACCESS_TOKEN=${accessToken}`;

  const [dhanImported, kotakImported] = await run(importFrom(`KOTAK_UCC=lower case\n${good}`));
  expect(dhanImported?.outcome).toBe('stored');
  expect(kotakImported).toMatchObject({ outcome: 'incomplete', why: 'KOTAK_UCC does not look right' });

  const [lacking] = await run(importFrom(`DHAN_CLIENT_ID=${clientId}`));
  expect(lacking).toMatchObject({ outcome: 'incomplete', why: expect.stringContaining('lacks accessToken') });

  const [other] = await run(importFrom(good.replace(clientId, '1999999999')));
  expect(other).toMatchObject({ outcome: 'refused', why: expect.stringContaining('clientId') });
  expect(await me.credentials.list()).toMatchObject([{ fields: { clientId } }]);
});

async function startImport() {
  const clock = createFakeClock();
  const simulator = await startSimulator({ clock });
  const { baseUrl, authUrl, instrumentsUrl } = simulator.dhan;
  const brokers = [dhan({ baseUrl, authUrl, instrumentsUrl, instruments: 'compact' }), kotak()];
  const definition = memoryStore(); // opened twice it is the same data
  const store = await definition.open();
  const keys = memoryKeys();
  const algo = createAlgo({ store: definition, keys, brokers, clock });
  onTestFinished(async () => {
    await algo.close();
    await store.close();
    await simulator.close();
  });
  const me = algo.user('u1');
  const importFrom = (source: string, changes: Partial<EnvironmentImport> = {}) =>
    importEnvironment({
      source,
      brokers,
      userId: 'u1',
      credentials: me.credentials,
      store,
      keys,
      probe: (ref) => me.establishConnection(ref),
      actor: 'operator',
      why: 'moving in',
      clock,
      ...changes,
    });
  const run = <Value>(promise: Promise<Value>) => clock.runUntil(promise, { stepMs: 20 });
  return { simulator, store, me, run, importFrom };
}
