import type { Position } from '../exchange/account.js';
import { fundsOf, totalsOf } from '../exchange/account.js';
import { rupees } from '../exchange/instrument.js';
import type { Reply } from '../wire.js';
import type { AngelContext, AngelUserCall } from './context.js';
import { marketOf } from './context.js';
import { list, ok } from './replies.js';
import { holdingRow, percentOf, positionRow, tradeRow } from './rows.js';

/** `GET getTradeBook`: today's fills, oldest first, one row each. */
export function tradeBook(context: AngelContext, { account }: AngelUserCall): Reply {
  const rows = context.exchange.visibleTrades(account).map((trade) => {
    const { instrument } = marketOf(context, trade.order.ticket.instrumentId);
    return tradeRow(trade, context.catalogue.listingOf(instrument));
  });
  return list(rows);
}

/** `GET getPosition`: today's and carried ones, closed ones too. */
export function positions({ catalogue }: AngelContext, { account }: AngelUserCall): Reply {
  const held = [...account.positions.values()];
  return list(held.map((position) => positionRow(position, catalogue.listingOf(position.instrument))));
}

/** `GET getHolding`: a list. */
export function holdings(context: AngelContext, call: AngelUserCall): Reply {
  return list(holdingRows(context, call));
}

/** `GET getAllHolding`: the same rows, and their sums. */
export function allHoldings(context: AngelContext, call: AngelUserCall): Reply {
  const rows = holdingRows(context, call);
  if (rows.length === 0) return ok(null);
  const invested = rows.reduce((sum, { quantity, averageprice }) => sum + quantity * averageprice, 0);
  const worth = rows.reduce((sum, { quantity, ltp }) => sum + quantity * ltp, 0);
  return ok({
    holdings: rows,
    totalholding: {
      totalholdingvalue: rupees(worth),
      totalinvvalue: rupees(invested),
      totalprofitandloss: rupees(worth - invested),
      totalpnlpercentage: percentOf(worth - invested, invested),
    },
  });
}

/** `GET getRMS`: all texts. `availablecash` is net of what is used. */
export function funds(context: AngelContext, { account }: AngelUserCall): Reply {
  const { available, used } = fundsOf(account);
  const held = [...account.positions.values()];
  const earned = held.reduce((sum, position) => sum + totalsOf(position).realized, 0);
  const open = held.reduce((sum, position) => sum + unrealized(context, position), 0);
  return ok({
    net: String(available),
    availablecash: String(available),
    availableintradaypayin: '0',
    availablelimitmargin: '0',
    collateral: '0',
    m2munrealized: String(rupees(open)),
    m2mrealized: String(rupees(earned)),
    utiliseddebits: String(used),
    utilisedspan: '0',
    utilisedoptionpremium: '0',
    utilisedholdingsales: '0',
    utilisedexposure: '0',
    utilisedturnover: '0',
    utilisedpayout: '0',
  });
}

function holdingRows({ catalogue, exchange }: AngelContext, { account }: AngelUserCall) {
  return [...account.holdings.values()].flatMap((holding) => {
    const market = exchange.market(holding.instrument.id);
    return market === undefined ? [] : [holdingRow(holding, catalogue.listingOf(holding.instrument), market)];
  });
}

function unrealized(context: AngelContext, position: Position): number {
  const { net, buyAverage, sellAverage } = totalsOf(position);
  return net * (marketOf(context, position.instrument.id).last - (net >= 0 ? buyAverage : sellAverage));
}
