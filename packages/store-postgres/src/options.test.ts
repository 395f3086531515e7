import { expect, test } from 'vitest';
import { resolveOptions } from './options.js';

const connectionString = 'postgresql://app:secret@db:5432/trading';

test('fills in the defaults', () => {
  expect(resolveOptions({ connectionString })).toStrictEqual({
    target: { connectionString },
    path: 'postgresql://db:5432/trading (schema algo)',
    schema: '"algo"',
    migrate: 'auto',
    rowLevelSecurity: false,
    operator: null,
    connections: 10,
    answerTimeoutMs: 10_000,
  });
});

test('reports every problem at once', () => {
  const options = JSON.parse(
    '{ "schema": "Algo;", "migrate": "x", "rowLevelSecurity": 1, "connections": 0, "answerTimeoutMs": 0.5, "operator": {} }',
  );
  expect(() => resolveOptions(options)).toThrow(
    /connectionString .*operator .*schema .*migrate .*rowLevelSecurity .*connections .*answerTimeoutMs /,
  );
});

test.each([
  ['postgresql://app:secret@db:5432/trading?sslmode=require', 'postgresql://db:5432/trading (schema algo)'],
  ['postgres://db/trading', 'postgresql://db/trading (schema algo)'],
  ['postgresql://app:sec@ret@db:5432/trading', 'PostgreSQL (schema algo)'],
  ['postgresql://app:12/secret@db/trading', 'PostgreSQL (schema algo)'],
  ['postgresql://app:12#secret@db/trading', 'PostgreSQL (schema algo)'],
  ['postgresql://app:12?secret@db/trading', 'PostgreSQL (schema algo)'],
  ['host=db password=secret', 'PostgreSQL (schema algo)'],
  ['postgresql://db/trading?password=secret', 'postgresql://db/trading (schema algo)'],
  ['socket:/run/postgresql?db=trading', 'PostgreSQL (schema algo)'],
])('names %s without a role or a part of a password', (address, path) => {
  expect(resolveOptions({ connectionString: address }).path).toBe(path);
});
