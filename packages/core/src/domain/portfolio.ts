import type { InstrumentId } from './instrument.js';
import type { Product, Side } from './vocabulary.js';

/** One fill. Price is rupees, quantity units. */
export interface Trade {
  readonly tradeId: string;
  readonly brokerOrderId: string;
  readonly exchangeOrderId: string | null;
  readonly instrument: InstrumentId | null;
  readonly symbol: string;
  readonly side: Side;
  readonly product: Product | null;
  readonly quantity: number;
  readonly price: number;
  readonly tradedAtMs: number | null;
}

/** A day's position. `quantity` is units, positive for long and negative for short; money is rupees. */
export interface Position {
  readonly instrument: InstrumentId | null;
  readonly symbol: string;
  readonly product: Product | null;
  readonly quantity: number;
  readonly boughtQuantity: number;
  readonly soldQuantity: number;
  readonly averageBuyPrice: number;
  readonly averageSellPrice: number;
  readonly realizedProfit: number;
  readonly unrealizedProfit: number;
}

/** Shares held in the depository. */
export interface Holding {
  readonly instrument: InstrumentId | null;
  readonly symbol: string;
  readonly isin: string | null;
  readonly quantity: number;
  /** What may be sold today. */
  readonly availableQuantity: number;
  readonly pledgedQuantity: number;
  readonly averagePrice: number;
  /** Null where the broker does not send it. */
  readonly lastPrice: number | null;
}

/** Money of an account, in rupees. */
export interface Funds {
  readonly available: number;
  readonly used: number;
  readonly collateral: number;
  readonly withdrawable: number;
  readonly openingBalance: number;
}

/** What one order would block, in rupees. */
export interface Margin {
  readonly required: number;
  /** What is free for it; null where the broker does not say. */
  readonly available: number | null;
}

/** Whose account the broker says this is. */
export interface AccountProfile {
  readonly clientId: string;
  readonly name: string | null;
  /** When the session ends by the broker's word, epoch milliseconds. */
  readonly sessionEndsAtMs: number | null;
  readonly segments: readonly string[];
  readonly dataPlanActive: boolean | null;
}
