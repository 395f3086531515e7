import { createDecipheriv, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LocalKey, MasterKey } from '../contract/key-provider.js';
import { textContext, wrapContext } from './binding.js';
import type { Binding } from './binding.js';
import { textKeysOf } from './data-key.js';
import { boxesOf, masterOf } from './fixtures/boxes.js';
import type { BoxFixture } from './fixtures/boxes.js';
import { KnownTextKeys } from './known-text-keys.js';
import { keyIdOf, open, rewrap, seal } from './sealed-box.js';

const key = (id: string, fill: number): LocalKey => ({ id, bytes: new Uint8Array(32).fill(fill) });

const master = key('key-1', 7);
const binding: Binding = { userId: 'u1', broker: 'dhan', account: 'main', field: 'credential', version: 3 };
const PLAIN = '{"accessToken":"canary"}';

/** A key service in a few lines: its ids are plain, and what it gives is longer than what a local key gives. */
const remote = (id: string, local: LocalKey): MasterKey => ({
  id,
  wrap: async (dataKey, context) =>
    Buffer.concat([
      Buffer.from('kms:'),
      Buffer.from(await seal(Buffer.from(dataKey).toString('hex'), bindingTo(context), local)),
    ]),
  async unwrap(wrapped, context) {
    const hex = await open(wrapped.subarray(4), bindingTo(context), local);
    if (hex === null) throw new Error('InvalidCiphertext');
    return Buffer.from(hex, 'hex');
  },
});
const bindingTo = (context: Uint8Array): Binding => ({ ...binding, userId: Buffer.from(context).toString('hex') });

describe.each([1, 2] as const)('format %i', (format) => {
  const [first, ...others] = boxesOf(format);

  test('opens the boxes of released versions', async () => {
    for (const each of [first, ...others]) {
      expect(each.box[0]).toBe(format);
      expect(keyIdOf(each.box)).toBe(each.keyId);
      expect(await open(each.box, each, masterOf(each))).toBe(each.plain);
    }
  });

  test('a box with any one byte changed stays shut, also when its keys are known', async () => {
    for (const known of [undefined, await warm(first)]) {
      for (let at = 0; at < first.box.length; at += 1) {
        for (const flip of [1, 0x80, 0xff]) {
          const forged = Uint8Array.from(first.box);
          forged[at]! ^= flip;
          if ((await open(forged, first, masterOf(first), known)) !== null) throw new Error(`byte ${at} is not bound`);
        }
      }
    }
  });

  test('a box that is shorter or longer by anything stays shut', async () => {
    const known = await warm(first);
    for (let length = 0; length < first.box.length; length += 1) {
      if ((await open(first.box.subarray(0, length), first, masterOf(first), known)) !== null) {
        throw new Error(`opens with ${length} bytes`);
      }
    }
    const longer = Buffer.concat([first.box, Buffer.from([0])]);
    expect(await open(longer, first, masterOf(first), known)).toBeNull();
  });

  test('a tag cut to four, eight or twelve bytes stays shut', async () => {
    const empty = others.find(({ plain }) => plain === ''); // it ends in its tag
    if (empty === undefined) throw new Error('there must be a fixture of an empty text');
    for (const kept of [4, 8, 12]) {
      const cut = empty.box.subarray(0, empty.box.length - 16 + kept);
      expect(await open(cut, empty, masterOf(empty))).toBeNull();
    }
  });

  test.each<readonly [string, Partial<Binding>]>([
    ['user', { userId: 'u2' }],
    ['broker', { broker: 'upstox' }],
    ['account', { account: 'second' }],
    ['field', { field: 'session' }],
    ['later version', { version: 4 }],
    ['earlier version', { version: 2 }],
  ])('a box moved to another %s stays shut, also when its keys are known', async (_where, changes) => {
    const moved = { ...first, ...changes };
    expect(await open(first.box, moved, masterOf(first))).toBeNull();
    expect(await open(first.box, moved, masterOf(first), await warm(first))).toBeNull();
  });

  test('another key does not open it, under its own name or under the right one', async () => {
    const known = await warm(first);
    for (const id of ['another', first.keyId]) {
      expect(await open(first.box, first, key(id, 8))).toBeNull();
      expect(await open(first.box, first, key(id, 8), known)).toBeNull();
      expect(await open(first.box, first, remote(id, masterOf(first)))).toBeNull();
    }
  });

  test('any bytes at all are no reason to throw', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const box = Uint8Array.from([format, ...bytes]);
        expect(await open(box, first, masterOf(first))).toBeNull();
        expect(await rewrap(box, first, masterOf(first), master)).toBeNull();
        keyIdOf(box);
      }),
      { numRuns: 500 },
    );
    expect(await open(new Uint8Array(0), first, masterOf(first))).toBeNull();
  });

  test('a box comes under another key, and only one that opens', async () => {
    const next = key('next', 9);
    const moved = await rewrap(first.box, first, masterOf(first), next);
    if (moved === null) throw new Error('must be wrapped anew');
    expect([moved[0], keyIdOf(moved)]).toEqual([2, 'next']);
    expect(await open(moved, first, next)).toBe(first.plain);
    expect(await open(moved, first, masterOf(first))).toBeNull();
    expect(await rewrap(first.box, { ...first, version: 99 }, masterOf(first), next)).toBeNull();
    expect(await rewrap(first.box, first, key(first.keyId, 8), next)).toBeNull();
    for (let at = 0; at < first.box.length; at += 1) {
      const damaged = Uint8Array.from(first.box);
      damaged[at]! ^= 1;
      if ((await rewrap(damaged, first, masterOf(first), next)) !== null) throw new Error(`byte ${at} was laundered`);
    }
  });
});

