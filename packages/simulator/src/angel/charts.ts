import { parseBody, textOf } from '../body.js';
import type { Candle } from '../exchange/candles.js';
import { candleAt } from '../exchange/candles.js';
import type { Instrument } from '../exchange/instrument.js';
import { isTradingDay, sessionOf } from '../exchange/market-hours.js';
import { DAY_MS, istInstant, istMidnight } from '../ist.js';
import type { Operation } from '../server/operations.js';
import type { Reply } from '../wire.js';
import type { AngelContext, AngelUserCall } from './context.js';
import { list, serviceError } from './replies.js';
import { stampedTime } from './times.js';

/** `POST getCandleData`: `[time, open, high, low, close, volume]`, both ends included. */
export function candles(context: AngelContext, call: AngelUserCall): Reply {
  const bars = readBars(context, call);
  if (bars === undefined) return serviceError('AB1004');
  return list(
    bars.map(({ atMs, open, high, low, close, volume }) => [stampedTime(atMs), open, high, low, close, volume]),
  );
}

/** `POST getOIData`: open interest is not pretended and reads 0. */
export function openInterest(context: AngelContext, call: AngelUserCall): Reply {
  const bars = readBars(context, call);
  if (bars === undefined) return serviceError('AB1004');
  return list(bars.map(({ atMs }) => ({ time: stampedTime(atMs), oi: 0 })));
}

/** One path serves two operations; the interval in the body says which. */
export function candleOperation(bodyText: string): Operation {
  return parseBody(bodyText)?.['interval'] === 'ONE_DAY' ? 'dailyCandles' : 'intradayCandles';
}

/** Minutes of a bar, and the most days one call may span. */
const INTERVALS: Readonly<Record<string, { readonly minutes: number; readonly days: number }>> = {
  ONE_MINUTE: { minutes: 1, days: 30 },
  THREE_MINUTE: { minutes: 3, days: 60 },
  FIVE_MINUTE: { minutes: 5, days: 100 },
  TEN_MINUTE: { minutes: 10, days: 100 },
  FIFTEEN_MINUTE: { minutes: 15, days: 200 },
  THIRTY_MINUTE: { minutes: 30, days: 200 },
  ONE_HOUR: { minutes: 60, days: 400 },
  ONE_DAY: { minutes: 1_440, days: 2_000 },
};

const DATE = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}$/;

/** `undefined` for bad parameters, which earn an AB1004 as if the server had stumbled (reported by users). */
function readBars({ catalogue }: AngelContext, call: AngelUserCall): readonly Candle[] | undefined {
  const body = parseBody(call.bodyText);
  if (body === undefined) return undefined;
  const listing = catalogue.find(textOf(body, 'exchange') ?? '', textOf(body, 'symboltoken') ?? '', call.atMs);
  const interval = INTERVALS[textOf(body, 'interval') ?? ''];
  const [from, to] = [textOf(body, 'fromdate') ?? '', textOf(body, 'todate') ?? ''];
  if (listing === undefined || interval === undefined || !DATE.test(from) || !DATE.test(to)) return undefined;
  const [fromMs, toMs] = [istInstant(from), istInstant(to)];
  if (!(fromMs <= toMs) || toMs - fromMs > interval.days * DAY_MS) return undefined;
  return barsOf(listing.instrument, interval.minutes * 60_000, fromMs, Math.min(toMs, call.atMs));
}

function barsOf(instrument: Instrument, lengthMs: number, fromMs: number, toMs: number): readonly Candle[] {
  const bars: Candle[] = [];
  for (let day = istMidnight(fromMs); day <= toMs; day += DAY_MS) {
    if (!isTradingDay(day)) continue;
    if (lengthMs === DAY_MS) {
      if (day >= fromMs) bars.push(candleAt(instrument, day, lengthMs));
      continue;
    }
    const { openMs, closeMs } = sessionOf(instrument.segment, day);
    for (let atMs = openMs; atMs < closeMs && atMs <= toMs; atMs += lengthMs) {
      if (atMs >= fromMs) bars.push(candleAt(instrument, atMs, lengthMs));
    }
  }
  return bars;
}
