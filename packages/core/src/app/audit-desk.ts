import type { AuditRow, AuditStore } from '../contract/audit-store.js';
import { AlgoError } from '../errors/algo-error.js';
import type { InputProblem } from '../errors/codes.js';

/** What was changed in a user's data, by whom, when and why. Nothing in it is secret, and nobody can change it. */
export interface AuditDesk {
  /** Newest first. To read on, hand the last row's `seq` over as `before`. */
  list(filter?: AuditFilter): Promise<readonly AuditRow[]>;
}

export interface AuditFilter {
  /** 1 to 1,000. @default 100 */
  readonly limit?: number;
  readonly before?: number;
  /** For example `dhan/main` or `broker/dhan`. */
  readonly subject?: string;
}

export interface AuditDeskOptions {
  readonly userId: string;
  readonly store: () => Promise<AuditStore>;
}

const DEFAULT_LIMIT = 100;
const MOST = 1_000;

export const createAuditDesk = ({ userId, store }: AuditDeskOptions): AuditDesk => ({
  async list({ limit = DEFAULT_LIMIT, before, subject } = {}) {
    const problems: InputProblem[] = [];
    if (!isCount(limit, MOST)) problems.push({ field: 'limit', problem: `must be a whole number from 1 to ${MOST}` });
    if (before !== undefined && !isCount(before)) problems.push({ field: 'before', problem: 'must be a seq of a row' });
    if (subject !== undefined && typeof subject !== 'string') {
      problems.push({ field: 'subject', problem: 'must be a text' });
    }
    if (problems.length > 0) throw new AlgoError('ALGO_INVALID_INPUT', { problems });
    const older = before === undefined ? {} : { beforeSeq: before };
    return (await store()).list(userId, { limit, ...older, ...(subject === undefined ? {} : { subject }) });
  },
});

const isCount = (value: unknown, most = Number.MAX_SAFE_INTEGER): boolean =>
  Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= most;
