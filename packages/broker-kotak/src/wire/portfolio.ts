import { fieldsOf, moneyOf, optionalId, optionalNumber, optionalText, quantityOf, textOf } from './read.js';
import type { Fields } from './read.js';

/**
 * One row of `GET /quick/user/positions`: the part we use. Numbers are printed as text. There is no last price in it.
 *
 * @see Kotak Neo Trade API docs, "Positions", as of 2026-09
 */
export interface PositionRow {
  readonly exSeg: string;
  readonly tok: string | null;
  readonly trdSym: string | null;
  readonly prod: string | null;
  /** Carried forward and of today, in units. */
  readonly bought: number;
  readonly sold: number;
  readonly buyAmount: number;
  readonly sellAmount: number;
  /** Rupees that one unit costs per rupee of price. */
  readonly factor: number;
  /** Decimal places of a price. */
  readonly precision: number;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readPositionRow(value: unknown): PositionRow {
  const row = fieldsOf(value, 'a position');
  return {
    exSeg: textOf(row, 'exSeg').trim(),
    tok: optionalId(row, 'tok'),
    trdSym: optionalText(row, 'trdSym'),
    prod: optionalText(row, 'prod'),
    bought: quantityOf(row, 'cfBuyQty') + quantityOf(row, 'flBuyQty'),
    sold: quantityOf(row, 'cfSellQty') + quantityOf(row, 'flSellQty'),
    buyAmount: moneyOf(row, 'cfBuyAmt') + moneyOf(row, 'buyAmt'),
    sellAmount: moneyOf(row, 'cfSellAmt') + moneyOf(row, 'sellAmt'),
    factor:
      (factorOf(row, 'multiplier') * factorOf(row, 'genNum') * factorOf(row, 'prcNum')) /
      (factorOf(row, 'genDen') * factorOf(row, 'prcDen')),
    precision: precisionOf(row),
  };
}

/** A part of the price factor; 1 where it is not stated, which the masters print as -1. */
function factorOf(row: Fields, name: string): number {
  const value = optionalNumber(row, name);
  return value !== null && value > 0 ? value : 1;
}

function precisionOf(row: Fields): number {
  const value = optionalNumber(row, 'precision');
  return value !== null && Number.isInteger(value) && value >= 0 && value <= 8 ? value : 2;
}

/** One row of `GET /portfolio/v1/holdings`: the part we use. Numbers are numbers here. Same source. */
export interface HoldingRow {
  readonly symbol: string | null;
  readonly exchangeSegment: string | null;
  /** The token of the masters; `instrumentToken` beside it is another number. */
  readonly exchangeIdentifier: string | null;
  readonly quantity: number;
  readonly sellableQuantity: number;
  readonly averagePrice: number;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readHoldingRow(value: unknown): HoldingRow {
  const row = fieldsOf(value, 'a holding');
  return {
    symbol: optionalText(row, 'displaySymbol') ?? optionalText(row, 'symbol'),
    exchangeSegment: optionalText(row, 'exchangeSegment'),
    exchangeIdentifier: optionalId(row, 'exchangeIdentifier'),
    quantity: quantityOf(row, 'quantity'),
    sellableQuantity: quantityOf(row, 'sellableQuantity'),
    averagePrice: moneyOf(row, 'averagePrice'),
  };
}

/** `jData` of `POST /quick/user/limits`: the whole account. */
export interface LimitsBody {
  readonly seg: 'ALL';
  readonly exch: 'ALL';
  readonly prod: 'ALL';
}

/** What that answers, rupees printed as text: the part we use. A live reply of 2025-01-22 is among the fixtures. */
export interface Limits {
  /** What is left for new orders. */
  readonly net: number;
  readonly marginUsed: number;
  readonly collateralValue: number;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readLimits(value: unknown): Limits {
  const body = fieldsOf(value, 'the limits');
  return {
    net: moneyOf(body, 'Net'),
    marginUsed: moneyOf(body, 'MarginUsed'),
    collateralValue: moneyOf(body, 'CollateralValue'),
  };
}

/** `jData` of `POST /quick/user/check-margin`; every value is text. */
export interface MarginBody {
  readonly exSeg: string;
  readonly prc: string;
  readonly prcTp: string;
  readonly prod: string;
  readonly qty: string;
  readonly tok: string;
  readonly trnsTp: string;
  readonly trgPrc: string;
  readonly brkName: 'KOTAK';
  readonly brnchId: 'ONLINE';
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export const readMargin = (value: unknown): { readonly ordMrgn: number } => ({
  ordMrgn: moneyOf(fieldsOf(value, 'the margin'), 'ordMrgn'),
});
