import type { BrokerCall, Candle, CandleRequest, Clock, Listing, Quote, QuoteDetail } from '@algo/core/adapter';
import type { XtsClient } from './client.js';
import type { ResolvedXtsConfig } from './config.js';
import { fromOhlc, fromQuotes, joinCandles } from './map/from-wire/market-data.js';
import { QUOTE_BATCH, lengthOf, toOhlcQueries, toQuoteBody } from './map/to-wire.js';
import type { XtsReader } from './wire/read.js';

/** Market data that may take several calls to XTS for one of ours. Without the market data keys all throw `ALGO_LOGIN_NEEDED`. */
export interface MarketData {
  quotes(listings: readonly Listing[], detail: QuoteDetail, call: BrokerCall): Promise<readonly Quote[]>;
  candles(listing: Listing, request: CandleRequest, call: BrokerCall): Promise<readonly Candle[]>;
}

export function createMarketData(
  client: XtsClient,
  clock: Clock,
  read: XtsReader,
  { broker, candleDaysPerCall: daysPerCall }: ResolvedXtsConfig,
): MarketData {
  return {
    async quotes(listings, detail, call) {
      const quotes: Quote[] = [];
      for (let from = 0; from < listings.length; from += QUOTE_BATCH) {
        const batch = listings.slice(from, from + QUOTE_BATCH);
        const result = await client.quotes(toQuoteBody(batch, detail === 'full' ? 1502 : 1501), call);
        quotes.push(...fromQuotes(read, result, batch, detail, clock.now()));
      }
      return quotes;
    },

    async candles(listing, request, call) {
      const length = lengthOf(request.interval, broker);
      const parts: (readonly Candle[])[] = [];
      for (const query of toOhlcQueries(listing, request, { broker, daysPerCall })) {
        parts.push(fromOhlc(read, await client.ohlc(query, call), request, listing, length));
      }
      return joinCandles(parts);
    },
  };
}
