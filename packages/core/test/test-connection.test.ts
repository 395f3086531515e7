import { createAlgo, memoryStore } from '@algo/core';
import type { Algo, BrokerDefinition, ConnectionManager, ConnectionTest } from '@algo/core';
import { AlgoError } from '@algo/core/adapter';
import type { BrokerAdapter } from '@algo/core/adapter';
import type { Store } from '@algo/core/store';
import { hang, startSimulator } from '@algo/simulator';
import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { createExchange, FAKE, fakeBroker, session } from './attack/support.js';
import { dhanAt, memoryKeys, recordingLogger } from './simulated.js';
import type { LogLine } from './simulated.js';

const CANARY = 'canary-token-of-a-test-0987';
const GIVEN = { clientId: 'A', token: CANARY };

interface Subject {
  readonly algo: Algo;
  readonly me: ConnectionManager;
  readonly clock: FakeClock;
  readonly store: Store;
  readonly log: readonly LogLine[];
  /** What the broker was asked, in order. */
  readonly asked: string[];
  readonly run: FakeClock['runUntil'];
}

interface SubjectOptions {
  readonly clock?: FakeClock;
  readonly secondLogin?: 'ends-the-first' | 'leaves-the-first' | 'unsure';
  readonly oneProcess?: boolean;
  /** False: the token is a pasted one. @default true */
  readonly unattended?: boolean;
  readonly script?: Partial<BrokerAdapter>;
}

async function subject(options: SubjectOptions = {}): Promise<Subject> {
  const { secondLogin = 'leaves-the-first', oneProcess = false, unattended = true, script = {} } = options;
  const clock = options.clock ?? createFakeClock();
  const asked: string[] = [];
  const log: LogLine[] = [];
  const noted: Partial<BrokerAdapter> = {
    logIn: async ({ fields, secrets }) => {
      asked.push('log-in');
      return session(fields['clientId'] ?? '', `made-of-${secrets['token']?.reveal() ?? ''}`);
    },
    logOut: async () => {
      asked.push('log-out');
      return true;
    },
    ...script,
  };
  const base = fakeBroker(createExchange(), clock, { unattended, oneProcess, script: () => noted });
  const { capabilities } = base;
  const broker: BrokerDefinition = {
    ...base,
    capabilities: { ...capabilities, session: { ...capabilities.session, secondLogin } },
  };
  const definition = memoryStore({ clock });
  const store = await definition.open();
  const algo = createAlgo({
    store: definition,
    keys: memoryKeys(),
    brokers: [broker],
    clock,
    logger: recordingLogger(log),
  });
  onTestFinished(() => clock.runUntil(algo.close()));
  return { algo, me: algo.user('u1'), clock, store, log, asked, run: (promise, how) => clock.runUntil(promise, how) };
}

const stepsOf = ({ results }: ConnectionTest): readonly unknown[] =>
  results.map((result) => (result.ok ? result.step : [result.step, result.code]));

const refusing = (): Promise<never> =>
  Promise.reject(
    new AlgoError('ALGO_LOGIN_REFUSED', { broker: 'fake', brokerCode: 'E1', brokerText: `no such token ${CANARY}` }),
  );

test('tries credentials that are stored nowhere: logs in, reads account and portfolio, logs out again', async () => {
  const { me, asked, run } = await subject();
  const tested = await run(me.testConnection({ broker: 'fake', credentials: GIVEN }));
  expect(tested.ok).toBe(true);
  expect(stepsOf(tested)).toEqual(['log-in', 'profile', 'positions', 'holdings', 'funds', 'orders']);
  expect(tested.loggedOut).toBe(true);
  expect(asked).toEqual(['log-in', 'log-out']);
});

test('stores nothing and leaves nothing: no row, no connection, no secret, no timer', async () => {
  const { me, store, clock, log, run } = await subject();
  const events: unknown[] = [];
  me.on('connection-changed', (event) => events.push(event));
  const tested = await run(me.testConnection({ broker: 'fake', credentials: GIVEN }));
  expect(await store.credentials.list('u1')).toEqual([]);
  expect(await store.sessions.list('u1')).toEqual([]);
  expect(await store.configuration.list('u1')).toEqual([]);
  expect(await me.audit.list()).toEqual([]);
  expect(me.getConnectionStatus()).toEqual([]);
  expect(events).toEqual([]);
  expect(JSON.stringify([tested, log])).not.toContain(CANARY);
  await clock.advance(15_000);
  expect(clock.timers).toBe(0);
});

