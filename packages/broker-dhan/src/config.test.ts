import { isAlgoError } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { resolveConfig } from './config.js';
import type { DhanConfig } from './config.js';
import { dhan } from './index.js';

/** What a host in plain JavaScript could hand over. */
const resolveUnchecked = (config: unknown): unknown => Reflect.apply(resolveConfig, undefined, [config]);

const problemsOf = (config: unknown): readonly string[] => {
  try {
    resolveUnchecked(config);
  } catch (error) {
    if (isAlgoError(error) && error.code === 'ALGO_INVALID_INPUT')
      return error.details.problems.map(({ field }) => field);
    throw error;
  }
  return [];
};

test('needs nothing: the defaults are the live hosts and the detailed master', () => {
  const config = resolveConfig();
  expect(config.api).toEqual({ origin: 'https://api.dhan.co', path: '/v2' });
  expect(config.auth).toEqual({ origin: 'https://auth.dhan.co', path: '' });
  expect(config.master).toEqual({ origin: 'https://images.dhan.co', path: '/api-data/api-scrip-master-detailed.csv' });
  expect(config.wallClock).toBe('IST');
});

test('the sandbox has its own host and shows UTC', () => {
  const config = resolveConfig({ environment: 'sandbox' });
  expect(config.api).toEqual({ origin: 'https://sandbox.dhan.co', path: '/v2' });
  expect(config.wallClock).toBe('UTC');
});

test('takes a simulator on this machine, with or without a slash at the end', () => {
  const config = resolveConfig({ baseUrl: 'http://127.0.0.1:8080/v2/', authUrl: 'http://127.0.0.1:8080' });
  expect(config.api).toEqual({ origin: 'http://127.0.0.1:8080', path: '/v2' });
  expect(config.auth).toEqual({ origin: 'http://127.0.0.1:8080', path: '' });
});

test('a master is named by its folder and kind, or whole', () => {
  const pathOf = (config: DhanConfig): string => resolveConfig(config).master.path;
  expect(pathOf({ instruments: 'compact' })).toBe('/api-data/api-scrip-master.csv');
  expect(pathOf({ instrumentsUrl: 'http://127.0.0.1:1/files/' })).toBe('/files/api-scrip-master-detailed.csv');
  expect(pathOf({ instrumentsUrl: 'http://127.0.0.1:1/files/mine.csv' })).toBe('/files/mine.csv');
});

test('reports every problem at once', () => {
  const problems = problemsOf({
    environment: 'paper',
    instruments: 'full',
    baseUrl: 'https://user:pass@api.dhan.co/v2',
    authUrl: 'ftp://auth.dhan.co',
    instrumentsUrl: 'nowhere',
    enviroment: 'live',
    quantityUnits: {
      MCX: { kind: 'lots', unitsPerLot: 0 },
      NFO: { kind: 'units' },
      CDS: { kind: 'pieces' },
      BCD: null,
    },
    rateLimits: { orders: [], data: [{ limit: 0, perMs: 1 }], nothing: [{ limit: 1, perMs: 1 }] },
  });
  expect(problems).toEqual([
    'environment',
    'instruments',
    'baseUrl',
    'authUrl',
    'instrumentsUrl',
    'enviroment',
    'quantityUnits.NFO',
    'quantityUnits.MCX',
    'quantityUnits.CDS',
    'quantityUnits.BCD',
    'rateLimits.nothing',
    'rateLimits.orders',
    'rateLimits.data',
  ]);
  expect(problemsOf({ quantityUnits: 5, rateLimits: 5 })).toEqual(['quantityUnits', 'rateLimits']);
});

