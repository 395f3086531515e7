import { AlgoError } from '@algo/core/store';

/**
 * Half a surrogate pair has no UTF-8: the driver would store the same replacement character for each of them, and two
 * users whose ids differ only there would share their rows.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` for an id that SQLite could not tell from another.
 */
export function checkId(field: string, id: string): void {
  if (id.isWellFormed()) return;
  throw new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem: 'holds half of a surrogate pair' }] });
}

/** @throws {AlgoError} as `checkId` */
export function checkIds(ids: Readonly<Record<string, string>>): void {
  for (const field in ids) checkId(field, ids[field] ?? '');
}
