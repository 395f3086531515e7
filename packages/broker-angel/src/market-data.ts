import type { BrokerCall, Candle, CandleRequest, Clock, Listing, Quote, QuoteDetail } from '@algo/core/adapter';
import type { AngelClient } from './client.js';
import { fromCandles, fromQuotes, joinCandles } from './map/from-wire/market-data.js';
import { QUOTE_BATCH, toCandleBodies, toQuoteBody } from './map/to-wire.js';

/** Market data that may take several calls to Angel for one of ours. */
export interface MarketData {
  quotes(listings: readonly Listing[], detail: QuoteDetail, call: BrokerCall): Promise<readonly Quote[]>;
  /** Empty where Angel has nothing for the stretch. @throws {AlgoError} `ALGO_NOT_SUPPORTED` for an interval it lacks */
  candles(listing: Listing, request: CandleRequest, call: BrokerCall): Promise<readonly Candle[]>;
}

export function createMarketData(client: AngelClient, clock: Clock): MarketData {
  return {
    async quotes(listings, detail, call) {
      const mode = detail === 'full' ? 'FULL' : 'LTP';
      const quotes: Quote[] = [];
      for (let from = 0; from < listings.length; from += QUOTE_BATCH) {
        const batch = listings.slice(from, from + QUOTE_BATCH);
        const answer = await client.quote(toQuoteBody(batch, mode), call);
        quotes.push(...fromQuotes(answer, batch, detail, clock.now()));
      }
      return quotes;
    },

    async candles(listing, request, call) {
      const parts: (readonly Candle[])[] = [];
      for (const body of toCandleBodies(listing, request)) {
        parts.push(fromCandles(await client.candleData(body, call), request));
      }
      return joinCandles(parts);
    },
  };
}
