import { isAlgoError } from '@algo/core/adapter';
import type {
  AlgoError,
  BrokerCall,
  Candle,
  CandleRequest,
  Clock,
  Listing,
  Quote,
  QuoteDetail,
} from '@algo/core/adapter';
import type { KotakClient } from './client.js';
import { fromCandles, fromQuotes, joinCandles } from './map/from-wire/market-data.js';
import { QUOTE_BATCH, toCandleQueries, toNeoSymbols } from './map/to-wire.js';

/** Market data that may take several calls to Kotak for one of ours. */
export interface MarketData {
  quotes(listings: readonly Listing[], detail: QuoteDetail, call: BrokerCall): Promise<readonly Quote[]>;
  /** @throws {AlgoError} `ALGO_NOT_SUPPORTED`; `ALGO_NO_DATA` when Kotak has nothing for the whole stretch */
  candles(listing: Listing, request: CandleRequest, call: BrokerCall): Promise<readonly Candle[]>;
}

export function createMarketData(client: KotakClient, clock: Clock): MarketData {
  return {
    async quotes(listings, detail, call) {
      const quotes: Quote[] = [];
      for (let from = 0; from < listings.length; from += QUOTE_BATCH) {
        const batch = listings.slice(from, from + QUOTE_BATCH);
        const answer = await client.quotes(toNeoSymbols(batch), detail === 'full' ? 'all' : 'ltp', call);
        quotes.push(...fromQuotes(answer, batch, detail, clock.now()));
      }
      return quotes;
    },

    async candles(listing, request, call) {
      const parts: (readonly Candle[])[] = [];
      let noData: AlgoError | null = null;
      for (const query of toCandleQueries(listing, request)) {
        try {
          parts.push(fromCandles(await client.candles(query, call), request, listing));
        } catch (error) {
          if (!isAlgoError(error) || error.code !== 'ALGO_NO_DATA') throw error;
          noData = error; // one part of a long stretch may lie before the contract's first day
        }
      }
      if (parts.length === 0 && noData !== null) throw noData;
      return joinCandles(parts);
    },
  };
}
