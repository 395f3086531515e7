import { expect, test } from 'vitest';
import type { KeyProvider, LocalKey, MasterKey, RemoteKey } from '../contract/key-provider.js';
import { AlgoError } from '../errors/algo-error.js';
import { CredentialVault } from './credential-vault.js';
import { kmsKey } from './kms-key.js';
import { keyIdOf } from './sealed-box.js';

const key = (id: string, fill: number): LocalKey => ({ id, bytes: new Uint8Array(32).fill(fill) });
const master = key('key-1', 7);
const account = { userId: 'u1', broker: 'dhan', account: 'main' };
const PLAIN = '{"accessToken":"canary"}';

const ring = (current: MasterKey, ...others: readonly MasterKey[]): CredentialVault =>
  new CredentialVault({
    current: async () => current,
    byId: async (id) => [current, ...others].find((known) => known.id === id) ?? null,
  });

test('opens what it sealed, also after its key was succeeded by a newer one', async () => {
  const sealed = await ring(master).seal(account, 'credential', 1, PLAIN);
  expect(await ring(master).open(account, 'credential', 1, sealed)).toBe(PLAIN);
  const next = ring(key('key-2', 8), master);
  expect(await next.open(account, 'credential', 1, sealed)).toBe(PLAIN);
  expect(keyIdOf(await next.seal(account, 'credential', 2, PLAIN))).toBe('key-2');
});

test('opens it as well at the second read as at the first', async () => {
  const vault = ring(master);
  const sealed = await vault.seal(account, 'credential', 1, PLAIN);
  for (let read = 0; read < 3; read += 1) expect(await vault.open(account, 'credential', 1, sealed)).toBe(PLAIN);
  vault.close();
  expect(await vault.open(account, 'credential', 1, sealed)).toBe(PLAIN);
});

test.each<readonly [string, (sealed: Uint8Array) => Promise<string>, string | null]>([
  ['the key is gone', (sealed) => ring(key('key-2', 8)).open(account, 'credential', 1, sealed), 'key-1'],
  ['the bytes of the key changed', (sealed) => ring(key('key-1', 8)).open(account, 'credential', 1, sealed), 'key-1'],
  [
    'it is another user’s',
    (sealed) => ring(master).open({ ...account, userId: 'u2' }, 'credential', 1, sealed),
    'key-1',
  ],
  ['it is another kind of record', (sealed) => ring(master).open(account, 'session', 1, sealed), 'key-1'],
  ['an older row was put back', (sealed) => ring(master).open(account, 'credential', 2, sealed), 'key-1'],
  ['it is no box', () => ring(master).open(account, 'credential', 1, Buffer.from('canary')), null],
  [
    'what stands for the key’s id would break a log',
    () => ring(master).open(account, 'credential', 1, Uint8Array.from([2, 2, 10, 65, 0, 0])),
    null,
  ],
])('says that it cannot open when %s, and names the key', async (_why, opening, keyId) => {
  const sealed = await ring(master).seal(account, 'credential', 1, PLAIN);
  const error: unknown = await opening(sealed).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'ALGO_UNDECRYPTABLE', details: { broker: 'dhan', account: 'main', keyId } });
  expect(JSON.stringify(error)).not.toContain('canary');
});

test('a key that was taken away opens nothing, though its records were read before', async () => {
  let present = true;
  const vault = new CredentialVault({ current: async () => master, byId: async () => (present ? master : null) });
  const sealed = await vault.seal(account, 'credential', 1, PLAIN);
  expect(await vault.open(account, 'credential', 1, sealed)).toBe(PLAIN);
  present = false;
  await expect(vault.open(account, 'credential', 1, sealed)).rejects.toMatchObject({ code: 'ALGO_UNDECRYPTABLE' });
});

test('tells the state of a record for lists, and gives nothing of its text', async () => {
  const vault = ring(master);
  const sealed = await vault.seal(account, 'credential', 1, PLAIN);
  expect(await vault.state(account, 'credential', 1, sealed)).toEqual({ kind: 'readable' });
  expect(await vault.state(account, 'credential', 2, sealed)).toEqual({ kind: 'undecryptable', keyId: 'key-1' });
  expect(await ring(key('key-2', 8)).state(account, 'credential', 1, sealed)).toEqual({
    kind: 'undecryptable',
    keyId: 'key-1',
  });
  expect(await vault.state(account, 'credential', 1, new Uint8Array())).toEqual({
    kind: 'undecryptable',
    keyId: null,
  });
});

test('wraps a record anew once, and not again', async () => {
  const sealed = await ring(master).seal(account, 'session', 5, PLAIN);
  const record = { ...account, field: 'session', version: 5, sealed } as const;
  const next = ring(key('key-2', 8), master);
  const result = await next.rewrap(record);
  if (result.kind !== 'rewrapped') throw new Error('must be wrapped anew');
  expect(await ring(key('key-2', 8)).open(account, 'session', 5, result.sealed)).toBe(PLAIN);
  expect(await next.rewrap({ ...record, sealed: result.sealed })).toEqual({ kind: 'current' });
  expect(await ring(key('key-3', 9)).rewrap(record)).toEqual({ kind: 'undecryptable', keyId: 'key-1' });
  expect(await next.rewrap({ ...record, version: 6 })).toEqual({ kind: 'undecryptable', keyId: 'key-1' });
});

test.each([0, 16, 24, 31, 33, 64])('seals nothing with a master key of %d bytes', async (length) => {
  const error: unknown = await ring({ id: 'key-1', bytes: new Uint8Array(length).fill(7) })
    .seal(account, 'credential', 1, PLAIN)
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'ALGO_KEY_UNUSABLE', effect: 'none' });
  expect(JSON.stringify(error)).not.toContain('canary');
});

