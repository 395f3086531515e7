import type { Candle, CandleRequest, DepthLevel, FullQuote, Listing, Quote, QuoteDetail } from '@algo/core/adapter';
import { quoteReader, readCandles, readFullQuote } from '../../wire/market-data.js';
import type { DepthRow } from '../../wire/market-data.js';
import type { Fields } from '../../wire/read.js';
import { unreadable } from '../../wire/read.js';
import { candleMs } from '../time.js';
import { quoteKey } from '../to-wire.js';

/** In the order asked; what the broker left out is left out. */
export function fromQuotes(
  body: unknown,
  listings: readonly Listing[],
  detail: QuoteDetail,
  asOfMs: number,
): readonly Quote[] {
  const rowOf = quoteReader(body);
  return listings.flatMap((listing) => {
    const row = rowOf(listing.segment, quoteKey(listing)) ?? rowOf(listing.segment, listing.token);
    if (row === null) return [];
    const full = detail === 'full' ? fromFullQuote(row.fields, listing) : null;
    return [{ instrument: listing.instrument, lastPrice: row.lastPrice === 0 ? null : row.lastPrice, asOfMs, full }];
  });
}

function fromFullQuote(fields: Fields, listing: Listing): FullQuote {
  const row = readFullQuote(fields);
  return {
    open: row.ohlc.open,
    high: row.ohlc.high,
    low: row.ohlc.low,
    previousClose: row.ohlc.close,
    volume: row.volume,
    averagePrice: row.averagePrice,
    openInterest: hasOpenInterest(listing) ? row.openInterest : null,
    lowerCircuit: row.lowPriceRange || null,
    upperCircuit: row.highPriceRange || null,
    lastTradedAtMs: null, // `lstup_time` is the last update, traded or not
    bids: levelsOf(row.buy),
    asks: levelsOf(row.sell),
  };
}

/** Kotak pads depth to five levels with zeros. */
const levelsOf = (rows: readonly DepthRow[]): readonly DepthLevel[] =>
  rows.filter(({ price, quantity }) => price > 0 || quantity > 0);

/**
 * The candles of one reply, oldest first, cut to the stretch asked for.
 *
 * @throws {AlgoError} `ALGO_REPLY_UNREADABLE`, also for a time that is not one of India
 */
export function fromCandles(body: unknown, { fromMs, toMs }: CandleRequest, listing: Listing): readonly Candle[] {
  const candles: Candle[] = [];
  for (const { start, open, high, low, close, volume, openInterest } of readCandles(body)) {
    const startMs = candleMs(start);
    if (startMs === null) throw unreadable('a candle has no time of India');
    if (startMs < fromMs || startMs >= toMs) continue;
    const interest = hasOpenInterest(listing) ? openInterest || null : null;
    candles.push({ startMs, open, high, low, close, volume, openInterest: interest });
  }
  return candles;
}

/** Candles of several replies as one row, oldest first, each start once. */
export function joinCandles(parts: readonly (readonly Candle[])[]): readonly Candle[] {
  const byStart = new Map<number, Candle>();
  for (const candle of parts.flat()) byStart.set(candle.startMs, candle);
  return [...byStart.values()].sort((a, b) => a.startMs - b.startMs);
}

const hasOpenInterest = ({ contract }: Listing): boolean => contract.kind === 'future' || contract.kind === 'option';
