import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { BudgetRequest } from '@algo/core/store';
import type { TestRunner } from '../../conformance/runner.js';
import { assertRefused, onStore, twoWays } from '../stage.js';
import type { StoreSubject } from '../subject.js';

const SCOPE = 'account/u1/dhan/main/orders';
const HOLD_MS = 5;
/** Longer than any test. */
const LONG_MS = 3_600_000;
/** One that ends while a test waits for it. */
const SHORT_MS = 150;
/** Timers may fire a little early by another clock. */
const TICK_MS = 5;
const PATIENCE_MS = 20_000;

/** Ten places, of which none comes back while a test runs, unless it says otherwise. */
const request = (changes: Partial<BudgetRequest> = {}): BudgetRequest => ({
  scope: SCOPE,
  windows: [{ limit: 10, perMs: LONG_MS }],
  places: 1,
  holdMs: HOLD_MS,
  ...changes,
});

export function budgetsGroup(runner: TestRunner, subject: StoreSubject): void {
  givingGroup(runner, subject);
  lastingGroup(runner, subject);
  refusingGroup(runner, subject);
}

function givingGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('budgets', () => {
    test('give what is wanted, then what is left, then nothing and a time to wait', () =>
      onStore(subject, async (stage) => {
        const [{ budgets }, another] = await twoWays(stage);
        assert.deepEqual(await budgets.take(request({ places: 7 })), { granted: 7, waitMs: 0 });
        assert.deepEqual(await another.budgets.take(request({ places: 7 })), { granted: 3, waitMs: 0 });
        const { granted, waitMs } = await budgets.take(request());
        assert.equal(granted, 0);
        assert.ok(waitMs > LONG_MS / 2 && waitMs <= LONG_MS + HOLD_MS, `waits ${waitMs} ms`);
      }));

    test('are never overdrawn by many who ask at once', () =>
      onStore(subject, async (stage) => {
        const stores = await twoWays(stage);
        const grants = await Promise.all(
          Array.from({ length: 24 }, (_, at) => stores[at % 2]?.budgets.take(request({ places: 1 + (at % 3) }))),
        );
        assert.equal(placesOf(grants.map((grant) => ({ count: grant?.granted ?? 0 }))), 10);
      }));

    test('hold all of their windows at once', () =>
      onStore(subject, async ({ store: { budgets } }) => {
        const windows = [
          { limit: 4, perMs: SHORT_MS },
          { limit: 6, perMs: LONG_MS },
        ];
        const sinceMs = stopwatch();
        assert.equal((await budgets.take(request({ windows, places: 4 }))).granted, 4);
        const { granted, waitMs } = await budgets.take(request({ windows }));
        if (sinceMs() < SHORT_MS) {
          assert.equal(granted, 0);
          assert.ok(waitMs > 0 && waitMs <= SHORT_MS + HOLD_MS + TICK_MS, `the short one is over soon: ${waitMs} ms`);
        }
        await pause(waitMs + TICK_MS);
        assert.equal((await budgets.take(request({ windows, places: 9 }))).granted, 2 - granted, 'the long one counts');
        assert.ok((await budgets.take(request({ windows }))).waitMs > LONG_MS / 2);
      }));

    test('let no stretch of time have more than its places, and say how long to wait', () =>
      onStore(subject, async (stage) => {
        const stores = await twoWays(stage);
        const windows = [{ limit: 3, perMs: SHORT_MS }];
        const grants: Granted[] = [];
        const sinceMs = stopwatch();
        for (let turn = 0; placesOf(grants) < 12; turn += 1) {
          assert.ok(sinceMs() < PATIENCE_MS, 'who waits as told is not served');
          const askedAt = performance.now();
          const grant = await stores[turn % 2]?.budgets.take(request({ windows, places: 2 }));
          assert.ok(grant);
          if (grant.granted === 0) await pause(grant.waitMs);
          else grants.push({ count: grant.granted, askedAt, answeredAt: performance.now() });
        }
        assert.ok(mostWithin(grants, SHORT_MS) <= 3, 'more places than the window has');
      }));

    test('of other scopes have nothing to do with each other', () =>
      onStore(subject, async ({ store: { budgets } }) => {
        assert.equal((await budgets.take(request({ places: 10 }))).granted, 10);
        for (const scope of [`${SCOPE} `, `${SCOPE}\0`, SCOPE.toUpperCase(), 'account/u1/dhan/main/reads']) {
          assert.equal((await budgets.take(request({ scope, places: 10 }))).granted, 10, JSON.stringify(scope));
        }
      }));

    test('count a day from midnight to midnight in IST', () =>
      onStore(subject, async ({ store: { budgets } }) => {
        const windows = [{ limit: 5, perMs: DAY_MS, counted: 'ist-day' }] as const;
        const before = untilMidnight();
        assert.equal((await budgets.take(request({ windows, places: 9 }))).granted, 5);
        const { granted, waitMs } = await budgets.take(request({ windows }));
        if (untilMidnight() > before) return; // it was midnight just now
        assert.equal(granted, 0);
        assert.ok(Math.abs(waitMs - before) < 60_000, `${waitMs} ms until midnight, which is in ${before} ms`);
      }));
  });
}

function lastingGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('budgets', () => {
    test('are paused for everybody, and a longer pause stays', () =>
      onStore(subject, async (stage) => {
        const [{ budgets }, another] = await twoWays(stage);
        await budgets.pause(SCOPE, 60_000);
        await budgets.pause(SCOPE, 10);
        const { granted, waitMs } = await another.budgets.take(request());
        assert.equal(granted, 0);
        assert.ok(waitMs > 30_000 && waitMs <= 60_000, `paused for ${waitMs} ms`);
        assert.equal((await another.budgets.take(request({ scope: 'another' }))).granted, 1);
      }));

    test('go on after a pause with what they had', () =>
      onStore(subject, async ({ store: { budgets } }) => {
        assert.equal((await budgets.take(request({ places: 8 }))).granted, 8);
        const sinceMs = stopwatch();
        await budgets.pause(SCOPE, SHORT_MS);
        const { granted, waitMs } = await budgets.take(request({ places: 8 }));
        if (sinceMs() >= SHORT_MS) return; // the machine was busy elsewhere
        assert.equal(granted, 0);
        assert.ok(waitMs > 0 && waitMs <= SHORT_MS, `paused for ${waitMs} ms`);
        await pause(waitMs + TICK_MS);
        assert.equal((await budgets.take(request({ places: 8 }))).granted, 2);
      }));

    test('outlive closing and opening again, pauses too', () =>
      onStore(subject, async ({ store, reopen }) => {
        assert.equal((await store.budgets.take(request({ places: 8 }))).granted, 8);
        await store.budgets.pause('another', 60_000);
        const { budgets } = await reopen();
        assert.equal((await budgets.take(request({ places: 8 }))).granted, 2);
        assert.equal((await budgets.take(request({ scope: 'another' }))).granted, 0);
      }));
  });
}

function refusingGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('budgets', () => {
    test('refuse what cannot be asked for, and give nothing for it', () =>
      onStore(subject, async ({ store: { budgets } }) => {
        const bad: readonly Partial<BudgetRequest>[] = [
          { scope: '' },
          { scope: '\ud800' },
          { windows: [] },
          ...[0, -1, 1.5, Number.NaN, Infinity].flatMap((number) => [
            { places: number },
            { windows: [{ limit: number, perMs: 1_000 }] },
          ]),
          ...[0, -1, Number.NaN, Infinity].flatMap((number) => [
            { holdMs: number },
            { windows: [{ limit: 1, perMs: number }] },
          ]),
        ];
        for (const changes of bad) {
          await assertRefused(budgets.take(request(changes)), 'ALGO_INVALID_INPUT', JSON.stringify(changes));
        }
        for (const forMs of [-1, Number.NaN, Infinity]) {
          await assertRefused(budgets.pause(SCOPE, forMs), 'ALGO_INVALID_INPUT', `a pause of ${forMs} ms`);
        }
        await assertRefused(budgets.pause('', 1), 'ALGO_INVALID_INPUT', 'a pause of nothing');
        assert.equal((await budgets.take(request({ places: 10 }))).granted, 10);
      }));

    test('that are closed give nothing', () =>
      onStore(subject, async ({ store }) => {
        await store.close();
        await assertRefused(store.budgets.take(request()), 'ALGO_CLOSED', 'take');
        await assertRefused(store.budgets.pause(SCOPE, 1), 'ALGO_CLOSED', 'pause');
      }));
  });
}

interface Granted {
  readonly count: number;
  readonly askedAt: number;
  readonly answeredAt: number;
}

const placesOf = (grants: readonly { readonly count: number }[]): number =>
  grants.reduce((sum, { count }) => sum + count, 0);

/** Milliseconds since it was made. */
function stopwatch(): () => number {
  const startedAt = performance.now();
  return () => performance.now() - startedAt;
}

/** The most that was surely given within a stretch: the store gave each between the question and the answer. */
function mostWithin(grants: readonly Granted[], perMs: number): number {
  const counts = grants.map(({ askedAt }) =>
    grants
      .filter((other) => other.askedAt >= askedAt && other.answeredAt < askedAt + perMs - TICK_MS)
      .reduce((sum, { count }) => sum + count, 0),
  );
  return Math.max(0, ...counts);
}

const DAY_MS = 86_400_000;
const IST_OFFSET_MS = 19_800_000;

const untilMidnight = (): number => DAY_MS - ((Date.now() + IST_OFFSET_MS) % DAY_MS);
