import { createAlgo, memoryStore } from '@algo/core';
import { startSimulator } from '@algo/simulator';
import type { Simulator } from '@algo/simulator';
import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { BROKERS, HEADLESS, keysNamed, openDesks, PASTED, problemsOf, TOKEN } from './desks.js';
import { dhanAt, limitBuy, ME, memoryKeys, recordingLogger } from './simulated.js';
import type { LogLine } from './simulated.js';

const VARIABLES = { DHAN_CLIENT_ID: '1000000001', DHAN_ACCESS_TOKEN: TOKEN };
const hostOf = (variables: Readonly<Record<string, string | undefined>>, account = 'main') => ({
  variables,
  userId: 'u1',
  account,
});

test('serves the account when nothing is stored, with the fields of the broker’s template', async () => {
  const { source, key } = await openDesks({ environment: hostOf({ ...VARIABLES, PATH: '/bin', DHAN_PIN: ' ' }) });
  const opened = await source.open(key);
  expect(opened?.fields).toEqual({ clientId: '1000000001' });
  expect(Object.keys(opened?.secrets ?? {})).toEqual(['accessToken']);
  expect(opened?.secrets['accessToken']?.reveal()).toBe(TOKEN);
  expect(await source.find(key)).toEqual({ origin: opened?.origin, fields: opened?.fields });
});

test('is one person’s: no other user and no other account ever gets it', async () => {
  const environment = hostOf(VARIABLES);
  const mine = await openDesks({ environment });
  const theirs = await openDesks({ environment, userId: 'u2', store: mine.store });
  for (const account of ['main', 'second']) {
    expect(await theirs.source.find({ ...theirs.key, account })).toBeNull();
    expect(await theirs.source.open({ ...theirs.key, account })).toBeNull();
    expect(await theirs.credentials.explain('dhan', account)).toMatchObject({ source: 'none', present: [] });
  }
  expect(await mine.source.find({ ...mine.key, account: 'second' })).toBeNull();
  expect(await mine.source.open({ ...mine.key, userId: 'u2' })).toBeNull();
  expect(await mine.source.find(mine.key)).not.toBeNull();
});

test('comes after what is stored', async () => {
  const { source, key, credentials } = await openDesks({ environment: hostOf(VARIABLES) });
  await credentials.put('dhan', 'main', HEADLESS);
  const opened = await source.open(key);
  expect(opened?.origin).toMatch(/^store:\d+$/);
  expect(Object.keys(opened?.secrets ?? {})).toEqual(['pin', 'totpSecret']);
  await credentials.delete('dhan', 'main');
  expect((await source.open(key))?.origin).toMatch(/^environment:[0-9a-f]{32}$/);
});

test('does not stand in for stored credentials that cannot be opened', async () => {
  const stored = await openDesks();
  await stored.credentials.put('dhan', 'main', PASTED);
  const { source, key, credentials } = await openDesks({
    store: stored.store,
    environment: hostOf(VARIABLES),
    keys: keysNamed('another-key', 9),
  });
  await expect(source.open(key)).rejects.toMatchObject({ code: 'ALGO_UNDECRYPTABLE' });
  expect((await source.find(key))?.origin).toMatch(/^store:/);
  expect(await credentials.explain('dhan', 'main')).toMatchObject({
    source: 'store',
    state: { kind: 'undecryptable', keyId: 'test-key' },
    present: ['clientId'],
    method: null,
  });
});

test('has another origin as soon as any value is another, and the same one after a restart', async () => {
  const originWith = async (changes: Readonly<Record<string, string>>): Promise<string | undefined> => {
    const { source, key } = await openDesks({ environment: hostOf({ ...VARIABLES, ...changes }) });
    return (await source.find(key))?.origin;
  };
  const origins = await Promise.all([
    originWith({}),
    originWith({ DHAN_CLIENT_ID: '1000000002' }),
    originWith({ DHAN_ACCESS_TOKEN: `${TOKEN}2` }),
    originWith({ DHAN_PIN: '123456' }),
    originWith({ DHAN_PIN: '123457' }),
  ]);
  expect(new Set(origins).size).toBe(origins.length);
  expect(await originWith({})).toBe(origins[0]);
  expect(await originWith({ DHAN_CLIENT_ID: ' 1000000001\n' })).toBe(origins[0]); // as it is used
  expect(origins.join()).not.toContain(TOKEN);
});

test('sees a value that the host replaces while it runs', async () => {
  const variables: Record<string, string> = { ...VARIABLES };
  const { source, key } = await openDesks({ environment: hostOf(variables) });
  const before = await source.find(key);
  variables['DHAN_ACCESS_TOKEN'] = `${TOKEN}2`;
  expect((await source.find(key))?.origin).not.toBe(before?.origin);
});

