import { expect, test } from 'vitest';
import { SessionCache } from './session-cache.js';
import type { HeldSession } from './session-cache.js';

const held = (clientId: string, version = 1): HeldSession => ({
  session: { clientId, secrets: {}, facts: {}, issuedAtMs: 0, expiresAtMs: null, renewable: false },
  origin: 'store:1',
  version,
  sealed: new Uint8Array([version]),
  savedAtMs: 0,
});

function cacheOf(max: number): { readonly cache: SessionCache; readonly left: HeldSession[]; pass(ms: number): void } {
  let now = 0;
  const cache = new SessionCache({ max, ttlMs: 1_000, monotonic: () => now });
  return { cache, left: [], pass: (ms) => void (now += ms) };
}

test('holds no more than it may: the one used longest ago leaves, and whoever put it is told', () => {
  const { cache, left } = cacheOf(2);
  const [a, b, c] = [held('A'), held('B'), held('C')];
  for (const [key, each] of [['a', a] as const, ['b', b] as const]) cache.set(key, each, (gone) => left.push(gone));
  cache.get('a');
  cache.set('c', c, (gone) => left.push(gone));

  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([a, null, c]);
  expect(left).toEqual([b]);
});

test('is asked for again from the store after its time, and until then can still be used when the store fails', () => {
  const { cache, pass } = cacheOf(2);
  const first = held('A');
  cache.set('a', first, () => undefined);
  pass(999);
  expect(cache.get('a')).toBe(first);
  pass(2);
  expect(cache.get('a')).toBeNull();
  expect(cache.peek('a')).toBe(first);

  cache.set('a', first, () => undefined); // read again, and the same
  expect(cache.get('a')).toBe(first);
});

test('the same session set again has not left; another one in its place has pushed it out', () => {
  const { cache, left } = cacheOf(2);
  const first = held('A');
  cache.set('a', first, (gone) => left.push(gone));
  cache.set('a', first, (gone) => left.push(gone));
  expect(left).toEqual([]);
  cache.set('a', held('A', 2), (gone) => left.push(gone));
  expect(left).toEqual([first]);
});

test('counts what was there and what was not, and not what is asked on the side', () => {
  const { cache } = cacheOf(2);
  cache.get('a');
  cache.set('a', held('A'), () => undefined);
  cache.get('a');
  cache.get('a');
  cache.young('b');
  cache.peek('a');

  expect(cache.metrics()).toEqual({ hits: 2, misses: 1, size: 1 });
});
