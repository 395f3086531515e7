import { expect, test } from 'vitest';
import { EgressDesk } from './egress-desk.js';
import type { EgressDeskOptions, SharedEgress } from './egress-desk.js';

const HERE = '203.0.113.7';

function start(options: Omit<EgressDeskOptions, 'onShared'> = {}) {
  const warnings: SharedEgress[] = [];
  const desk = new EgressDesk({ ...options, onShared: (shared) => void warnings.push(shared) });
  const may = (...users: string[]): boolean[] => users.map((user) => desk.mayTrade(user, HERE));
  return { desk, warnings, may };
}

test('one user may leave from one address with any number of connections', () => {
  const { desk, warnings, may } = start();
  desk.enter('a', HERE);
  desk.enter('a', HERE);
  desk.enter('b', '203.0.113.8');
  expect([may('a'), warnings]).toEqual([[true], []]);
});

test('two users on one address: neither may trade, and both are told once', () => {
  const { desk, warnings, may } = start();
  desk.enter('a', HERE);
  const leave = desk.enter('b', HERE);
  desk.enter('b', HERE);
  expect(may('a', 'b', 'c')).toEqual([false, false, false]);
  expect(warnings).toEqual([
    { userId: 'a', address: HERE, users: 2 },
    { userId: 'b', address: HERE, users: 2 },
  ]);
  leave();
  desk.enter('b', HERE);
  expect(warnings).toHaveLength(2);
  desk.enter('c', HERE);
  expect(warnings.slice(2)).toEqual([{ userId: 'c', address: HERE, users: 3 }]);
});

test('who has gone no longer counts, and going twice is going once', () => {
  const { desk, may } = start();
  const leave = [desk.enter('a', HERE), desk.enter('b', HERE), desk.enter('b', HERE)];
  leave[1]?.();
  leave[1]?.();
  expect(may('a', 'b')).toEqual([false, false]);
  leave[2]?.();
  expect([may('a'), desk.usersAt(HERE)]).toEqual([[true], ['a']]);
  expect(may('b')).toEqual([false]); // a is still there
  leave[0]?.();
  expect([may('a', 'b'), desk.usersAt(HERE)]).toEqual([[true, true], []]);
});

test('a family counts as one client, also where two lists name one of them, and a stranger stops all', () => {
  const { desk, warnings, may } = start({
    families: [
      ['a', 'b'],
      ['x', 'y'],
      ['b', 'c'],
    ],
  });
  for (const user of ['a', 'b', 'c']) desk.enter(user, HERE);
  expect([may('a', 'b', 'c'), warnings]).toEqual([[true, true, true], []]);
  const leave = desk.enter('x', HERE);
  expect(may('a', 'b', 'c', 'x', 'y')).toEqual([false, false, false, false, false]);
  expect(warnings.map(({ userId }) => userId)).toEqual(['a', 'b', 'c', 'x']);
  leave();
  expect(may('a', 'b', 'c')).toEqual([true, true, true]);
});

test('a host that accepts it is not warned, and all may trade', () => {
  const { desk, warnings, may } = start({ acceptShared: true });
  desk.enter('a', HERE);
  desk.enter('b', HERE);
  expect([may('a', 'b'), warnings]).toEqual([[true, true], []]);
});
