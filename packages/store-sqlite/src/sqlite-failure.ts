import { AlgoError, isAlgoError } from '@algo/core/store';

/** What a person can do about a SQLite failure, by primary result code. The texts of SQLite itself are not passed on. */
const WHY: Readonly<Record<string, string>> = {
  SQLITE_BUSY: 'another program is using the file; stop it, or wait until it is done',
  SQLITE_LOCKED: 'another program is using the file; stop it, or wait until it is done',
  SQLITE_CANTOPEN:
    'a file beside it cannot be opened; check who owns the -wal, -shm and -owner files and the rights on the folder',
  SQLITE_CORRUPT: 'the file is damaged; keep a copy of it and restore a backup',
  SQLITE_FULL: 'the disk is full; make room',
  SQLITE_IOERR: 'the disk reported an error; check it before trading on',
  SQLITE_NOMEM: 'there is no memory left',
  SQLITE_NOTADB: 'it is not a SQLite database; name another file',
  SQLITE_PERM: 'this process may not use the file; check its owner and its rights',
  SQLITE_PROTOCOL: 'the file system does not lock files properly; use a local disk',
  SQLITE_READONLY: 'it is read-only for this process; check the owner and the rights of the file and its folder',
};

/** The same for what the file system itself answered, by its error code. */
const WHY_NOT_REACHED: Readonly<Record<string, string>> = {
  EACCES: 'this process may not use its folder; check the owner and the rights of the folder',
  EPERM: 'this process may not use its folder; check the owner and the rights of the folder',
  EROFS: 'it is on a read-only file system; use another folder',
  ENOSPC: 'the disk is full; make room',
  EDQUOT: 'the disk quota is used up; make room',
  ENOTDIR: 'a part of its path is not a folder; check the path',
  ELOOP: 'its path is a circle of links; check the path',
  ENAMETOOLONG: 'its name is too long for the file system; choose a shorter one',
};

/** The primary code of a SQLite error, such as `SQLITE_IOERR`; null for every other error. */
export const sqliteCode = (error: unknown): string | null => /^SQLITE_[A-Z]+/.exec(codeOf(error))?.[0] ?? null;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** Says why without repeating anything that was in a statement or a row. */
export const whyOf = (error: unknown): string => {
  const code = sqliteCode(error);
  if (code === null) return WHY_NOT_REACHED[codeOf(error)] ?? 'the driver failed in an unexpected way';
  return WHY[code] ?? `SQLite answered ${code}`;
};

/** A failure at run time. An error of our own passes as it is. */
export const toStoreFailure = (what: string, error: unknown): Error =>
  isAlgoError(error) ? error : new AlgoError('ALGO_STORE_FAILED', { what, why: whyOf(error) });

/** A failure while opening. An error of our own passes as it is. */
export function toOpenFailure(path: string, error: unknown): Error {
  if (isAlgoError(error)) return error;
  return sqliteCode(error) === 'SQLITE_BUSY'
    ? new AlgoError('ALGO_STORE_IN_USE', { path })
    : new AlgoError('ALGO_STORE_UNUSABLE', { path, why: whyOf(error) });
}