test('wrong credentials are a result, told once, with the secret taken out of what the broker said', async () => {
  const { me, run, log, store } = await subject({ script: { logIn: refusing } });
  const tested = await run(me.testConnection({ broker: 'fake', credentials: GIVEN }));
  expect(tested).toMatchObject({ ok: false, loggedOut: null });
  expect(stepsOf(tested)).toEqual([['log-in', 'ALGO_LOGIN_REFUSED']]);
  expect(JSON.stringify([tested, log])).not.toContain(CANARY);
  expect(JSON.stringify(tested)).toContain('no such token');
  expect(await store.configuration.list('u1')).toEqual([]); // nobody is barred from another try
  const again = await run(me.testConnection({ broker: 'fake', credentials: GIVEN }));
  expect(stepsOf(again)).toEqual([['log-in', 'ALGO_LOGIN_REFUSED']]);
});

test('an account that is another one than was meant is told', async () => {
  const { me, run } = await subject({ script: { logIn: async () => session('SOMEBODY', 'x') } });
  const tested = await run(me.testConnection({ broker: 'fake', credentials: GIVEN }));
  expect(stepsOf(tested)).toEqual([['log-in', 'ALGO_WRONG_ACCOUNT']]);
});

test('what the broker does not entitle to is told beside what it does; an outage ends the test', async () => {
  const notEntitled = new AlgoError('ALGO_NOT_ENTITLED', { broker: 'fake', brokerCode: null, brokerText: '' });
  const one = await subject({ script: { holdings: () => Promise.reject(notEntitled) } });
  const told = await one.run(one.me.testConnection({ broker: 'fake', credentials: GIVEN }));
  expect(stepsOf(told)).toEqual([
    'log-in',
    'profile',
    'positions',
    ['holdings', 'ALGO_NOT_ENTITLED'],
    'funds',
    'orders',
  ]);
  expect(told).toMatchObject({ ok: false, loggedOut: true });

  const hanging = await subject({ script: { positions: () => new Promise(() => undefined) } });
  const began = hanging.clock.monotonic();
  const ended = await hanging.run(hanging.me.testConnection({ broker: 'fake', credentials: GIVEN }));
  expect(stepsOf(ended)).toEqual(['log-in', 'profile', ['positions', 'ALGO_DEADLINE']]);
  expect(hanging.clock.monotonic() - began).toBeLessThanOrEqual(11_000);
});

test('a token that was pasted is not logged out: it is the one to be stored next', async () => {
  const { me, run, asked } = await subject({ unattended: false });
  const tested = await run(me.testConnection({ broker: 'fake', credentials: GIVEN }));
  expect(tested).toMatchObject({ ok: true, loggedOut: null });
  expect(asked).toEqual(['log-in']);
});

test.each(['ends-the-first', 'unsure'] as const)(
  'where a second log-in %s, the session of the same client stays unharmed unless it may end',
  async (secondLogin) => {
    const { me, run, asked } = await subject({ secondLogin });
    await me.credentials.put('fake', 'main', { clientId: 'a', token: 'stored' });
    await run(me.establishConnection(FAKE));
    const refused = await run(me.testConnection({ broker: 'fake', account: 'new', credentials: GIVEN }));
    expect(stepsOf(refused)).toEqual([['log-in', 'ALGO_SESSION_IN_USE']]);
    expect(asked).toEqual(['log-in']);

    const other = await run(
      me.testConnection({ broker: 'fake', account: 'new', credentials: { clientId: 'B', token: CANARY } }),
    );
    expect(stepsOf(other)[0]).toBe('log-in'); // another client's
    const forced = await run(me.testConnection({ broker: 'fake', credentials: GIVEN, mayEndSession: true }));
    expect(forced).toMatchObject({ ok: true, loggedOut: true });
  },
);

test('a session of the same client that only the store knows counts as well, until it has ended', async () => {
  const clock = createFakeClock();
  const endsAtMs = clock.now() + 3_600_000;
  const { me, run } = await subject({
    clock,
    secondLogin: 'ends-the-first',
    script: {
      logIn: async ({ fields }) => ({ ...session(fields['clientId'] ?? '', 'made'), expiresAtMs: endsAtMs }),
    },
  });
  await me.credentials.put('fake', 'main', { clientId: 'A', token: 'stored' });
  await run(me.establishConnection(FAKE));
  await run(me.stop());
  await run(me.start({ connections: [] }));
  expect(stepsOf(await run(me.testConnection({ broker: 'fake', credentials: GIVEN })))).toEqual([
    ['log-in', 'ALGO_SESSION_IN_USE'],
  ]);
  await clock.advance(3_600_001);
  expect((await run(me.testConnection({ broker: 'fake', credentials: GIVEN }))).ok).toBe(true);
});

