import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import type { Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { AlgoError } from '@algo/core/store';
import { toOpenFailure } from './sqlite-failure.js';

/** Readable and writable by its owner alone. SQLite gives its -wal and -shm files the mode of the database. */
const PRIVATE_MODE = 0o600;

/**
 * The one name of the file that `path` means, however it is spelled and through whatever links.
 *
 * Looks only at names and rights and never opens the file: closing any handle of it would drop the locks that a store
 * in this very process holds on it.
 *
 * @throws {AlgoError} `ALGO_STORE_UNUSABLE`
 */
export function locateStoreFile(path: string): string {
  const absolute = resolve(path);
  try {
    return locate(absolute);
  } catch (error) {
    throw toOpenFailure(absolute, error);
  }
}

function locate(absolute: string): string {
  const unusable = (why: string): AlgoError => new AlgoError('ALGO_STORE_UNUSABLE', { path: absolute, why });

  const stats = statSync(absolute, { throwIfNoEntry: false });
  if (stats === undefined && isLink(absolute))
    throw unusable('it is a link to a file that is not there; remove the link');
  if (stats !== undefined) {
    const why = whyNotAStore(stats);
    if (why !== null) throw unusable(why);
    if (!allows(absolute, constants.R_OK | constants.W_OK)) {
      throw unusable('it is read-only for this process; check its owner and its rights');
    }
  }
  const folder = dirname(stats === undefined ? absolute : realpathSync.native(absolute));
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw unusable('its folder does not exist; create the folder first');
  }
  if (!allows(folder, constants.W_OK | constants.X_OK)) {
    throw unusable(
      'its folder is read-only for this process, and SQLite keeps files beside the database; check the rights',
    );
  }
  const name = stats === undefined ? basename(absolute) : basename(realpathSync.native(absolute));
  return join(realpathSync.native(folder), name);
}

/** Creates an empty private file, whatever the umask; false when it was there already. */
export function createPrivateFile(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx', PRIVATE_MODE);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  try {
    fchmodSync(file, PRIVATE_MODE);
  } finally {
    closeSync(file);
  }
  return true;
}

/** Waits until a file, and the name it has in its folder, are on the disk. */
export function flushToDisk(path: string): void {
  for (const name of [path, dirname(path)]) {
    const file = openSync(name, 'r');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }
}

/** Takes a database that was just made away again, with what SQLite put beside it. */
export function removeStoreFile(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
}

function whyNotAStore(stats: Stats): string | null {
  if (stats.isDirectory()) return 'it is a folder; name a file in it';
  if (!stats.isFile()) return 'it is not a regular file; name another one';
  // Each name would have a -wal and an owner of its own, and two writers would destroy the file.
  return stats.nlink > 1 ? 'the file has several hard links; copy it and use the copy' : null;
}

const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;

function allows(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
