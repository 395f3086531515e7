import { expect, test } from 'vitest';
import { chooseConnection } from './choose-connection.js';

const a = { broker: 'dhan', account: 'main' };
const b = { broker: 'dhan', account: 'second' };
const c = { broker: 'upstox', account: 'main' };

test('the one that is named serves the call', () => {
  expect(chooseConnection([a, b, c], { broker: 'dhan', account: 'second' })).toBe(b);
  expect(chooseConnection([a, b, c], { broker: 'upstox', account: 'main' })).toBe(c);
});

test('the only one serves a call that names none', () => {
  expect(chooseConnection([c], undefined)).toBe(c);
});

test('with several and none named, nothing is guessed and all are told', () => {
  expect(() => chooseConnection([a, c], undefined)).toThrow(
    expect.objectContaining({
      code: 'ALGO_CONNECTION_UNCLEAR',
      details: { connections: ['dhan/main', 'upstox/main'] },
    }),
  );
});

test.each([
  [[], undefined],
  [[], a],
  [[a], { broker: 'dhan', account: 'other' }],
  [[a], { broker: 'other', account: 'main' }],
  [[b, c], { broker: 'dhan', account: 'main' }],
])('what is not connected serves nothing, and nothing else takes its place', (candidates, wanted) => {
  expect(() => chooseConnection(candidates, wanted)).toThrow(expect.objectContaining({ code: 'ALGO_NOT_CONNECTED' }));
});
