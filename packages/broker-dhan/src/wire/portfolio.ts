import {
  fieldsOf,
  idOf,
  numberOf,
  optionalId,
  optionalNumber,
  optionalText,
  quantityOf,
  textOf,
  wholeOf,
} from './read.js';

/**
 * One row of `GET /positions`: the part we use.
 *
 * @see DhanHQ v2 docs, "Portfolio and Positions", captured 2026-07-15
 */
export interface PositionRow {
  readonly tradingSymbol: string | null;
  readonly securityId: string;
  /** LONG, SHORT or CLOSED. */
  readonly positionType: string;
  readonly exchangeSegment: string;
  readonly productType: string | null;
  readonly buyAvg: number;
  readonly buyQty: number;
  readonly sellAvg: number;
  readonly sellQty: number;
  readonly netQty: number;
  readonly realizedProfit: number;
  readonly unrealizedProfit: number;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readPositionRow(value: unknown): PositionRow {
  const row = fieldsOf(value, 'a position');
  return {
    tradingSymbol: optionalText(row, 'tradingSymbol'),
    securityId: idOf(row, 'securityId'),
    positionType: textOf(row, 'positionType'),
    exchangeSegment: textOf(row, 'exchangeSegment'),
    productType: optionalText(row, 'productType'),
    buyAvg: numberOf(row, 'buyAvg'),
    buyQty: quantityOf(row, 'buyQty'),
    sellAvg: numberOf(row, 'sellAvg'),
    sellQty: quantityOf(row, 'sellQty'),
    netQty: wholeOf(row, 'netQty'),
    realizedProfit: numberOf(row, 'realizedProfit'),
    unrealizedProfit: numberOf(row, 'unrealizedProfit'),
  };
}

/** One row of `GET /holdings`: the part we use. Same source; `lastTradedPrice` was seen on live replies only. */
export interface HoldingRow {
  /** `ALL`, or one exchange. */
  readonly exchange: string | null;
  readonly tradingSymbol: string | null;
  readonly securityId: string | null;
  readonly isin: string | null;
  readonly totalQty: number;
  readonly availableQty: number;
  readonly collateralQty: number;
  readonly avgCostPrice: number;
  readonly lastTradedPrice: number | null;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readHoldingRow(value: unknown): HoldingRow {
  const row = fieldsOf(value, 'a holding');
  return {
    exchange: optionalText(row, 'exchange'),
    tradingSymbol: optionalText(row, 'tradingSymbol'),
    securityId: optionalId(row, 'securityId'),
    isin: optionalText(row, 'isin'),
    totalQty: quantityOf(row, 'totalQty'),
    availableQty: quantityOf(row, 'availableQty'),
    collateralQty: quantityOf(row, 'collateralQty'),
    avgCostPrice: numberOf(row, 'avgCostPrice'),
    lastTradedPrice: optionalNumber(row, 'lastTradedPrice'),
  };
}

/**
 * `GET /fundlimit`, rupees. The misspelling is the broker's.
 *
 * @see DhanHQ v2 docs, "Funds", captured 2026-07-15
 */
export interface FundLimit {
  readonly availabelBalance: number;
  readonly sodLimit: number;
  readonly collateralAmount: number;
  readonly utilizedAmount: number;
  readonly withdrawableBalance: number;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readFundLimit(value: unknown): FundLimit {
  const body = fieldsOf(value, 'the fund limit');
  return {
    availabelBalance: numberOf(body, 'availabelBalance'),
    sodLimit: numberOf(body, 'sodLimit'),
    collateralAmount: numberOf(body, 'collateralAmount'),
    utilizedAmount: numberOf(body, 'utilizedAmount'),
    withdrawableBalance: numberOf(body, 'withdrawableBalance'),
  };
}

/** `POST /margincalculator`. @see DhanHQ v2 docs, "Funds", captured 2026-07-15 */
export interface MarginBody {
  readonly dhanClientId: string;
  readonly exchangeSegment: string;
  readonly transactionType: string;
  readonly quantity: number;
  readonly productType: string;
  readonly securityId: string;
  readonly price: number;
  readonly triggerPrice: number | undefined;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export const readMargin = (value: unknown): { readonly totalMargin: number } => ({
  totalMargin: numberOf(fieldsOf(value, 'the margin'), 'totalMargin'),
});
