import type { Candle, CandleRequest, DepthLevel, FullQuote, Listing, Quote, QuoteDetail } from '@algo/core/adapter';
import { quoteReader, readChart, readFullQuote } from '../../wire/market-data.js';
import type { DepthRow } from '../../wire/market-data.js';
import type { Fields } from '../../wire/read.js';
import { dayFirstMs } from '../time.js';

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
    openInterest: hasOpenInterest(listing) ? row.oi : null,
    lowerCircuit: row.lowerCircuitLimit || null,
    upperCircuit: row.upperCircuitLimit || null,
    lastTradedAtMs: dayFirstMs(row.lastTradeTime),
    bids: levelsOf(row.buy),
    asks: levelsOf(row.sell),
  };
}

/** Dhan pads depth to five levels with zeros. */
const levelsOf = (rows: readonly DepthRow[]): readonly DepthLevel[] =>
  rows.filter(({ price, quantity }) => price > 0 || quantity > 0);

/** The candles of one chart reply, oldest first, cut to the stretch asked for. */
export function fromChart(body: unknown, { fromMs, toMs }: CandleRequest, listing: Listing): readonly Candle[] {
  const { timestamp, open, high, low, close, volume, openInterest } = readChart(body);
  const candles: Candle[] = [];
  timestamp.forEach((seconds, row) => {
    const startMs = Math.round(seconds) * 1_000; // true UTC epochs, sometimes as floats such as 1.7375706E9
    if (startMs < fromMs || startMs >= toMs) return;
    candles.push({
      startMs,
      open: open[row] ?? 0, // the reader has seen to it that the columns are of one length
      high: high[row] ?? 0,
      low: low[row] ?? 0,
      close: close[row] ?? 0,
      volume: volume[row] ?? 0,
      openInterest: hasOpenInterest(listing) ? (openInterest?.[row] ?? null) : null,
    });
  });
  return candles;
}

/** Candles of several replies as one row, oldest first, each start once. */
export function joinCandles(parts: readonly (readonly Candle[])[]): readonly Candle[] {
  const byStart = new Map<number, Candle>();
  for (const candle of parts.flat()) byStart.set(candle.startMs, candle);
  return [...byStart.values()].sort((a, b) => a.startMs - b.startMs);
}

const hasOpenInterest = ({ contract }: Listing): boolean => contract.kind === 'future' || contract.kind === 'option';
