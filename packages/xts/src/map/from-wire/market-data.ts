import type { Candle, CandleRequest, DepthLevel, FullQuote, Listing, Quote, QuoteDetail } from '@algo/core/adapter';
import { readFullQuote, readOhlc, readQuotes } from '../../wire/market-data.js';
import type { DepthRow, QuoteRow } from '../../wire/market-data.js';
import type { XtsReader } from '../../wire/read.js';
import { barStartMs, since1980Ms } from '../time.js';
import { segmentNumber } from '../words.js';

/** In the order asked; what the broker left out is left out. */
export function fromQuotes(
  read: XtsReader,
  body: unknown,
  listings: readonly Listing[],
  detail: QuoteDetail,
  asOfMs: number,
): readonly Quote[] {
  const rows = new Map(
    readQuotes(read, body).map((row) => [`${row.exchangeSegment} ${row.exchangeInstrumentID}`, row]),
  );
  return listings.flatMap((listing) => {
    const row = rows.get(`${segmentNumber(listing.segment) ?? ''} ${listing.token}`);
    if (row === undefined) return [];
    const full = detail === 'full' ? fromFullQuote(read, row, listing) : null;
    const lastPrice = row.lastTradedPrice === 0 ? null : row.lastTradedPrice;
    return [{ instrument: listing.instrument, lastPrice, asOfMs, full }];
  });
}

function fromFullQuote(read: XtsReader, quote: QuoteRow, { contract }: Listing): FullQuote {
  const row = readFullQuote(read, quote);
  const isNse = contract.exchange === 'NSE' || contract.exchange === 'NFO' || contract.exchange === 'CDS';
  return {
    open: row.Open,
    high: row.High,
    low: row.Low,
    previousClose: row.Close,
    volume: row.TotalTradedQuantity,
    averagePrice: row.AverageTradedPrice,
    openInterest: null, // a message of its own (1510)
    lowerCircuit: null,
    upperCircuit: null,
    // NSE's segments count from 1980; from when and in which zone the others count is not certain.
    lastTradedAtMs: isNse ? since1980Ms(row.LastTradedTime) : null,
    bids: levelsOf(row.Bids),
    asks: levelsOf(row.Asks),
  };
}

const levelsOf = (rows: readonly DepthRow[]): readonly DepthLevel[] =>
  rows
    .filter(({ Price, Size }) => Price > 0 || Size > 0)
    .map(({ Price, Size, TotalOrders }) => ({ price: Price, quantity: Size, orders: TotalOrders }));

/** The candles of one reply, cut to the stretch asked for. */
export function fromOhlc(
  read: XtsReader,
  body: unknown,
  { fromMs, toMs }: CandleRequest,
  { contract }: Listing,
  intervalMs: number,
): readonly Candle[] {
  const hasInterest = contract.kind === 'future' || contract.kind === 'option';
  return readOhlc(read, body)
    .map(({ timestamp, open, high, low, close, volume, openInterest }) => ({
      startMs: barStartMs(timestamp, intervalMs),
      open,
      high,
      low,
      close,
      volume,
      openInterest: hasInterest ? openInterest : null,
    }))
    .filter(({ startMs }) => startMs >= fromMs && startMs < toMs);
}

/** Candles of several replies as one row, oldest first, each start once: the parts overlap by one bar. */
export function joinCandles(parts: readonly (readonly Candle[])[]): readonly Candle[] {
  const byStart = new Map<number, Candle>();
  for (const candle of parts.flat()) byStart.set(candle.startMs, candle);
  return [...byStart.values()].sort((a, b) => a.startMs - b.startMs);
}
