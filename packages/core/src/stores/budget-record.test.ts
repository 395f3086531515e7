import { expect, test } from 'vitest';
import type { BudgetRequest } from '../contract/budget-store.js';
import { checkBudgetPause, checkBudgetRequest, pauseBudget, takeFromBudget } from './budget-record.js';

const AT_MS = 1_789_000_000_000;
const request: BudgetRequest = { scope: 's', windows: [{ limit: 3, perMs: 60_000 }], places: 2, holdMs: 250 };

test('what was taken is in the record, and may go when nothing of it counts any more', () => {
  const first = takeFromBudget(null, request, AT_MS);
  expect(first.grant).toEqual({ granted: 2, waitMs: 0 });
  const second = takeFromBudget(first.record, request, AT_MS + 1);
  expect(second.grant).toEqual({ granted: 1, waitMs: 0 });
  expect(second.record.expiresAtMs).toBeGreaterThanOrEqual(AT_MS + 60_251);
  expect(second.record.expiresAtMs).toBeLessThan(AT_MS + 60_251 + 600_000);
  const later = takeFromBudget(second.record, { ...request, places: 9 }, second.record.expiresAtMs);
  expect(later.grant).toEqual(takeFromBudget(null, { ...request, places: 9 }, second.record.expiresAtMs).grant);
});

test('a record seldom changes the time it may go at, so that an index on it is left alone', () => {
  const times = Array.from({ length: 1_000 }, (_, at) => takeFromBudget(null, request, AT_MS + at * 100));
  expect(new Set(times.map(({ record }) => record.expiresAtMs)).size).toBeLessThanOrEqual(2);
});

test('a pause does not let a record go that still counts', () => {
  const { record } = takeFromBudget(null, { ...request, windows: [{ limit: 3, perMs: 3_600_000 }] }, AT_MS);
  expect(pauseBudget(record, 1, AT_MS).expiresAtMs).toBe(record.expiresAtMs);
  expect(pauseBudget(null, 3_600_000, AT_MS).expiresAtMs).toBeGreaterThanOrEqual(AT_MS + 3_600_000);
});

test.each(['', 'no JSON', 'null', '[]', '{}', '{"atMs":"1"}'])('a record of %j is no empty budget', (state) => {
  const failed = expect.objectContaining({ code: 'ALGO_STORE_FAILED' });
  expect(() => takeFromBudget({ state, expiresAtMs: 0 }, request, AT_MS)).toThrow(failed);
  expect(() => pauseBudget({ state, expiresAtMs: 0 }, 1, AT_MS)).toThrow(failed);
});

test('a request says all that is wrong with it at once', () => {
  const windows = [
    { limit: 0, perMs: 1 },
    { limit: 1, perMs: Number.NaN },
  ] as const;
  const fieldsOf = (check: () => void): readonly string[] => {
    try {
      check();
    } catch (error) {
      expect(error).toMatchObject({ code: 'ALGO_INVALID_INPUT' });
      return (error as { details: { problems: { field: string }[] } }).details.problems.map(({ field }) => field);
    }
    return [];
  };
  expect(fieldsOf(() => checkBudgetRequest({ scope: '', windows, places: 0.5, holdMs: 60_001 }))).toEqual([
    'scope',
    'windows[0].limit',
    'windows[1].perMs',
    'places',
    'holdMs',
  ]);
  expect(fieldsOf(() => checkBudgetPause('\ud800', -1))).toEqual(['scope', 'forMs']);
  expect(fieldsOf(() => checkBudgetRequest(request))).toEqual([]);
  expect(fieldsOf(() => checkBudgetPause('s', 0))).toEqual([]);
});
