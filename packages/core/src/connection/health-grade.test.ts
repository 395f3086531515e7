import { expect, test } from 'vitest';
import { colourOf, GradeKeeper, gradeOf } from './health-grade.js';
import type { GradeFacts } from './health-grade.js';

const facts = (errorRate: number, changes: Partial<GradeFacts> = {}): GradeFacts => ({
  calls: 100,
  errorRate,
  p95Ms: 10,
  cut: false,
  ...changes,
});
const EXCELLENT = facts(0);
const GOOD = facts(0.05);
const POOR = facts(0.1);
const CRITICAL = facts(0.11);

test.each([
  [0.01, 1_000, 'EXCELLENT', 'green'],
  [0.011, 1_000, 'GOOD', 'green'],
  [0.01, 1_001, 'GOOD', 'green'],
  [0.05, 5_000, 'GOOD', 'green'],
  [0.051, 5_000, 'POOR', 'yellow'],
  [0.05, 5_001, 'POOR', 'yellow'],
  [0.1, 10_000, 'POOR', 'yellow'],
  [0.101, 10_000, 'CRITICAL', 'red'],
  [0.1, 10_001, 'CRITICAL', 'red'],
] as const)('errors of %d with a p95 of %d ms are %s, %s', (errors, p95Ms, quality, colour) => {
  expect(gradeOf(errors, p95Ms)).toBe(quality);
  expect(colourOf(quality)).toBe(colour);
});

test('no grade is given before there were twenty calls', () => {
  const grades = new GradeKeeper();
  expect(grades.judge(facts(1, { calls: 19 }), 0)).toEqual({ quality: null, stale: false });
  expect(grades.judge(facts(1, { calls: 20 }), 1)).toEqual({ quality: 'CRITICAL', stale: false });
});

test('with fewer calls the last grade stays, marked stale, until there are enough again', () => {
  const grades = new GradeKeeper();
  grades.judge(GOOD, 0);
  expect(grades.judge(facts(1, { calls: 19 }), 1_000)).toEqual({ quality: 'GOOD', stale: true });
  expect(grades.judge(facts(0.1, { calls: 20 }), 2_000)).toEqual({ quality: 'POOR', stale: false });
});

test('a worse grade is shown at once', () => {
  const grades = new GradeKeeper();
  expect([EXCELLENT, GOOD, POOR, CRITICAL].map((each, at) => grades.judge(each, at).quality)).toEqual([
    'EXCELLENT',
    'GOOD',
    'POOR',
    'CRITICAL',
  ]);
});

test('a better grade is shown after it held for sixty seconds', () => {
  const grades = new GradeKeeper();
  grades.judge(POOR, 0);
  expect(grades.judge(EXCELLENT, 1_000).quality).toBe('POOR');
  expect(grades.nextChangeMs).toBe(61_000);
  expect(grades.judge(EXCELLENT, 60_999).quality).toBe('POOR');
  expect(grades.judge(EXCELLENT, 61_000).quality).toBe('EXCELLENT');
  expect(grades.nextChangeMs).toBe(Infinity);
});

test('a moment of the worse grade begins the sixty seconds anew', () => {
  const grades = new GradeKeeper();
  grades.judge(POOR, 0);
  grades.judge(GOOD, 1_000);
  grades.judge(POOR, 50_000);
  grades.judge(GOOD, 51_000);
  expect(grades.judge(GOOD, 110_999).quality).toBe('POOR');
  expect(grades.judge(GOOD, 111_000).quality).toBe('GOOD');
});

test('climbs as far as held: half a minute of POOR and then GOOD is POOR after one minute, GOOD after one and a half', () => {
  const grades = new GradeKeeper();
  grades.judge(CRITICAL, 0);
  grades.judge(POOR, 10_000);
  grades.judge(GOOD, 40_000);
  expect(grades.judge(GOOD, 69_999).quality).toBe('CRITICAL');
  expect(grades.judge(GOOD, 70_000).quality).toBe('POOR');
  expect(grades.judge(GOOD, 99_999).quality).toBe('POOR');
  expect(grades.judge(GOOD, 100_000).quality).toBe('GOOD');
});

test('a connection that is cut is CRITICAL at once and not stale, however few calls there were', () => {
  const grades = new GradeKeeper();
  expect(grades.judge(facts(0, { calls: 0, cut: true }), 0)).toEqual({ quality: 'CRITICAL', stale: false });
});

test('after the cut it is what its traffic says, or nothing yet, when that held for sixty seconds', () => {
  const untried = new GradeKeeper();
  untried.judge(facts(0, { calls: 3, cut: true }), 0);
  expect(untried.judge(facts(0, { calls: 3 }), 1_000)).toEqual({ quality: 'CRITICAL', stale: true });
  expect(untried.judge(facts(0, { calls: 3 }), 61_000)).toEqual({ quality: null, stale: false });

  const known = new GradeKeeper();
  known.judge(GOOD, 0);
  known.judge({ ...GOOD, cut: true }, 1_000);
  known.judge(GOOD, 2_000);
  expect(known.judge(GOOD, 61_999).quality).toBe('CRITICAL');
  expect(known.judge(GOOD, 62_000).quality).toBe('GOOD');
});
