import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MasterKey } from '../contract/key-provider.js';
import { CredentialVault } from './credential-vault.js';
import { keyIdOf, open, seal } from './sealed-box.js';
import type { Binding } from './sealed-box.js';
import { readSecrets, readSession, writeSecrets, writeSession } from './sealed-text.js';
import { Secret } from '../runtime/secret.js';

const key = (id: string, fill: number): MasterKey => ({ id, bytes: new Uint8Array(32).fill(fill) });
const master = key('key-1', 7);
const binding: Binding = { userId: 'u1', broker: 'dhan', account: 'main', field: 'credential', version: 3 };
const PLAIN = '{"accessToken":"canary"}';

test('what was sealed opens again, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 2 ** 32 - 1 }), (plain, version) => {
      fc.pre(plain.isWellFormed());
      expect(open(seal(plain, { ...binding, version }, master), { ...binding, version }, master)).toBe(plain);
    }),
    { numRuns: 200 },
  );
  expect(open(seal('', binding, master), binding, master)).toBe('');
});

test('nothing of the text is seen in the box', () => {
  const box = Buffer.from(seal(PLAIN, binding, master));
  expect(box.toString('latin1')).not.toContain('canary');
  expect(box.toString('latin1')).not.toContain(Buffer.from(PLAIN).toString('base64').slice(0, 12));
});

test('the same text never seals to the same bytes', () => {
  const boxes = Array.from({ length: 500 }, () =>
    Buffer.from(seal(PLAIN, binding, master))
      .toString('hex')
      .slice(22),
  );
  expect(new Set(boxes).size).toBe(500);
  expect(new Set(boxes.map((box) => box.slice(0, 24))).size).toBe(500); // the first nonce
});

test('a box with any one byte changed stays shut', () => {
  const box = seal(PLAIN, binding, master);
  for (let at = 0; at < box.length; at += 1) {
    for (const flip of [1, 0x80, 0xff]) {
      const forged = Uint8Array.from(box);
      forged[at]! ^= flip;
      if (open(forged, binding, master) !== null) throw new Error(`byte ${at} is not bound`);
    }
  }
});

test('a box that is shorter or longer by anything stays shut', () => {
  const box = seal(PLAIN, binding, master);
  for (let length = 0; length < box.length; length += 1) {
    if (open(box.subarray(0, length), binding, master) !== null) throw new Error(`opens with ${length} bytes`);
  }
  expect(open(Buffer.concat([box, Buffer.from([0])]), binding, master)).toBeNull();
});

test('a tag cut to four, eight or twelve bytes stays shut', () => {
  const box = Buffer.from(seal('', binding, master)); // an empty text ends in its tag
  for (const kept of [4, 8, 12]) expect(open(box.subarray(0, box.length - 16 + kept), binding, master)).toBeNull();
});

test.each<readonly [string, Partial<Binding>]>([
  ['user', { userId: 'u2' }],
  ['broker', { broker: 'upstox' }],
  ['account', { account: 'second' }],
  ['field', { field: 'session' }],
  ['later version', { version: 4 }],
  ['earlier version', { version: 2 }],
])('a box moved to another %s stays shut', (_where, changes) => {
  expect(open(seal(PLAIN, binding, master), { ...binding, ...changes }, master)).toBeNull();
});

test('a version written over in the box itself does not help', () => {
  const box = Buffer.from(seal(PLAIN, binding, master));
  box.writeUInt32BE(4, 2 + master.id.length);
  expect(open(box, { ...binding, version: 4 }, master)).toBeNull();
});

test('parts of a name cannot move from one field to the next', () => {
  const box = seal(PLAIN, { ...binding, userId: 'ab', broker: 'c' }, master);
  expect(open(box, { ...binding, userId: 'a', broker: 'bc' }, master)).toBeNull();
});

test('another key does not open it, under its own name or under the right one', () => {
  const box = seal(PLAIN, binding, master);
  expect(open(box, binding, key('key-2', 8))).toBeNull();
  expect(open(box, binding, key('key-1', 8))).toBeNull();
});

