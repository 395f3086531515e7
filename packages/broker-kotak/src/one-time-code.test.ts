import { Secret, isAlgoError } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { clockOffsetMs, createCodes, nextTry, pause } from './one-time-code.js';

/** The seed of RFC 6238, Appendix B, whose codes are known. */
const SEED = new Secret('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');

test('codes are those of RFC 6238, the last six digits', async () => {
  const codeAt = await createCodes(SEED);
  expect([59_000, 1_111_111_109_000, 1_234_567_890_000].map((atMs) => codeAt(atMs).reveal())).toEqual([
    '287082',
    '081804',
    '005924',
  ]);
});

test('a seed in groups and lower case works, one that is none is said', async () => {
  const codeAt = await createCodes(new Secret('gezd gnbv gy3t qojq gezd-gnbv-gy3t-qojq=='));
  expect(codeAt(59_000).reveal()).toBe('287082');
  const error: unknown = await createCodes(new Secret('0189!')).catch((thrown: unknown) => thrown);
  expect(isAlgoError(error) && error.code).toBe('ALGO_INVALID_INPUT');
});

test('the offset is read off the date, from the middle of the way', () => {
  expect(
    clockOffsetMs('Fri, 20 Nov 2026 04:30:10 GMT', Date.UTC(2026, 10, 20, 4, 30), Date.UTC(2026, 10, 20, 4, 30, 1)),
  ).toBe(10_000);
  expect(clockOffsetMs(null, 0, 0)).toBeNull();
  expect(clockOffsetMs('yesterday', 0, 0)).toBeNull();
});

/** Ten seconds into a half minute. */
const AT_MS = 1_800_000_010_000;

test.each<[string, Parameters<typeof nextTry>, ReturnType<typeof nextTry>]>([
  [
    'a clock that is 40 s behind: at once, by the other clock',
    [AT_MS, AT_MS + 100, 40_000, 5_000],
    { waitMs: 0, atMs: AT_MS + 40_100 },
  ],
  ['a clock that is 40 s ahead: the same', [AT_MS, AT_MS + 100, -40_000, 5_000], { waitMs: 0, atMs: AT_MS - 39_900 }],
  ['a good clock and no time', [AT_MS, AT_MS + 100, 200, 10_000], null],
  [
    'a good clock and time enough: in the next half minute',
    [AT_MS, AT_MS + 100, 200, 30_000],
    { waitMs: 20_400, atMs: AT_MS + 20_500 },
  ],
  ['an unknown clock and time enough', [AT_MS, AT_MS + 100, null, 30_000], { waitMs: 20_400, atMs: AT_MS + 20_500 }],
  ['a clock that is off within the same half minute: the code was right', [AT_MS, AT_MS + 100, 6_000, 10_000], null],
  [
    'the same with time enough: in the next half minute of the other clock',
    [AT_MS, AT_MS + 100, 6_000, 30_000],
    { waitMs: 14_400, atMs: AT_MS + 20_500 },
  ],
  ['a wait that leaves too little for the calls', [AT_MS, AT_MS + 19_000, null, 4_000], null],
  ['a wait that leaves just enough', [AT_MS, AT_MS + 19_000, null, 4_500], { waitMs: 1_500, atMs: AT_MS + 20_500 }],
])('%s', (_what, given, expected) => {
  expect(nextTry(...given)).toEqual(expected);
});

interface Timers {
  readonly after: (afterMs: number, task: () => void) => () => void;
  readonly waiting: () => number;
  readonly fire: () => void;
}

function timers(): Timers {
  const tasks = new Set<() => void>();
  return {
    after(_afterMs, task) {
      tasks.add(task);
      return () => tasks.delete(task);
    },
    waiting: () => tasks.size,
    fire: () => tasks.forEach((task) => task()),
  };
}

test('a pause ends when its time is over', async () => {
  const clock = timers();
  const waited = pause(1_000, clock, new AbortController().signal);
  clock.fire();
  await expect(waited).resolves.toBeUndefined();
});

test('a pause ends with its call, before and meanwhile, and leaves no timer', async () => {
  const clock = timers();
  const controller = new AbortController();
  const waited = pause(1_000, clock, controller.signal);
  controller.abort();
  await expect(waited).rejects.toMatchObject({ code: 'ALGO_DEADLINE' });
  await expect(pause(1_000, clock, controller.signal)).rejects.toMatchObject({ code: 'ALGO_DEADLINE' });
  expect(clock.waiting()).toBe(0);
});
