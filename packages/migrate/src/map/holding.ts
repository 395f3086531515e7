import type { Layout } from '../layout/layouts.js';
import type { MappedRow } from './mapped-row.js';
import type { RowReader } from './row-reader.js';

/**
 * What is held of one instrument, as a row of a snapshot of holdings and as one of positions; which of them is kept is
 * the import's to say. The last price is the one that gives the profit of the file.
 */
export function holdingFrom(row: RowReader, layout: Layout): MappedRow {
  const { instrument, symbol } = row.instrument();
  const quantity = row.need('quantity', row.quantity('quantity'));
  const averagePrice = row.need('averagePrice', row.price('averagePrice'));
  const profit = row.money('unrealizedProfit');
  row.time('time'); // not kept, and a file with a wrong one is not to be trusted
  return {
    kind: 'holding',
    holding: {
      instrument,
      symbol,
      isin: null,
      quantity,
      availableQuantity: quantity,
      pledgedQuantity: 0,
      averagePrice,
      lastPrice: profit === null ? null : toFourPlaces(averagePrice + profit / quantity),
    },
    position: {
      instrument,
      symbol,
      product: layout.product,
      quantity,
      boughtQuantity: quantity,
      soldQuantity: 0,
      averageBuyPrice: averagePrice,
      averageSellPrice: 0,
      realizedProfit: 0,
      unrealizedProfit: profit ?? 0,
    },
  };
}

/** As many as a price has in this SDK. */
const toFourPlaces = (rupees: number): number => Math.round(rupees * 10_000) / 10_000;
