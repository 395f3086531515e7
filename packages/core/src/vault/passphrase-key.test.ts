import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { scryptSync, hkdfSync } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import type { MasterKey } from '../contract/key-provider.js';
import { isAlgoError } from '../errors/algo-error.js';
import { Secret } from '../runtime/secret.js';
import { passphraseKey } from './passphrase-key.js';

const PASSPHRASE = 'correct horse battery staple';

/** Made once by version 0.2: the passphrase above gives this key with this header, for ever. */
const HEADER =
  'algo-passphrase-1 b1457d48faec6a03 scrypt 131072 8 1 0rAprbpAZTrJV011273N8Q== HJP7NHOu3u0WWFqEjW7MvOeyf4QFUjYKuBVUNzhfIWM=';
const KEY_HEX = 'd5208b2e9fca3b5cd0976972a311dd482148abb42c4b0b4a3cc3118501148e2e';

function place(header?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'algo-passphrase-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'passphrase.header');
  if (header !== undefined) writeFileSync(path, `${header}\n`, { mode: 0o600 });
  return path;
}

const opened = (path: string, passphrase = PASSPHRASE): Promise<MasterKey> =>
  passphraseKey({ passphrase: new Secret(passphrase), path }).current();

const hexOf = (key: MasterKey): string => ('bytes' in key ? Buffer.from(key.bytes).toString('hex') : '');

async function refusal(path: string, passphrase = PASSPHRASE): Promise<string> {
  const error: unknown = await opened(path, passphrase).catch((thrown: unknown) => thrown);
  if (!isAlgoError(error) || error.code !== 'ALGO_KEY_UNUSABLE') throw new Error('must be refused');
  expect(error.message).not.toContain(passphrase);
  return error.details.why;
}

test('the same passphrase gives the same key, in this process and the next', async () => {
  const path = place();
  const key = await opened(path);
  expect(hexOf(key)).toHaveLength(64);
  expect(await opened(path)).toEqual(key);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(dirname(path))).toEqual(['passphrase.header']);
});

test('a header of a released version gives the key it always gave', async () => {
  const key = await opened(place(HEADER));
  expect([key.id, hexOf(key)]).toEqual([HEADER.split(' ')[1], KEY_HEX]);
});

test('the key is scrypt with the cost in the header, and says nothing of itself there', async () => {
  const path = place();
  const key = await opened(path);
  const text = readFileSync(path, 'utf8');
  const [, id, , blocks, blockSize, parallel, salt = '', check] = text.trim().split(' ');
  expect([id, blocks, blockSize, parallel]).toEqual([key.id, String(2 ** 17), '8', '1']);
  expect(Buffer.from(salt, 'base64')).toHaveLength(16);
  const options = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 };
  const stretched = scryptSync(PASSPHRASE, Buffer.from(salt, 'base64'), 32, options);
  const expected = Buffer.from(hkdfSync('sha512', stretched, '', 'algo passphrase key 1', 64));
  expect(hexOf(key)).toBe(expected.subarray(0, 32).toString('hex'));
  expect(check).toBe(expected.subarray(32).toString('base64'));
});

test('two places never give one key for one passphrase', async () => {
  const [one, two] = [await opened(place()), await opened(place())];
  expect(one.id).not.toBe(two.id);
  expect(hexOf(one)).not.toBe(hexOf(two));
});

test('a wrong passphrase is refused in the same words, whatever it is', async () => {
  const path = place(HEADER);
  const said = new Set<string>();
  for (const wrong of [`${PASSPHRASE} `, PASSPHRASE.toUpperCase(), 'another passphrase']) {
    said.add(await refusal(path, wrong));
  }
  expect([...said]).toEqual([`the passphrase is not the one ${path} was made with`]);
  expect(readFileSync(path, 'utf8')).toBe(`${HEADER}\n`);
});

test('a changed salt or check value is a wrong passphrase', async () => {
  const parts = HEADER.split(' ');
  for (const at of [6, 7]) {
    const changed = parts.map((part, index) =>
      index === at ? `${part[0] === 'A' ? 'B' : 'A'}${part.slice(1)}` : part,
    );
    expect(await refusal(place(changed.join(' ')))).toContain('the passphrase is not the one');
  }
});

test.each([
  ['N', 3, String(2 ** 16)],
  ['N to the ground', 3, '2'],
  ['r', 4, '7'],
  ['r to the ground', 4, '1'],
])('a header whose %s was lowered is refused', async (_what, at, value) => {
  const parts = HEADER.split(' ');
  parts[at] = value;
  expect(await refusal(place(parts.join(' ')))).toContain('less work than is safe');
});

test.each([
  ['N is no power of two', 3, String(2 ** 17 + 1)],
  ['N would take all memory', 3, String(2 ** 29)],
  ['r would take all memory', 4, '9999'],
  ['p is nothing', 5, '0'],
  ['p has no end', 5, '999999'],
  ['the salt is short', 6, 'AAAA'],
  ['the check value is missing', 7, ''],
  ['the stretching has another name', 2, 'pbkdf2'],
  ['the format is another', 0, 'algo-passphrase-2'],
])('a header in which %s is no header', async (_what, at, value) => {
  const parts = HEADER.split(' ');
  parts[at] = value;
  expect(await refusal(place(parts.join(' ').trim()))).toContain('does not hold the header');
});

test('a header that others can read is refused', async () => {
  const path = place(HEADER);
  chmodSync(path, 0o644);
  expect(await refusal(path)).toContain('chmod 600');
});

test('a short passphrase is refused before anything is made', async () => {
  const path = place();
  expect(await refusal(path, 'eleven char')).toContain('shorter than 12');
  expect(readdirSync(dirname(path))).toEqual([]);
});

test('é typed as one character or as two is one passphrase', async () => {
  const path = place();
  const key = await opened(path, 'caf\u00e9 caf\u00e9 caf\u00e9');
  expect(await opened(path, 'cafe\u0301 cafe\u0301 cafe\u0301')).toEqual(key);
});

test('the passphrase is asked for once, when the key is first needed', async () => {
  let asked = 0;
  const path = place();
  const provider = passphraseKey({
    path,
    async passphrase() {
      asked += 1;
      return new Secret(PASSPHRASE);
    },
  });
  expect(await provider.byId('0123456789abcdef')).toBeNull();
  expect([asked, readdirSync(dirname(path))]).toEqual([0, []]); // asking by id makes nothing and asks nobody
  const keys = await Promise.all([provider.current(), provider.current(), provider.current()]);
  expect(await provider.byId(keys[0].id)).toBe(keys[0]);
  expect([asked, new Set(keys).size]).toEqual([1, 1]);
  expect(await provider.byId('0123456789abcdef')).toBeNull();
});

test('after a wrong passphrase the next call asks again', async () => {
  const answers = ['a wrong passphrase', PASSPHRASE];
  const provider = passphraseKey({ path: place(HEADER), passphrase: async () => new Secret(answers.shift() ?? '') });
  await expect(provider.current()).rejects.toMatchObject({ code: 'ALGO_KEY_UNUSABLE' });
  expect(hexOf(await provider.current())).toBe(KEY_HEX);
});

test('two who start together with one passphrase end up with one key', async () => {
  const path = place();
  const [one, two] = await Promise.all([opened(path), opened(path)]);
  expect(one).toEqual(two);
});
