import { AlgoError, isAlgoError } from '@algo/core/adapter';
import type { BrokerCall, Candle, CandleRequest, Clock, Listing, Quote, QuoteDetail } from '@algo/core/adapter';
import type { DhanClient } from './client.js';
import type { ResolvedDhanConfig } from './config.js';
import { fromChart, fromQuotes, joinCandles } from './map/from-wire/market-data.js';
import { QUOTE_BATCH, toChartBodies, toQuoteBody } from './map/to-wire.js';
import { BROKER } from './wire/read.js';

/** Market data that may take several calls to Dhan for one of ours. */
export interface MarketData {
  /** @throws {AlgoError} `ALGO_NOT_SUPPORTED` in the sandbox, which has no quotes */
  quotes(listings: readonly Listing[], detail: QuoteDetail, call: BrokerCall): Promise<readonly Quote[]>;
  /** @throws {AlgoError} `ALGO_NO_DATA` when Dhan has nothing for the whole stretch */
  candles(listing: Listing, request: CandleRequest, call: BrokerCall): Promise<readonly Candle[]>;
}

export function createMarketData(client: DhanClient, clock: Clock, { environment }: ResolvedDhanConfig): MarketData {
  return {
    async quotes(listings, detail, call) {
      if (environment === 'sandbox') {
        throw new AlgoError('ALGO_NOT_SUPPORTED', { broker: BROKER, what: 'quotes in its sandbox' });
      }
      const quotes: Quote[] = [];
      for (let from = 0; from < listings.length; from += QUOTE_BATCH) {
        const batch = listings.slice(from, from + QUOTE_BATCH);
        const body = toQuoteBody(batch);
        const answer = await (detail === 'full' ? client.quote(body, call) : client.ltp(body, call));
        quotes.push(...fromQuotes(answer, batch, detail, clock.now()));
      }
      return quotes;
    },

    async candles(listing, request, call) {
      const ask = request.interval === '1d' ? client.historicalChart : client.intradayChart;
      const parts: (readonly Candle[])[] = [];
      let noData: AlgoError | null = null;
      for (const body of toChartBodies(listing, request)) {
        try {
          parts.push(fromChart(await ask(body, call), request, listing));
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