test('refuses a value that does not fit, by the variable’s name and without the value', async () => {
  const { source, key, credentials } = await openDesks({
    environment: hostOf({ DHAN_CLIENT_ID: 'canary-id', DHAN_ACCESS_TOKEN: 'canary token', DHAN_PIN: 'canary' }),
  });
  for (const refused of [() => source.find(key), () => source.open(key)]) {
    const problems = await problemsOf(refused());
    expect(problems.map(({ field }) => field)).toEqual(['DHAN_CLIENT_ID', 'DHAN_ACCESS_TOKEN', 'DHAN_PIN']);
    expect(JSON.stringify(problems)).not.toContain('canary');
  }
  const explained = await credentials.explain('dhan', 'main');
  expect(explained.problems.map(({ field }) => field)).toEqual(['DHAN_CLIENT_ID', 'DHAN_ACCESS_TOKEN', 'DHAN_PIN']);
  expect(explained).toMatchObject({ source: 'environment', present: [], method: null });
  expect(JSON.stringify(explained)).not.toContain('canary');
});

test('names the variables that are missing when some are set and no log-in can be made of them', async () => {
  const { source, key } = await openDesks({ environment: hostOf({ DHAN_CLIENT_ID: '1000000001', DHAN_PIN: '' }) });
  const [problem] = await problemsOf(source.find(key));
  expect(problem?.field).toBe('environment');
  expect(problem?.problem).toContain('DHAN_CLIENT_ID, DHAN_ACCESS_TOKEN');
  expect(problem?.problem).toContain('DHAN_CLIENT_ID, DHAN_PIN, DHAN_TOTP_SECRET');
});

test('is nothing when none of the broker’s variables is set, whatever else the environment inherits', async () => {
  const inherited = Object.create({ ...VARIABLES }) as Record<string, string>;
  for (const variables of [{}, { DHAN_CLIENT_ID: undefined, DHAN_ACCESS_TOKEN: '  ' }, inherited]) {
    const { source, key, store } = await openDesks({ environment: hostOf(variables) });
    expect(await source.find(key)).toBeNull();
    expect(await source.open(key)).toBeNull();
    expect(await store.configuration.list('u1')).toEqual([]);
  }
});

test('reads no variable when the host hands none over', async () => {
  const { source, key, credentials } = await openDesks();
  expect(await source.open(key)).toBeNull();
  expect((await credentials.explain('dhan', 'main')).source).toBe('none');
});

test('never writes a value of a secret variable into the store', async () => {
  const { source, key, store } = await openDesks({ environment: hostOf({ ...VARIABLES, DHAN_PIN: '918273' }) });
  await source.open(key);
  const written = [await store.configuration.list('u1'), await store.audit.list('u1', { limit: 100 })];
  expect(written.flat()).not.toEqual([]);
  expect(JSON.stringify(written)).not.toContain(TOKEN);
  expect(JSON.stringify(written)).not.toContain('918273');
});

test('cannot name another client under an account whose orders are still looked for', async () => {
  const unsettled = new Map<string, number>();
  const first = await openDesks({ environment: hostOf(VARIABLES) });
  await first.source.open(first.key);
  const again = await openDesks({
    store: first.store,
    environment: hostOf({ ...VARIABLES, DHAN_CLIENT_ID: '1000000002' }),
    unsettled,
  });
  unsettled.set('main', 2);

  const refused = { code: 'ALGO_ORDERS_UNSETTLED', details: { broker: 'dhan', account: 'main', orders: 2 } };
  await expect(again.source.find(again.key)).rejects.toMatchObject(refused);
  await expect(again.source.open(again.key)).rejects.toMatchObject(refused);
  await expect(again.credentials.put('dhan', 'main', { ...PASTED, clientId: '1000000002' })).rejects.toMatchObject(
    refused,
  );
  await again.credentials.put('dhan', 'main', PASTED); // the client whose orders they are

  await again.store.credentials.delete(again.key);
  unsettled.clear();
  expect((await again.source.open(again.key))?.fields).toEqual({ clientId: '1000000002' });
  expect((await again.audit.list()).map(({ action, actor }) => [action, actor])).toEqual([
    ['environment-client', 'system'],
    ['credentials-put', 'u1'],
    ['environment-client', 'system'],
  ]);
});

