import type { AuditEntry } from '../contract/audit-store.js';
import { AlgoError } from '../errors/algo-error.js';
import { checkName } from './check-name.js';

/** Who changes something and why, for the audit. Both are stored and shown as they are: no secret belongs in them. */
export interface ChangedBy {
  /** 1 to 200 characters. @default the user */
  readonly actor?: string;
  /** At most 2,000 characters. @default none */
  readonly why?: string;
}

/** What an entry tells beside who, when and why. */
export type Change = Pick<AuditEntry, 'userId' | 'atMs' | 'action' | 'subject' | 'before' | 'after'>;

const LONGEST_REASON = 2_000;

/** @throws {AlgoError} `ALGO_INVALID_INPUT` */
export function auditEntry(change: Change, by: ChangedBy = {}): AuditEntry {
  const { actor = change.userId, why = null } = by;
  checkName('actor', actor);
  if (why !== null && (typeof why !== 'string' || why.length > LONGEST_REASON)) {
    throw refused('why', `must be a text of at most ${LONGEST_REASON} characters`);
  }
  return { ...change, actor, why };
}

const refused = (field: string, problem: string): AlgoError =>
  new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem }] });
