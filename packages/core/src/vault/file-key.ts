import { randomBytes } from 'node:crypto';
import type { KeyProvider, LocalKey } from '../contract/key-provider.js';
import { AlgoError } from '../errors/algo-error.js';
import { makePrivateFile, readPrivateFile } from './private-file.js';

const LINE = /^algo-key-1 ([0-9a-f]{16}) ([A-Za-z0-9+/]{43}=)$/;

/**
 * A master key in a file of mode 600, made on first use. Keep a copy of it apart from the database: whoever has both
 * can open every credential, and without it nobody can.
 */
export function fileKey(path: string): KeyProvider {
  let loaded: Promise<LocalKey> | null = null;

  const load = (): Promise<LocalKey> => {
    loaded ??= readOrMake(path).catch((error: unknown) => {
      loaded = null; // mended on disk, it works on the next call
      throw error;
    });
    return loaded;
  };

  return {
    current: load,
    async byId(id) {
      // A key that is asked for by its id is one that exists: in an empty place none is made.
      if (loaded === null && (await read(path)) === null) return null;
      const key = await load();
      return key.id === id ? key : null;
    },
  };
}

async function readOrMake(path: string): Promise<LocalKey> {
  const found = await read(path);
  if (found !== null) return found;
  const id = randomBytes(8).toString('hex');
  await makePrivateFile(path, `algo-key-1 ${id} ${randomBytes(32).toString('base64')}\n`);
  const made = await read(path);
  if (made === null) throw unusable(`${path} was made and is gone again`);
  return made;
}

/** Null when there is no such file. */
async function read(path: string): Promise<LocalKey | null> {
  const text = await readPrivateFile(path);
  if (text === null) return null;
  const match = LINE.exec(text.trim());
  if (match?.[1] === undefined || match[2] === undefined) throw unusable(`${path} does not hold a key of this SDK`);
  return { id: match[1], bytes: Buffer.from(match[2], 'base64') };
}

const unusable = (why: string): AlgoError => new AlgoError('ALGO_KEY_UNUSABLE', { why });
