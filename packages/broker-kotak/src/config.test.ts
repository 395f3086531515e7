import { isAlgoError } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { resolveConfig } from './config.js';
import { kotak } from './index.js';

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

test('needs nothing: the defaults are the live host, the known session hosts and every master', () => {
  const config = resolveConfig();
  expect(config.login).toEqual({ origin: 'https://mis.kotaksecurities.com', path: '' });
  expect(config.isLocal).toBe(false);
  expect(config.hosts).toContain('e43.kotaksecurities.com');
  expect(config.segments).toEqual(['nse_cm', 'bse_cm', 'nse_fo', 'bse_fo', 'mcx_fo', 'cde_fo']);
});

test('takes a simulator on this machine', () => {
  const config = resolveConfig({ loginUrl: 'http://127.0.0.1:8080/kotak/' });
  expect(config.login).toEqual({ origin: 'http://127.0.0.1:8080', path: '/kotak' });
  expect(config.isLocal).toBe(true);
  expect(resolveConfig({ loginUrl: 'http://[::1]:8080' }).isLocal).toBe(true);
  expect(resolveConfig({ loginUrl: 'http://localhost:8080' }).isLocal).toBe(false);
});

test('further session hosts are those of the domain only, and stand in the definition', () => {
  expect(kotak({ sessionHosts: ['e31.kotaksecurities.com'] }).hosts).toContain('e31.kotaksecurities.com');
  for (const host of [
    'kotaksecurities.com',
    'evil.test',
    'e31.kotaksecurities.com.evil.test',
    'https://e31.kotaksecurities.com',
    '*.kotaksecurities.com',
    'a.b.kotaksecurities.com',
  ])
    expect(problemsOf({ sessionHosts: [host] })).toEqual(['sessionHosts']);
});

test('segments are read in one order, each once', () => {
  expect(resolveConfig({ segments: ['nse_fo', 'nse_cm', 'nse_fo'] }).segments).toEqual(['nse_cm', 'nse_fo']);
});

test('reports every problem at once', () => {
  const problems = problemsOf({
    loginUrl: 'https://user:pass@mis.kotaksecurities.com',
    sessionHosts: 'e31.kotaksecurities.com',
    segments: [],
    baseUrl: 'https://e43.kotaksecurities.com',
    quantityUnits: { MCX: { kind: 'lots', unitsPerLot: 0 }, NFO: { kind: 'units' }, CDS: { kind: 'pieces' } },
    rateLimits: { orders: [], nothing: [{ limit: 1, perMs: 1 }] },
  });
  expect(problems).toEqual([
    'loginUrl',
    'sessionHosts',
    'segments',
    'baseUrl',
    'quantityUnits.NFO',
    'quantityUnits.MCX',
    'quantityUnits.CDS',
    'rateLimits.nothing',
    'rateLimits.orders',
  ]);
  expect(problemsOf({ segments: ['nse_eq'], quantityUnits: 5, rateLimits: 5 })).toEqual([
    'segments',
    'quantityUnits',
    'rateLimits',
  ]);
  expect(problemsOf({ quantityUnits: { MCX: null } })).toEqual(['quantityUnits.MCX']);
});

test('shares, indices and their derivatives are counted in units; the rest only when the host says so', () => {
  const silent = resolveConfig();
  for (const exchange of ['NSE', 'BSE', 'NFO', 'BFO'] as const)
    expect(silent.quantityUnit(exchange, 'X')).toEqual({ kind: 'units' });
  expect(silent.quantityUnit('MCX', 'GOLDM')).toEqual({ kind: 'unknown' });
  expect(silent.quantityUnit('CDS', 'USDINR')).toEqual({ kind: 'unknown' });

  const said = resolveConfig({
    quantityUnits: { MCX: { kind: 'lots', unitsPerLot: { GOLDM: 100 } }, CDS: { kind: 'lots', unitsPerLot: 1_000 } },
  });
  expect(said.quantityUnit('MCX', 'GOLDM')).toEqual({ kind: 'lots', unitsPerLot: 100 });
  expect(said.quantityUnit('MCX', 'toString')).toEqual({ kind: 'unknown' });
  expect(said.quantityUnit('CDS', 'USDINR')).toEqual({ kind: 'lots', unitsPerLot: 1_000 });
  expect(resolveConfig({ quantityUnits: { MCX: { kind: 'units' } } }).quantityUnit('MCX', 'X')).toEqual({
    kind: 'units',
  });
});

test('what the host changes afterwards changes nothing', () => {
  const unitsPerLot: Record<string, number> = { GOLDM: 100 };
  const config = resolveConfig({ quantityUnits: { MCX: { kind: 'lots', unitsPerLot } } });
  unitsPerLot['GOLDM'] = 1;
  expect(config.quantityUnit('MCX', 'GOLDM')).toEqual({ kind: 'lots', unitsPerLot: 100 });
});

test('a family of rates is replaced whole, the others stay', () => {
  const { rateLimits } = resolveConfig({ rateLimits: { orders: [{ limit: 5, perMs: 1_000 }] } });
  expect(rateLimits['orders']).toEqual([{ limit: 5, perMs: 1_000 }]);
  expect(rateLimits['quotes']).toEqual([{ limit: 25, perMs: 1_000 }]);
});

test('the definition promises what can be kept: no SL-M, grade G0, currency only when its unit is named', () => {
  const { id, capabilities, rateLimits } = kotak();
  expect(id).toBe('kotak');
  expect(capabilities.orderTypes).toEqual(['MARKET', 'LIMIT', 'SL']);
  expect(capabilities.orderIdentity).toEqual({ grade: 'G0', tagLength: 20, visibleWithinMs: 120_000 });
  expect(capabilities.session).toEqual({ lastsMs: null, endsDailyAt: '00:00', secondLogin: 'leaves-the-first' });
  expect(capabilities.exchanges).not.toContain('CDS');
  expect(kotak({ quantityUnits: { CDS: { kind: 'units' } } }).capabilities.exchanges).toContain('CDS');
  expect(Object.keys(rateLimits)).toContain('orders');
});

test.each([
  ['ucc', 'AB1CD', ['ab1cd', 'ABC', 'AB 1CD']],
  ['accessToken', '0f0e0d0c-1111-2222-3333-0123456789ab', ['', 'short', 'with space in it']],
  ['mobileNumber', '+919876543210', ['98765', '+15551234567', '98765432101']],
  ['mobileNumber', '98765 43210', ['x']],
  ['mpin', '123456', ['12345', '1234567', 'abcdef']],
  ['totpSecret', 'GEZD GNBV GY3T QOJQ', ['', '0189', 'short']],
  ['totp', '287082', ['28708', 'x']],
])('credential %s looks like %s', (name, good, bad) => {
  const field = kotak().credentials.fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new Error(`no field ${name}`);
  expect(field.pattern.test(good)).toBe(true);
  for (const text of bad) expect(field.pattern.test(text)).toBe(false);
});

test('every log-in method needs fields of the template, and only the account is plain', () => {
  const { fields, methods, identity } = kotak().credentials;
  const names = fields.map(({ name }) => name);
  for (const { needs } of methods) expect(names).toEqual(expect.arrayContaining([...needs]));
  expect(fields.filter(({ secret }) => !secret).map(({ name }) => name)).toEqual([identity]);
});
