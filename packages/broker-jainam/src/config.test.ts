import { isAlgoError } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { toXtsConfig } from './config.js';
import type { JainamConfig } from './config.js';
import { jainam } from './index.js';

const problemsOf = (config: object): readonly string[] => {
  try {
    Reflect.apply(jainam, undefined, [config]);
  } catch (error) {
    if (isAlgoError(error) && error.code === 'ALGO_INVALID_INPUT')
      return error.details.problems.map(({ field }) => field);
    throw error;
  }
  return [];
};

const settings = (config: JainamConfig): unknown => {
  const { baseUrl, marketDataPath } = toXtsConfig(config, []);
  return [baseUrl, marketDataPath];
};

test('needs nothing: the default is the retail server', () => {
  expect(jainam()).toMatchObject({ id: 'jainam', name: 'Jainam' });
  expect(settings({})).toEqual(['https://jtrade.jainam.in:5000', '/apibinarymarketdata']);
});

test.each([
  ['retail', 'https://jtrade.jainam.in:5000', '/apibinarymarketdata'],
  ['A', 'https://smpa.jainam.in:6543', '/apimarketdata'],
  ['B', 'https://smpb.jainam.in:4143', '/apimarketdata'],
  ['C', 'https://smpc.jainam.in:14543', '/apimarketdata'],
  ['D', 'https://smpd.jainam.in:3643', '/apimarketdata'],
] as const)('server %s is %s', (server, baseUrl, marketDataPath) => {
  expect(settings({ server })).toEqual([baseUrl, marketDataPath]);
  expect(problemsOf({ server })).toEqual([]);
  expect(jainam({ server }).hosts).toContain(new URL(baseUrl).hostname);
});

test('another server is named by its URL, with or without the word custom', () => {
  const baseUrl = 'https://ctrade.jainam.in:4001';
  for (const config of [{ baseUrl }, { baseUrl, server: 'custom' }] as const) {
    expect(problemsOf(config)).toEqual([]);
    expect(settings(config)).toEqual([baseUrl, undefined]);
    expect(jainam(config).hosts).toContain('ctrade.jainam.in');
  }
});

test('the host’s own path goes before the server’s', () => {
  expect(settings({ server: 'A', marketDataPath: '/apibinarymarketdata' })).toEqual([
    'https://smpa.jainam.in:6543',
    '/apibinarymarketdata',
  ]);
});

test.each<[object, readonly string[]]>([
  [{ server: 'E' }, ['server']],
  [{ server: 'custom' }, ['baseUrl']],
  [{ server: 'A', baseUrl: 'https://ctrade.jainam.in' }, ['baseUrl']],
  [{ baseUrl: 'https://jtrade.jainam.in.evil.com' }, ['baseUrl', 'hostLookupUrl']],
  [{ baseUrl: 'http://jtrade.jainam.in:5000' }, ['baseUrl', 'hostLookupUrl']],
  [{ servr: 'A' }, ['servr']],
  [{ server: 'E', timeoutMs: 0, readRetries: -1 }, ['server', 'timeoutMs', 'readRetries']],
])('%j is refused with every problem at once', (config, fields) => {
  expect(problemsOf(config)).toEqual(fields);
});

test('a definition is inert data', () => {
  const { hosts, capabilities, credentials, rateLimits } = jainam();
  expect(hosts).toEqual(['jtrade.jainam.in', 'smpa.jainam.in', 'smpb.jainam.in', 'smpc.jainam.in', 'smpd.jainam.in']);
  expect(capabilities.exchanges).toEqual(['NSE', 'BSE', 'NFO', 'BFO']);
  expect(capabilities.session.secondLogin).toBe('ends-the-first');
  expect(rateLimits['orders']).toEqual([{ limit: 9, perMs: 1_000 }]);
  expect(credentials.fields.map(({ environment }) => environment)).toEqual([
    'JAINAM_CLIENT_ID',
    'JAINAM_INTERACTIVE_API_KEY',
    'JAINAM_INTERACTIVE_API_SECRET',
    'JAINAM_MARKET_API_KEY',
    'JAINAM_MARKET_API_SECRET',
  ]);
});
