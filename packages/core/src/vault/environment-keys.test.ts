import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAlgoError } from '../errors/algo-error.js';
import { environmentKeys } from './environment-keys.js';

const bytes = Buffer.from(Array.from({ length: 32 }, (_, at) => 255 - at * 3));

async function keyFrom(text: string): Promise<{ id: string; hex: string }> {
  const key = await environmentKeys({ variables: { KEY: text }, current: 'KEY' }).current();
  if (!('bytes' in key)) throw new Error('must be a local key');
  return { id: key.id, hex: Buffer.from(key.bytes).toString('hex') };
}

function refusal(variables: Record<string, string | undefined>, current = 'KEY'): string {
  try {
    environmentKeys({ variables, current });
  } catch (error) {
    if (isAlgoError(error) && error.code === 'ALGO_KEY_UNUSABLE') return error.message;
    throw error;
  }
  throw new Error('must be refused');
}

test.each([
  ['hex', bytes.toString('hex')],
  ['hex in capitals', bytes.toString('hex').toUpperCase()],
  ['base64', bytes.toString('base64')],
  ['base64 without its end', bytes.toString('base64').slice(0, -1)],
  ['base64url', bytes.toString('base64url')],
  ['base64url with its end', `${bytes.toString('base64url')}=`],
  ['base64 and the end of a line', `${bytes.toString('base64')}\n`],
])('reads a key in %s, always as the same key', async (_encoding, text) => {
  expect(await keyFrom(text)).toEqual({ id: expect.stringMatching(/^[0-9a-f]{16}$/), hex: bytes.toString('hex') });
  expect((await keyFrom(text)).id).toBe((await keyFrom(bytes.toString('hex'))).id);
});

test('any 32 bytes are a key in each of the three, and keys differ in their ids', async () => {
  const ids = new Set<string>();
  for (let round = 0; round < 300; round += 1) {
    const key = randomBytes(32);
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      const read = await keyFrom(key.toString(encoding));
      expect(read.hex).toBe(key.toString('hex'));
      ids.add(read.id);
    }
  }
  expect(ids.size).toBe(300);
});

test.each([
  '',
  ' ',
  'password',
  'correct horse battery staple is not one',
  randomBytes(31).toString('base64'),
  randomBytes(33).toString('base64'),
  randomBytes(16).toString('hex'),
  randomBytes(64).toString('hex'),
  `0x${bytes.toString('hex')}`,
  `${bytes.toString('hex').slice(1)}g`,
  `${bytes.toString('base64').slice(0, 20)} ${bytes.toString('base64').slice(20)}`,
  `${bytes.toString('base64')}=`,
  `${bytes.toString('base64').slice(0, 42)}${'B'}=`, // its last character says more than 32 bytes hold
  '-_'.repeat(21).concat('+'), // two alphabets in one
  '\u0661'.repeat(64),
])('refuses %o and does not repeat it', (text) => {
  const message = refusal({ KEY: text });
  expect(message).toContain('KEY');
  if (text.trim().length > 3) expect(message).not.toContain(text.slice(0, 6));
});

test('no text that is not a key becomes one', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), (text) => {
      const trimmed = text.trim();
      fc.pre(!/^[0-9a-f]{64}$/i.test(trimmed) && !/^[\w+/-]{43}=?$/.test(trimmed));
      expect(() => environmentKeys({ variables: { KEY: text }, current: 'KEY' })).toThrow();
    }),
    { numRuns: 2_000 },
  );
});

test('a variable that is not there is refused, and nothing inherited is taken for one', () => {
  expect(refusal({})).toContain('is not set');
  expect(refusal({ KEY: undefined })).toContain('is not set');
  expect(refusal(Object.create({ KEY: bytes.toString('hex') }))).toContain('is not set');
  expect(refusal({}, 'constructor')).toContain('is not set');
});

test('older keys open and do not seal, whichever variable they are in by now', async () => {
  const [old, young] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')];
  const before = await keyFrom(old);
  const variables = { KEY: young, OLD: old };
  const keys = environmentKeys({ variables, current: 'KEY', older: ['OLD'] });
  expect((await keys.current()).id).toBe((await keyFrom(young)).id);
  expect((await keys.byId(before.id))?.id).toBe(before.id);
  expect(await keys.byId('0000000000000000')).toBeNull();
  expect(() => environmentKeys({ variables, current: 'KEY', older: ['GONE'] })).toThrow('GONE');
});

test('the environment is read once: what changes in it later changes nothing', async () => {
  const variables: Record<string, string> = { KEY: bytes.toString('hex') };
  const keys = environmentKeys({ variables, current: 'KEY' });
  variables['KEY'] = 'garbage';
  expect((await keys.current()).id).toBe((await keyFrom(bytes.toString('hex'))).id);
});
