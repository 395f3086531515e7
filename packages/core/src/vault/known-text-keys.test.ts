import { expect, test } from 'vitest';
import type { LocalKey, RemoteKey } from '../contract/key-provider.js';
import { KnownTextKeys } from './known-text-keys.js';

const master: LocalKey = { id: 'key-1', bytes: new Uint8Array(32) };
const wrapped = (at: number): Buffer => Buffer.alloc(60, at);
const keys = { cipherKey: Buffer.alloc(32), commitment: Buffer.alloc(32) };

test('gives what was put for those bytes and that key, and for no other', () => {
  const known = new KnownTextKeys(10);
  known.put(wrapped(1), master, keys);
  expect(known.get(wrapped(1), master)).toBe(keys);
  expect(known.get(wrapped(2), master)).toBeNull();
  expect(known.get(wrapped(1), { ...master })).toBeNull();
});

test('holds no more than it may, the oldest going first', () => {
  const known = new KnownTextKeys(3);
  for (const at of [1, 2, 3, 4]) known.put(wrapped(at), master, keys);
  expect([1, 2, 3, 4].map((at) => known.get(wrapped(at), master) !== null)).toEqual([false, true, true, true]);
});

test('holds nothing where none is wanted, and nothing after it was cleared', () => {
  const none = new KnownTextKeys(0);
  none.put(wrapped(1), master, keys);
  expect(none.get(wrapped(1), master)).toBeNull();
  const known = new KnownTextKeys(3);
  known.put(wrapped(1), master, keys);
  known.clear();
  expect(known.get(wrapped(1), master)).toBeNull();
});

test('keeps nothing that a key service unwrapped', () => {
  const known = new KnownTextKeys(3);
  const remote: RemoteKey = { id: 'arn:1', wrap: async (bytes) => bytes, unwrap: async (bytes) => bytes };
  known.put(wrapped(1), remote, keys);
  expect(known.get(wrapped(1), remote)).toBeNull();
});
