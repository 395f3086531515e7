import { expect, test } from 'vitest';
import { Takeovers } from './takeovers.js';

const MINUTE_MS = 60_000;

function taken(takeovers: Takeovers, atMs: number): unknown {
  takeovers.suspect();
  return takeovers.confirm(atMs);
}

test('three within ten minutes are borne, the fourth stops', () => {
  const takeovers = new Takeovers();
  const told = [1, 2, 3, 4].map((minute) => taken(takeovers, minute * MINUTE_MS));
  expect(told).toEqual([
    { times: 1, stopped: false },
    { times: 2, stopped: false },
    { times: 3, stopped: false },
    { times: 4, stopped: true },
  ]);
});

test('those of more than ten minutes ago count no more', () => {
  const takeovers = new Takeovers();
  for (const minute of [0, 1, 2]) taken(takeovers, minute * MINUTE_MS);
  expect(taken(takeovers, 11 * MINUTE_MS)).toEqual({ times: 2, stopped: false });
});

test('a suspicion that was cleared, or that there never was, is no take-over', () => {
  const takeovers = new Takeovers();
  expect(takeovers.confirm(0)).toBeNull();
  takeovers.suspect();
  takeovers.cleared();
  expect(takeovers.confirm(0)).toBeNull();
  expect(taken(takeovers, 0)).toEqual({ times: 1, stopped: false });
  expect(takeovers.confirm(1)).toBeNull(); // told once
});

test('a person who asks again starts with none', () => {
  const takeovers = new Takeovers();
  for (const minute of [0, 1, 2]) taken(takeovers, minute * MINUTE_MS);
  takeovers.reset();
  expect(taken(takeovers, 3 * MINUTE_MS)).toEqual({ times: 1, stopped: false });
});
