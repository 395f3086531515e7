import type { Funds, Holding, InstrumentLookup, Listing, Margin, Position } from '@algo/core/adapter';
import { rowsOf, unreadable } from '../../wire/read.js';
import { readFundLimit, readHoldingRow, readMargin, readPositionRow } from '../../wire/portfolio.js';
import type { HoldingRow, PositionRow } from '../../wire/portfolio.js';
import { unitsPerWireUnit } from '../quantity.js';
import { PRODUCT_OF, SEGMENTS } from '../words.js';
import type { Reading } from './reading.js';

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE`: a position that cannot be read must not vanish */
export const fromPositions = (body: unknown, reading: Reading): readonly Position[] =>
  rowsOf(body, 'the positions').map((value) => fromPositionRow(readPositionRow(value), reading));

function fromPositionRow(row: PositionRow, { instruments }: Reading): Position {
  if (!directionAgrees(row)) throw unreadable('positionType and netQty contradict each other');
  const listing = instruments.byToken(row.exchangeSegment, row.securityId);
  const units = unitsPerWireUnit(listing);
  return {
    instrument: listing?.instrument ?? null,
    symbol: row.tradingSymbol ?? listing?.symbol ?? '',
    product: row.productType === null ? null : (PRODUCT_OF.get(row.productType) ?? null),
    quantity: row.netQty * units,
    boughtQuantity: row.buyQty * units,
    soldQuantity: row.sellQty * units,
    averageBuyPrice: row.buyAvg,
    averageSellPrice: row.sellAvg,
    realizedProfit: row.realizedProfit,
    unrealizedProfit: row.unrealizedProfit,
  };
}

/** The sign of `netQty` decides between an exit and a doubled position, so the broker's own word must agree with it. */
function directionAgrees({ positionType, netQty }: PositionRow): boolean {
  switch (positionType) {
    case 'LONG':
      return netQty >= 0;
    case 'SHORT':
      return netQty <= 0;
    case 'CLOSED':
      return netQty === 0;
    default:
      return false;
  }
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export const fromHoldings = (body: unknown, { instruments }: Reading): readonly Holding[] =>
  rowsOf(body, 'the holdings').map((value) => {
    const row = readHoldingRow(value);
    const listing = holdingListing(row, instruments);
    return {
      instrument: listing?.instrument ?? null,
      symbol: row.tradingSymbol ?? listing?.symbol ?? '',
      isin: row.isin,
      quantity: row.totalQty,
      availableQuantity: row.availableQty,
      pledgedQuantity: row.collateralQty,
      averagePrice: row.avgCostPrice,
      lastPrice: row.lastTradedPrice === 0 ? null : row.lastTradedPrice,
    };
  });

/**
 * Holdings name `ALL` for the exchange and one security id. It is taken for NSE's unless the ISINs differ, and for BSE's
 * only where they agree: an id is unique within a segment alone.
 */
function holdingListing({ exchange, securityId, isin }: HoldingRow, instruments: InstrumentLookup): Listing | null {
  if (securityId === null) return null;
  const nse = exchange === 'BSE' ? null : instruments.byToken(SEGMENTS.NSE, securityId);
  if (nse !== null && (nse.isin === null || isin === null || nse.isin === isin)) return nse;
  const bse = exchange === 'NSE' ? null : instruments.byToken(SEGMENTS.BSE, securityId);
  if (bse === null) return null;
  return exchange === 'BSE' || (bse.isin !== null && bse.isin === isin) ? bse : null;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function fromFunds(body: unknown): Funds {
  const funds = readFundLimit(body);
  return {
    available: funds.availabelBalance,
    used: funds.utilizedAmount,
    collateral: funds.collateralAmount,
    withdrawable: funds.withdrawableBalance,
    openingBalance: funds.sodLimit,
  };
}

/** The balance beside it is not the one of the fund limits (0 in recordings), so it is not passed on. */
export const fromMargin = (body: unknown): Margin => ({ required: readMargin(body).totalMargin, available: null });
