import { isAlgoError } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { CONFIG, HOUSE } from '../test/support/account.js';
import { resolveConfig } from './config.js';
import type { XtsConfig } from './config.js';
import { xtsBroker } from './index.js';

/** What a host in plain JavaScript could hand over. */
const problemsOf = (config: object): readonly string[] => {
  try {
    Reflect.apply(resolveConfig, undefined, [HOUSE, { ...CONFIG, ...config }]);
  } catch (error) {
    if (isAlgoError(error) && error.code === 'ALGO_INVALID_INPUT')
      return error.details.problems.map(({ field }) => field);
    throw error;
  }
  return [];
};

const resolve = (config: Partial<XtsConfig> = {}): ReturnType<typeof resolveConfig> =>
  resolveConfig(HOUSE, { ...CONFIG, ...config });

test('needs a server and nothing else', () => {
  expect(resolve()).toMatchObject({
    broker: 'jainam',
    interactive: { origin: 'https://jtrade.jainam.in:5000', path: '/interactive' },
    marketData: { origin: 'https://jtrade.jainam.in:5000', path: '/apimarketdata' },
    hostLookup: null,
    hosts: ['jtrade.jainam.in', 'smpd.jainam.in'],
    source: 'WEBAPI',
    exchanges: ['NSE', 'BSE', 'NFO', 'BFO'],
    masterWithoutToken: false,
    rateLimitIsRefusal: false,
    candleDaysPerCall: 7,
    timeoutMs: 10_000,
    readRetries: 3,
  });
});

test('undefined means the default', () => {
  expect(problemsOf({ interactivePath: undefined, useHostLookup: undefined, exchanges: undefined })).toEqual([]);
});

test('a simulator on this machine is no host to allow, another server of the house is', () => {
  expect(resolve({ baseUrl: 'http://127.0.0.1:8080/' }).hosts).toEqual(HOUSE.hosts);
  expect(resolve({ baseUrl: 'https://ctrade.jainam.in:4001' }).hosts).toContain('ctrade.jainam.in');
});

test('the host lookup is at the server, unless it is said to be elsewhere', () => {
  expect(resolve({ useHostLookup: true }).hostLookup).toEqual({
    origin: 'https://jtrade.jainam.in:5000',
    path: '/hostlookup',
  });
  const elsewhere = resolve({
    useHostLookup: true,
    hostLookupUrl: 'https://lookup.jainam.in:4000/hostlookup',
    lookupHosts: ['new.jainam.in'],
  });
  expect(elsewhere.hostLookup).toEqual({ origin: 'https://lookup.jainam.in:4000', path: '/hostlookup' });
  expect(elsewhere.hosts).toEqual([...HOUSE.hosts, 'lookup.jainam.in', 'new.jainam.in']);
});

test('every problem at once', () => {
  const problems = problemsOf({
    baseUrl: 'http://jtrade.jainam.in/x',
    interactivePath: 'interactive',
    marketDataPath: '/x/',
    useHostLookup: 'yes',
    hostLookupUrl: 'https://evil.com',
    lookupHosts: ['evil.com', 'a b'],
    source: 'WEB API',
    exchanges: ['NSE', 'NASDAQ'],
    quantityUnits: { MCX: { kind: 'lots', unitsPerLot: 0 }, NFO: { kind: 'units' }, CDS: { kind: 'x' }, BCD: null },
    masterWithoutToken: 1,
    rateLimitIsRefusal: 1,
    candleDaysPerCall: 0,
    ordersPerSecond: 1.5,
    timeoutMs: -1,
    readRetries: 11,
    retries: 3,
    rateLimits: { orders: [], nothing: [{ limit: 1, perMs: 1 }] },
  });
  expect(problems.toSorted()).toEqual(
    [
      'retries',
      'baseUrl',
      'baseUrl',
      'hostLookupUrl',
      'interactivePath',
      'marketDataPath',
      'useHostLookup',
      'masterWithoutToken',
      'rateLimitIsRefusal',
      'candleDaysPerCall',
      'ordersPerSecond',
      'timeoutMs',
      'readRetries',
      'source',
      'exchanges',
      'lookupHosts',
      'lookupHosts',
      'quantityUnits.NFO',
      'quantityUnits.MCX',
      'quantityUnits.CDS',
      'quantityUnits.BCD',
      'rateLimits.nothing',
      'rateLimits.orders',
    ].toSorted(),
  );
});

test.each<[string, object]>([
  ['baseUrl', { baseUrl: 'nowhere' }],
  ['lookupHosts', { lookupHosts: 'a.jainam.in' }],
  ['exchanges', { exchanges: [] }],
  ['exchanges', { exchanges: ['NSE', 'NSE'] }],
  ['exchanges', { exchanges: 'NSE' }],
  ['quantityUnits', { quantityUnits: 5 }],
  ['readRetries', { readRetries: '3' }],
])('%s is refused in %j', (field, config) => {
  expect(problemsOf(config)).toEqual([field]);
});

