import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { KeyProvider, MasterKey } from '../contract/key-provider.js';
import { AlgoError, isAlgoError } from '../errors/algo-error.js';

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
  const found = await read(path);
  if (found !== null) return found;
  try {
    await make(path);
  } catch (error) {
    if (isAlgoError(error)) throw error;
    if (codeOf(error) !== 'EEXIST') throw unusable(`${path} cannot be made (${codeOf(error)})`);
  }
  const made = await read(path);
  if (made === null) throw unusable(`${path} was made and is gone again`);
  return made;
}

/**
 * Written whole under another name and then linked into place, which fails if the file is there: two processes that
 * start together end up with one key, and a crash never leaves half a key.
 */
async function make(path: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw unusable(`${folder} cannot be made (${codeOf(error)})`);
  });
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.chmod(0o600); // whatever the umask says
      await file.writeFile(`algo-key-1 ${randomBytes(8).toString('hex')} ${randomBytes(32).toString('base64')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, path);
    await syncFolder(folder);
  } finally {
    await rm(draft, { force: true });
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Null when there is no such file. */
async function read(path: string): Promise<MasterKey | null> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) throw unusable(`${path} can be read by others; run chmod 600 on it`);
    return parse(path, await readFile(path, 'utf8'));
  } catch (error) {
    if (isAlgoError(error)) throw error;
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
    throw unusable(`${path} cannot be read (${codeOf(error)})`);
  }
}

function parse(path: string, text: string): MasterKey {
  const match = LINE.exec(text.trim());
  if (match?.[1] === undefined || match[2] === undefined) throw unusable(`${path} does not hold a key of this SDK`);
  return { id: match[1], bytes: Buffer.from(match[2], 'base64') };
}

const unusable = (why: string): AlgoError => new AlgoError('ALGO_KEY_UNUSABLE', { why });

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
