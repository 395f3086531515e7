import type { Candle } from '../exchange/candles.js';
import { candleAt } from '../exchange/candles.js';
import { hasExpired } from '../exchange/admission.js';
import type { Instrument } from '../exchange/instrument.js';
import { isTradingDay, sessionOf } from '../exchange/market-hours.js';
import { DAY_MS, istInstant, istText, istWeekday } from '../ist.js';
import type { Reply } from '../wire.js';
import type { KotakContext, KotakUserCall } from './context.js';
import { candleFault, json } from './replies.js';
import { segmentOf } from './words.js';

/** Minutes of a bar, or days, and the most days of one call. */
interface Interval {
  readonly minutes?: number;
  readonly days?: number;
  readonly longestDays: number;
}

const INTERVALS: Readonly<Record<string, Interval>> = {
  '1min': { minutes: 1, longestDays: 30 },
  '3min': { minutes: 3, longestDays: 30 },
  '5min': { minutes: 5, longestDays: 30 },
  '10min': { minutes: 10, longestDays: 60 },
  '15min': { minutes: 15, longestDays: 60 },
  '30min': { minutes: 30, longestDays: 90 },
  '60min': { minutes: 60, longestDays: 90 },
  D: { days: 1, longestDays: 180 },
  W: { days: 7, longestDays: 180 },
};

/** Currency and commodities have no candles. */
const SEGMENTS: readonly string[] = ['nse_cm', 'bse_cm', 'nse_fo', 'bse_fo'];

/** Whether the query asks for days or weeks: the one call serves both. */
export const isDaily = (query: URLSearchParams): boolean => ['D', 'W'].includes(query.get('interval') ?? '');

/** `GET /market-data/1.0/historical/details`: rows in place of objects; both dates are included. */
export function candles(context: KotakContext, { query, atMs }: KotakUserCall): Reply {
  const word = query.get('interval') ?? '';
  const interval = INTERVALS[word];
  const fromMs = dateOf(query.get('fromdate'));
  const toMs = dateOf(query.get('todate'));
  const instrument = instrumentOf(context, query.get('neosymbol') ?? '');
  if (interval === undefined) return candleFault(400, 'Invalid interval value');
  if (Number.isNaN(fromMs) || Number.isNaN(toMs) || toMs < fromMs) return candleFault(400, 'Invalid date value');
  if ((toMs - fromMs) / DAY_MS > interval.longestDays) return candleFault(400, 'Date range exceeds the limit');
  if (instrument === undefined || hasExpired(instrument, atMs)) return candleFault(400, 'Invalid neosymbol value');
  const bars = barsOf(instrument, interval, fromMs, toMs).filter((bar) => bar.atMs <= atMs);
  return json(200, { status: 'success', interval: word, data: { candles: bars.map(candleRow) } });
}

function dateOf(text: string | null): number {
  return text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) ? istInstant(text) : Number.NaN;
}

function instrumentOf({ catalogue }: KotakContext, symbol: string): Instrument | undefined {
  const [word = '', token = ''] = symbol.split('|');
  const segment = segmentOf(word);
  if (segment === undefined || !SEGMENTS.includes(segment)) return undefined;
  return (catalogue.byIndexName(segment, token) ?? catalogue.byToken(segment, token))?.instrument ?? undefined;
}

function barsOf(instrument: Instrument, { minutes, days }: Interval, fromMs: number, toMs: number): readonly Candle[] {
  const bars: Candle[] = [];
  for (let day = fromMs; day <= toMs; day += DAY_MS) {
    if (minutes === undefined) {
      const isStart = days === 7 ? istWeekday(day) === 1 : isTradingDay(day);
      if (isStart) bars.push(candleAt(instrument, day, (days ?? 1) * DAY_MS));
    } else if (isTradingDay(day)) {
      const { openMs, closeMs } = sessionOf(instrument.segment, day);
      for (let at = openMs; at < closeMs; at += minutes * 60_000) bars.push(candleAt(instrument, at, minutes * 60_000));
    }
  }
  return bars;
}

/** `[time, open, high, low, close, volume, open interest]`; the last is not filled yet. */
function candleRow({ atMs, open, high, low, close, volume }: Candle): readonly (string | number)[] {
  return [`${istText(atMs).replace(' ', 'T')}+0530`, open, high, low, close, volume, 0];
}
