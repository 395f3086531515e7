import type { Candle } from '../exchange/candles.js';
import { candleAt } from '../exchange/candles.js';
import type { Instrument } from '../exchange/instrument.js';
import { isTradingDay, sessionOf } from '../exchange/market-hours.js';
import { DAY_MS, istMidnight } from '../ist.js';
import type { Reply } from '../wire.js';
import type { JainamContext, JainamUserCall } from './context.js';
import type { Listing } from './masters/catalogue.js';
import type { Problem } from './replies.js';
import { badRequest, required, success, unknownInstrument } from './replies.js';
import { candleSeconds, chartInstant } from './times.js';
import { SEGMENTS_BY_NUMBER, SEGMENT_NAMES } from './words.js';

const INTERVALS_S = ['1', '60', '120', '180', '300', '600', '900', '1800', '3600'];

/** Enough for weeks of minutes, and short of what would hang the process. */
const MOST_BARS = 200_000;

/** `GET .../instruments/ohlc?...&compressionValue=<seconds>`: bars between the two times. */
export function intradayCandles(context: JainamContext, call: JainamUserCall): Reply {
  const compression = call.query.get('compressionValue') ?? '';
  const request = readRequest(context, call, INTERVALS_S.includes(compression));
  if (!('instrument' in request)) return request;
  const { instrument, fromMs, toMs } = request;
  const lengthMs = Number(compression) * 1000;
  const bars: Stamped[] = [];
  for (let day = istMidnight(fromMs); day <= toMs; day += DAY_MS) {
    if (!isTradingDay(day)) continue;
    const { openMs, closeMs } = sessionOf(instrument.segment, day);
    for (let atMs = openMs; atMs < closeMs; atMs += lengthMs) {
      if (atMs < fromMs || atMs > toMs || atMs > call.atMs) continue;
      bars.push({ bar: candleAt(instrument, atMs, lengthMs), lastMs: Math.min(atMs + lengthMs, closeMs) });
      if (bars.length > MOST_BARS) return badRequest([invalid('endTime')]);
    }
  }
  return rowsReply(request.listing, bars);
}

/** The same with `compressionValue=D`: one bar a day, stamped at its close (no source shows one). */
export function dailyCandles(context: JainamContext, call: JainamUserCall): Reply {
  const request = readRequest(context, call, true);
  if (!('instrument' in request)) return request;
  const { instrument, fromMs, toMs } = request;
  const bars: Stamped[] = [];
  for (let day = istMidnight(fromMs); day <= toMs && day <= call.atMs; day += DAY_MS) {
    if (!isTradingDay(day)) continue;
    bars.push({ bar: candleAt(instrument, day, DAY_MS), lastMs: sessionOf(instrument.segment, day).closeMs });
  }
  return rowsReply(request.listing, bars);
}

interface Stamped {
  readonly bar: Candle;
  /** When the bar is over. */
  readonly lastMs: number;
}

interface ChartRequest {
  readonly listing: Listing;
  readonly instrument: Instrument;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The segment may be the number or the name: clients send both. */
function readRequest(context: JainamContext, { query }: JainamUserCall, isKnownLength: boolean): ChartRequest | Reply {
  const word = query.get('exchangeSegment') ?? '';
  const segment = SEGMENTS_BY_NUMBER[word] ?? SEGMENT_NAMES[word];
  const token = query.get('exchangeInstrumentID') ?? '';
  const fromMs = chartInstant(query.get('startTime') ?? '');
  const toMs = chartInstant(query.get('endTime') ?? '');
  const problems: Problem[] = [];
  if (segment === undefined) problems.push(required('exchangeSegment', 'query'));
  if (Number.isNaN(fromMs)) problems.push(invalid('startTime'));
  if (Number.isNaN(toMs)) problems.push(invalid('endTime'));
  if (!isKnownLength) problems.push(invalid('compressionValue'));
  if (segment === undefined || problems.length > 0) return badRequest(problems);
  const listing = context.catalogue.find(segment, token);
  if (listing?.instrument === undefined) return unknownInstrument();
  return { listing, instrument: listing.instrument, fromMs, toMs };
}

function invalid(field: string): Problem {
  return { field, location: 'query', message: 'is not valid', type: 'any.invalid' };
}

/** One text: rows by `,`, fields by `|`, the last one empty. The result's key is misspelt on the wire. */
function rowsReply({ segment, token }: Listing, bars: readonly Stamped[]): Reply {
  const rows = bars.map(({ bar: { open, high, low, close, volume }, lastMs }) => {
    return [candleSeconds(lastMs) - 1, open, high, low, close, volume, 0, ''].join('|');
  });
  return success('s-instrument-0002', 'OHLC', {
    exchangeSegment: segment,
    exchangeInstrumentID: token,
    dataReponse: rows.join(','),
  });
}
