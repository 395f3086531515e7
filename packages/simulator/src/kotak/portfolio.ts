import { createHash } from 'node:crypto';
import type { Account, Holding, Position } from '../exchange/account.js';
import { rupees } from '../exchange/instrument.js';
import { remainingOf } from '../exchange/order.js';
import { seedOf } from '../random.js';
import type { Reply } from '../wire.js';
import type { KotakContext, KotakUserCall } from './context.js';
import { listingOf } from './context.js';
import { json, noData } from './replies.js';
import type { Row } from './rows.js';
import { priceText } from './rows.js';
import { expirySeconds, expiryText, receivedNanos, updateTime } from './text.js';

/** `GET /quick/user/positions`: today's and carried ones, closed ones too. No last price in the rows. */
export function positions(context: KotakContext, call: KotakUserCall): Reply {
  return positionsReply([...call.account.positions.values()].map((position) => positionRow(context, call, position)));
}

/** `GET /portfolio/v2/positions`: newer official clients ask here; the same rows and the last price. */
export function positionsWithPrice(context: KotakContext, call: KotakUserCall): Reply {
  const rows = [...call.account.positions.values()].map((position) => ({
    ...positionRow(context, call, position),
    ltp: priceText(listingOf(context, position.instrument.id))(listingOf(context, position.instrument.id).market.last),
  }));
  return positionsReply(rows);
}

/** `GET /portfolio/v1/holdings`: no `stat`, and true numbers. */
export function holdings(context: KotakContext, { account }: KotakUserCall): Reply {
  if (account.holdings.size === 0 && context.options.emptyHoldings === 'no-data') return noData();
  return json(200, { data: [...account.holdings.values()].map((holding) => holdingRow(context, account, holding)) });
}

function positionsReply(rows: readonly Row[]): Reply {
  return rows.length === 0 ? noData() : json(200, { stat: 'ok', stCode: 200, data: rows });
}

/**
 * Keys in the order of the official client's documented sample (TCS future, 2026-07-24).
 *
 * Carried amounts are worth the previous close, not what was paid: so says the same page.
 */
function positionRow(context: KotakContext, { atMs }: KotakUserCall, position: Position): Row {
  const listing = listingOf(context, position.instrument.id);
  const { scrip, market } = listing;
  const { contract, lot } = position.instrument;
  const carriedAt = market.previousClose;
  return {
    actId: '',
    brdLtQty: lot,
    cfBuyAmt: (position.carriedBuyQuantity * carriedAt).toFixed(2),
    cfSellAmt: (position.carriedSellQuantity * carriedAt).toFixed(2),
    cfBuyQty: String(position.carriedBuyQuantity),
    cfSellQty: String(position.carriedSellQuantity),
    exSeg: scrip.segment,
    buyAmt: position.dayBuyValue.toFixed(2),
    sellAmt: position.daySellValue.toFixed(2),
    flBuyQty: String(position.dayBuyQuantity),
    flSellQty: String(position.daySellQuantity),
    prod: position.product,
    series: scrip.series,
    tok: scrip.token,
    trdSym: scrip.tradingSymbol,
    optTp: contract === null ? '- ' : scrip.optionType,
    stkPrc: (contract?.strike ?? 0).toFixed(2),
    type: scrip.instrumentType,
    sym: scrip.underlying,
    sqrFlg: 'Y',
    posFlg: 'true',
    lotSz: String(lot),
    multiplier: '1',
    precision: String(scrip.precision),
    prcNum: '1',
    prcDen: '1',
    hsUpTm: updateTime(atMs),
    expDt: contract === null ? 'NA' : expiryText(contract.expiry),
    exp: contract === null ? '-' : String(expirySeconds(contract.expiry)),
    genNum: '1',
    genDen: '1',
    dscQty: '',
    upldPrc: '0.00',
    updRecvTm: receivedNanos(atMs),
  };
}

function holdingRow(context: KotakContext, account: Account, { instrument, quantity, averagePrice }: Holding): Row {
  const { scrip, market } = listingOf(context, instrument.id);
  return {
    displaySymbol: instrument.symbol,
    averagePrice,
    quantity,
    exchangeSegment: scrip.segment,
    exchangeIdentifier: scrip.token,
    holdingCost: rupees(quantity * averagePrice),
    mktValue: rupees(quantity * market.previousClose),
    scripId: createHash('sha1').update(instrument.id).digest('hex'),
    instrumentToken: 1 + (seedOf(instrument.id) % 9_999), // a number of the portfolio service, not the scrip's token
    instrumentType: 'Equity',
    isAlternateScrip: false,
    closingPrice: market.previousClose,
    symbol: instrument.symbol,
    sellableQuantity: Math.max(0, quantity - committedOf(account, instrument.id)),
  };
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
