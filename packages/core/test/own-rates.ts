import type { RateLimits } from '../src/contract/rate-limits.js';
import type { Clock } from '../src/runtime/clock.js';
import { silentLogger } from '../src/runtime/logger.js';
import type { Ticker } from '../src/runtime/ticker.js';
import { RateDesk } from '../src/transport/rate-desk.js';
import type { ConnectionRates } from '../src/transport/rate-desk.js';

/** Windows of a client that stands alone. */
export function ownRates(
  rateLimits: RateLimits,
  clock: Pick<Clock, 'now' | 'monotonic'>,
  ticker: Ticker,
): ConnectionRates {
  const desk = new RateDesk({ clock, ticker, logger: silentLogger, budgets: null });
  return desk.ratesOf({ userId: 'u1', broker: 'broker', account: 'main', address: 'system' }, rateLimits);
}
