import type { Account } from '../exchange/account.js';
import type { Order } from '../exchange/order.js';
import type { KotakContext } from './context.js';
import { listingOf } from './context.js';
import { guiOrderId } from './gui-order-id.js';
import type { OrderChanges } from './order-journal.js';
import type { OrderState } from './order-states.js';
import { statesOf } from './order-states.js';
import type { Row } from './rows.js';
import { isAfterMarket, priceText, rejectionText } from './rows.js';
import { historyTime, receivedNanos, secondsOf } from './text.js';
import { EXCHANGE_WORDS, ORDER_TYPE_WORDS, sideWord } from './words.js';

/** Every state of an order, newest first. */
export function historyRows(context: KotakContext, account: Account, order: Order): readonly Row[] {
  const changes = context.journal.of(order.ticket.brokerOrderId);
  const fills = account.trades.filter((trade) => trade.order === order);
  return statesOf(order, changes, fills)
    .toReversed()
    .map((state) => historyRow(context, order, changes, state));
}

/** Keys in the order of the documented reply of 2025-01-22: not those of the book, and times with spaces. */
function historyRow(context: KotakContext, order: Order, changes: OrderChanges, state: OrderState): Row {
  const { ticket } = order;
  const listing = listingOf(context, ticket.instrumentId);
  const { scrip, market } = listing;
  const { contract, lot } = market.instrument;
  const price = priceText(listing);
  const isCancelled = state.status.startsWith('cancel');
  const asOf: OrderChanges = {
    modifications: changes.modifications.slice(0, state.modifications),
    cancelledAtMs: isCancelled ? changes.cancelledAtMs : null,
  };
  return {
    trdSym: scrip.tradingSymbol,
    prc: price(state.terms.price),
    qty: state.terms.quantity,
    ordSt: state.status,
    trnsTp: sideWord(ticket.side),
    prcTp: ORDER_TYPE_WORDS[state.terms.type],
    brdLtQty: lot,
    exch: EXCHANGE_WORDS[scrip.segment],
    exSeg: scrip.segment,
    exchTmstp: state.isAtExchange ? historyTime(state.atMs) : '--',
    expDt: contract?.expiry ?? 'NA',
    tok: scrip.token,
    nOrdNo: ticket.brokerOrderId,
    nReqId: '1',
    sym: scrip.underlying,
    avgPrc: price(state.filledQuantity === 0 ? 0 : state.filledValue / state.filledQuantity),
    algId: 'NA',
    algCat: 'NA',
    algSeqNo: 'NA',
    trgPrc: price(state.terms.triggerPrice),
    dclQty: '0',
    exchOrdId: state.isAtExchange ? (order.exchangeOrderId ?? 'NA') : 'NA',
    rejRsn: state.status === 'rejected' ? rejectionText(order) : '--',
    ordDur: state.terms.validity,
    prod: ticket.product,
    rptTp: 'NA',
    cstFrm: 'C',
    ordSrc: 'ADMINCPPAPI_FINTECH001',
    flDtTm: historyTime(state.atMs),
    ordGenTp: isAfterMarket(order) ? 'AMO' : '--',
    scripName: scrip.underlying,
    stkPrc: (contract?.strike ?? 0).toFixed(2),
    legOrdInd: 'NA',
    fldQty: state.filledQuantity,
    ordUsrMsg: 'NA',
    mfdBy: 'XX',
    unFldSz: state.terms.quantity - state.filledQuantity,
    vendorCode: '',
    classification: '0',
    prcNum: '1',
    series: scrip.series,
    genNum: '1',
    prcDen: '1',
    genDen: '1',
    lotSz: String(lot),
    multiplier: '1',
    precision: String(scrip.precision),
    mktPro: '0.00',
    GuiOrdId: guiOrderId(order, asOf, context.options.tag),
    symOrdId: 'NA',
    locId: '111111111111100',
    optTp: scrip.optionType === '' ? 'XX' : scrip.optionType,
    strategyCode: 'NA',
    ordValDt: 'NA',
    updRecvTm: receivedNanos(state.atMs),
    boeSec: secondsOf(state.atMs),
    uSec: String(state.atMs),
  };
}
