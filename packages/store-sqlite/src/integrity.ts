import { AlgoError } from '@algo/core/store';
import type { SqliteConnection } from './driver.js';
import type { IntegrityCheck } from './options.js';
import { asRow, integer, text } from './row.js';
import { whyOf } from './sqlite-failure.js';

/** Above this, 256 MiB, a quick check would hold up the start. Damage there shows at the first read. */
const QUICKLY_CHECKED_PAGES = 65_536;

/** @throws {AlgoError} `ALGO_STORE_UNUSABLE` for a damaged file, or what SQLite threw when it could not go on reading. */
export function refuseDamage(connection: SqliteConnection, path: string, check: IntegrityCheck): void {
  if (check === 'none') return;
  if (check === 'quick' && pragma(connection, 'page_count') > QUICKLY_CHECKED_PAGES) return;
  if (damageOf(connection, check === 'full' ? 'integrity_check' : 'quick_check').length === 0) return;
  const why = whyOf(Object.assign(new Error(), { code: 'SQLITE_CORRUPT' }));
  throw new AlgoError('ALGO_STORE_UNUSABLE', { path, why });
}

/** What SQLite finds wrong with the file, in its words, which name tables and pages and no values; empty when nothing is. */
export function damageOf(
  connection: SqliteConnection,
  check: 'integrity_check' | 'quick_check' = 'integrity_check',
): readonly string[] {
  const found = connection
    .prepare(`PRAGMA ${check}`)
    .all()
    .map((row) => text(asRow(row), check));
  return found.length === 1 && found[0] === 'ok' ? [] : found;
}

/** The value of a pragma that is one whole number. */
export const pragma = (connection: SqliteConnection, name: string): number =>
  integer(asRow(connection.prepare(`PRAGMA ${name}`).get()), name);
