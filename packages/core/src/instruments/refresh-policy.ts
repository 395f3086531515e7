import { parseInstrument } from '../domain/instrument.js';
import { endOfDay, tradingDayOf } from '../domain/time.js';

/** When masters are loaded anew by themselves, in the background of a look-up. */
export interface RefreshPolicy {
  /**
   * Time of day in IST from which the next look-up loads the master anew, `HH:MM`; null turns it off. The masters of a day
   * come out over night, after the market closed: this is after the last of them and before the open.
   */
  readonly refreshAt: string | null;
  /** Least time between two refreshes asked for by look-ups that found nothing. */
  readonly missEveryMs: number;
  /** Wait after a refresh by itself that failed. */
  readonly retryAfterMs: number;
}

export const REFRESH_DEFAULTS: RefreshPolicy = { refreshAt: '08:45', missEveryMs: 60_000, retryAfterMs: 600_000 };

const DAY_MS = 86_400_000;
const TIME_OF_DAY = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** The first moment after `afterMs` at which an IST wall clock shows this time, epoch milliseconds; null for none. */
export function nextRefreshMs(afterMs: number, refreshAt: string | null): number | null {
  const match = TIME_OF_DAY.exec(refreshAt ?? '');
  if (match === null) return null;
  const today = endOfDay(afterMs) - DAY_MS + (Number(match[1]) * 60 + Number(match[2])) * 60_000;
  return today > afterMs ? today : today + DAY_MS;
}

/** Whether a master loaded then is one of today: brokers list new contracts and reuse the ids of old ones from day to day. */
export const isOfToday = (loadedAtMs: number, nowMs: number): boolean =>
  tradingDayOf(loadedAtMs) === tradingDayOf(nowMs);

/** Whether a newer master could have it: junk and contracts of the past are in none. */
export function mayBeListed(instrument: string, nowMs: number): boolean {
  const contract = parseInstrument(instrument);
  return contract !== null && !('expiry' in contract && contract.expiry < tradingDayOf(nowMs));
}
