import { expect, test } from 'vitest';
import { AlertBook, HEALTH_THRESHOLDS } from './health-alerts.js';
import type { AlertFacts, HealthThresholds } from './health-alerts.js';

const WALL_MS = 1_000_000;

function start(thresholds?: HealthThresholds) {
  const book = new AlertBook(thresholds);
  const at = (monotonicMs: number, changes: Partial<AlertFacts> = {}): readonly string[] => {
    const facts: AlertFacts = {
      errorRate: 0,
      p95Ms: 0,
      enoughCalls: true,
      authFailures: 0,
      instrumentLookupFailures: 0,
      disconnected: null,
      ...changes,
    };
    const moves = book.judge(facts, { wallMs: WALL_MS + monotonicMs, monotonicMs });
    return moves.map(({ kind, alert }) => `${kind} ${alert.kind} ${alert.severity}`);
  };
  return { book, at };
}

test('the defaults are those that were asked for', () => {
  expect(HEALTH_THRESHOLDS).toMatchObject({
    errorRate: { warning: 0.05, critical: 0.1 },
    responseMs: { warning: 5_000, critical: 10_000 },
    authFailures: { warning: 3, critical: null },
  });
});

test.each([
  [{ errorRate: 0.05 }, []],
  [{ errorRate: 0.051 }, ['raised error-rate warning']],
  [{ errorRate: 0.1 }, ['raised error-rate warning']],
  [{ errorRate: 0.101 }, ['raised error-rate critical']],
  [{ p95Ms: 5_000 }, []],
  [{ p95Ms: 5_001 }, ['raised response-time warning']],
  [{ p95Ms: 10_000 }, ['raised response-time warning']],
  [{ p95Ms: 10_001 }, ['raised response-time critical']],
  [{ authFailures: 3 }, []],
  [{ authFailures: 4 }, ['raised auth-failures warning']],
  [{ authFailures: 200 }, ['raised auth-failures warning']],
  [{ instrumentLookupFailures: 20 }, []],
  [{ instrumentLookupFailures: 21 }, ['raised instruments warning']],
  [{ disconnected: 'critical' as const }, ['raised disconnected critical']],
  [{ disconnected: 'warning' as const }, ['raised disconnected warning']],
  [{ disconnected: 'unclear' as const }, []],
])('%o raises %o', (changes, raised) => {
  expect(start().at(0, changes)).toEqual(raised);
});

test('an alert is raised once, however long it lasts', () => {
  const { at } = start();
  expect(at(0, { errorRate: 0.2 })).toEqual(['raised error-rate critical']);
  for (let now = 250; now < 600_000; now += 250) expect(at(now, { errorRate: 0.2 })).toEqual([]);
});

test('it is resolved once, after it was gone for sixty seconds', () => {
  const { book, at } = start();
  at(0, { errorRate: 0.06 });
  expect(at(1_000)).toEqual([]);
  expect(book.nextChangeMs).toBe(61_000);
  expect(at(60_999)).toEqual([]);
  expect(at(61_000)).toEqual(['resolved error-rate warning']);
  expect(at(200_000)).toEqual([]);
  expect(book.raised).toEqual([]);
});

test('a value that goes to and fro over its threshold rings once', () => {
  const { at } = start();
  const heard: string[] = [];
  for (let now = 0; now < 600_000; now += 10_000) {
    heard.push(...at(now, { errorRate: now % 20_000 === 0 ? 0.06 : 0.04 }));
  }
  expect(heard).toEqual(['raised error-rate warning']);
});

test('one that gets worse is resolved and raised anew at once, and better only after sixty seconds', () => {
  const { at } = start();
  expect(at(0, { p95Ms: 6_000 })).toEqual(['raised response-time warning']);
  expect(at(1, { p95Ms: 11_000 })).toEqual(['resolved response-time warning', 'raised response-time critical']);
  expect(at(2, { p95Ms: 6_000 })).toEqual([]);
  expect(at(60_002, { p95Ms: 6_000 })).toEqual(['resolved response-time critical', 'raised response-time warning']);
});

test('too few calls raise nothing and make nothing worse, but may show that it is over', () => {
  const { at } = start();
  const few = { enoughCalls: false };
  expect(at(0, { ...few, errorRate: 1, p95Ms: 60_000 })).toEqual([]);
  at(1, { errorRate: 0.06 });
  expect(at(2, { ...few, errorRate: 1 })).toEqual([]);
  at(3, { ...few, errorRate: 0 });
  expect(at(60_003, { ...few, errorRate: 0 })).toEqual(['resolved error-rate warning']);
});

test('no calls at all say nothing: the alert stays', () => {
  const { at, book } = start();
  at(0, { errorRate: 0.06 });
  for (let now = 0; now < 600_000; now += 1_000) expect(at(now, { errorRate: null, p95Ms: null })).toEqual([]);
  expect(book.raised).toHaveLength(1);
});

test('a connection that is being made again neither raises the alert nor ends it', () => {
  const { at } = start();
  at(0, { disconnected: 'critical' });
  expect(at(120_000, { disconnected: 'unclear' })).toEqual([]);
  expect(at(120_001)).toEqual([]);
  expect(at(180_001)).toEqual(['resolved disconnected critical']);
});

test('says what was measured, against what, and when', () => {
  const { book, at } = start();
  at(7, { authFailures: 5 });
  const raised = { kind: 'auth-failures', severity: 'warning', value: 5, threshold: 3, raisedAtMs: WALL_MS + 7 };
  expect(book.raised).toEqual([{ ...raised, resolvedAtMs: null }]);
  at(8);
  const facts = { errorRate: 0, p95Ms: 0, enoughCalls: true, authFailures: 0, instrumentLookupFailures: 0 };
  const moves = book.judge({ ...facts, disconnected: null }, { wallMs: WALL_MS + 99_000, monotonicMs: 99_000 });
  expect(moves).toEqual([{ kind: 'resolved', alert: { ...raised, resolvedAtMs: WALL_MS + 99_000 } }]);
});

test('thresholds of the host hold, and null switches one off', () => {
  const { at } = start({ errorRate: { warning: null, critical: 0.5 }, authFailures: { warning: 0, critical: 2 } });
  expect(at(0, { errorRate: 0.5 })).toEqual([]);
  expect(at(0, { errorRate: 0.51, p95Ms: 5_001, authFailures: 3 })).toEqual([
    'raised error-rate critical',
    'raised response-time warning',
    'raised auth-failures critical',
  ]);
});
