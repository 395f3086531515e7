import type { Funds, Holding, InstrumentLookup, Listing, Margin, Position } from '@algo/core/adapter';
import { readHoldingRow, readLimits, readMargin, readPositionRow } from '../../wire/portfolio.js';
import type { PositionRow } from '../../wire/portfolio.js';
import { rowsOf } from '../../wire/read.js';
import { unitsPerWireUnit } from '../quantity.js';
import { PRODUCT_OF } from '../words.js';
import type { Reading } from './reading.js';

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE`: a position that cannot be read must not vanish */
export const fromPositions = (data: unknown, reading: Reading): readonly Position[] =>
  rowsOf(data, 'the positions').map((value) => fromPositionRow(readPositionRow(value), reading));

function fromPositionRow(row: PositionRow, { instruments }: Reading): Position {
  const listing = row.tok === null ? bySymbol(row, instruments) : instruments.byToken(row.exSeg, row.tok);
  const units = unitsPerWireUnit(listing);
  const averageBuyPrice = averageOf(row.buyAmount, row.bought, row);
  const averageSellPrice = averageOf(row.sellAmount, row.sold, row);
  return {
    instrument: listing?.instrument ?? null,
    symbol: row.trdSym ?? listing?.symbol ?? '',
    product: row.prod === null ? null : (PRODUCT_OF.get(row.prod) ?? null),
    quantity: (row.bought - row.sold) * units,
    boughtQuantity: row.bought * units,
    soldQuantity: row.sold * units,
    averageBuyPrice,
    averageSellPrice,
    realizedProfit: realized(row),
    unrealizedProfit: 0, // the row has no last price
  };
}

const bySymbol = ({ exSeg, trdSym }: PositionRow, instruments: InstrumentLookup): Listing | null =>
  trdSym === null ? null : (instruments.bySymbol?.(exSeg, trdSym) ?? null);

function averageOf(amount: number, quantity: number, { factor, precision }: PositionRow): number {
  return quantity === 0 ? 0 : Number((amount / (quantity * factor)).toFixed(precision));
}

/** What was both bought and sold, by exact averages; in paise, since sums of floats are not. */
function realized({ bought, sold, buyAmount, sellAmount }: PositionRow): number {
  const closed = Math.min(bought, sold);
  if (closed === 0) return 0;
  return Math.round((sellAmount / sold - buyAmount / bought) * closed * 100) / 100;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export const fromHoldings = (data: unknown, { instruments }: Reading): readonly Holding[] =>
  rowsOf(data, 'the holdings').map((value) => {
    const row = readHoldingRow(value);
    const { exchangeSegment, exchangeIdentifier } = row;
    const listing =
      exchangeSegment === null || exchangeIdentifier === null
        ? null
        : instruments.byToken(exchangeSegment, exchangeIdentifier);
    return {
      instrument: listing?.instrument ?? null,
      symbol: row.symbol ?? listing?.symbol ?? '',
      isin: listing?.isin ?? null,
      quantity: row.quantity,
      availableQuantity: row.sellableQuantity,
      pledgedQuantity: 0, // not stated
      averagePrice: row.averagePrice,
      lastPrice: null, // only the close of the day before is
    };
  });

/** Kotak states neither what may be withdrawn nor what the day began with: 0 promises nothing. */
export function fromLimits(body: unknown): Funds {
  const { net, marginUsed, collateralValue } = readLimits(body);
  return { available: net, used: marginUsed, collateral: collateralValue, withdrawable: 0, openingBalance: 0 };
}

/**
 * `ordMrgn` is what this order adds to what is used already (recorded reply: 34.28 = 18.78 + 15.50). What is free is not
 * passed on: `avlMrgn` was 0 beside money that was there.
 */
export const fromMargin = (body: unknown): Margin => ({ required: readMargin(body).ordMrgn, available: null });
