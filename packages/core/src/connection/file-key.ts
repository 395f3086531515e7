import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { KeyProvider, MasterKey } from '../contract/key-provider.js';
import { AlgoError } from '../errors/algo-error.js';

const LINE = /^algo-key-1 ([0-9a-f]{16}) ([A-Za-z0-9+/]{43}=)$/;

/**
 * A master key in a file of mode 600, made on first use. Keep a copy of it apart from the database: whoever has both
 * can open every credential, and without it nobody can.
 */
export function fileKey(path: string): KeyProvider {
  let loaded: Promise<MasterKey> | null = null;

  const load = (): Promise<MasterKey> => {
    loaded ??= readOrMake(path).catch((error: unknown) => {
      loaded = null; // mended on disk, it works on the next call
      throw error;
    });
    return loaded;
  };

  return {
    current: load,
    async byId(id) {
      const key = await load();
      return key.id === id ? key : null;
    },
  };
}

async function readOrMake(path: string): Promise<MasterKey> {
  try {
    return await make(path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw unusable(`${path} cannot be made (${codeOf(error)})`);
    return read(path);
  }
}

/** `wx` makes it or fails: two processes that start together end up with one key. */
async function make(path: string): Promise<MasterKey> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'wx', 0o600);
  try {
    const key = { id: randomBytes(8).toString('hex'), bytes: randomBytes(32) };
    await file.writeFile(`algo-key-1 ${key.id} ${key.bytes.toString('base64')}\n`);
    await file.sync();
    return key;
  } finally {
    await file.close();
  }
}

async function read(path: string): Promise<MasterKey> {
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) throw unusable(`${path} can be read by others; run chmod 600 on it`);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unusable(`${path} cannot be read (${codeOf(error)})`);
  });
  const match = LINE.exec(text.trim());
  if (match?.[1] === undefined || match[2] === undefined) throw unusable(`${path} does not hold a key of this SDK`);
  return { id: match[1], bytes: Buffer.from(match[2], 'base64') };
}

const unusable = (why: string): AlgoError => new AlgoError('ALGO_KEY_UNUSABLE', { why });

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
