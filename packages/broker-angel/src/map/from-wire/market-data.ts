import type { Candle, CandleRequest, DepthLevel, FullQuote, Listing, Quote, QuoteDetail } from '@algo/core/adapter';
import { quoteReader, readCandles, readFullQuote } from '../../wire/market-data.js';
import type { DepthRow } from '../../wire/market-data.js';
import { unreadable } from '../../wire/read.js';
import type { Fields } from '../../wire/read.js';
import { dayMonthMs, offsetTimeMs } from '../time.js';

/** In the order asked; what the broker left out is left out. */
export function fromQuotes(
  body: unknown,
  listings: readonly Listing[],
  detail: QuoteDetail,
  asOfMs: number,
): readonly Quote[] {
  const rowOf = quoteReader(body);
  return listings.flatMap((listing) => {
    const row = rowOf(listing.segment, listing.token);
    if (row === null) return [];
    const full = detail === 'full' ? fromFullQuote(row.fields, listing) : null;
    return [{ instrument: listing.instrument, lastPrice: row.ltp === 0 ? null : row.ltp, asOfMs, full }];
  });
}

function fromFullQuote(fields: Fields, { contract }: Listing): FullQuote {
  const row = readFullQuote(fields);
  const hasOpenInterest = contract.kind === 'future' || contract.kind === 'option';
  return {
    open: row.open,
    high: row.high,
    low: row.low,
    previousClose: row.close,
    volume: row.tradeVolume,
    averagePrice: row.avgPrice,
    openInterest: hasOpenInterest ? row.opnInterest : null,
    lowerCircuit: row.lowerCircuit || null,
    upperCircuit: row.upperCircuit || null,
    lastTradedAtMs: dayMonthMs(row.exchTradeTime),
    bids: levelsOf(row.buy),
    asks: levelsOf(row.sell),
  };
}

/** Levels that nobody quotes are zeros. */
const levelsOf = (rows: readonly DepthRow[]): readonly DepthLevel[] =>
  rows.filter(({ price, quantity }) => price > 0 || quantity > 0);

/** The candles of one reply, oldest first, cut to the stretch asked for. Open interest has a call of its own. */
export const fromCandles = (body: unknown, { fromMs, toMs }: CandleRequest): readonly Candle[] =>
  readCandles(body).flatMap(({ time, ...bar }) => {
    const startMs = offsetTimeMs(time);
    if (startMs === null) throw unreadable('the time of a candle names no zone');
    return startMs < fromMs || startMs >= toMs ? [] : [{ startMs, ...bar, openInterest: null }];
  });

/** Candles of several replies as one row, oldest first, each start once. */
export function joinCandles(parts: readonly (readonly Candle[])[]): readonly Candle[] {
  const byStart = new Map<number, Candle>();
  for (const candle of parts.flat()) byStart.set(candle.startMs, candle);
  return [...byStart.values()].sort((a, b) => a.startMs - b.startMs);
}
