import type { Funds, Holding, Margin, Position } from '@algo/core/adapter';
import { holdingRows, readHoldingRow, readMargin, readPositionRow, readRms } from '../../wire/portfolio.js';
import type { PositionRow } from '../../wire/portfolio.js';
import { listOf } from '../../wire/read.js';
import { unitsPerWireUnit } from '../quantity.js';
import { instrumentOf, listingOf } from './find-listing.js';
import { productOf } from './orders.js';
import type { Reading } from './reading.js';

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE`: a position that cannot be read must not vanish */
export const fromPositions = (body: unknown, reading: Reading): readonly Position[] =>
  listOf(body, 'the positions').map((value) => fromPositionRow(readPositionRow(value), reading));

function fromPositionRow(row: PositionRow, { instruments }: Reading): Position {
  const units = unitsPerWireUnit(listingOf(row, instruments));
  const bought = (row.buyqty + row.cfbuyqty) * units;
  const sold = (row.sellqty + row.cfsellqty) * units;
  const closed = Math.min(bought, sold);
  return {
    instrument: instrumentOf(row, instruments),
    symbol: row.tradingsymbol,
    product: productOf(row.producttype),
    quantity: row.netqty * units,
    boughtQuantity: bought,
    soldQuantity: sold,
    averageBuyPrice: row.totalbuyavgprice,
    averageSellPrice: row.totalsellavgprice,
    // Angel sends neither profit nor a last price here: what was closed is reckoned, what is open has no price to reckon with.
    realizedProfit: closed === 0 ? 0 : toPaisa(closed * (row.totalsellavgprice - row.totalbuyavgprice)),
    unrealizedProfit: 0,
  };
}

/** Sums of floats carry dust. */
const toPaisa = (rupees: number): number => Math.round(rupees * 100) / 100;

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export const fromHoldings = (body: unknown, { instruments }: Reading): readonly Holding[] =>
  holdingRows(body).map((value) => {
    const row = readHoldingRow(value);
    return {
      instrument: instrumentOf({ ...row, instrumenttype: null }, instruments),
      symbol: row.tradingsymbol,
      isin: row.isin,
      quantity: row.quantity,
      // What is in the depository and not pledged. Whether Angel takes the pledged part out itself is not certain, nor
      // whether shares bought the day before may be sold: the smaller number is the safe one.
      availableQuantity: Math.max(0, row.realisedquantity - row.collateralquantity),
      pledgedQuantity: row.collateralquantity,
      averagePrice: row.averageprice,
      lastPrice: row.ltp === 0 ? null : row.ltp,
    };
  });

/**
 * Angel's cash is what is free already, pledge added and use taken out (checked live by openalgo, 2026-07). It tells no
 * opening balance, which is reckoned, and nothing that may be withdrawn, which is 0 here.
 *
 * @throws {AlgoError} `ALGO_REPLY_UNREADABLE`
 */
export function fromFunds(body: unknown): Funds {
  const { availablecash, collateral, utiliseddebits } = readRms(body);
  return {
    available: availablecash,
    used: utiliseddebits,
    collateral,
    withdrawable: 0,
    openingBalance: toPaisa(availablecash + utiliseddebits),
  };
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export const fromMargin = (body: unknown): Margin => ({
  required: readMargin(body).totalMarginRequired,
  available: null,
});
