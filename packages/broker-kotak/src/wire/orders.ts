import { fieldsOf, idOf, optionalId, optionalMoney, optionalText, quantityOf, textOf } from './read.js';

/**
 * `jData` of `POST /quick/order/rule/ms/place`; every value is text.
 *
 * @see Kotak Neo Trade API docs, "Trading APIs", as of 2026-09; `ig` and `os` from the official SDK of 2026-08-21
 */
export interface PlaceOrderBody {
  /** After-market order. */
  readonly am: 'NO';
  /** Disclosed quantity. */
  readonly dq: '0';
  /** Exchange segment. */
  readonly es: string;
  /** Market protection. */
  readonly mp: '0';
  readonly pc: string;
  readonly pf: 'N';
  /** Price, `0` for MKT. */
  readonly pr: string;
  readonly pt: string;
  readonly qt: string;
  /** Validity. */
  readonly rt: string;
  /** Trigger price, `0` for none. */
  readonly tp: string;
  /** Trading symbol. */
  readonly ts: string;
  /** Side. */
  readonly tt: string;
  /** Our tag. */
  readonly ig: string;
  readonly os: 'NEOTRADEAPI';
}

/**
 * `jData` of `POST /quick/order/vr/modify`. The documentation, its examples and the SDK name different fields; this is
 * all of them together, with the validity as `vd`.
 */
export interface ModifyOrderBody {
  /** The order's number. */
  readonly no: string;
  /** Instrument token. */
  readonly tk: string;
  readonly ts: string;
  readonly tt: string;
  readonly es: string;
  readonly pc: string;
  readonly pt: string;
  readonly pr: string;
  readonly tp: string;
  readonly qt: string;
  readonly dq: '0';
  readonly vd: string;
  readonly mp: '0';
  readonly dd: 'NA';
  readonly am: 'NO';
  readonly os: 'NEOTRADEAPI';
}

/** `jData` of `POST /quick/order/cancel`. */
export interface CancelOrderBody {
  readonly on: string;
  readonly am: 'NO';
}

/**
 * One row of `GET /quick/user/orders`: the part we use. `updRecvTm` is left alone: it is beyond 2^53, so that JSON has
 * rounded it before anybody could compare it.
 *
 * @see Kotak Neo Trade API docs, "Order Report APIs", as of 2026-09; a live reply recorded 2025-01-22
 */
export interface OrderRow {
  readonly nOrdNo: string;
  readonly exOrdId: string | null;
  readonly guiOrdId: string | null;
  readonly ordSt: string;
  readonly trnsTp: string;
  readonly exSeg: string | null;
  readonly tok: string | null;
  readonly trdSym: string | null;
  readonly prod: string | null;
  readonly prcTp: string;
  readonly vldt: string;
  readonly qty: number;
  readonly fldQty: number;
  readonly prc: number;
  readonly trgPrc: number;
  readonly avgPrc: number;
  readonly rejRsn: string | null;
  /** `22-Jan-2025 14:28:01`, IST. */
  readonly ordDtTm: string | null;
  /** `2025/01/22 14:28:01`, IST. */
  readonly hsUpTm: string | null;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readOrderRow(value: unknown): OrderRow {
  const row = fieldsOf(value, 'an order');
  return {
    nOrdNo: idOf(row, 'nOrdNo'),
    exOrdId: optionalId(row, 'exOrdId'),
    guiOrdId: optionalText(row, 'GuiOrdId'),
    ordSt: optionalText(row, 'ordSt') ?? textOf(row, 'stat'),
    trnsTp: textOf(row, 'trnsTp').trim(),
    exSeg: optionalText(row, 'exSeg'),
    tok: optionalId(row, 'tok'),
    trdSym: optionalText(row, 'trdSym'),
    prod: optionalText(row, 'prod'),
    prcTp: textOf(row, 'prcTp').trim(),
    vldt: optionalText(row, 'vldt') ?? textOf(row, 'ordDur').trim(),
    qty: quantityOf(row, 'qty'),
    fldQty: quantityOf(row, 'fldQty'),
    prc: optionalMoney(row, 'prc') ?? 0,
    trgPrc: optionalMoney(row, 'trgPrc') ?? 0,
    avgPrc: optionalMoney(row, 'avgPrc') ?? 0,
    rejRsn: optionalText(row, 'rejRsn'),
    ordDtTm: optionalText(row, 'ordDtTm') ?? optionalText(row, 'ordEntTm'),
    hsUpTm: optionalText(row, 'hsUpTm'),
  };
}

/**
 * One fill of `GET /quick/user/trades`: the part we use. In the recorded reply `qty` is 0 and `prc` and `tok` are blank;
 * what was filled stands in `fldQty` and `avgPrc`.
 *
 * @see Kotak Neo Trade API docs, "Order Report APIs", as of 2026-09; a live reply recorded 2025-01-22
 */
export interface TradeRow {
  readonly nOrdNo: string;
  readonly exOrdId: string | null;
  readonly flId: string | null;
  readonly trnsTp: string;
  readonly exSeg: string | null;
  readonly tok: string | null;
  readonly trdSym: string | null;
  readonly prod: string | null;
  readonly fldQty: number;
  readonly avgPrc: number;
  /** `22-Jan-2025` */
  readonly flDt: string | null;
  /** `14:28:16` */
  readonly flTm: string | null;
  /** `22-Jan-2025 14:28:01` */
  readonly exTm: string | null;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readTradeRow(value: unknown): TradeRow {
  const row = fieldsOf(value, 'a trade');
  return {
    nOrdNo: idOf(row, 'nOrdNo'),
    exOrdId: optionalId(row, 'exOrdId'),
    flId: optionalId(row, 'flId'),
    trnsTp: textOf(row, 'trnsTp').trim(),
    exSeg: optionalText(row, 'exSeg'),
    tok: optionalId(row, 'tok'),
    trdSym: optionalText(row, 'trdSym'),
    prod: optionalText(row, 'prod'),
    fldQty: quantityOf(row, 'fldQty'),
    avgPrc: optionalMoney(row, 'avgPrc') ?? 0,
    flDt: optionalText(row, 'flDt'),
    flTm: optionalText(row, 'flTm'),
    exTm: optionalText(row, 'exTm'),
  };
}
