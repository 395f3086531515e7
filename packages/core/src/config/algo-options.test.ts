import { createFakeClock } from '@algo/testkit';
import { expect, test } from 'vitest';
import type { BrokerDefinition } from '../contract/broker-definition.js';
import { isAlgoError } from '../errors/algo-error.js';
import { memoryStore } from '../stores/memory-store.js';
import { resolveAlgoOptions } from './algo-options.js';
import type { AlgoOptions } from './algo-options.js';

const broker = (id: string): BrokerDefinition => ({
  id,
  name: id,
  hosts: [],
  capabilities: {
    exchanges: [],
    products: [],
    orderTypes: [],
    validities: [],
    orderIdentity: { grade: 'G0', tagLength: 15, visibleWithinMs: 120_000 },
    session: { lastsMs: null, endsDailyAt: null, secondLogin: 'unsure' },
    margin: false,
    candleIntervals: [],
    quoteBatch: 1,
    modificationsPerOrder: null,
  },
  credentials: { identity: 'clientId', fields: [], methods: [] },
  rateLimits: {},
  connect: () => {
    throw new Error('not asked for here');
  },
});

const keys = { current: async () => ({ id: 'k', bytes: new Uint8Array(32) }), byId: async () => null };
const options = (changes: Partial<AlgoOptions> = {}): AlgoOptions => ({
  store: memoryStore(),
  keys,
  brokers: [broker('dhan')],
  ...changes,
});

function problemsOf(given: unknown): readonly { readonly field: string; readonly problem: string }[] {
  try {
    resolveAlgoOptions(given as AlgoOptions);
  } catch (error) {
    if (isAlgoError(error) && error.code === 'ALGO_INVALID_INPUT') return error.details.problems;
    throw error;
  }
  return [];
}

test('fills in what was left out', () => {
  const resolved = resolveAlgoOptions(options());
  expect([...resolved.brokers.keys()]).toEqual(['dhan']);
  expect(resolved.localAddress).toBeNull();
  expect(resolved.environment).toBeNull();
  expect(resolved.lanes).toEqual({
    orders: { sockets: 8, keptForExits: 1 },
    reads: { sockets: 4, keptForExits: 0 },
    data: { sockets: 4, keptForExits: 0 },
    auth: { sockets: 1, keptForExits: 0 },
  });
  expect(() => resolved.logger.error('x')).not.toThrow();
  expect(Math.abs(resolved.clock.now() - Date.now())).toBeLessThan(1_000);
  expect(resolved.random.fraction()).toBeLessThan(1);
});

test('takes what was handed over', () => {
  const log: string[] = [];
  const at = (event: string): void => void log.push(event);
  const logger = { debug: at, info: at, warn: at, error: at };
  const random = { fill: () => undefined, fraction: () => 0.25 };
  const resolved = resolveAlgoOptions(
    options({
      logger,
      random,
      sockets: { orders: 2, auth: 3 },
      localAddress: '10.0.0.5',
      clock: createFakeClock(7_000),
    }),
  );
  resolved.logger.info('heard');
  expect(log).toEqual(['heard']);
  expect(resolved.random.fraction()).toBe(0.25);
  expect(resolved.clock.now()).toBe(7_000);
  expect(resolved.localAddress).toBe('10.0.0.5');
  expect([resolved.lanes.orders.sockets, resolved.lanes.auth.sockets, resolved.lanes.reads.sockets]).toEqual([2, 3, 4]);
});

test('takes the environment as it is handed over, for one user’s main account unless another is named', () => {
  const variables = { DHAN_CLIENT_ID: '1' };
  const { environment } = resolveAlgoOptions(options({ environment: { variables, userId: 'u1' } }));
  expect(environment).toEqual({ variables, userId: 'u1', account: 'main' });
  expect(environment?.variables).toBe(variables); // and not a copy: the host may replace a value later
  const second = resolveAlgoOptions(options({ environment: { variables, userId: 'u1', account: 'second' } }));
  expect(second.environment?.account).toBe('second');
});

