import { expect, test } from 'vitest';
import { isAlgoError } from '@algo/core/adapter';
import { resolveConfig } from './config.js';
import type { AngelConfig } from './config.js';
import { angel } from './index.js';

/** What a host in plain JavaScript could hand over. */
const problemsOf = (config: unknown): readonly string[] => {
  try {
    Reflect.apply(resolveConfig, undefined, [config]);
  } catch (error) {
    if (isAlgoError(error) && error.code === 'ALGO_INVALID_INPUT')
      return error.details.problems.map(({ field }) => field);
    throw error;
  }
  return [];
};

test('needs nothing: the defaults are the live hosts and the careful rules', () => {
  const config = resolveConfig();
  expect(config.api).toEqual({ origin: 'https://apiconnect.angelone.in', path: '' });
  expect(config.publisher).toEqual({ origin: 'https://smartapi.angelone.in', path: '/publisher-login' });
  expect(config.master.origin + config.master.path).toBe(
    'https://margincalculator.angelbroking.com/OpenAPI_File/files/OpenAPIScripMaster.json',
  );
  expect(config.rules).toEqual({ marketOrders: false, scripConsent: false });
  expect(config.publisherState).toBe('required');
});

test('takes a simulator on this machine, with or without a slash at the end', () => {
  const config = resolveConfig({ baseUrl: 'http://127.0.0.1:8080/x/', instrumentsUrl: 'http://127.0.0.1:1/m.json' });
  expect(config.api).toEqual({ origin: 'http://127.0.0.1:8080', path: '/x' });
  expect(config.master).toEqual({ origin: 'http://127.0.0.1:1', path: '/m.json' });
});

test('reports every problem at once', () => {
  expect(
    problemsOf({
      baseUrl: 'https://user:pass@apiconnect.angelone.in',
      publisherUrl: 'nowhere',
      instrumentsUrl: 'ftp://files',
      marketOrders: 'yes',
      publisherState: 'never',
      scripConsent: 'yes',
      baseURL: 'x',
      quantityUnits: { NFO: { kind: 'units' }, MCX: { kind: 'lots', unitsPerLot: 0 }, CDS: { kind: 'pieces' } },
      rateLimits: { orders: [], book: [{ limit: 0, perMs: 1 }], nothing: [{ limit: 1, perMs: 1 }] },
    }),
  ).toEqual([
    'baseUrl',
    'publisherUrl',
    'instrumentsUrl',
    'marketOrders',
    'publisherState',
    'scripConsent',
    'baseURL',
    'quantityUnits.NFO',
    'quantityUnits.MCX',
    'quantityUnits.CDS',
    'rateLimits.nothing',
    'rateLimits.orders',
    'rateLimits.book',
  ]);
  expect(problemsOf({ quantityUnits: 5, rateLimits: 5 })).toEqual(['quantityUnits', 'rateLimits']);
});

test('the unit of a commodity or currency contract is unknown until the host says it', () => {
  const silent = resolveConfig();
  expect(silent.quantityUnit('MCX', 'GOLD')).toEqual({ kind: 'unknown' });
  expect(silent.quantityUnit('CDS', 'USDINR')).toEqual({ kind: 'unknown' });
  expect(silent.quantityUnit('NFO', 'NIFTY')).toEqual({ kind: 'units' });

  const told = resolveConfig({
    quantityUnits: { MCX: { kind: 'lots', unitsPerLot: { GOLD: 100 } }, CDS: { kind: 'lots', unitsPerLot: 1_000 } },
  });
  expect(told.quantityUnit('MCX', 'GOLD')).toEqual({ kind: 'lots', unitsPerLot: 100 });
  expect(told.quantityUnit('MCX', 'constructor')).toEqual({ kind: 'unknown' });
  expect(told.quantityUnit('CDS', 'USDINR')).toEqual({ kind: 'lots', unitsPerLot: 1_000 });
  expect(resolveConfig({ quantityUnits: { MCX: { kind: 'units' } } }).quantityUnit('MCX', 'X')).toEqual({
    kind: 'units',
  });
});

