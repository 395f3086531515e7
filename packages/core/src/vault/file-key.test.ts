import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { KeyProvider, LocalKey } from '../contract/key-provider.js';
import { isAlgoError } from '../errors/algo-error.js';
import { fileKey } from './file-key.js';

function place(name = 'master.key'): string {
  const folder = mkdtempSync(join(tmpdir(), 'algo-key-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, name);
}

const modeOf = (path: string): number => statSync(path).mode & 0o777;

async function keyOf(provider: KeyProvider): Promise<LocalKey> {
  const key = await provider.current();
  if (!('bytes' in key)) throw new Error('must be a local key');
  return key;
}

async function refusal(path: string): Promise<string> {
  try {
    await fileKey(path).current();
  } catch (error) {
    if (isAlgoError(error) && error.code === 'ALGO_KEY_UNUSABLE') return error.details.why;
    throw error;
  }
  throw new Error('must be refused');
}

test('makes a key of 256 bits on first use, readable by its owner alone', async () => {
  const path = place();
  const key = await keyOf(fileKey(path));
  expect(key.bytes).toHaveLength(32);
  expect(key.id).toMatch(/^[0-9a-f]{16}$/);
  expect(modeOf(path)).toBe(0o600);
});

test('makes the folder it is told to, closed to others', async () => {
  const path = place(join('a', 'b', 'master.key'));
  await fileKey(path).current();
  expect(modeOf(join(path, '..'))).toBe(0o700);
  expect(modeOf(path)).toBe(0o600);
});

test('gives the same key again, in this process and the next', async () => {
  const path = place();
  const provider = fileKey(path);
  const key = await keyOf(provider);
  expect(await provider.current()).toBe(key);
  const read = await keyOf(fileKey(path));
  expect([read.id, [...read.bytes]]).toEqual([key.id, [...key.bytes]]);
});

test('two keys are never alike', async () => {
  const [one, two] = await Promise.all([keyOf(fileKey(place())), keyOf(fileKey(place()))]);
  expect(one.id).not.toBe(two.id);
  expect([...one.bytes]).not.toEqual([...two.bytes]);
});

test('knows its own key by id and no other', async () => {
  const provider = fileKey(place());
  const key = await provider.current();
  expect(await provider.byId(key.id)).toBe(key);
  expect(await provider.byId('0000000000000000')).toBeNull();
  expect(await provider.byId('')).toBeNull();
});

test('a key asked for by its id is not made, and is found once it is there', async () => {
  const path = place();
  const provider = fileKey(path);
  expect(await provider.byId('0123456789abcdef')).toBeNull();
  expect(readdirSync(dirname(path))).toEqual([]);
  const key = await keyOf(fileKey(path));
  expect((await provider.byId(key.id))?.id).toBe(key.id);
});

test('a link to a key of mode 600 will do, one to a key of another mode not', async () => {
  const path = place();
  const key = await keyOf(fileKey(path));
  const link = `${path}.link`;
  symlinkSync(path, link);
  expect((await keyOf(fileKey(link))).id).toBe(key.id);
  chmodSync(path, 0o644);
  expect(await refusal(link)).toContain('chmod 600');
});

test('a key that only its owner can read, and not write, will do', async () => {
  const path = place();
  const key = await keyOf(fileKey(path));
  chmodSync(path, 0o400);
  expect((await keyOf(fileKey(path))).id).toBe(key.id);
});

// Only root can give a file away.
test.runIf(process.geteuid?.() === 0)('a key that belongs to another user is refused', async () => {
  const path = place();
  await fileKey(path).current();
  chownSync(path, 12_345, 12_345);
  expect(await refusal(path)).toContain('belongs to another user');
});

/** Of the operating system; Node has no call for it. */
const MAKE_PIPE = 'mkfifo';

test('a pipe is no key, and nobody waits for somebody to write into it', async () => {
  const path = place();
  execFileSync(MAKE_PIPE, ['-m', '600', path]);
  expect(await refusal(path)).toContain('it is not a file');
});

test('a large file is no key and is not read', async () => {
  const path = place();
  writeFileSync(path, '', { mode: 0o600 });
  truncateSync(path, 2 ** 33);
  expect(await refusal(path)).toContain('does not hold a key');
});

test.each([0o640, 0o604, 0o644, 0o660, 0o610, 0o601, 0o666, 0o777])('a file of mode %o is refused', async (mode) => {
  const path = place();
  await fileKey(path).current();
  chmodSync(path, mode);
  expect(await refusal(path)).toContain('chmod 600');
});

test.each([
  '',
  '\n',
  'garbage',
  'algo-key-1',
  'algo-key-1 0123456789abcdef',
  `algo-key-1 0123456789abcdef ${Buffer.alloc(31).toString('base64')}`,
  `algo-key-1 0123456789abcdef ${Buffer.alloc(33).toString('base64')}`,
  `algo-key-2 0123456789abcdef ${Buffer.alloc(32).toString('base64')}`,
  `algo-key-1 0123456789ABCDEF ${Buffer.alloc(32).toString('base64')}`,
  `algo-key-1 0123456789abcdef ${Buffer.alloc(32).toString('hex')}`,
  `algo-key-1 0123456789abcdef ${Buffer.alloc(32).toString('base64')}\nalgo-key-1 x`,
])('a file that holds %o is refused, and neither used nor written over', async (text) => {
  const path = place();
  writeFileSync(path, text, { mode: 0o600 });
  expect(await refusal(path)).toContain('does not hold a key');
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('a place where nothing can be made is refused', async () => {
  const path = place('file');
  writeFileSync(path, 'x');
  expect(await refusal(join(path, 'below', 'master.key'))).toContain('cannot be made');
  const folder = place('folder');
  mkdirSync(folder, { mode: 0o700 });
  expect(await refusal(folder)).toContain('cannot be read');
});

test('a link to nowhere is not followed when a key is made', async () => {
  const path = place();
  symlinkSync(`${path}.elsewhere`, path);
  await expect(fileKey(path).current()).rejects.toThrow();
  expect(() => statSync(`${path}.elsewhere`)).toThrow();
});

test('a file that was mended works at the next call', async () => {
  const path = place();
  writeFileSync(path, 'garbage', { mode: 0o600 });
  const provider = fileKey(path);
  await expect(provider.current()).rejects.toThrow();
  rmSync(path);
  expect((await keyOf(provider)).bytes).toHaveLength(32);
});

test('many who start together never end with two keys', async () => {
  for (let round = 0; round < 20; round += 1) {
    const path = place();
    const started = await Promise.allSettled(Array.from({ length: 8 }, () => fileKey(path).current()));
    const ids = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value.id] : []));
    expect(new Set(ids).size).toBe(1);
    expect((await fileKey(path).current()).id).toBe(ids[0]);
  }
});

test('many who ask one provider together make one key', async () => {
  const provider = fileKey(place());
  const keys = await Promise.all(Array.from({ length: 20 }, () => provider.current()));
  expect(new Set(keys).size).toBe(1);
});

test('three who start together all get the one key, and nothing but the key is left', async () => {
  for (let round = 0; round < 30; round += 1) {
    const path = place();
    const keys = await Promise.all([1, 2, 3].map(() => keyOf(fileKey(path))));
    expect(new Set(keys.map(({ id, bytes }) => `${id} ${Buffer.from(bytes).toString('hex')}`)).size).toBe(1);
    expect(readdirSync(dirname(path))).toEqual(['master.key']);
  }
});

test.each(['000', '022', '077', '177', '277'])('its mode is 600 whatever the umask: %s', async (umask) => {
  const path = place();
  const before = process.umask(Number.parseInt(umask, 8));
  onTestFinished(() => void process.umask(before));
  const key = await keyOf(fileKey(path));
  expect(modeOf(path)).toBe(0o600);
  expect((await fileKey(path).current()).id).toBe(key.id);
});

test('a key that could not be put in its place leaves no draft behind', async () => {
  const path = place();
  symlinkSync(`${path}.elsewhere`, path);
  await expect(fileKey(path).current()).rejects.toThrow();
  expect(readdirSync(dirname(path))).toEqual(['master.key']);
});
