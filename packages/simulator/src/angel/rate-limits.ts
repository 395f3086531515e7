import type { RateWindow, RateWindows } from '../rate-limits.js';
import type { AngelFamily } from './options.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

const perSecond = (calls: number): RateWindow => ({ calls, perMs: SECOND_MS });
const perMinute = (calls: number): RateWindow => ({ calls, perMs: MINUTE_MS });
const perHour = (calls: number): RateWindow => ({ calls, perMs: HOUR_MS });

const ONCE_A_SECOND = [perSecond(1)];
const TEN_A_SECOND = [perSecond(10), perMinute(500), perHour(5_000)];

/** Per client code, from Angel One's rate limit page as of 2026-08; `estimateCharges` is not on it and goes like margin. */
export const DOCUMENTED_LIMITS: RateWindows<AngelFamily> = {
  login: ONCE_A_SECOND,
  refresh: [perSecond(1), perHour(1_000)],
  profile: [perSecond(3), perHour(1_000)],
  logout: ONCE_A_SECOND,
  funds: [perSecond(2)],
  order: [perSecond(9), perMinute(500), perHour(1_000)],
  'order-book': ONCE_A_SECOND,
  'order-details': TEN_A_SECOND,
  'trade-book': ONCE_A_SECOND,
  positions: ONCE_A_SECOND,
  holdings: ONCE_A_SECOND,
  'all-holdings': ONCE_A_SECOND,
  search: ONCE_A_SECOND,
  ltp: TEN_A_SECOND,
  quote: TEN_A_SECOND, // the quote page itself says one a second
  margin: TEN_A_SECOND,
  charges: TEN_A_SECOND,
  candles: [perSecond(3), perMinute(180), perHour(5_000)],
  'open-interest': [perSecond(3), perMinute(180), perHour(5_000)],
};