test('changing the configuration afterwards changes nothing', () => {
  const unitsPerLot = { GOLD: 100 };
  const config: AngelConfig = { quantityUnits: { MCX: { kind: 'lots', unitsPerLot } } };
  const resolved = resolveConfig(config);
  unitsPerLot.GOLD = 1;
  expect(resolved.quantityUnit('MCX', 'GOLD')).toEqual({ kind: 'lots', unitsPerLot: 100 });
});

test('a family of rate windows is replaced whole and the others stay', () => {
  const { rateLimits } = resolveConfig({ rateLimits: { orders: [{ limit: 5, perMs: 1_000 }] } });
  expect(rateLimits['orders']).toEqual([{ limit: 5, perMs: 1_000 }]);
  expect(rateLimits['book']).toEqual([{ limit: 1, perMs: 1_250 }]);
});

/** SmartAPI's rate limit page as of 2026-11: per second, minute and hour. */
const PAGE: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  orders: [
    [9, 1],
    [500, 60],
    [1_000, 3_600],
  ],
  book: [[1, 1]],
  trades: [[1, 1]],
  positions: [[1, 1]],
  holdings: [[1, 1]],
  funds: [[2, 1]],
  margin: [
    [10, 1],
    [500, 60],
    [5_000, 3_600],
  ],
  profile: [
    [3, 1],
    [1_000, 3_600],
  ],
  quotes: [[1, 1]],
  candles: [
    [3, 1],
    [180, 60],
    [5_000, 3_600],
  ],
  reads: [[1, 1]],
  login: [[1, 1]],
  renew: [
    [1, 1],
    [1_000, 3_600],
  ],
  logout: [[1, 1]],
};

test.each(Object.entries(PAGE))('%s stays at four fifths of what the page allows', (family, stated) => {
  const windows = angel().rateLimits[family] ?? [];
  expect(windows).toHaveLength(stated.length);
  windows.forEach(({ limit, perMs }, at) => {
    const [most, seconds] = stated[at] ?? [0, 1];
    expect(limit / perMs).toBeLessThanOrEqual((0.8 * most) / (seconds * 1_000) + 1e-12);
  });
});

test('a definition is inert data with the promises a tag makes possible', () => {
  const definition = angel();
  expect(definition.id).toBe('angel');
  expect(definition.hosts).toEqual([
    'apiconnect.angelone.in',
    'margincalculator.angelbroking.com',
    'margincalculator.angelone.in',
  ]);
  expect(definition.capabilities).toMatchObject({
    orderTypes: ['LIMIT', 'SL'],
    validities: ['DAY'],
    orderIdentity: { grade: 'G1', tagLength: 15, visibleWithinMs: 120_000 },
    session: { lastsMs: null, endsDailyAt: '00:00', secondLogin: 'unsure' },
    margin: true,
    quoteBatch: 50,
  });
  expect(definition.credentials.methods.map(({ id, redirect }) => [id, redirect ?? false])).toEqual([
    ['totp', false],
    ['publisher', true],
  ]);
});

test('market orders are offered only where the host lets them go out', () => {
  expect(angel({ marketOrders: 'send' }).capabilities.orderTypes).toEqual(['MARKET', 'LIMIT', 'SL', 'SL-M']);
});

test.each([
  ['apiKey', 'kE7api9x', 'k 7'],
  ['clientCode', 'D12345', 'd12345'],
  ['mpin', '4829', '48291'],
  ['totpSecret', 'JBSWY3DPEHPK3PXP', '0189'],
  ['redirectUrl', 'https://bot.example/back', 'http://bot.example/back'],
  ['publicIp', '203.0.113.7', 'home'],
  ['localIp', '192.168.0.2', '::1'],
  ['macAddress', '00:1B:44:11:3A:B7', 'mac'],
])('the form checks %s', (name, right, wrong) => {
  const field = angel().credentials.fields.find((candidate) => candidate.name === name);
  expect(field?.pattern.test(right)).toBe(true);
  expect(field?.pattern.test(wrong)).toBe(false);
});

test('every method needs fields that the template has, and every secret is marked as one', () => {
  const { fields, methods } = angel().credentials;
  const names = fields.map(({ name }) => name);
  expect(methods.flatMap(({ needs }) => needs).filter((name) => !names.includes(name))).toEqual([]);
  expect(fields.filter(({ secret }) => secret).map(({ name }) => name)).toEqual(['apiKey', 'mpin', 'totpSecret']);
});