test('remembers the client of each account and broker by itself, and writes it once', async () => {
  const main = await openDesks({ environment: hostOf(VARIABLES) });
  for (let times = 0; times < 3; times += 1) await main.source.open(main.key);
  expect(await main.audit.list()).toHaveLength(1);
  const second = await openDesks({
    store: main.store,
    environment: hostOf({ ...VARIABLES, DHAN_CLIENT_ID: '1000000002' }, 'second'),
  });
  await second.source.open({ ...second.key, account: 'second' });
  await second.source.open({ ...second.key, account: 'second', broker: 'other' });
  const again = await openDesks({
    store: main.store,
    environment: hostOf(VARIABLES),
    unsettled: new Map([['main', 1]]),
  });
  expect(await again.source.open(again.key)).not.toBeNull(); // nothing of `main` changed
});

test('one bad value stands in the way of a log-in that could do without it, and the explanation says so', async () => {
  const { source, key, credentials } = await openDesks({ environment: hostOf({ ...VARIABLES, DHAN_PIN: 'canary' }) });
  expect((await problemsOf(source.open(key))).map(({ field }) => field)).toEqual(['DHAN_PIN']);
  expect(await credentials.explain('dhan', 'main')).toMatchObject({
    present: ['clientId', 'accessToken'],
    method: null,
    problems: [{ field: 'DHAN_PIN' }],
  });
});

test('explains what is there, what each log-in still misses, and which one is used', async () => {
  const { credentials } = await openDesks({ environment: hostOf(VARIABLES) });
  expect(await credentials.explain('dhan', 'main')).toEqual({
    source: 'environment',
    state: { kind: 'readable' },
    present: ['clientId', 'accessToken'],
    methods: [
      expect.objectContaining({ missing: ['pin', 'totpSecret'] }),
      expect.objectContaining({ missing: [] }),
      expect.objectContaining({ missing: ['apiKey', 'apiSecret'] }),
    ],
    method: BROKERS[0]?.credentials.methods[1]?.id,
    problems: [],
  });
  await credentials.put('dhan', 'main', HEADLESS);
  expect(await credentials.explain('dhan', 'main')).toMatchObject({
    source: 'store',
    present: ['clientId', 'pin', 'totpSecret'],
    method: BROKERS[0]?.credentials.methods[0]?.id,
  });
});

/** A manager on the simulated broker whose user `u1` has these variables. */
async function startWith(variablesOf: (simulator: Simulator) => Readonly<Record<string, string>>) {
  const clock: FakeClock = createFakeClock();
  const log: LogLine[] = [];
  const simulator = await startSimulator({ clock });
  const algo = createAlgo({
    store: memoryStore(),
    keys: memoryKeys(),
    brokers: [dhanAt(simulator)],
    clock,
    logger: recordingLogger(log),
    environment: { variables: variablesOf(simulator), userId: 'u1' },
  });
  onTestFinished(async () => {
    await algo.close();
    await simulator.close();
  });
  const run = <Value>(promise: Promise<Value>): Promise<Value> => clock.runUntil(promise, { stepMs: 20 });
  return { algo, simulator, run, log };
}

test('a whole manager trades with them, and no other user of it connects', async () => {
  const { algo, simulator, run, log } = await startWith(({ dhan: { credentials } }) => ({
    DHAN_CLIENT_ID: credentials.clientId,
    DHAN_ACCESS_TOKEN: credentials.accessToken,
  }));
  const me = algo.user('u1');
  expect((await run(me.establishConnection(ME))).state.status).toBe('connected');
  expect((await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })))).kind).toBe('accepted');
  expect(await me.credentials.list()).toEqual([]);

  const received = simulator.received().length;
  const noCredentials = { code: 'ALGO_NO_CREDENTIALS' };
  await expect(run(algo.user('u2').establishConnection(ME))).rejects.toMatchObject(noCredentials);
  await expect(run(algo.user('main').establishConnection(ME))).rejects.toMatchObject(noCredentials);
  await expect(run(me.establishConnection({ ...ME, account: 'second' }))).rejects.toMatchObject(noCredentials);
  expect(simulator.received()).toHaveLength(received);
  expect(JSON.stringify(log)).not.toContain(simulator.dhan.credentials.accessToken);
});

test('a whole manager sends nothing with a value that does not fit', async () => {
  const { algo, simulator, run, log } = await startWith(({ dhan: { credentials } }) => ({
    DHAN_CLIENT_ID: credentials.clientId,
    DHAN_ACCESS_TOKEN: 'canary token',
  }));
  const problems = await problemsOf(run(algo.user('u1').establishConnection(ME)));
  expect(problems.map(({ field }) => field)).toEqual(['DHAN_ACCESS_TOKEN']);
  expect(simulator.received()).toEqual([]);
  expect(JSON.stringify([problems, log, algo.user('u1').getConnectionStatus()])).not.toContain('canary');
});