test('stored credentials are tested over the connection there is, without another log-in', async () => {
  const { me, run, asked } = await subject({ secondLogin: 'ends-the-first' });
  await me.credentials.put('fake', 'main', { clientId: 'A', token: 'stored' });
  await run(me.establishConnection(FAKE));
  const tested = await run(me.testConnection(FAKE));
  expect(stepsOf(tested)).toEqual(['profile', 'positions', 'holdings', 'funds', 'orders']);
  expect(tested).toMatchObject({ ok: true, loggedOut: null });
  expect(asked).toEqual(['log-in']);
});

test.each([false, true])(
  'stored credentials of nobody connected log in once and keep the session (one process: %s)',
  async (oneProcess) => {
    const { me, run, asked, store } = await subject({ oneProcess });
    await me.credentials.put('fake', 'main', { clientId: 'A', token: 'stored' });
    const tested = await run(me.testConnection({ broker: 'fake' }));
    expect(stepsOf(tested)).toEqual(['log-in', 'profile', 'positions', 'holdings', 'funds', 'orders']);
    expect(me.getConnectionStatus()).toEqual([]);
    expect(await store.sessions.list('u1')).toHaveLength(1);
    await run(me.establishConnection(FAKE)); // whoever tested owns nothing any more
    expect(asked).toEqual(['log-in']);
  },
);

test('an account without credentials is told as such; a broken form is refused by field, and nothing is asked', async () => {
  const { me, run, asked } = await subject();
  expect(stepsOf(await run(me.testConnection({ broker: 'fake' })))).toEqual([['log-in', 'ALGO_NO_CREDENTIALS']]);
  for (const [request, code] of [
    [{ broker: 'nobody', credentials: GIVEN }, 'ALGO_UNKNOWN_BROKER'],
    [{ broker: 'fake', credentials: { clientId: 'A' } }, 'ALGO_INVALID_INPUT'],
    [{ broker: 'fake', credentials: { ...GIVEN, pin: '1' } }, 'ALGO_INVALID_INPUT'],
    [{ broker: 'fake', account: '', credentials: GIVEN }, 'ALGO_INVALID_INPUT'],
    [{ broker: 'fake', credentials: null }, 'ALGO_INVALID_INPUT'],
  ] as const) {
    await expect(run(me.testConnection(request as never))).rejects.toMatchObject({ code });
  }
  expect(asked).toEqual([]);
});

test('over the simulated broker: good ones pass, wrong ones are refused, and a broker that hangs ends in time', async () => {
  const clock = createFakeClock();
  const simulator = await startSimulator({ clock });
  const algo = createAlgo({ store: memoryStore({ clock }), keys: memoryKeys(), brokers: [dhanAt(simulator)], clock });
  onTestFinished(async () => {
    simulator.releaseHung();
    await clock.runUntil(algo.close());
    await simulator.close();
  });
  const me = algo.user('u1');
  const { clientId, accessToken } = simulator.dhan.credentials;
  const given = { broker: 'dhan', credentials: { clientId, accessToken } };
  const run: FakeClock['runUntil'] = (promise, how) => clock.runUntil(promise, { stepMs: 20, ...how });
  expect(await run(me.testConnection(given))).toMatchObject({ ok: true });
  const wrong = { broker: 'dhan', credentials: { clientId: '1999999999', accessToken } };
  expect((await run(me.testConnection(wrong))).ok).toBe(false);
  simulator.inject(hang('*', { times: 'always', when: 'before' }));
  const hung = await run(me.testConnection(given));
  expect(hung.results.at(-1)).toMatchObject({ ok: false, code: 'ALGO_DEADLINE' });
});

test('a secret that a test knew is not hidden in what others write later', async () => {
  const script: Partial<BrokerAdapter> = {
    logIn: async ({ fields }) =>
      fields['clientId'] === 'A' ? session('A', CANARY) : session('B', 'a-session-of-another-user'),
  };
  const { me, run, log, algo } = await subject({ script });
  await run(me.testConnection({ broker: 'fake', credentials: GIVEN }));
  const other = algo.user('u2');
  other.on('connection-changed', () => {
    throw Object.assign(new Error('x'), { code: CANARY });
  });
  await other.credentials.put('fake', 'main', { clientId: 'B', token: 'other-token' });
  await run(other.establishConnection(FAKE));
  expect(JSON.stringify(log)).toContain(CANARY); // known to nobody any more: it is a text like any other
});