test('bounds the caches by what is given, and by the defaults for the rest', () => {
  const cache = { sessions: 5, configuration: undefined, ttlMs: 60_000 } as never;
  expect(resolveAlgoOptions(options({ cache })).cache).toEqual({ sessions: 5, configuration: 10_000, ttlMs: 60_000 });
});

test('wall times are whole milliseconds, whatever clock the host has; monotonic ones keep their parts', async () => {
  const clock = createFakeClock();
  const parts = { ...clock, now: () => 1_234.9, monotonic: () => 5.5 };
  const resolved = resolveAlgoOptions(options({ clock: parts })).clock;
  expect([resolved.now(), resolved.monotonic()]).toEqual([1_234, 5.5]);
  const heard: string[] = [];
  const stop = resolved.every(10, () => heard.push('every'));
  resolved.after(15, () => heard.push('after'));
  resolved.after(15, () => heard.push('cancelled'))();
  await clock.advance(20);
  stop();
  await clock.advance(50);
  expect(heard).toEqual(['every', 'after', 'every']);
});

test.each<readonly [string, unknown, string]>([
  ['nothing', undefined, 'options'],
  ['null', null, 'options'],
  ['no store', { ...options(), store: undefined }, 'store'],
  ['a store without methods', options({ store: {} as never }), 'store'],
  ['keys without byId', options({ keys: { current: keys.current } as never }), 'keys'],
  ['no brokers', options({ brokers: [] }), 'brokers'],
  ['a broker that is a text', options({ brokers: ['dhan' as never] }), 'brokers.0'],
  ['half a logger', options({ logger: { info: () => undefined } as never }), 'logger'],
  ['half a clock', options({ clock: { now: () => 0 } as never }), 'clock'],
  ['half a random', options({ random: { fill: () => undefined } as never }), 'random'],
  ['one socket for orders', options({ sockets: { orders: 1 } }), 'sockets.orders'],
  ['no socket for reads', options({ sockets: { reads: 0 } }), 'sockets.reads'],
  ['half a socket', options({ sockets: { data: 1.5 } }), 'sockets.data'],
  ['too many sockets', options({ sockets: { auth: 257 } }), 'sockets.auth'],
  ['an unknown lane', options({ sockets: { fast: 1 } as never }), 'sockets'],
  ['an address that is none', options({ localAddress: 'eth0' }), 'localAddress'],
  ['an environment of nobody', options({ environment: { variables: {} } as never }), 'environment.userId'],
  ['an environment without variables', options({ environment: { userId: 'u1' } as never }), 'environment.variables'],
  [
    'an environment of a nameless account',
    options({ environment: { variables: {}, userId: 'u1', account: '' } }),
    'environment.account',
  ],
  ['a cache of nothing', options({ cache: { sessions: 0 } }), 'cache.sessions'],
  ['a cache that never forgets', options({ cache: { ttlMs: Infinity } }), 'cache.ttlMs'],
  ['an unknown option', { ...options(), retries: 3 }, 'options'],
])('%s is refused by name', (_name, given, field) => {
  expect(problemsOf(given).map((problem) => problem.field)).toContain(field);
});

test('every problem is told at once, without a value', () => {
  const environment = { variables: { DHAN_PIN: 'canary' }, userId: 5 };
  const problems = problemsOf({ brokers: [], localAddress: 'canary', sockets: { orders: 'canary' }, environment });
  expect(problems.map(({ field }) => field).sort()).toEqual([
    'brokers',
    'environment.userId',
    'keys',
    'localAddress',
    'sockets.orders',
    'store',
  ]);
  expect(JSON.stringify(problems)).not.toContain('canary');
});

test('one broker twice is refused', () => {
  const [problem] = problemsOf(options({ brokers: [broker('dhan'), broker('upstox'), broker('dhan')] }));
  expect(problem).toMatchObject({ field: 'brokers' });
  expect(problem?.problem).toContain('dhan twice');
});
