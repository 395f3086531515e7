import type { Order, Trade } from '../exchange/order.js';
import type { Reply } from '../wire.js';
import type { KotakContext, KotakUserCall } from './context.js';
import { listingOf } from './context.js';
import { readForm, wordOf } from './form.js';
import { guiOrderId } from './gui-order-id.js';
import { historyRows } from './history.js';
import { KID } from './login.js';
import { badBody, json, noData } from './replies.js';
import type { Row } from './rows.js';
import { orderRow, priceText } from './rows.js';
import {
  bookTime,
  clockText,
  dateText,
  expirySeconds,
  expiryText,
  receivedNanos,
  secondsOf,
  updateTime,
} from './text.js';
import { ORDER_TYPE_WORDS, sideWord } from './words.js';

/** `GET /quick/user/orders`: today's orders, oldest first; an empty book is an error. */
export function orderBook(context: KotakContext, call: KotakUserCall): Reply {
  return bookReply(context.exchange.visibleOrders(call.account).map((order) => orderRow(context, order)));
}

/** `GET /quick/user/orders/{nOrdNo}`: a book of one. */
export function orderById(context: KotakContext, call: KotakUserCall): Reply {
  const order = visibleOrder(context, call, call.params['orderNumber'] ?? '');
  return bookReply(order === undefined ? [] : [orderRow(context, order)]);
}

/** `POST /quick/order/history`: one row per state, newest first. */
export function orderHistory(context: KotakContext, call: KotakUserCall): Reply {
  const body = readForm(call.bodyText);
  const orderNumber = body && wordOf(body, 'nOrdNo');
  if (orderNumber === undefined || orderNumber === '') return badBody();
  const order = visibleOrder(context, call, orderNumber);
  return order === undefined ? noData() : bookReply(historyRows(context, call.account, order));
}

/** `GET /quick/user/trades`: today's fills, oldest first, one row each. Its `stat` is spelt in lower case. */
export function trades(context: KotakContext, call: KotakUserCall): Reply {
  const rows = context.exchange.visibleTrades(call.account).map((trade) => tradeRow(context, trade));
  return rows.length === 0 ? noData() : json(200, { stat: 'ok', stCode: 200, data: rows });
}

export function bookReply(rows: readonly Row[]): Reply {
  return rows.length === 0 ? noData() : json(200, { stat: 'Ok', data: rows, stCode: 200 });
}

function visibleOrder(context: KotakContext, { account }: KotakUserCall, orderNumber: string): Order | undefined {
  return context.exchange.visibleOrders(account).find(({ ticket }) => ticket.brokerOrderId === orderNumber);
}

/** Keys in the order of the documented reply of 2025-01-22: `qty` is 0, `prc` and `tok` are blank. */
function tradeRow(context: KotakContext, { order, tradeId, quantity, price, atMs }: Trade): Row {
  const { ticket } = order;
  const listing = listingOf(context, ticket.instrumentId);
  const { scrip, market } = listing;
  const { contract, lot } = market.instrument;
  return {
    actId: '',
    algCat: 'NA',
    algId: 'NA',
    avgPrc: priceText(listing)(price),
    boeSec: secondsOf(atMs),
    brdLtQty: lot,
    brkClnt: 'NA',
    cstFrm: 'C',
    exOrdId: order.exchangeOrderId ?? 'NA',
    exp: contract === null ? '-' : String(expirySeconds(contract.expiry)),
    expDt: contract === null ? 'NA' : expiryText(contract.expiry),
    exSeg: scrip.segment,
    exTm: bookTime(atMs),
    fldQty: quantity,
    flDt: dateText(atMs),
    flId: tradeId,
    flLeg: 1,
    flTm: clockText(atMs),
    minQty: 0,
    nOrdNo: ticket.brokerOrderId,
    nReqId: '1',
    optTp: contract === null ? '- ' : scrip.optionType,
    ordDur: 'NA',
    ordGenTp: '--',
    prcTp: ORDER_TYPE_WORDS[order.type],
    prod: ticket.product,
    rmk: '--',
    rptTp: 'fill',
    series: scrip.series,
    stkPrc: (contract?.strike ?? 0).toFixed(2),
    sym: scrip.underlying,
    trdSym: scrip.tradingSymbol,
    trnsTp: sideWord(ticket.side),
    usrId: KID,
    genDen: '1',
    genNum: '1',
    hsUpTm: updateTime(atMs),
    GuiOrdId: guiOrderId(order, context.journal.of(ticket.brokerOrderId), context.options.tag),
    locId: '111111111111100',
    lotSz: String(lot),
    multiplier: '1',
    ordSrc: 'NA',
    prcNum: '1',
    prcDen: '1',
    strategyCode: '',
    precision: String(scrip.precision),
    tok: '',
    updRecvTm: receivedNanos(atMs),
    uSec: String(secondsOf(atMs)),
    posFlg: '',
    prc: '',
    qty: 0,
    tm: '',
    it: contract === null ? scrip.series : scrip.instrumentType,
  };
}
