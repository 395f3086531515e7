import type { AttemptRow } from '../contract/order-journal.js';
import { mayGoOn } from './attempt-end.js';
import { readDetail } from './attempt-detail.js';
import { lastWord } from './outcome-of-row.js';

/** How far the clocks of two processes may be apart. */
const CLOCK_SLACK_MS = 1_000;

/**
 * Whether the process that made this attempt may be about to make the next one, which is in the journal a moment after
 * the end of this one. Until then nobody else may say that the order is nowhere.
 *
 * @param owner this process, whose own flights are known to it
 */
export function mayBeFollowed(row: AttemptRow, owner: string, nowMs: number): boolean {
  if (row.kind !== 'place' || row.owner === owner) return false;
  if (row.state !== 'NOT_SENT' && row.state !== 'REJECTED') return false;
  const detail = readDetail(row.detail);
  const until = detail?.kind === 'rejected' || detail?.kind === 'proof' ? detail.followsUntilMs : undefined;
  return until !== undefined && nowMs < until + CLOCK_SLACK_MS && mayGoOn(lastWord(row));
}
