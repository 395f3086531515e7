import { expect, test } from 'vitest';
import { resolveOptions } from './options.js';

test('fills in the defaults', () => {
  expect(resolveOptions({ path: 'a.db' })).toStrictEqual({
    path: 'a.db',
    durability: 'full',
    busyTimeoutMs: 1_000,
    check: 'quick',
    migrate: 'auto',
    driver: null,
  });
});

test.each([
  ['', 'must name a file, for example ./orders.db'],
  [':memory:', 'must name a file; for a store in memory use memoryStore() from @algo/core/store'],
  ['a.db ', 'must not begin or end with white space'],
  ['a\0.db', 'must not contain a NUL character'],
])('refuses the path %j', (path, problem) => {
  expect(() => resolveOptions({ path })).toThrow(
    expect.objectContaining({ code: 'ALGO_INVALID_INPUT', details: { problems: [{ field: 'path', problem }] } }),
  );
});

test('reports every problem at once', () => {
  const options = JSON.parse(
    '{ "path": "", "durability": "none", "busyTimeoutMs": -1, "check": "some", "migrate": "never" }',
  );
  expect(() => resolveOptions(options)).toThrow(/path .*durability .*busyTimeoutMs .*check .*migrate /);
});
