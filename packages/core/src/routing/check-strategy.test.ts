import { expect, test } from 'vitest';
import { isAlgoError } from '../errors/algo-error.js';
import { checkStrategy } from './check-strategy.js';
import type { FailoverStrategy } from './failover-strategy.js';

const primary = { broker: 'dhan', account: 'main' };
const backup = { broker: 'upstox', account: 'main' };
const second = { broker: 'dhan', account: 'second' };

const STRATEGY: FailoverStrategy = {
  primary,
  backups: [backup, second],
  rules: [
    { on: 'TIMEOUT', misses: 5, then: 'RETRY', tries: 1 },
    { on: 'ERROR_RATE', share: 1, then: 'SWITCH', onMargin: true },
    { on: 'MANUAL', then: 'QUEUE', expiresMs: 30_000 },
  ],
  recovery: { automatic: false, healthyMs: 120_000 },
  reads: 'balance',
};

function fieldsOf(value: unknown): readonly string[] {
  try {
    checkStrategy(value);
    return [];
  } catch (error) {
    if (isAlgoError(error) && error.code === 'ALGO_INVALID_INPUT')
      return error.details.problems.map(({ field }) => field);
    throw error;
  }
}

test('a whole strategy and the smallest one are taken as they are', () => {
  expect(checkStrategy(STRATEGY)).toEqual(STRATEGY);
  expect(checkStrategy(JSON.parse(JSON.stringify(STRATEGY)))).toEqual(STRATEGY);
  const smallest = { primary, backups: [], rules: [] };
  expect(checkStrategy(smallest)).toEqual(smallest);
  expect(checkStrategy({ ...smallest, reads: undefined, recovery: { healthyMs: undefined } })).toEqual({
    ...smallest,
    recovery: {},
  });
});

const rule = (changes: object): unknown => ({ ...STRATEGY, rules: [{ on: 'TIMEOUT', then: 'SWITCH', ...changes }] });

test.each<[string, unknown, string]>([
  ['nothing', null, 'strategy'],
  ['an unknown field', { ...STRATEGY, backup: [] }, 'strategy'],
  ['no primary', { ...STRATEGY, primary: undefined }, 'primary'],
  ['a primary without an account', { ...STRATEGY, primary: { broker: 'dhan', account: '' } }, 'primary.account'],
  ['an unknown field of a connection', { ...STRATEGY, primary: { ...primary, userId: 'u1' } }, 'primary'],
  ['the primary among the backups', { ...STRATEGY, backups: [backup, primary] }, 'backups.1'],
  ['a backup twice', { ...STRATEGY, backups: [backup, second, backup] }, 'backups.2'],
  [
    'too many backups',
    { ...STRATEGY, backups: Array.from({ length: 21 }, (_, at) => ({ broker: `b${at}`, account: 'a' })) },
    'backups',
  ],
  ['another trigger', rule({ on: 'LATENCY' }), 'rules.0.on'],
  ['another action', rule({ then: 'DROP' }), 'rules.0.then'],
  ['a field of another trigger', rule({ share: 0.5 }), 'rules.0'],
  ['no misses', rule({ misses: 0 }), 'rules.0.misses'],
  ['a share of nothing', rule({ on: 'ERROR_RATE', share: 0 }), 'rules.0.share'],
  ['a share in per cent', rule({ on: 'ERROR_RATE', share: 50 }), 'rules.0.share'],
  ['a negative share', rule({ on: 'ERROR_RATE', share: -0.5 }), 'rules.0.share'],
  ['negative tries', rule({ then: 'RETRY', tries: -1 }), 'rules.0.tries'],
  ['half a try', rule({ then: 'RETRY', tries: 0.5 }), 'rules.0.tries'],
  ['tries that nobody makes', rule({ tries: 2 }), 'rules.0.tries'],
  ['a negative expiry', rule({ then: 'QUEUE', expiresMs: -1 }), 'rules.0.expiresMs'],
  ['an expiry of nothing that waits', rule({ expiresMs: 1_000 }), 'rules.0.expiresMs'],
  ['margin where nothing goes on', rule({ then: 'QUEUE', onMargin: true }), 'rules.0.onMargin'],
  ['a recovery without a wait', { ...STRATEGY, recovery: { healthyMs: 0 } }, 'recovery.healthyMs'],
  ['a recovery for ever', { ...STRATEGY, recovery: { healthyMs: Infinity } }, 'recovery.healthyMs'],
  ['another way to read', { ...STRATEGY, reads: 'random' }, 'reads'],
])('%s is refused', (_, value, field) => {
  expect(fieldsOf(value)).toContain(field);
});

test('all problems are told at once, and none of them repeats a value', () => {
  const bad = { ...STRATEGY, primary: { broker: 'canary'.repeat(50), account: '' }, reads: 'canary' };
  expect(fieldsOf(bad)).toEqual(['primary.broker', 'primary.account', 'reads']);
  try {
    checkStrategy(bad);
  } catch (error) {
    expect(String(error)).not.toContain('canary');
  }
});
