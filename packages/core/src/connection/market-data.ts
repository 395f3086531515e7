import type { BrokerAdapter } from '../contract/broker-adapter.js';
import type { BrokerCall } from '../contract/call.js';
import type { BrokerCapabilities } from '../contract/capabilities.js';
import type { InstrumentId, Listing } from '../domain/instrument.js';
import type { Candle, CandleRequest, Quote, QuoteDetail } from '../domain/market-data.js';
import { AlgoError } from '../errors/algo-error.js';
import type { ReadLimit } from './read-limit.js';

/** Of a connection, what market data is read with. */
export interface MarketDataSource {
  readonly broker: string;
  readonly capabilities: BrokerCapabilities;
  readonly adapter: Pick<BrokerAdapter, 'quotes' | 'candles'>;
  listing(instrument: InstrumentId): Listing;
}

type ReadData = <Value>(run: (call: BrokerCall) => Promise<Value>, limit: ReadLimit | undefined) => Promise<Value>;

/** @throws {AlgoError} `ALGO_UNKNOWN_INSTRUMENT` and whatever the read throws */
export async function readQuotes(
  source: MarketDataSource,
  read: ReadData,
  instruments: readonly InstrumentId[],
  detail: QuoteDetail,
  limit: ReadLimit | undefined,
): Promise<readonly Quote[]> {
  const listings = instruments.map((instrument) => source.listing(instrument));
  if (listings.length === 0) return [];
  return read((call) => source.adapter.quotes(listings, detail, call), limit);
}

/** @throws {AlgoError} `ALGO_UNKNOWN_INSTRUMENT`, `ALGO_NOT_SUPPORTED`, `ALGO_INVALID_INPUT` and whatever the read throws */
export async function readCandles(
  source: MarketDataSource,
  read: ReadData,
  request: CandleRequest,
  limit: ReadLimit | undefined,
): Promise<readonly Candle[]> {
  const listing = source.listing(request.instrument);
  const { broker, capabilities } = source;
  if (!capabilities.candleIntervals.includes(request.interval)) {
    throw new AlgoError('ALGO_NOT_SUPPORTED', { broker, what: `candles of ${request.interval}` });
  }
  if (!(request.fromMs < request.toMs)) {
    throw new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field: 'fromMs', problem: 'must be before toMs' }] });
  }
  return read((call) => source.adapter.candles(listing, request, call), limit);
}
