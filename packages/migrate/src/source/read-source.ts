import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { fileRefused } from './refusals.js';

/** What a file holds, as text. */
export interface SourceText {
  readonly text: string;
  /** When it was changed last, epoch milliseconds. */
  readonly changedAtMs: number;
}

/**
 * Reads a text file whole, unless it is larger than `maxBytes`: then nothing of it is read. A byte order mark is taken
 * off.
 *
 * @throws {AlgoError} `ALGO_IMPORT_REFUSED` for a file that is missing, too large, empty or not UTF-8
 */
export async function readSource(path: string, maxBytes: number): Promise<SourceText> {
  const { bytes, changedAtMs } = await readBytes(path, maxBytes);
  return { text: textOf(path, bytes), changedAtMs };
}

/** The text of bytes that are at hand already. @throws {AlgoError} `ALGO_IMPORT_REFUSED` */
export function textOf(path: string, bytes: Uint8Array): string {
  if (bytes.length === 0) throw fileRefused(path, 'it is empty');
  if (UTF16_MARKS.some(([first, second]) => bytes[0] === first && bytes[1] === second)) {
    throw fileRefused(path, 'it is UTF-16 text; save it as UTF-8');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw fileRefused(path, 'it is not UTF-8 text; save it as UTF-8');
  }
}

const UTF16_MARKS = [
  [0xff, 0xfe],
  [0xfe, 0xff],
] as const;

async function readBytes(path: string, maxBytes: number): Promise<{ bytes: Uint8Array; changedAtMs: number }> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK); // a pipe without a writer must not hang us
    const stats = await file.stat();
    if (!stats.isFile()) throw fileRefused(path, 'it is not a regular file');
    if (stats.size > maxBytes) throw tooLarge(path, stats.size, maxBytes);
    const bytes = await readUpTo(file, stats.size);
    return { bytes, changedAtMs: Math.floor(stats.mtimeMs) };
  } catch (error) {
    throw toRefusal(path, error);
  } finally {
    await file?.close();
  }
}

/** What it grows by while it is read is left for the next import. */
async function readUpTo(file: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  while (at < size) {
    const { bytesRead } = await file.read(bytes, at, size - at, at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return bytes.subarray(0, at);
}

const MEGABYTE = 1_048_576;

const tooLarge = (path: string, size: number, maxBytes: number): Error =>
  fileRefused(
    path,
    `it has ${Math.ceil(size / MEGABYTE)} MB and at most ${Math.floor(maxBytes / MEGABYTE)} are taken; cut it into several files`,
  );

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'this process may not read it',
  EPERM: 'this process may not read it',
};

function toRefusal(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code.startsWith('ALGO_')) return error;
  return fileRefused(path, WHY[code] ?? `it cannot be read${code === '' ? '' : ` (${code})`}`);
}
