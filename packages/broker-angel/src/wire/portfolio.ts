import {
  dataOf,
  field,
  fieldsOf,
  isFields,
  listOf,
  numberOf,
  optionalId,
  optionalNumber,
  optionalText,
  quantityOf,
  quantityOrZero,
  rowsOf,
  textOf,
  unreadable,
  wholeOf,
  withJoinedSigns,
} from './read.js';

/**
 * One row of `GET order/v1/getPosition`: the part we use. All values are text, `- 2235.80` among them.
 *
 * @see SmartAPI docs, "Portfolio", copy of 2024
 */
export interface PositionRow {
  readonly exchange: string;
  readonly symboltoken: string | null;
  readonly tradingsymbol: string;
  readonly instrumenttype: string | null;
  readonly producttype: string | null;
  readonly netqty: number;
  /** Today's, and carried over from the day before. */
  readonly buyqty: number;
  readonly cfbuyqty: number;
  readonly sellqty: number;
  readonly cfsellqty: number;
  readonly totalbuyavgprice: number;
  readonly totalsellavgprice: number;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readPositionRow(value: unknown): PositionRow {
  const row = fieldsOf(withJoinedSigns(value), 'a position');
  return {
    exchange: textOf(row, 'exchange'),
    symboltoken: optionalId(row, 'symboltoken'),
    tradingsymbol: textOf(row, 'tradingsymbol'),
    instrumenttype: optionalText(row, 'instrumenttype'),
    producttype: optionalText(row, 'producttype'),
    netqty: wholeOf(row, 'netqty'),
    buyqty: quantityOrZero(row, 'buyqty'),
    cfbuyqty: quantityOrZero(row, 'cfbuyqty'),
    sellqty: quantityOrZero(row, 'sellqty'),
    cfsellqty: quantityOrZero(row, 'cfsellqty'),
    totalbuyavgprice: optionalNumber(row, 'totalbuyavgprice') ?? numberOf(row, 'buyavgprice'),
    totalsellavgprice: optionalNumber(row, 'totalsellavgprice') ?? numberOf(row, 'sellavgprice'),
  };
}

/** One row of `GET portfolio/v1/getHolding`: the part we use. Same source; the numbers are numbers here. */
export interface HoldingRow {
  readonly exchange: string;
  readonly symboltoken: string | null;
  readonly tradingsymbol: string;
  readonly isin: string | null;
  readonly quantity: number;
  /** In the depository; shares bought the day before (`t1quantity`) are not. */
  readonly realisedquantity: number;
  readonly collateralquantity: number;
  readonly averageprice: number;
  readonly ltp: number | null;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readHoldingRow(value: unknown): HoldingRow {
  const row = fieldsOf(value, 'a holding');
  return {
    exchange: textOf(row, 'exchange'),
    symboltoken: optionalId(row, 'symboltoken'),
    tradingsymbol: textOf(row, 'tradingsymbol'),
    isin: optionalText(row, 'isin'),
    quantity: quantityOf(row, 'quantity'),
    realisedquantity: quantityOrZero(row, 'realisedquantity'),
    collateralquantity: quantityOrZero(row, 'collateralquantity'),
    averageprice: numberOf(row, 'averageprice'),
    ltp: optionalNumber(row, 'ltp'),
  };
}

/** The rows of either holdings call: a list, or the list within `getAllHolding`'s object. */
export function holdingRows(body: unknown): readonly unknown[] {
  const data = dataOf(body);
  if (!isFields(data)) return listOf(body, 'the holdings');
  const rows = field(data, 'holdings');
  return rows === null ? [] : rowsOf(rows, 'the holdings');
}

/** `GET user/v1/getRMS`: the part we use, rupees. Texts or null. Same source. */
export interface RmsBody {
  readonly availablecash: number;
  readonly collateral: number;
  readonly utiliseddebits: number;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readRms(body: unknown): RmsBody {
  const data = fieldsOf(withJoinedSigns(dataOf(body)), 'the funds');
  const availablecash = optionalNumber(data, 'availablecash') ?? optionalNumber(data, 'net');
  if (availablecash === null) throw unreadable('availablecash is not a number');
  return {
    availablecash,
    collateral: optionalNumber(data, 'collateral') ?? 0,
    utiliseddebits: optionalNumber(data, 'utiliseddebits') ?? 0,
  };
}

/** `POST margin/v1/batch`, numbers as numbers. @see SmartAPI docs, "Margin calculator", copy of 2024 */
export interface MarginBody {
  readonly positions: readonly {
    readonly exchange: string;
    readonly qty: number;
    readonly price: number;
    readonly productType: string;
    readonly token: string;
    readonly tradeType: string;
    readonly orderType: string;
  }[];
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export const readMargin = (body: unknown): { readonly totalMarginRequired: number } => ({
  totalMarginRequired: numberOf(fieldsOf(dataOf(body), 'the margin'), 'totalMarginRequired'),
});
