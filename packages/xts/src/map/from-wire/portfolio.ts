import type { Funds, Holding, InstrumentLookup, Listing, Position } from '@algo/core/adapter';
import { field } from '../../wire/read.js';
import { readBalance, readHoldings, readPositionRow } from '../../wire/portfolio.js';
import type { HoldingRow, PositionRow } from '../../wire/portfolio.js';
import type { XtsReader } from '../../wire/read.js';
import { unitsPerWireUnit } from '../quantity.js';
import { PRODUCT_OF, SEGMENTS, segmentWord, wordOf } from '../words.js';
import type { Reading } from './reading.js';

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE`: a position that cannot be read must not vanish */
export function fromPositions(body: unknown, reading: Reading): readonly Position[] {
  const { read } = reading;
  const rows = read.rowsOf(field(read.fieldsOf(body, 'the positions'), 'positionList'), 'positionList');
  return rows.map((value) => fromPositionRow(readPositionRow(read, value), reading));
}

function fromPositionRow(row: PositionRow, { instruments }: Reading): Position {
  const listing = instruments.byToken(segmentWord(row.ExchangeSegment), row.ExchangeInstrumentId);
  const units = unitsPerWireUnit(listing);
  return {
    instrument: listing?.instrument ?? null,
    symbol: row.TradingSymbol ?? listing?.symbol ?? '',
    product: row.ProductType === null ? null : (PRODUCT_OF.get(wordOf(row.ProductType)) ?? null),
    quantity: row.Quantity * units,
    boughtQuantity: row.OpenBuyQuantity * units,
    soldQuantity: row.OpenSellQuantity * units,
    averageBuyPrice: row.BuyAveragePrice,
    averageSellPrice: row.SellAveragePrice,
    realizedProfit: row.RealizedMTM,
    unrealizedProfit: row.UnrealizedMTM,
  };
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export const fromHoldings = (body: unknown, { read, instruments }: Reading): readonly Holding[] =>
  readHoldings(read, body).map((row) => {
    const listing = holdingListing(row, instruments);
    // Whether XTS counts pledged shares in HoldingQuantity, and twice here, is not certain: the fewest that may be sold.
    const pledged = row.PledgeQuantity + row.CollateralQuantity;
    return {
      instrument: listing?.instrument ?? null,
      symbol: listing?.symbol ?? '',
      isin: row.isin,
      quantity: row.HoldingQuantity,
      availableQuantity: Math.max(0, row.HoldingQuantity - pledged),
      pledgedQuantity: pledged,
      averagePrice: row.BuyAvgPrice,
      lastPrice: null,
    };
  });

/** NSE's listing before BSE's; neither when its ISIN is that of another paper. */
function holdingListing(row: HoldingRow, instruments: InstrumentLookup): Listing | null {
  const found = (segment: string, token: string | null): Listing | null => {
    const listing = token === null ? null : instruments.byToken(segment, token);
    return listing !== null && (listing.isin === null || listing.isin === row.isin) ? listing : null;
  };
  return found(SEGMENTS.NSE, row.ExchangeNSEInstrumentId) ?? found(SEGMENTS.BSE, row.ExchangeBSEInstrumentId);
}

/**
 * XTS does not say what may be withdrawn: the smaller of cash and free margin stands for it, never below 0.
 *
 * @throws {AlgoError} `ALGO_REPLY_UNREADABLE`
 */
export function fromFunds(read: XtsReader, body: unknown): Funds {
  const { cashAvailable, collateral, marginUtilized, netMarginAvailable } = readBalance(read, body);
  return {
    available: netMarginAvailable,
    used: marginUtilized,
    collateral,
    withdrawable: Math.max(0, Math.min(cashAvailable, netMarginAvailable)),
    openingBalance: cashAvailable,
  };
}
