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
  SQLITE_ERROR: 'its tables are not as this package made them; verify() of sqliteMigrations says where',
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
  ENOENT: 'its folder does not exist; create the folder first',
  EEXIST: 'there is a file of that name already; choose another name',
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

/** What the caller's own code threw in the middle of a write: it goes back to the caller as it was. */
export class CallerFailure extends Error {
  constructor(readonly thrown: unknown) {
    super('what was handed in threw');
  }
}

/** A failure at run time. An error of our own passes as it is. */
export function toStoreFailure(what: string, error: unknown): Error {
  if (isAlgoError(error)) return error;
  if (error instanceof CallerFailure && error.thrown instanceof Error) return error.thrown;
  return new AlgoError('ALGO_STORE_FAILED', { what, why: whyOf(error) });
}

/** A failure of one write. Values are never shown, so a misfit is not told from another one. */
export function toWriteFailure(what: string, error: unknown): Error {
  if (!isMisfit(error)) return toStoreFailure(what, error);
  return new AlgoError('ALGO_STORE_FAILED', { what: 'writing a row', why: 'a value in it does not fit its column' });
}

/** A broken constraint, or a value that cannot be bound: SQLite undoes that one statement and keeps the transaction. */
export function isMisfit(error: unknown): boolean {
  const code = sqliteCode(error);
  if (code === null) return error instanceof TypeError || error instanceof RangeError;
  return code === 'SQLITE_CONSTRAINT' || code === 'SQLITE_MISMATCH' || code === 'SQLITE_TOOBIG';
}

/** A failure while opening. An error of our own passes as it is. */
export function toOpenFailure(path: string, error: unknown): Error {
  if (isAlgoError(error)) return error;
  return sqliteCode(error) === 'SQLITE_BUSY'
    ? new AlgoError('ALGO_STORE_IN_USE', { path })
    : new AlgoError('ALGO_STORE_UNUSABLE', { path, why: whyOf(error) });
}

/** A failure in a change of schema, after which the file is what it was after its last whole step. */
export const toMigrationFailure = (path: string, error: unknown): Error =>
  isAlgoError(error) ? error : new AlgoError('ALGO_MIGRATION_FAILED', { store: path, why: whyOf(error) });
