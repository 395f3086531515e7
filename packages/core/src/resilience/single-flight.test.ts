import { expect, test } from 'vitest';
import { createSingleFlight } from './single-flight.js';

function controlled<Value>() {
  let settle: { resolve: (value: Value) => void; reject: (error: Error) => void } | null = null;
  let runs = 0;
  return {
    start: (): Promise<Value> => {
      runs += 1;
      return new Promise<Value>((resolve, reject) => {
        settle = { resolve, reject };
      });
    },
    get runs() {
      return runs;
    },
    resolve: (value: Value) => settle?.resolve(value),
    reject: (error: Error) => settle?.reject(error),
  };
}

test('runs once however many ask, and gives all of them its result', async () => {
  const flight = createSingleFlight<string>();
  const work = controlled<string>();
  const asked = Array.from({ length: 100 }, () => flight.run('a', work.start));
  work.resolve('done');

  expect(new Set(await Promise.all(asked))).toEqual(new Set(['done']));
  expect(work.runs).toBe(1);
});

test('runs again for who asks after it ended', async () => {
  const flight = createSingleFlight<number>();
  let runs = 0;
  const start = async (): Promise<number> => (runs += 1);

  expect(await flight.run('a', start)).toBe(1);
  expect(await flight.run('a', start)).toBe(2);
});

test('keeps keys apart', async () => {
  const flight = createSingleFlight<string>();
  const [first, second] = await Promise.all([flight.run('a', async () => 'a'), flight.run('b', async () => 'b')]);
  expect([first, second]).toEqual(['a', 'b']);
});

test('shares a failure and does not keep it', async () => {
  const flight = createSingleFlight<string>();
  const work = controlled<string>();
  const asked = [flight.run('a', work.start), flight.run('a', work.start)];
  work.reject(new Error('no'));
  const results = await Promise.allSettled(asked);

  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(work.runs).toBe(1);
  expect(await flight.run('a', async () => 'mended')).toBe('mended');
});

test('a start that throws at once leaves nothing behind', async () => {
  const flight = createSingleFlight<string>();
  const start = (): Promise<string> => {
    throw new Error('at once');
  };
  expect(() => flight.run('a', start)).toThrow('at once');
  expect(await flight.run('a', async () => 'next')).toBe('next');
});
