import { Secret } from '@algo/core';
import { expect, test } from 'vitest';
import { openDesks, problemsOf } from './desks.js';

test('keeps a value under a name and gives it back with its version', async () => {
  const { configuration, clock } = await openDesks();
  const value = { largest: 5, symbols: ['NSE:RELIANCE'], night: null, 'with a space': { deep: true } };
  const version = await configuration.put('risk/limits', value, { over: null });
  expect(await configuration.get('risk/limits')).toEqual({
    name: 'risk/limits',
    version,
    value,
    updatedAtMs: clock.now(),
  });
  expect(await configuration.list()).toHaveLength(1);
  expect(await configuration.delete('risk/limits')).toBe(true);
  expect(await configuration.get('risk/limits')).toBeNull();
});

test('writes only over the version that was read', async () => {
  const { configuration } = await openDesks();
  const first = await configuration.put('name', 1, { over: null });
  const conflict = { code: 'ALGO_STORE_CONFLICT' };
  await expect(configuration.put('name', 2, { over: null })).rejects.toMatchObject(conflict);
  await expect(configuration.put('name', 2, { over: first + 1 })).rejects.toMatchObject(conflict);
  const second = await configuration.put('name', 2, { over: first });
  await expect(configuration.put('name', 3, { over: first })).rejects.toMatchObject(conflict);
  expect(await configuration.get('name')).toMatchObject({ value: 2, version: second });
});

test('one of many who write over the same version wins', async () => {
  const { configuration } = await openDesks();
  const over = await configuration.put('name', 'start', { over: null });
  const writers = Array.from({ length: 20 }, (_, at) => configuration.put('name', at, { over }));
  const results = await Promise.allSettled(writers);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('equal values are equal texts, whatever the order of their keys', async () => {
  const { configuration, store } = await openDesks();
  await configuration.put('a', { b: [1, { d: 1, c: 2 }], a: 'x' }, { over: null });
  await configuration.put('b', { a: 'x', b: [1, { c: 2, d: 1 }] }, { over: null });
  const texts = (await store.configuration.list('u1')).map(({ value }) => value);
  expect(texts).toEqual(['{"a":"x","b":[1,{"c":2,"d":1}]}', '{"a":"x","b":[1,{"c":2,"d":1}]}']);
});

test('tells the audit what was there before and what is there now', async () => {
  const { configuration, audit, told } = await openDesks();
  const over = await configuration.put('name', { a: 1 }, { over: null, why: 'first' });
  await configuration.put('name', { a: 2 }, { over, actor: 'operator' });
  await configuration.delete('name');
  expect(await audit.list()).toMatchObject([
    { action: 'configuration-delete', actor: 'u1', before: '{"a":2}', after: null },
    { action: 'configuration-put', actor: 'operator', before: '{"a":1}', after: '{"a":2}' },
    { action: 'configuration-put', why: 'first', before: null, after: '{"a":1}' },
  ]);
  expect(told).toEqual(['forget name', 'forget name', 'forget name']);
});

test('is one user’s alone', async () => {
  const mine = await openDesks();
  const theirs = await openDesks({ userId: 'u2', store: mine.store });
  const over = await mine.configuration.put('name', 1, { over: null });
  expect(await theirs.configuration.get('name')).toBeNull();
  expect(await theirs.configuration.list()).toEqual([]);
  expect(await theirs.configuration.delete('name')).toBe(false);
  await expect(theirs.configuration.put('name', 2, { over })).rejects.toMatchObject({ code: 'ALGO_STORE_CONFLICT' });
  expect(await mine.configuration.get('name')).toMatchObject({ value: 1 });
});

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);

test.each<readonly [string, unknown, string]>([
  ['nothing', undefined, 'value'],
  ['a number that is none', { a: Number.NaN }, 'value.a'],
  ['an endless number', [1, Infinity], 'value.1'],
  ['a function', { a: () => 1 }, 'value.a'],
  ['a big integer', 1n, 'value'],
  ['a date', { a: new Date(0) }, 'value.a'],
  ['a map', new Map(), 'value'],
  ['a hole in a list', { a: Array.from({ length: 2 }) }, 'value.a.0'],
  ['a secret', { a: new Secret('canary-secret') }, 'value.a'],
  ['the prototype', JSON.parse('{"a":{"__proto__":{"canary":1}}}'), 'value.a.__proto__'],
  ['a constructor', JSON.parse('{"constructor":{"canary":1}}'), 'value.constructor'],
  ['a name of a secret', { broker: { accessToken: 'canary-token' } }, 'value.broker.accessToken'],
  ['a name of a secret, spelled otherwise', [{ ACCESS_TOKEN: 'canary-token' }], 'value.0.ACCESS_TOKEN'],
  ['too much', 'c'.repeat(65_536), 'value'],
  ['too much in bytes', '\u0915'.repeat(30_000), 'value'],
  ['too much by repetition', Array.from({ length: 32 }, () => Array.from({ length: 3_000 }, () => 1)), 'value'],
])('refuses %s, by its place and without the value', async (_name, value, field) => {
  const { configuration, store } = await openDesks();
  const problems = await problemsOf(configuration.put('name', value, { over: null }));
  expect(problems.map((problem) => problem.field)).toEqual([field]);
  expect(JSON.stringify(problems)).not.toContain('canary');
  expect(await store.configuration.list('u1')).toEqual([]);
});

test('refuses a small value that would be an endless text', async () => {
  const { configuration } = await openDesks();
  let doubled: unknown = 1;
  for (let times = 0; times < 31; times += 1) doubled = [doubled, doubled];
  expect((await problemsOf(configuration.put('name', doubled, { over: null })))[0]?.field).toBe('value');
});

test('refuses what is nested too deep, endlessly included, and takes what is not', async () => {
  const { configuration } = await openDesks();
  await configuration.put('deep', nested(32), { over: null });
  for (const value of [nested(33), cyclic]) {
    const [problem] = await problemsOf(configuration.put('name', value, { over: null }));
    expect(problem?.problem).toContain('deeper than 32');
  }
});

test.each(['', ' ', 'a b', '/a', 'a/', 'a//b', '../a', '.hidden', 'a\0b', '__proto__', 'न', 'a'.repeat(201), 5, null])(
  'refuses the name %j everywhere',
  async (name) => {
    const { configuration } = await openDesks();
    const given = name as string;
    const calls = [
      () => configuration.get(given),
      () => configuration.put(given, 1, { over: null }),
      () => configuration.delete(given),
    ];
    for (const call of calls) expect((await problemsOf(call()))[0]?.field).toBe('name');
  },
);

test('shows the switches of brokers and does not let them be written past brokers.disable', async () => {
  const { configuration, brokers } = await openDesks();
  await brokers.disable('dhan');
  const switched = await configuration.get('broker/dhan');
  expect(switched?.value).toEqual({ enabled: false });
  for (const name of ['broker/dhan', 'broker/other', 'environment/dhan']) {
    const over = switched?.version ?? null;
    expect((await problemsOf(configuration.put(name, { enabled: true }, { over })))[0]?.field).toBe('name');
    expect((await problemsOf(configuration.delete(name)))[0]?.field).toBe('name');
  }
  expect(await configuration.get('broker/dhan')).toEqual(switched);
});