test('the unit of a commodity or currency contract is unknown until the host says it', () => {
  const silent = resolveConfig();
  expect(silent.quantityUnit('MCX', 'GOLDM')).toEqual({ kind: 'unknown' });
  expect(silent.quantityUnit('CDS', 'USDINR')).toEqual({ kind: 'unknown' });
  expect(silent.quantityUnit('BCD', 'USDINR')).toEqual({ kind: 'unknown' });
  expect(silent.quantityUnit('NFO', 'NIFTY')).toEqual({ kind: 'units' });

  const told = resolveConfig({
    quantityUnits: {
      MCX: { kind: 'lots', unitsPerLot: { GOLDM: 100 } },
      CDS: { kind: 'lots', unitsPerLot: 1_000 },
      BCD: { kind: 'units' },
    },
  });
  expect(told.quantityUnit('MCX', 'GOLDM')).toEqual({ kind: 'lots', unitsPerLot: 100 });
  expect(told.quantityUnit('MCX', 'CRUDEOIL')).toEqual({ kind: 'unknown' });
  expect(told.quantityUnit('MCX', 'constructor')).toEqual({ kind: 'unknown' });
  expect(told.quantityUnit('CDS', 'USDINR')).toEqual({ kind: 'lots', unitsPerLot: 1_000 });
  expect(told.quantityUnit('BCD', 'USDINR')).toEqual({ kind: 'units' });
});

test('changing the configuration afterwards changes nothing', () => {
  const unitsPerLot = { GOLDM: 100 };
  const config: DhanConfig = { quantityUnits: { MCX: { kind: 'lots', unitsPerLot } } };
  const resolved = resolveConfig(config);
  unitsPerLot.GOLDM = 1;
  expect(resolved.quantityUnit('MCX', 'GOLDM')).toEqual({ kind: 'lots', unitsPerLot: 100 });
});

test('a family of rate windows is replaced whole and the others stay', () => {
  const { rateLimits } = resolveConfig({ rateLimits: { orders: [{ limit: 5, perMs: 1_000 }] } });
  expect(rateLimits['orders']).toEqual([{ limit: 5, perMs: 1_000 }]);
  expect(rateLimits['quotes']).toEqual([{ limit: 1, perMs: 1_000 }]);
});

test('the published rates are the ones of the docs', () => {
  expect(dhan().rateLimits).toEqual({
    orders: [
      { limit: 9, perMs: 1_000 }, // one less than Dhan and the exchanges allow
      { limit: 250, perMs: 60_000 },
      { limit: 1_000, perMs: 3_600_000 },
      { limit: 7_000, perMs: 86_400_000, counted: 'ist-day' },
    ],
    data: [
      { limit: 5, perMs: 1_000 },
      { limit: 100_000, perMs: 86_400_000, counted: 'ist-day' },
    ],
    quotes: [{ limit: 1, perMs: 1_000 }],
    reads: [{ limit: 20, perMs: 1_000 }],
    'option-chain': [{ limit: 1, perMs: 3_000 }],
    auth: [{ limit: 1, perMs: 120_000 }],
    instruments: [{ limit: 10, perMs: 60_000 }],
  });
});

test('a definition is inert data with the promises a tag makes possible', () => {
  const definition = dhan();
  expect(definition.id).toBe('dhan');
  expect(definition.hosts).toEqual(['api.dhan.co', 'sandbox.dhan.co', 'auth.dhan.co', 'images.dhan.co']);
  expect(definition.capabilities.orderIdentity).toEqual({ grade: 'G2', tagLength: 25, visibleWithinMs: 120_000 });
  expect(definition.capabilities.orderTypes).toEqual(['MARKET', 'LIMIT', 'SL']);
  expect(definition.credentials.methods.map(({ id }) => id)).toEqual(['totp', 'token', 'consent']);
});

test('the sandbox takes pasted tokens only', () => {
  const { credentials } = dhan({ environment: 'sandbox' });
  expect(credentials.methods.map(({ id }) => id)).toEqual(['token']);
  expect(credentials.fields.map(({ name }) => name)).toEqual(['clientId', 'accessToken']);
});

test.each([
  ['clientId', '1000000003', '100000000'],
  ['accessToken', 'eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.c2ln', 'token'],
  ['pin', '123456', '12345a'],
  ['totpSecret', 'JBSWY3DPEHPK3PXP', '0189'],
])('the form checks %s', (name, good, bad) => {
  const field = dhan().credentials.fields.find((candidate) => candidate.name === name);
  expect(field?.pattern.test(good)).toBe(true);
  expect(field?.pattern.test(bad)).toBe(false);
});