test.each([
  ['no id', ''],
  ['an id of 201 bytes', 'k'.repeat(201)],
  ['an id of 67 letters of three bytes', '\u20ac'.repeat(67)],
  ['an id of 300 bytes', 'k'.repeat(300)],
])('seals nothing with a master key of %s', async (_what, id) => {
  const sealing = ring(key(id, 7)).seal(account, 'credential', 1, PLAIN);
  await expect(sealing).rejects.toMatchObject({ code: 'ALGO_KEY_UNUSABLE', effect: 'none' });
});

test.each(['k', 'k'.repeat(200), '\u20ac'.repeat(66)])('what is sealed under the id %s opens again', async (id) => {
  const vault = ring(key(id, 7));
  const sealed = await vault.seal(account, 'credential', 1, PLAIN);
  expect(keyIdOf(sealed)).toBe(id);
  expect(await vault.open(account, 'credential', 1, sealed)).toBe(PLAIN);
});

// A provider that fails.

const DOWN = Object.assign(new Error('connect to kms with token canary'), { code: 'ECONNREFUSED' });
const failing: KeyProvider = { current: () => Promise.reject(DOWN), byId: () => Promise.reject(DOWN) };

test('a provider that fails makes no record undecryptable, and its message is not passed on', async () => {
  const sealed = await ring(master).seal(account, 'credential', 1, PLAIN);
  const record = { ...account, field: 'credential', version: 1, sealed } as const;
  const vault = new CredentialVault(failing);
  for (const call of [
    vault.seal(account, 'credential', 1, PLAIN),
    vault.open(account, 'credential', 1, sealed),
    vault.state(account, 'credential', 1, sealed),
    vault.rewrap(record),
  ]) {
    const error: unknown = await call.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ALGO_KEY_UNUSABLE', details: { why: 'its provider failed (ECONNREFUSED)' } });
    expect(`${JSON.stringify(error)} ${String(error)}`).not.toContain('canary');
  }
});

test('a key service that is down makes no record undecryptable; one that refuses a wrapped key does', async () => {
  let answer: () => Promise<Uint8Array | null> = () => Promise.reject(DOWN);
  const kept = new Map<string, Uint8Array>();
  const vault = new CredentialVault(
    kmsKey({
      id: 'arn:1',
      async wrap(dataKey, context) {
        kept.set(Buffer.from(context).toString(), dataKey);
        return Buffer.from('a handle');
      },
      unwrap: () => answer(),
    }),
  );
  const sealed = await vault.seal(account, 'credential', 1, PLAIN);
  await expect(vault.open(account, 'credential', 1, sealed)).rejects.toMatchObject({ code: 'ALGO_KEY_UNUSABLE' });
  answer = async () => null;
  await expect(vault.open(account, 'credential', 1, sealed)).rejects.toMatchObject({
    code: 'ALGO_UNDECRYPTABLE',
    details: { keyId: 'arn:1' },
  });
  for (const wrong of [new Uint8Array(32), new Uint8Array(31), new Uint8Array()]) {
    answer = async () => wrong;
    expect(await vault.state(account, 'credential', 1, sealed)).toEqual({ kind: 'undecryptable', keyId: 'arn:1' });
  }
  for (const noBytes of ['{}', 'null', JSON.stringify(Array(32).fill(1)), JSON.stringify('x'.repeat(32))]) {
    answer = async () => JSON.parse(noBytes);
    expect(await vault.state(account, 'credential', 1, sealed)).toEqual({ kind: 'undecryptable', keyId: 'arn:1' });
  }
  const [[context, dataKey] = ['', new Uint8Array()]] = kept;
  expect(JSON.parse(context)).toEqual([
    'algo sealed box 2',
    'data key',
    'u1',
    'dhan',
    'main',
    'credential',
    1,
    'arn:1',
  ]);
  answer = async () => dataKey;
  expect(await vault.open(account, 'credential', 1, sealed)).toBe(PLAIN);
});

test('a key service is asked at every read: what it allows is its own to change', async () => {
  let asked = 0;
  const remote: RemoteKey = {
    id: 'arn:1',
    wrap: async (dataKey) => dataKey.map((byte) => byte ^ 0x55),
    async unwrap(wrapped) {
      asked += 1;
      return wrapped.map((byte) => byte ^ 0x55);
    },
  };
  const vault = ring(remote);
  const sealed = await vault.seal(account, 'credential', 1, PLAIN);
  for (let read = 0; read < 3; read += 1) await vault.open(account, 'credential', 1, sealed);
  expect(asked).toBe(3);
});

test.each<readonly [string, RemoteKey['wrap']]>([
  ['nothing', async () => new Uint8Array()],
  ['too much', async () => new Uint8Array(0x1_0000)],
  ['the data key itself', async (dataKey) => dataKey],
  ['the data key with something around it', async (dataKey) => Buffer.concat([Buffer.from('v1:'), dataKey])],
  ['a refusal', () => Promise.reject(DOWN)],
])('seals nothing when a key service gives %s', async (_what, wrap) => {
  const vault = ring({ id: 'arn:1', wrap, unwrap: async (wrapped) => wrapped });
  const error: unknown = await vault.seal(account, 'credential', 1, PLAIN).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'ALGO_KEY_UNUSABLE' });
  expect(`${JSON.stringify(error)} ${String(error)}`).not.toContain('canary');
});

test('an error of the SDK’s own passes as it is', async () => {
  const own = new AlgoError('ALGO_KEY_UNUSABLE', { why: 'the file is gone' });
  const vault = new CredentialVault({ current: () => Promise.reject(own), byId: () => Promise.reject(own) });
  await expect(vault.seal(account, 'credential', 1, PLAIN)).rejects.toBe(own);
});
