import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AlgoError, isAlgoError } from '../errors/algo-error.js';

/** No key file is longer; what is longer is something else. */
const LARGEST_BYTES = 4_096;

/**
 * The text of a file that nobody but its owner can read, and whose owner is this process's user; null when there is none.
 * A link to such a file will do.
 *
 * @throws {AlgoError} `ALGO_KEY_UNUSABLE`
 */
export async function readPrivateFile(path: string): Promise<string | null> {
  try {
    // What is checked is what is read, whatever is put at the path meanwhile; a pipe without a writer does not hang.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return await readChecked(path, file);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isAlgoError(error)) throw error;
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
    throw unusable(`${path} cannot be read (${codeOf(error)})`);
  }
}

async function readChecked(path: string, file: FileHandle): Promise<string> {
  const found = await file.stat();
  if (!found.isFile()) throw unusable(`${path} cannot be read (it is not a file)`);
  if ((found.mode & 0o077) !== 0) throw unusable(`${path} can be read by others; run chmod 600 on it`);
  const user = process.geteuid?.();
  if (user !== undefined && found.uid !== user) throw unusable(`${path} belongs to another user; run chown on it`);
  if (found.size > LARGEST_BYTES) throw unusable(`${path} is too large: it does not hold a key of this SDK`);
  return file.readFile('utf8');
}

/**
 * Makes a file of mode 600, and the folders it is in. Leaves a file that is there already as it is.
 *
 * Written whole under another name and then linked into place, which fails if the file is there: two processes that
 * start together end up with one key, and a crash never leaves half a key.
 *
 * @throws {AlgoError} `ALGO_KEY_UNUSABLE`
 */
export async function makePrivateFile(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unusable(`${folder} cannot be made (${codeOf(error)})`);
  }
  try {
    await linkIntoPlace(path, text);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw unusable(`${path} cannot be made (${codeOf(error)})`);
  }
}

async function linkIntoPlace(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.chmod(0o600); // whatever the umask says
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, path);
    await syncFolder(dirname(path));
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

const unusable = (why: string): AlgoError => new AlgoError('ALGO_KEY_UNUSABLE', { why });

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
