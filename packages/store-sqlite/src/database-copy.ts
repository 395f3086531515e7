import { randomBytes } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import type { SqliteConnection, SqliteDriver } from './driver.js';
import { damageOf } from './integrity.js';
import type { IntegrityCheck } from './options.js';
import { createPrivateFile, flushToDisk, removeStoreFile } from './store-file.js';

/**
 * Copies an open database, the commits in its log included, into a new private file. It gets its name when it is
 * whole, checked and on the disk; until then, and for ever after a kill, it is called `….unfinished`.
 *
 * Throws what the file system or SQLite threw; then there is no copy.
 */
export async function copyDatabase(
  driver: SqliteDriver,
  connection: SqliteConnection,
  to: string,
  check: IntegrityCheck,
): Promise<void> {
  refuseExisting(to);
  const unfinished = `${to}.${randomBytes(6).toString('hex')}.unfinished`;
  createPrivateFile(unfinished);
  try {
    await fill(connection, unfinished);
    checkCopy(driver, unfinished, check);
    flushToDisk(unfinished);
    refuseExisting(to); // it may have come meanwhile, and a rename would replace it
    renameSync(unfinished, to);
    flushToDisk(to);
  } catch (error) {
    removeStoreFile(unfinished);
    throw error;
  }
}

function refuseExisting(path: string): void {
  if (existsSync(path)) throw Object.assign(new Error('the file is there already'), { code: 'EEXIST' });
}

async function fill(connection: SqliteConnection, to: string): Promise<void> {
  if (connection.backup === undefined) return void connection.prepare('VACUUM INTO ?').run(to);
  // A copy under way begins anew at every commit of another connection, unless it reads from one moment all along.
  connection.exec('BEGIN');
  connection.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get();
  try {
    await connection.backup(to);
  } finally {
    connection.exec('ROLLBACK');
  }
}

function checkCopy(driver: SqliteDriver, path: string, check: IntegrityCheck): void {
  if (check === 'none') return;
  const copy = new driver(path, { timeout: 0 });
  try {
    if (damageOf(copy, check === 'full' ? 'integrity_check' : 'quick_check').length === 0) return;
    throw Object.assign(new Error('the copy is damaged'), { code: 'SQLITE_CORRUPT' });
  } finally {
    copy.close();
  }
}
