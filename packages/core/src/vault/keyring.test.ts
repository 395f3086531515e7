import { expect, test } from 'vitest';
import type { KeyProvider, LocalKey } from '../contract/key-provider.js';
import { AlgoError } from '../errors/algo-error.js';
import { keyring } from './keyring.js';

const key = (id: string): LocalKey => ({ id, bytes: new Uint8Array(32) });
const only = (one: LocalKey): KeyProvider => ({
  current: async () => one,
  byId: async (id) => (id === one.id ? one : null),
});
const [newest, older, oldest] = [key('3'), key('2'), key('1')];
const down = new AlgoError('ALGO_KEY_UNUSABLE', { why: 'it is down' });
const failing: KeyProvider = { current: () => Promise.reject(down), byId: () => Promise.reject(down) };

test('new records get the current key, and every key is found by its id', async () => {
  const ring = keyring({ current: only(newest), older: [only(older), only(oldest)] });
  expect(await ring.current()).toBe(newest);
  expect(await Promise.all(['3', '2', '1', '0'].map((id) => ring.byId(id)))).toEqual([newest, older, oldest, null]);
});

test('a provider that fails does not hide the keys of the next', async () => {
  const ring = keyring({ current: only(newest), older: [failing, only(oldest)] });
  expect(await ring.byId('1')).toBe(oldest);
  expect(await ring.byId('3')).toBe(newest);
});

test('a key that only a failing provider could have is not called missing', async () => {
  await expect(keyring({ current: only(newest), older: [failing] }).byId('1')).rejects.toBe(down);
  await expect(keyring({ current: failing, older: [only(oldest)] }).current()).rejects.toBe(down);
});

test('rings can be rings of rings', async () => {
  const ring = keyring({ current: only(newest), older: [keyring({ current: only(older), older: [only(oldest)] })] });
  expect(await ring.byId('1')).toBe(oldest);
});