test('the halves of two boxes do not make a third', () => {
  const one = Buffer.from(seal('one', binding, master));
  const two = Buffer.from(seal('two', binding, master));
  for (let cut = 1; cut < one.length; cut += 1) {
    const mixed = Buffer.concat([one.subarray(0, cut), two.subarray(cut)]);
    const opened = open(mixed, binding, master);
    // Up to the first random byte both boxes are the same, so those cuts give the second box whole.
    if (opened !== null) expect(cut).toBeLessThanOrEqual(2 + master.id.length + 4 + 1);
  }
});

test('tells which key it needs, and nothing for what is no box', () => {
  expect(keyIdOf(seal(PLAIN, binding, master))).toBe('key-1');
  for (const bytes of [[], [1], [2, 0], [1, 5, 65], [9, 1, 65, 66]]) expect(keyIdOf(Uint8Array.from(bytes))).toBeNull();
});

// The vault.

const account = { userId: 'u1', broker: 'dhan', account: 'main' };
const ring = (current: MasterKey, ...others: readonly MasterKey[]): CredentialVault =>
  new CredentialVault({
    current: async () => current,
    byId: async (id) => [current, ...others].find((known) => known.id === id) ?? null,
  });

test('the vault opens what it sealed, also after its key was succeeded by a newer one', async () => {
  const sealed = await ring(master).seal(account, 'credential', 1, PLAIN);
  expect(await ring(master).open(account, 'credential', 1, sealed)).toBe(PLAIN);
  const next = ring(key('key-2', 8), master);
  expect(await next.open(account, 'credential', 1, sealed)).toBe(PLAIN);
  expect(keyIdOf(await next.seal(account, 'credential', 2, PLAIN))).toBe('key-2');
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
])('the vault says that it cannot open when %s, and names the key', async (_why, opening, keyId) => {
  const sealed = await ring(master).seal(account, 'credential', 1, PLAIN);
  const error: unknown = await opening(sealed).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'ALGO_UNDECRYPTABLE', details: { broker: 'dhan', account: 'main', keyId } });
  expect(JSON.stringify(error)).not.toContain('canary');
});

test.each([0, 16, 24, 31, 33, 64])('the vault seals nothing with a master key of %d bytes', async (length) => {
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
])('the vault seals nothing with a master key of %s', async (_what, id) => {
  const sealing = ring(key(id, 7)).seal(account, 'credential', 1, PLAIN);
  await expect(sealing).rejects.toMatchObject({ code: 'ALGO_KEY_UNUSABLE', effect: 'none' });
});

test.each(['k', 'k'.repeat(200), '\u20ac'.repeat(66)])('what is sealed under the id %s opens again', async (id) => {
  const vault = ring(key(id, 7));
  const sealed = await vault.seal(account, 'credential', 1, PLAIN);
  expect(keyIdOf(sealed)).toBe(id);
  expect(await vault.open(account, 'credential', 1, sealed)).toBe(PLAIN);
});

// The texts in the boxes.

test('secrets come back as secrets', () => {
  const read = readSecrets(writeSecrets({ token: new Secret('t1'), pin: new Secret('') }));
  expect(Object.keys(read)).toEqual(['token', 'pin']);
  expect([read['token']?.reveal(), read['pin']?.reveal()]).toEqual(['t1', '']);
  expect(JSON.stringify(read)).not.toContain('t1');
});

test('a session comes back as it was, with the credentials it came from', () => {
  const session = {
    clientId: 'C1',
    secrets: { token: new Secret('canary') },
    facts: { base: 'https://x' },
    issuedAtMs: 1,
    expiresAtMs: null,
    renewable: true,
  };
  const stored = readSession(writeSession({ session, credentialVersion: 7 }));
  expect(stored.credentialVersion).toBe(7);
  expect(stored.session.secrets['token']?.reveal()).toBe('canary');
  expect({ ...stored.session, secrets: null }).toEqual({ ...session, secrets: null });
});

test.each(['{}', '[]', 'null', '{"token":7}', 'no json'])('%s is no session and no set of secrets', (text) => {
  expect(() => readSession(text)).toThrow();
  if (text !== '{}') expect(() => readSecrets(text)).toThrow();
});
