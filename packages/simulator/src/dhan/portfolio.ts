import { fundsOf } from '../exchange/account.js';
import type { Account } from '../exchange/account.js';
import { requiredFunds } from '../exchange/admission.js';
import { rupees } from '../exchange/instrument.js';
import { remainingOf } from '../exchange/order.js';
import type { Trade } from '../exchange/order.js';
import { istDate } from '../ist.js';
import { numberOf, parseBody, textOf } from '../body.js';
import type { DhanContext, DhanUserCall } from './context.js';
import { marketOf } from './context.js';
import type { Reply } from '../wire.js';
import { json, tradingError } from './replies.js';
import { holdingRow, pastTradeRow, positionRow, tradeRow } from './rows.js';
import { PRODUCTS, SEGMENTS } from './words.js';

/** `GET /trades`: today's fills, oldest first, one row each. */
export function trades(context: DhanContext, call: DhanUserCall): Reply {
  const fills = context.exchange.visibleTrades(call.account);
  return json(
    200,
    fills.map((trade) => tradeRow(trade, instrumentOf(context, trade), context.options)),
  );
}

/** `GET /trades/{orderId}`: the fills of one order. */
export function tradesOfOrder(context: DhanContext, call: DhanUserCall): Reply {
  const orderId = call.params['orderId'];
  const rows = context.exchange
    .visibleTrades(call.account)
    .filter(({ order }) => order.ticket.brokerOrderId === orderId)
    .map((trade) => tradeRow(trade, instrumentOf(context, trade), context.options));
  return json(200, context.options.orderById === 'object' && rows.length === 1 ? rows[0] : rows);
}

const TRADES_PER_PAGE = 100;

/** `GET /trades/{from}/{to}/{page}`: both dates included, pages from 0, `[]` past the end. */
export function tradeHistory(context: DhanContext, call: DhanUserCall): Reply {
  const { from = '', to = '', page = '' } = call.params;
  if (![from, to].every((date) => /^\d{4}-\d{2}-\d{2}$/.test(date)) || !/^\d+$/.test(page)) {
    return tradingError('DH-905');
  }
  const start = Number(page) * TRADES_PER_PAGE;
  const rows = call.account.trades
    .filter(({ order, atMs }) => order.visibleFromMs <= call.atMs && istDate(atMs) >= from && istDate(atMs) <= to)
    .slice(start, start + TRADES_PER_PAGE)
    .map((trade) => pastTradeRow(trade, instrumentOf(context, trade), context.options));
  return json(200, rows);
}

/** `GET /positions`: today's and carried ones, closed ones too. */
export function positions(context: DhanContext, { account }: DhanUserCall): Reply {
  const rows = [...account.positions.values()].map((position) =>
    positionRow(account.terms.clientId, position, marketOf(context, position.instrument.id)),
  );
  return json(200, rows);
}

/** `GET /holdings`: an account without any is answered DH-1111, not `[]`. */
export function holdings(context: DhanContext, { account }: DhanUserCall): Reply {
  if (account.holdings.size === 0) return tradingError('DH-1111');
  const rows = [...account.holdings.values()].map((holding) =>
    holdingRow(holding, committedOf(account, holding.instrument.id), marketOf(context, holding.instrument.id)),
  );
  return json(200, rows);
}

/** `GET /fundlimit`. The first key is misspelt on the wire. */
export function funds(_context: DhanContext, { account }: DhanUserCall): Reply {
  const { available, used } = fundsOf(account);
  return json(200, {
    dhanClientId: account.terms.clientId,
    availabelBalance: available,
    sodLimit: account.cash,
    collateralAmount: 0,
    receiveableAmount: 0,
    utilizedAmount: used,
    blockedPayoutAmount: 0,
    withdrawableBalance: Math.max(0, available),
  });
}

/** `POST /margincalculator`: what the pretend exchange would hold back; SPAN and exposure are not told apart. */
export function margin(context: DhanContext, { account, bodyText }: DhanUserCall): Reply {
  const body = parseBody(bodyText);
  if (body === undefined) return tradingError('DH-905');
  const side = textOf(body, 'transactionType');
  const product = PRODUCTS[textOf(body, 'productType') ?? ''];
  const segment = SEGMENTS[textOf(body, 'exchangeSegment') ?? ''];
  const quantity = numberOf(body, 'quantity');
  const price = numberOf(body, 'price');
  const market = context.exchange.market(`${segment ?? ''}:${textOf(body, 'securityId') ?? ''}`);
  if ((side !== 'BUY' && side !== 'SELL') || product === undefined || market === undefined) {
    return tradingError('DH-905');
  }
  if (price === undefined || quantity === undefined || quantity <= 0) return tradingError('DH-905');
  const ticket = { side, product } as const;
  const total = rupees(requiredFunds(account, market, ticket, { type: 'LIMIT', quantity, price, triggerPrice: 0 }));
  const { available } = fundsOf(account);
  const value = quantity * (price > 0 ? price : market.last);
  return json(200, {
    totalMargin: total,
    spanMargin: 0,
    exposureMargin: 0,
    availableBalance: available,
    variableMargin: total,
    insufficientBalance: rupees(Math.max(0, total - available)),
    brokerage: 0,
    leverage: total === 0 ? '1.00' : (value / total).toFixed(2),
  });
}

function instrumentOf(context: DhanContext, trade: Trade) {
  return marketOf(context, trade.order.ticket.instrumentId).instrument;
}

/** Shares that working sell orders have spoken for. */
function committedOf(account: Account, instrumentId: string): number {
  let committed = 0;
  for (const order of account.working) {
    const { ticket } = order;
    const isSale = ticket.instrumentId === instrumentId && ticket.product === 'CNC' && ticket.side === 'SELL';
    if (isSale) committed += remainingOf(order);
  }
  return committed;
}
