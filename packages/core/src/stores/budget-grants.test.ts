import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RateWindow } from '../contract/rate-limits.js';
import { EMPTY_BUDGET, grantPlaces, pausePlaces, readBudget } from './budget-grants.js';
import type { BudgetState } from './budget-grants.js';

const NOON = Date.parse('2026-11-20T12:00:00+05:30');
const MIDNIGHT = Date.parse('2026-11-21T00:00:00+05:30');
const scope = 'account/u1/dhan/main/orders';
const TEN: readonly RateWindow[] = [{ limit: 10, perMs: 1_000 }];
const DAILY: readonly RateWindow[] = [{ limit: 10, perMs: 86_400_000, counted: 'ist-day' }];

const take = (state: BudgetState, places: number, nowMs: number, windows = TEN) =>
  grantPlaces(state, { scope, windows, places, holdMs: 250 }, nowMs);

test('gives what is asked for while the windows have it, then what is left, then nothing and when to ask again', () => {
  const first = take(EMPTY_BUDGET, 7, NOON);
  expect(first.grant).toEqual({ granted: 7, waitMs: 0 });
  const second = take(first.state, 7, NOON + 100);
  expect(second.grant).toEqual({ granted: 3, waitMs: 0 });
  const third = take(second.state, 1, NOON + 200);
  expect(third.grant).toEqual({ granted: 0, waitMs: 1_050 }); // held for 250 ms, and counted for a second after
  expect(take(third.state, 1, NOON + 1_249).grant.granted).toBe(0);
  expect(take(third.state, 9, NOON + 1_250).grant.granted).toBe(7);
});

test('a pause gives nobody anything, and a longer one stays', () => {
  const paused = pausePlaces(pausePlaces(EMPTY_BUDGET, 5_000, NOON), 1_000, NOON);
  expect(take(paused, 1, NOON + 1_000).grant).toEqual({ granted: 0, waitMs: 4_000 });
  expect(take(paused, 1, NOON + 5_000).grant.granted).toBe(1);
});

test('a pause forgets nothing that was given', () => {
  const { state } = take(EMPTY_BUDGET, 10, NOON);
  expect(take(pausePlaces(state, 1, NOON + 10), 1, NOON + 20).grant.granted).toBe(0);
});

test('the day is counted from midnight in IST, with what may still be used after it', () => {
  const used = take(EMPTY_BUDGET, 8, NOON, DAILY).state;
  const late = take(used, 5, MIDNIGHT - 100, DAILY);
  expect(late.grant.granted).toBe(2);
  expect(take(late.state, 1, MIDNIGHT - 50, DAILY).grant).toEqual({ granted: 0, waitMs: 50 });
  expect(take(late.state, 10, MIDNIGHT, DAILY).grant.granted).toBe(8); // the two of before may be used today
});

test('a clock that goes back is taken as one that stands still', () => {
  const { state } = take(EMPTY_BUDGET, 10, NOON);
  const back = take(state, 1, NOON - 600_000);
  expect(back.grant).toEqual({ granted: 0, waitMs: 1_250 });
  expect(take(back.state, 10, NOON - 600_000 + 1_250).grant.granted).toBe(10);
});

test('tells until when a scope must be kept', () => {
  expect(take(EMPTY_BUDGET, 1, NOON).keepUntilMs).toBe(NOON + 1_250);
  expect(take(EMPTY_BUDGET, 1, NOON, DAILY).keepUntilMs).toBe(MIDNIGHT);
});

test('stays small, and safe when neighbours are put together', () => {
  const windows: readonly RateWindow[] = [{ limit: 1_000, perMs: 3_600_000 }];
  let state = EMPTY_BUDGET;
  let granted = 0;
  for (let at = 0; at < 3_600_000; at += 1_800) {
    const result = take(state, 1, NOON + at, windows);
    state = result.state;
    granted += result.grant.granted;
  }
  expect(granted).toBe(1_000);
  expect(state.grants.length).toBeLessThanOrEqual(64);
  expect(JSON.stringify(state).length).toBeLessThan(4_000);
  const hourLater = take(state, 1_000, NOON + 3_600_000 + 250 + 900_000, windows).grant.granted; // half of those 30 minutes
  expect(hourLater).toBeGreaterThan(400);
  expect(hourLater).toBeLessThanOrEqual(501);
});

test('what was written as JSON is read back, and what is no budget is not', () => {
  const { state } = take(pausePlaces(EMPTY_BUDGET, 5, NOON), 3, NOON + 10);
  expect(readBudget(JSON.parse(JSON.stringify(state)))).toEqual(state);
  for (const broken of [
    null,
    {},
    { ...state, day: null },
    { ...state, grants: [{ count: 1 }] },
    { ...state, atMs: 'x' },
  ])
    expect(readBudget(broken)).toBeNull();
});

test('any use of granted places until their end keeps every sliding window', () => {
  const windows = fc.array(
    fc.record({ limit: fc.integer({ min: 1, max: 9 }), perMs: fc.integer({ min: 1, max: 60 }) }),
    {
      minLength: 1,
      maxLength: 3,
    },
  );
  const step = fc.record({
    gap: fc.integer({ min: 0, max: 20 }),
    places: fc.integer({ min: 1, max: 5 }),
    holdMs: fc.integer({ min: 1, max: 30 }),
    usedAfter: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(windows, fc.array(step, { maxLength: 100 }), (held, steps) => {
      let state = EMPTY_BUDGET;
      let now = NOON;
      const uses: number[] = [];
      for (const { gap, places, holdMs, usedAfter } of steps) {
        now += gap;
        const result = grantPlaces(state, { scope, windows: held, places, holdMs }, now);
        state = result.state;
        for (let count = 0; count < result.grant.granted; count += 1) uses.push(now + holdMs * usedAfter);
      }
      uses.sort((a, b) => a - b);
      for (const { limit, perMs } of held) {
        for (let at = 0; at + limit < uses.length; at += 1)
          expect((uses[at + limit] ?? 0) - (uses[at] ?? 0)).toBeGreaterThanOrEqual(perMs - 0.001);
      }
    }),
    { numRuns: 500 },
  );
});