test('what was sealed opens again, whatever the text', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'grapheme' }),
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      async (plain, version) => {
        fc.pre(plain.isWellFormed());
        const here = { ...binding, version };
        expect(await open(await seal(plain, here, master), here, master)).toBe(plain);
      },
    ),
    { numRuns: 200 },
  );
  expect(await open(await seal('', binding, master), binding, master)).toBe('');
});

test('nothing of the text is seen in the box', async () => {
  const box = Buffer.from(await seal(PLAIN, binding, master)).toString('latin1');
  expect(box).not.toContain('canary');
  expect(box).not.toContain(Buffer.from(PLAIN).toString('base64').slice(0, 12));
});

test('the same text never seals to the same bytes', async () => {
  const boxes = await Promise.all(Array.from({ length: 500 }, () => seal(PLAIN, binding, master)));
  const texts = boxes.map((box) => Buffer.from(box).toString('hex').slice(18)); // after what is the same: id and length
  expect(new Set(texts).size).toBe(500);
  expect(new Set(texts.map((text) => text.slice(0, 24))).size).toBe(500); // the first IV
});

test('parts of a name cannot move from one field to the next', async () => {
  const box = await seal(PLAIN, { ...binding, userId: 'ab', broker: 'c' }, master);
  expect(await open(box, { ...binding, userId: 'a', broker: 'bc' }, master)).toBeNull();
  await fc.assert(
    fc.asyncProperty(fc.tuple(...names), fc.tuple(...names), async ([a, b, c, d], [e, f, g, h]) => {
      const one = textContext({ ...binding, userId: a, broker: b, account: c });
      const two = textContext({ ...binding, userId: e, broker: f, account: g });
      expect(one.equals(two)).toBe(a === e && b === f && c === g);
      const wraps = [wrapContext({ ...binding, userId: a }, d), wrapContext({ ...binding, userId: e }, h)] as const;
      expect(wraps[0].equals(wraps[1])).toBe(a === e && d === h);
    }),
  );
});
const name = fc.string({ unit: fc.constantFrom('a', '"', '\\', ',', '\ud800', '\ufffd'), maxLength: 3 });
const names = [name, name, name, name] as const;

test('the halves of two boxes do not make a third', async () => {
  const one = Buffer.from(await seal('one', binding, master));
  const two = Buffer.from(await seal('two', binding, master));
  for (let cut = 1; cut < one.length; cut += 1) {
    const opened = await open(Buffer.concat([one.subarray(0, cut), two.subarray(cut)]), binding, master);
    // Up to the first random byte both boxes are the same, so those cuts give the second box whole.
    if (opened !== null) expect(cut).toBeLessThanOrEqual(2 + master.id.length + 2 + 1);
  }
});

test('tells which key it needs, and nothing for what is no box', async () => {
  expect(keyIdOf(await seal(PLAIN, binding, master))).toBe('key-1');
  for (const bytes of [[], [1], [2], [3, 0], [1, 5, 65], [2, 5, 65], [9, 1, 65, 66]]) {
    expect(keyIdOf(Uint8Array.from(bytes))).toBeNull();
  }
});

