import { parseIst, tradingDayOf } from '@algo/core/adapter';
import type { AccountProfile, BrokerSession } from '@algo/core/adapter';

/**
 * Whose account a session is. Kotak has no call for it: `ucc` is what its own log-in reply said, kept in the session's
 * facts, while `clientId` is whom we meant.
 */
export const toProfile = ({ clientId, facts, expiresAtMs }: BrokerSession): AccountProfile => ({
  clientId: facts['ucc'] ?? clientId,
  name: null,
  sessionEndsAtMs: expiresAtMs,
  segments: [],
  dataPlanActive: null,
});

/**
 * When a session ends, epoch milliseconds: its token's `exp` where that is believable, else the next midnight in India.
 *
 * A token that is over on arrival shows that our clock runs ahead of Kotak's: its end is then told by our clock, by the
 * offset that the reply showed.
 *
 * @see the sample token of the documentation, seen 2026-11-20: it ends at 00:00 IST
 */
export function sessionEndsAtMs(expSeconds: unknown, nowMs: number, clockOffsetMs: number | null): number {
  const ms = typeof expSeconds === 'number' ? Math.floor(expSeconds * 1_000) : Number.NaN;
  const isDate = ms >= EARLIEST_MS && ms <= LATEST_MS;
  if (isDate && ms > nowMs) return ms;
  const byOurClock = ms - (clockOffsetMs ?? 0);
  return isDate && byOurClock > nowMs ? byOurClock : nextMidnightMs(nowMs);
}

/** Outside of these years `exp` is not a date in seconds but something else, milliseconds for example. */
const EARLIEST_MS = Date.UTC(2020, 0);
const LATEST_MS = Date.UTC(2100, 0);

const DAY_MS = 86_400_000;

const nextMidnightMs = (nowMs: number): number => (parseIst(`${tradingDayOf(nowMs)} 00:00:00`) ?? nowMs) + DAY_MS;
