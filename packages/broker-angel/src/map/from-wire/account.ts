import type { AccountProfile } from '@algo/core/adapter';
import { readProfile } from '../../wire/account.js';
import { nextMidnightMs } from '../time.js';

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function fromProfile(body: unknown): AccountProfile {
  const { clientcode, name, exchanges } = readProfile(body);
  return { clientId: clientcode, name, sessionEndsAtMs: null, segments: exchanges, dataPlanActive: null };
}

/**
 * When a session ends, epoch milliseconds: at midnight in India, or earlier where the token itself says so.
 *
 * The docs said 28 hours in 2024 and midnight in 2026-08; the earlier of the two is planned for, and a session that is
 * refused before is found by its code.
 */
export function sessionEndsAtMs(nowMs: number, expSeconds: unknown): number {
  const midnight = nextMidnightMs(nowMs);
  const ms = typeof expSeconds === 'number' ? Math.floor(expSeconds * 1_000) : Number.NaN;
  return ms >= EARLIEST_MS && ms <= midnight ? ms : midnight;
}

/** Before this year `exp` is not a date in seconds. */
const EARLIEST_MS = Date.UTC(2020, 0);
