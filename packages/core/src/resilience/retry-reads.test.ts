import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { READ_BACKOFF, READ_TRIES, RetryBudget, retryRead } from './retry-reads.js';
import type { RetryOptions } from './retry-reads.js';

interface Trial {
  readonly clock: FakeClock;
  readonly tries: number[];
  readonly spent: () => number;
  run(read: (attempt: number) => Promise<string>, changes?: Partial<RetryOptions>): Promise<string>;
}

function start(): Trial {
  const clock = createFakeClock();
  const tries: number[] = [];
  let spent = 0;
  return {
    clock,
    tries,
    spent: () => spent,
    run(read, changes = {}) {
      const options: RetryOptions = {
        tries: READ_TRIES,
        clock,
        fraction: () => 0.5,
        remainingMs: () => 10_000 - clock.monotonic(),
        leastWaitMs: () => 0,
        spend: () => {
          spent += 1;
          return true;
        },
        ...changes,
      };
      const attempt = (): Promise<string> => {
        tries.push(clock.monotonic());
        return read(tries.length);
      };
      const result = retryRead(attempt, () => options);
      result.catch(() => undefined);
      return clock.runUntil(result, { stepMs: 5 });
    },
  };
}

const failing = async (): Promise<string> => {
  throw new Error('passing');
};

test('a read that works is run once and costs no retry', async () => {
  const trial = start();
  expect(await trial.run(async () => 'fine')).toBe('fine');
  expect(trial.tries).toEqual([0]);
  expect(trial.spent()).toBe(0);
});

test('tries three times at most and then throws what the last one threw', async () => {
  const trial = start();
  const thrown = trial.run(async (attempt) => {
    throw new Error(`try ${attempt}`);
  });
  await expect(thrown).rejects.toThrow('try 3');
  expect(trial.tries).toHaveLength(3);
  expect(trial.spent()).toBe(2); // and none for a retry that is not made
});

test('gives the result of the second or third try', async () => {
  for (const good of [2, 3]) {
    const trial = start();
    const result = await trial.run(async (attempt) => (attempt < good ? failing() : `try ${attempt}`));
    expect(result).toBe(`try ${good}`);
  }
});

test('never repeats a failure that does not pass', async () => {
  const trial = start();
  await expect(trial.run(failing, { leastWaitMs: () => null })).rejects.toThrow('passing');
  expect(trial.tries).toHaveLength(1);
  expect(trial.spent()).toBe(0);
});

test('stops when the second failure is one that does not pass', async () => {
  const trial = start();
  const leastWaitMs = (error: unknown): number | null => (String(error).includes('try 1') ? 0 : null);
  const thrown = trial.run(
    async (attempt) => {
      throw new Error(`try ${attempt}`);
    },
    { leastWaitMs },
  );
  await expect(thrown).rejects.toThrow('try 2');
  expect(trial.tries).toHaveLength(2);
});

test('waits on the clock it was given, longer each time', async () => {
  const trial = start();
  await expect(trial.run(failing)).rejects.toThrow();
  const [first = 0, second = 0, third = 0] = trial.tries;
  expect(second - first).toBeGreaterThanOrEqual(READ_BACKOFF.baseMs * 0.5);
  expect(second - first).toBeLessThan(READ_BACKOFF.baseMs * 0.5 + 30);
  expect(third - second).toBeGreaterThanOrEqual(READ_BACKOFF.baseMs);
  expect(third - second).toBeLessThan(READ_BACKOFF.baseMs + 30);
});

test('waits at least as long as the broker asks', async () => {
  const trial = start();
  await expect(trial.run(failing, { leastWaitMs: () => 2_000 })).rejects.toThrow();
  const [first = 0, second = 0, third = 0] = trial.tries;
  expect(second - first).toBeGreaterThanOrEqual(2_000);
  expect(third - second).toBeGreaterThanOrEqual(2_000);
});

test('does not begin a wait that the deadline would cut', async () => {
  const trial = start();
  await expect(trial.run(failing, { leastWaitMs: () => 10_000 })).rejects.toThrow('passing');
  expect(trial.tries).toEqual([0]);
  expect(trial.clock.monotonic()).toBeLessThan(1_000);
  expect(trial.spent()).toBe(0);
});

test('does not try again when the budget is spent', async () => {
  const trial = start();
  await expect(trial.run(failing, { spend: () => false })).rejects.toThrow('passing');
  expect(trial.tries).toHaveLength(1);
});

test('the budget allows three retries even for a quiet account, and no fourth', () => {
  const budget = new RetryBudget();
  budget.call(0);
  expect([1, 2, 3, 4].map(() => budget.spend(0))).toEqual([true, true, true, false]);
});

test('the budget is a fifth of the calls of the last ten seconds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 200 }), (fifths) => {
      const budget = new RetryBudget();
      for (let made = 0; made < fifths * 5; made += 1) budget.call(1_000);
      let spent = 0;
      while (spent < 1_000 && budget.spend(1_000)) spent += 1;
      expect(spent).toBe(fifths);
    }),
  );
});

test('the budget is new after ten seconds', () => {
  const budget = new RetryBudget();
  budget.call(50_000);
  while (budget.spend(50_000));
  expect(budget.spend(59_999)).toBe(false);
  expect(budget.spend(60_000)).toBe(true);
});

test.each([1, 2, 5])('is tried %d times where the broker package says so', async (tries) => {
  const trial = start();
  await expect(trial.run(failing, { tries, remainingMs: () => 60_000 })).rejects.toThrow('passing');
  expect(trial.tries).toHaveLength(tries);
});
