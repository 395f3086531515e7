import { AlgoError } from '@algo/core/store';

/**
 * Half a surrogate pair has no UTF-8: the driver would store the same replacement character for each of them, and two
 * users whose ids differ only there would share their rows.
 */
const HALF_A_PAIR = /\p{Surrogate}/u;

/** @throws {AlgoError} `ALGO_INVALID_INPUT` for an id that SQLite could not tell from another. */
export function checkIds(ids: Readonly<Record<string, string>>): void {
  for (const field in ids) checkId(field, ids[field] ?? '');
}

export function checkId(field: string, id: string): void {
  if (!HALF_A_PAIR.test(id)) return;
  throw new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem: 'holds half of a surrogate pair' }] });
}
