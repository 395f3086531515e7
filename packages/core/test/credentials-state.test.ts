import type { KeyProvider } from '@algo/core';
import { expect, test } from 'vitest';
import { HEADLESS, keysNamed, openDesks, PASTED, problemsOf, TOKEN } from './desks.js';

/** Several keys, of which the first seals. */
function keysOf(...providers: readonly [KeyProvider, ...KeyProvider[]]): KeyProvider {
  return {
    current: () => providers[0].current(),
    async byId(id) {
      for (const provider of providers) {
        const key = await provider.byId(id);
        if (key !== null) return key;
      }
      return null;
    },
  };
}

test('a record that stays shut is listed as such, and the others as they are', async () => {
  const first = await openDesks({ keys: keysNamed('lost-key') });
  await first.credentials.put('dhan', 'main', PASTED);
  const { credentials, source, key } = await openDesks({ store: first.store, keys: keysNamed('new-key', 9) });
  await credentials.put('dhan', 'second', HEADLESS);

  const listed = await credentials.list();

  expect(listed.map(({ account, fields, state }) => ({ account, fields, state }))).toEqual([
    { account: 'main', fields: { clientId: '1000000001' }, state: { kind: 'undecryptable', keyId: 'lost-key' } },
    { account: 'second', fields: { clientId: '1000000001' }, state: { kind: 'readable' } },
  ]);
  expect(Object.keys(listed[0] ?? {})).not.toContain('sealed');
  for (const secret of [TOKEN, HEADLESS.pin, HEADLESS.totpSecret]) expect(JSON.stringify(listed)).not.toContain(secret);
  expect((await source.open({ ...key, account: 'second' }))?.secrets['pin']?.reveal()).toBe(HEADLESS.pin);
});

test('it is mended by handing the key over again', async () => {
  const lost = keysNamed('lost-key');
  const first = await openDesks({ keys: lost });
  await first.credentials.put('dhan', 'main', PASTED);
  const { credentials, source, key } = await openDesks({
    store: first.store,
    keys: keysOf(keysNamed('new-key', 9), lost),
  });
  expect((await credentials.list()).map(({ state }) => state)).toEqual([{ kind: 'readable' }]);
  expect((await source.open(key))?.secrets['accessToken']?.reveal()).toBe(TOKEN);
});

test('it is mended by storing the same client’s credentials anew, without opening the old ones', async () => {
  const first = await openDesks({ keys: keysNamed('lost-key') });
  await first.credentials.put('dhan', 'main', PASTED);
  const { credentials, source, key } = await openDesks({ store: first.store, keys: keysNamed('new-key', 9) });

  const [problem] = await problemsOf(credentials.put('dhan', 'main', { ...PASTED, clientId: '1000000002' }));
  expect(problem?.field).toBe('clientId');
  await credentials.put('dhan', 'main', PASTED);

  expect((await credentials.list()).map(({ state }) => state)).toEqual([{ kind: 'readable' }]);
  expect((await source.open(key))?.secrets['accessToken']?.reveal()).toBe(TOKEN);
});

test('it can be deleted', async () => {
  const first = await openDesks({ keys: keysNamed('lost-key') });
  await first.credentials.put('dhan', 'main', PASTED);
  const { credentials } = await openDesks({ store: first.store, keys: keysNamed('new-key', 9) });
  expect(await credentials.delete('dhan', 'main')).toBe(true);
  expect(await credentials.list()).toEqual([]);
});

test('a damaged row is shut as well', async () => {
  const { credentials, store, key } = await openDesks();
  await credentials.put('dhan', 'main', PASTED);
  const record = await store.credentials.get(key);
  if (record === null) throw new Error('it was stored');
  for (const sealed of [record.sealed.map((byte, at) => (at === record.sealed.length - 1 ? byte ^ 1 : byte)), []]) {
    const damaged = { ...store.credentials, get: async () => ({ ...record, sealed: Uint8Array.from(sealed) }) };
    const { credentials: again } = await openDesks({ store: { ...store, credentials: damaged } });
    expect((await again.list()).map(({ state }) => state.kind)).toEqual(['undecryptable']);
  }
});

test('a key provider that fails makes a record unchecked, not lost, and says nothing of its message', async () => {
  const working = keysNamed('remote-key');
  const first = await openDesks({ keys: working });
  await first.credentials.put('dhan', 'main', PASTED);
  const local = keysNamed('local-key', 9);
  const keys: KeyProvider = {
    current: () => local.current(),
    async byId(id) {
      if (id === 'remote-key') throw new Error('canary: connect to kms failed');
      return local.byId(id);
    },
  };
  const { credentials } = await openDesks({ store: first.store, keys });
  await credentials.put('dhan', 'second', PASTED);
  const listed = await credentials.list();
  expect(listed.map(({ state }) => state)).toEqual([
    { kind: 'unchecked', why: 'ALGO_KEY_UNUSABLE' },
    { kind: 'readable' },
  ]);
  expect((await credentials.explain('dhan', 'main')).state?.kind).toBe('unchecked');
});

test('every write has a higher version than any before it, deleted ones included', async () => {
  const { credentials, source, store, key } = await openDesks(); // the clock stands still
  const versions: number[] = [];
  const origins = new Set<string | undefined>();
  for (let times = 0; times < 3; times += 1) {
    for (let puts = 0; puts < 3; puts += 1) {
      await credentials.put('dhan', 'main', PASTED);
      versions.push((await store.credentials.get(key))?.version ?? 0);
      origins.add((await source.find(key))?.origin);
    }
    await credentials.delete('dhan', 'main');
  }
  expect(versions).toEqual([...versions].sort((a, b) => a - b));
  expect(new Set(versions).size).toBe(9);
  expect(origins.size).toBe(9);
});

test('an old row put back in its place after a delete stays shut', async () => {
  const { credentials, store, key } = await openDesks();
  await credentials.put('dhan', 'main', PASTED);
  const old = await store.credentials.get(key);
  await credentials.delete('dhan', 'main');
  await credentials.put('dhan', 'main', HEADLESS);
  const current = await store.credentials.get(key);
  if (old === null || current === null) throw new Error('both were stored');
  const replayed = { ...store.credentials, get: async () => ({ ...old, version: current.version }) };
  const again = await openDesks({ store: { ...store, credentials: replayed } });
  expect((await again.credentials.list()).map(({ state }) => state.kind)).toEqual(['undecryptable']);
});

test('of two who replace the same credentials one is told that the other was faster', async () => {
  const { credentials } = await openDesks();
  await credentials.put('dhan', 'main', PASTED);
  const results = await Promise.allSettled([
    credentials.put('dhan', 'main', PASTED),
    credentials.put('dhan', 'main', HEADLESS),
  ]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'ALGO_STORE_CONFLICT' },
  });
});

test('the session made with the old ones is dropped after each change', async () => {
  const { credentials, told } = await openDesks();
  await credentials.put('dhan', 'main', PASTED);
  await credentials.put('dhan', 'second', PASTED);
  await credentials.delete('dhan', 'main');
  expect(told).toEqual(['drop session of main', 'drop session of second', 'drop session of main']);
});
