import type { Order } from '../exchange/order.js';
import { averageOf, remainingOf } from '../exchange/order.js';
import type { KotakContext, Listing } from './context.js';
import { listingOf } from './context.js';
import { guiOrderId } from './gui-order-id.js';
import { isClosedMarketRejection } from './orders.js';
import { bookTime, expiryText, receivedNanos, secondsOf, updateTime } from './text.js';
import { MARKET_CLOSED_WORDS, ORDER_TYPE_WORDS, REJECTION_WORDS, sideWord } from './words.js';

export type Row = Readonly<Record<string, unknown>>;

/** One row of the order book, keys in the order of the documented reply of 2025-01-22. Prices are texts in rupees. */
export function orderRow(context: KotakContext, order: Order): Row {
  const { ticket } = order;
  const listing = listingOf(context, ticket.instrumentId);
  const { scrip, market } = listing;
  const { contract, lot, tick } = market.instrument;
  const price = priceText(listing);
  const updated = secondsOf(order.updatedAtMs);
  const status = statusWord(order);
  return {
    actId: '',
    algId: 'NA',
    algCat: 'NA',
    algSeqNo: 'NA',
    avgPrc: price(averageOf(order)),
    brdLtQty: String(lot),
    brkClnt: '08081',
    cnlQty: order.status === 'cancelled' || order.status === 'expired' ? remainingOf(order) : 0,
    coPct: 0,
    defMktProV: '0',
    dscQtyPct: '0',
    dscQty: order.disclosedQuantity,
    exUsrInfo: 'NA',
    exCfmTm: order.exchangeAtMs === null ? '--' : bookTime(order.exchangeAtMs),
    exOrdId: order.exchangeOrderId ?? 'NA',
    expDt: contract === null ? 'NA' : expiryText(contract.expiry),
    expDtSsb: '-',
    exSeg: scrip.segment,
    fldQty: order.filledQuantity,
    boeSec: updated,
    mktProPct: '--',
    mktPro: '0',
    mfdBy: 'NA',
    minQty: 0,
    mktProFlg: '0',
    noMktProFlg: '0',
    nOrdNo: ticket.brokerOrderId,
    optTp: contract === null ? '- ' : scrip.optionType,
    ordAutSt: 'NA',
    odCrt: 'NA',
    ordDtTm: bookTime(order.updatedAtMs),
    ordEntTm: bookTime(order.createdAtMs),
    ordGenTp: isAfterMarket(order) ? 'AMO' : 'NA',
    ordSrc: '',
    ordValDt: 'NA',
    prod: ticket.product,
    prc: price(order.price),
    prcTp: ORDER_TYPE_WORDS[order.type],
    qty: order.quantity,
    refLmtPrc: 0,
    rejRsn: rejectionText(order),
    rmk: '--',
    rptTp: 'NA',
    reqId: '1',
    series: scrip.series,
    sipInd: 'NA',
    stat: status,
    ordSt: status,
    stkPrc: (contract?.strike ?? 0).toFixed(2),
    sym: scrip.underlying,
    symOrdId: 'NA',
    tckSz: tick.toFixed(4),
    tok: scrip.token,
    trnsTp: sideWord(ticket.side),
    trgPrc: price(order.triggerPrice),
    trdSym: scrip.tradingSymbol,
    unFldSz: remainingOf(order),
    usrId: '',
    uSec: String(updated),
    vldt: order.validity,
    classification: '0',
    vendorCode: '',
    genDen: '1',
    genNum: '1',
    prcNum: '1',
    prcDen: '1',
    lotSz: String(lot),
    multiplier: '1',
    precision: String(scrip.precision),
    hsUpTm: updateTime(order.updatedAtMs),
    GuiOrdId: guiOrderId(order, context.journal.of(ticket.brokerOrderId), context.options.tag),
    locId: '111111111111100',
    appInstlId: 'NA',
    ordModNo: '',
    strategyCode: 'NA',
    updRecvTm: receivedNanos(order.updatedAtMs),
    it: contract === null ? scrip.series : scrip.instrumentType,
  };
}

/** Rupees with the digits of the instrument. */
export function priceText({ scrip }: Listing): (price: number) => string {
  return (price) => price.toFixed(scrip.precision);
}

/** Sent with the after-market flag; one that only came too late is none. */
export function isAfterMarket(order: Order): boolean {
  return order.ticket.afterMarket && !isClosedMarketRejection(order);
}

/** "--" for none. */
export function rejectionText(order: Order): string {
  if (order.rejection === null) return '--';
  return isClosedMarketRejection(order) ? MARKET_CLOSED_WORDS : REJECTION_WORDS[order.rejection];
}

/** A partly filled order stays "open". The end of the day has no word in Kotak's tables: what is left reads "cancelled". */
export function statusWord(order: Order): string {
  switch (order.status) {
    case 'waiting':
      return order.modifications > 0 ? 'modify after market order req received' : 'after market order req received';
    case 'trigger-pending':
      return 'trigger pending';
    case 'open':
      return 'open';
    case 'filled':
      return 'complete';
    case 'rejected':
      return 'rejected';
    case 'cancelled':
      return order.exchangeOrderId === null ? 'cancelled after market order' : 'cancelled';
    case 'expired':
      return 'cancelled';
  }
}
