import { istWeekday, startOfDay } from './ist-day.js';
import { tradingDayOf } from './time.js';
import type { Exchange } from './vocabulary.js';

/** `unknown` where the holidays of that year are not known here: never taken for closed. */
export type MarketPhase = 'open' | 'closed' | 'unknown';

/** One exchange's trading of one day, epoch milliseconds. */
export interface MarketSession {
  readonly openMs: number;
  /** From here on no order is taken in continuous trading. */
  readonly closeMs: number;
  /** False in a year whose holidays are not known here: the exchange may stay shut. */
  readonly certain: boolean;
}

interface Hours {
  readonly exchanges: readonly Exchange[];
  /** First IST day on which they hold. */
  readonly since: string;
  readonly open: string;
  readonly close: string;
}

/** Newest first for each exchange. Source: brokers/market-rules.md, section 1, seen 2026-11-20. */
const HOURS: readonly Hours[] = [
  // The closing auction of 2026-08-03 goes on to 15:35, but takes no order after 15:30.
  { exchanges: ['NSE', 'BSE'], since: '2000-01-01', open: '09:15', close: '15:30' },
  { exchanges: ['NFO', 'BFO'], since: '2026-08-03', open: '09:15', close: '15:40' },
  { exchanges: ['NFO', 'BFO'], since: '2000-01-01', open: '09:15', close: '15:30' },
  { exchanges: ['CDS', 'BCD'], since: '2000-01-01', open: '09:00', close: '17:00' },
  { exchanges: ['MCX'], since: '2000-01-01', open: '09:00', close: '23:30' },
];
/** MCX follows New York: later while the United States have winter time. */
const MCX_WINTER_CLOSE = '23:55';
const MCX_EVENING_OPEN = '17:00';

/** Weekdays without trading; on those marked `evening` MCX opens at 17:00. Source: the same, section 5. */
const HOLIDAYS: ReadonlyMap<string, 'all-day' | 'evening'> = new Map([
  ['2026-01-15', 'evening'],
  ['2026-01-26', 'all-day'],
  ['2026-03-03', 'evening'],
  ['2026-03-26', 'evening'],
  ['2026-03-31', 'evening'],
  ['2026-04-03', 'all-day'],
  ['2026-04-14', 'evening'],
  ['2026-05-01', 'evening'],
  ['2026-05-28', 'evening'],
  ['2026-06-26', 'evening'],
  ['2026-09-14', 'evening'],
  ['2026-10-02', 'all-day'],
  ['2026-10-20', 'evening'],
  ['2026-11-10', 'evening'],
  ['2026-11-24', 'evening'],
  ['2026-12-25', 'all-day'],
]);
const YEARS_KNOWN: ReadonlySet<string> = new Set(['2026']);

/** Trading on a day that has none by rule. The Muhurat times of 2026 are from one source and UNSURE. */
const SPECIAL: ReadonlyMap<string, { readonly open: string; readonly close: string }> = new Map([
  ['2026-02-01', { open: '09:15', close: '15:30' }],
  ['2026-11-08', { open: '18:00', close: '19:15' }],
]);

/** The trading of the IST day that contains the instant; null when there is none. */
export function marketSession(exchange: Exchange, atMs: number): MarketSession | null {
  const day = tradingDayOf(atMs);
  const special = SPECIAL.get(day);
  const hours = HOURS.find(({ exchanges, since }) => exchanges.includes(exchange) && day >= since);
  if (hours === undefined) return null;
  const at = (open: string, close: string, certain = true): MarketSession => ({
    openMs: startOfDay(atMs) + msOf(open),
    closeMs: startOfDay(atMs) + msOf(close),
    certain,
  });
  if (special !== undefined) return at(special.open, special.close);
  const weekday = istWeekday(atMs);
  if (weekday === 0 || weekday === 6) return null;
  const close = exchange === 'MCX' && !isUsSummer(day) ? MCX_WINTER_CLOSE : hours.close;
  const holiday = HOLIDAYS.get(day);
  if (holiday !== undefined) {
    return exchange === 'MCX' && holiday === 'evening' ? at(MCX_EVENING_OPEN, close) : null;
  }
  return at(hours.open, close, YEARS_KNOWN.has(day.slice(0, 4)));
}

/** Whether any of these trades right now. */
export function marketPhase(exchanges: readonly Exchange[], atMs: number): MarketPhase {
  const under = exchanges
    .map((exchange) => marketSession(exchange, atMs))
    .filter((session) => session !== null && atMs >= session.openMs && atMs < session.closeMs);
  if (under.some((session) => session?.certain === true)) return 'open';
  return under.length > 0 ? 'unknown' : 'closed';
}

const msOf = (time: string): number => (Number(time.slice(0, 2)) * 60 + Number(time.slice(3))) * 60_000;

/** From the second Sunday of March to the first of November, as the law stands since 2007. */
function isUsSummer(day: string): boolean {
  const year = day.slice(0, 4);
  return day >= sundayOf(year, '03', 2) && day < sundayOf(year, '11', 1);
}

function sundayOf(year: string, month: string, nth: number): string {
  const weekday = new Date(`${year}-${month}-01T00:00:00Z`).getUTCDay();
  const date = 1 + ((7 - weekday) % 7) + (nth - 1) * 7;
  return `${year}-${month}-${String(date).padStart(2, '0')}`;
}
