import { candleAt } from '../exchange/candles.js';
import type { Candle } from '../exchange/candles.js';
import type { Market } from '../exchange/market.js';
import { isTradingDay, sessionOf } from '../exchange/market-hours.js';
import { DAY_MS, istInstant, istMidnight } from '../ist.js';
import type { Body } from '../body.js';
import { parseBody, textOf } from '../body.js';
import type { DhanContext, DhanUserCall } from './context.js';
import type { Reply } from '../wire.js';
import { chartError, json, tradingError } from './replies.js';
import { SEGMENTS } from './words.js';

/** `POST /charts/historical`: daily bars stamped 00:00 IST; `toDate` is not included. */
export function dailyCandles(context: DhanContext, call: DhanUserCall): Reply {
  const request = readRequest(context, call);
  if ('status' in request) return request;
  const { market, fromMs, toMs } = request;
  const bars: Candle[] = [];
  for (let day = istMidnight(fromMs); day < toMs && day <= call.atMs; day += DAY_MS) {
    if (isTradingDay(day)) bars.push(candleAt(market.instrument, day, DAY_MS));
  }
  return columns(bars);
}

const INTERVALS = ['1', '5', '15', '25', '60'];
const LONGEST_INTRADAY_MS = 90 * DAY_MS;

/** `POST /charts/intraday`. A bar stamped exactly `fromDate` is not returned (seen 2026-09). */
export function intradayCandles(context: DhanContext, call: DhanUserCall): Reply {
  const request = readRequest(context, call);
  if ('status' in request) return request;
  const { market, fromMs, toMs, body } = request;
  const interval = textOf(body, 'interval') || '1';
  if (!INTERVALS.includes(interval) || toMs - fromMs > LONGEST_INTRADAY_MS) return tradingError('DH-905');
  const lengthMs = Number(interval) * 60_000;
  const bars: Candle[] = [];
  for (let day = istMidnight(fromMs); day <= toMs; day += DAY_MS) {
    if (!isTradingDay(day)) continue;
    const { openMs, closeMs } = sessionOf(market.instrument.segment, day);
    for (let atMs = openMs; atMs < closeMs; atMs += lengthMs) {
      if (atMs > fromMs && atMs <= toMs && atMs <= call.atMs) bars.push(candleAt(market.instrument, atMs, lengthMs));
    }
  }
  return columns(bars);
}

interface ChartRequest {
  readonly body: Body;
  readonly market: Market;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The v1 client names the instrument by symbol, and asks for intraday bars without dates: it means today. */
function readRequest(context: DhanContext, call: DhanUserCall): ChartRequest | Reply {
  if (!call.account.terms.dataPlan) return tradingError('DH-902');
  const body = parseBody(call.bodyText);
  if (body === undefined) return tradingError('DH-905');
  const segment = SEGMENTS[textOf(body, 'exchangeSegment') ?? ''];
  const securityId = textOf(body, 'securityId') ?? '';
  const symbol = textOf(body, 'symbol') ?? '';
  if (segment === undefined || (securityId === '' && symbol === '')) return tradingError('DH-905');
  if (securityId !== '' && !/^\d+$/.test(securityId)) return chartError(400, `For input string: "${securityId}"`);
  const market =
    securityId === '' ? context.exchange.find(symbol) : context.exchange.market(`${segment}:${securityId}`);
  const fromMs = readDate(body, 'fromDate', istMidnight(call.atMs));
  const toMs = readDate(body, 'toDate', call.atMs);
  if (Number.isNaN(fromMs) || Number.isNaN(toMs)) return tradingError('DH-905');
  if (market === undefined) return tradingError('DH-907');
  return { body, market, fromMs, toMs };
}

function readDate(body: Body, key: string, otherwise: number): number {
  const text = textOf(body, key) ?? 'unreadable';
  return text === '' ? otherwise : istInstant(text);
}

/** Columns of equal length; times are true epoch seconds. */
function columns(bars: readonly Candle[]): Reply {
  if (bars.length === 0) return tradingError('DH-907');
  return json(200, {
    open: bars.map(({ open }) => open),
    high: bars.map(({ high }) => high),
    low: bars.map(({ low }) => low),
    close: bars.map(({ close }) => close),
    volume: bars.map(({ volume }) => volume),
    timestamp: bars.map(({ atMs }) => atMs / 1000),
    open_interest: bars.map(() => 0),
  });
}