test('what a house finds wrong is told with the rest', () => {
  const given = { ...CONFIG, timeoutMs: 0 };
  const found = [{ field: 'server', problem: 'is unknown' }];
  expect(() => resolveConfig(HOUSE, given, found)).toThrow(/server is unknown; timeoutMs must be/);
});

test('the unit of a derivative is what the host set, and nothing where it set none', () => {
  const unitsPerLot = { GOLDM: 100 };
  const told = resolve({
    quantityUnits: {
      MCX: { kind: 'lots', unitsPerLot },
      CDS: { kind: 'lots', unitsPerLot: 1_000 },
      BCD: { kind: 'units' },
    },
  });
  unitsPerLot.GOLDM = 1; // what the host changes afterwards changes nothing
  expect(told.quantityUnit('MCX', 'GOLDM')).toEqual({ kind: 'lots', unitsPerLot: 100 });
  expect(told.quantityUnit('MCX', 'CRUDEOIL')).toBeNull();
  expect(told.quantityUnit('MCX', 'constructor')).toBeNull();
  expect(told.quantityUnit('CDS', 'USDINR')).toEqual({ kind: 'lots', unitsPerLot: 1_000 });
  expect(told.quantityUnit('BCD', 'USDINR')).toEqual({ kind: 'units' });
  expect(resolve().quantityUnit('MCX', 'GOLDM')).toBeNull();
  expect(told.quantityUnit('NFO', 'NIFTY')).toBeNull();
});

test('rates: nine orders and one reading of each book a second, three log-ins in five minutes', () => {
  const second = [{ limit: 1, perMs: 1_000 }];
  expect(resolve().rateLimits).toEqual({
    orders: [{ limit: 9, perMs: 1_000 }],
    book: second,
    trades: second,
    positions: second,
    reads: second,
    quotes: second,
    candles: second,
    instruments: second,
    auth: [{ limit: 3, perMs: 300_000 }],
    'auth-data': [{ limit: 6, perMs: 300_000 }],
  });
});

test('a family of rate windows is replaced whole and the others stay', () => {
  const { rateLimits } = resolve({ ordersPerSecond: 5, rateLimits: { book: [{ limit: 2, perMs: 500 }] } });
  expect(rateLimits['orders']).toEqual([{ limit: 5, perMs: 1_000 }]);
  expect(rateLimits['book']).toEqual([{ limit: 2, perMs: 500 }]);
  expect(rateLimits['trades']).toEqual([{ limit: 1, perMs: 1_000 }]);
});

test('a definition is inert data with the promises a tag makes possible', () => {
  const definition = xtsBroker(HOUSE, { ...CONFIG, exchanges: ['NSE', 'NFO'], readRetries: 0 });
  expect(definition).toMatchObject({ id: 'jainam', name: 'Jainam', hosts: HOUSE.hosts });
  expect(definition.reads).toEqual({ timeoutMs: 10_000, tries: 1 });
  expect(xtsBroker(HOUSE, CONFIG).reads?.tries).toBe(4);
  expect(definition.capabilities).toMatchObject({
    exchanges: ['NSE', 'NFO'],
    products: ['CNC', 'MIS', 'NRML'],
    orderTypes: ['MARKET', 'LIMIT', 'SL', 'SL-M'],
    validities: ['DAY', 'IOC'],
    orderIdentity: { grade: 'G1', tagLength: 20, visibleWithinMs: 120_000 },
    session: { secondLogin: 'ends-the-first' },
    margin: false,
    quoteBatch: 50,
  });
});

test('credentials: all keys first, then those for trading alone; each has its variable', () => {
  const { credentials } = xtsBroker(HOUSE, CONFIG);
  expect(credentials.identity).toBe('clientId');
  expect(credentials.methods.map(({ id, needs, unattended }) => [id, needs.length, unattended])).toEqual([
    ['keys', 5, true],
    ['trading-keys', 3, true],
  ]);
  expect(credentials.fields.map(({ name, secret, environment }) => [name, secret, environment])).toEqual([
    ['clientId', false, 'JAINAM_CLIENT_ID'],
    ['interactiveApiKey', true, 'JAINAM_INTERACTIVE_API_KEY'],
    ['interactiveApiSecret', true, 'JAINAM_INTERACTIVE_API_SECRET'],
    ['marketApiKey', true, 'JAINAM_MARKET_API_KEY'],
    ['marketApiSecret', true, 'JAINAM_MARKET_API_SECRET'],
  ]);
});

test.each([
  ['clientId', 'AB1234', 'AB 1234'],
  ['interactiveApiKey', '0123456789abcdef01234567', 'short'],
  ['interactiveApiSecret', 'Abcd$1#2@x', 'a b'],
  ['marketApiKey', '0123456789abcdef012345', ''],
  ['marketApiSecret', 'Xyz$12', 'x'],
])('the form checks %s', (name, good, bad) => {
  const field = xtsBroker(HOUSE, CONFIG).credentials.fields.find((candidate) => candidate.name === name);
  expect(field?.pattern.test(good)).toBe(true);
  expect(field?.pattern.test(bad)).toBe(false);
});