test('a box of format 2 is made of standard parts, in the order its description says', () => {
  for (const { box: bytes, key: masterKey, keyId, plain, ...rest } of boxesOf(2)) {
    const box = Buffer.from(bytes);
    const lengthAt = 2 + Buffer.byteLength(keyId);
    expect([box[0], box[1], box.readUInt16BE(lengthAt)]).toEqual([2, Buffer.byteLength(keyId), 60]);
    const context = [rest.userId, rest.broker, rest.account, rest.field, rest.version];
    const wrapped = box.subarray(lengthAt + 2, lengthAt + 62);
    const dataKey = gcm(masterKey, wrapped, ['algo sealed box 2', 'data key', ...context, keyId]);
    const keys = Buffer.from(hkdfSync('sha512', dataKey, new Uint8Array(0), 'algo sealed box 2', 64));
    expect(box.subarray(lengthAt + 62, lengthAt + 94).equals(keys.subarray(32))).toBe(true);
    const text = gcm(keys.subarray(0, 32), box.subarray(lengthAt + 94), ['algo sealed box 2', 'text', ...context]);
    expect(text.toString('utf8')).toBe(plain);
  }
});

function gcm(bytes: Uint8Array, sealed: Buffer, context: readonly unknown[]): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', bytes, sealed.subarray(0, 12), { authTagLength: 16 });
  decipher.setAuthTag(sealed.subarray(12, 28)).setAAD(Buffer.from(JSON.stringify(context)));
  return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]);
}

test('the keys of a text are those of HKDF', () => {
  for (let fill = 0; fill < 256; fill += 5) {
    const dataKey = new Uint8Array(32).fill(fill);
    const { cipherKey, commitment } = textKeysOf(dataKey);
    const expected = hkdfSync('sha512', dataKey, new Uint8Array(0), 'algo sealed box 2', 64);
    expect(Buffer.concat([cipherKey, commitment]).equals(Buffer.from(expected))).toBe(true);
  }
});

test('a data key that does not match the commitment opens nothing, whatever the cipher would say', async () => {
  const box = Buffer.from(await seal(PLAIN, binding, master));
  const commitmentAt = 2 + master.id.length + 2 + 60;
  const other = Buffer.from(await seal(PLAIN, binding, master));
  other.copy(box, commitmentAt, commitmentAt, commitmentAt + 32);
  expect(await open(box, binding, master)).toBeNull();
});

test('rotation leaves the text byte for byte', async () => {
  const box = await seal(PLAIN, binding, master);
  const moved = await rewrap(box, binding, master, key('a longer key id', 9));
  if (moved === null) throw new Error('must be wrapped anew');
  const textBytes = 32 + 12 + 16 + PLAIN.length;
  expect(Buffer.from(moved).subarray(-textBytes).equals(Buffer.from(box).subarray(-textBytes))).toBe(true);
  expect(Buffer.from(moved).includes(Buffer.from(box).subarray(9, 69))).toBe(false); // the old wrap is gone
});

test('a wrapped data key does not open under another id of the same key', async () => {
  const box = Buffer.from(await seal(PLAIN, binding, key('id-a', 7)));
  box.write('id-b', 2);
  expect(await open(box, binding, key('id-b', 7))).toBeNull();
});

test('a key service wraps in its own length, and boxes move to it and away', async () => {
  const service = remote('arn:key/1', key('inside', 5));
  const box = await seal(PLAIN, binding, service);
  expect(keyIdOf(box)).toBe('arn:key/1');
  expect(await open(box, binding, service)).toBe(PLAIN);
  expect(await open(box, { ...binding, userId: 'u2' }, service)).toBeNull();
  const local = await rewrap(box, binding, service, master);
  if (local === null) throw new Error('must be wrapped anew');
  expect(await open(local, binding, master)).toBe(PLAIN);
  const back = await rewrap(local, binding, master, service);
  expect(back === null ? null : await open(back, binding, service)).toBe(PLAIN);
});

/** As it is after the box was read once. */
async function warm(each: BoxFixture): Promise<KnownTextKeys> {
  const known = new KnownTextKeys(10);
  expect(await open(each.box, each, masterOf(each), known)).toBe(each.plain);
  return known;
}
