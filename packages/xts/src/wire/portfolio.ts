import { field } from './read.js';
import type { Fields, XtsReader } from './read.js';

/**
 * One row of the positions: the part we use. Amounts are text, may hold thousands commas and may be `NaN`.
 *
 * Names differ by the age of the server: `Quantity` or `NetPosition`, `OpenBuyQuantity` or `LongPosition`,
 * `ExchangeInstrumentId` or `ExchangeInstrumentID`.
 *
 * @see Symphony XTS docs, "Positions", and the Java model of 2021, as collected 2026-11-20
 */
export interface PositionRow {
  readonly ExchangeSegment: string;
  readonly ExchangeInstrumentId: string;
  readonly TradingSymbol: string | null;
  readonly ProductType: string | null;
  readonly Quantity: number;
  readonly OpenBuyQuantity: number;
  readonly OpenSellQuantity: number;
  readonly BuyAveragePrice: number;
  readonly SellAveragePrice: number;
  readonly RealizedMTM: number;
  readonly UnrealizedMTM: number;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readPositionRow(read: XtsReader, value: unknown): PositionRow {
  const row = read.fieldsOf(value, 'a position');
  const bought = wholeIn(read, row, 'OpenBuyQuantity', 'LongPosition') ?? 0;
  const sold = wholeIn(read, row, 'OpenSellQuantity', 'ShortPosition') ?? 0;
  const amount = (name: string): number | null => read.optionalAmount(row, name);
  return {
    ExchangeSegment: read.idOf(row, 'ExchangeSegment'),
    ExchangeInstrumentId: read.optionalId(row, 'ExchangeInstrumentId') ?? read.idOf(row, 'ExchangeInstrumentID'),
    TradingSymbol: read.optionalText(row, 'TradingSymbol'),
    ProductType: read.optionalText(row, 'ProductType'),
    Quantity: netQuantity(read, row),
    OpenBuyQuantity: bought,
    OpenSellQuantity: sold,
    // Money may be unknown (`NaN`); a position must be shown all the same, or nobody could close it.
    BuyAveragePrice: amount('BuyAveragePrice') ?? averageOf(amount('BuyValue'), bought),
    SellAveragePrice: amount('SellAveragePrice') ?? averageOf(amount('SellValue'), sold),
    RealizedMTM: amount('RealizedMTM') ?? 0,
    UnrealizedMTM: amount('UnrealizedMTM') ?? 0,
  };
}

/** Its sign decides between an exit and a doubled position: where both names are there they must agree. */
function netQuantity(read: XtsReader, row: Fields): number {
  const quantity = wholeIn(read, row, 'Quantity');
  const net = wholeIn(read, row, 'NetPosition');
  const found = quantity ?? net;
  if (found === null) throw read.unreadable('Quantity is not a whole number');
  if (quantity !== null && net !== null && quantity !== net)
    throw read.unreadable('Quantity and NetPosition contradict each other');
  return found;
}

function wholeIn(read: XtsReader, row: Fields, ...names: readonly string[]): number | null {
  for (const name of names) {
    const value = read.optionalAmount(row, name);
    if (value === null) continue;
    if (Number.isSafeInteger(value)) return value;
    throw read.unreadable(`${name} is not a whole number`);
  }
  return null;
}

const averageOf = (value: number | null, quantity: number): number =>
  value === null || quantity === 0 ? 0 : Math.abs(value / quantity);

/** One holding: the part we use. Ids of 0 mean "not listed there". */
export interface HoldingRow {
  readonly isin: string;
  readonly ExchangeNSEInstrumentId: string | null;
  readonly ExchangeBSEInstrumentId: string | null;
  readonly HoldingQuantity: number;
  readonly CollateralQuantity: number;
  readonly PledgeQuantity: number;
  readonly BuyAvgPrice: number;
}

/**
 * Holdings keyed by ISIN in `RMSHoldings.Holdings`. Older servers send `RMSHoldingList`, of which nobody recorded whether it
 * holds such objects or the holdings themselves: both are read.
 *
 * @throws {AlgoError} `ALGO_REPLY_UNREADABLE`
 */
export function readHoldings(read: XtsReader, value: unknown): readonly HoldingRow[] {
  const body = read.fieldsOf(value, 'the holdings');
  const list = field(body, 'RMSHoldingList');
  if (!Array.isArray(list)) return readByIsin(read, read.fieldsOf(field(body, 'RMSHoldings'), 'RMSHoldings'));
  return list.flatMap((item: unknown) => {
    const fields = read.fieldsOf(item, 'a holding');
    if (field(fields, 'Holdings') !== undefined) return readByIsin(read, fields);
    return [readHolding(read, read.textOf(fields, 'ISIN'), fields)];
  });
}

function readByIsin(read: XtsReader, holder: Fields): readonly HoldingRow[] {
  const holdings = field(holder, 'Holdings');
  if (holdings === null) return [];
  const rows = read.fieldsOf(holdings, 'Holdings');
  return Object.keys(rows).map((isin) => readHolding(read, isin, read.fieldsOf(field(rows, isin), 'a holding')));
}

const readHolding = (read: XtsReader, isin: string, row: Fields): HoldingRow => ({
  isin,
  ExchangeNSEInstrumentId: read.optionalId(row, 'ExchangeNSEInstrumentId'),
  ExchangeBSEInstrumentId: read.optionalId(row, 'ExchangeBSEInstrumentId'),
  HoldingQuantity: read.quantityOf(row, 'HoldingQuantity'),
  CollateralQuantity: read.optionalAmount(row, 'CollateralQuantity') ?? 0,
  PledgeQuantity: read.optionalAmount(row, 'PledgeQuantity') ?? 0,
  BuyAvgPrice: read.optionalAmount(row, 'BuyAvgPrice') ?? 0,
});

/** `BalanceList[0].limitObject.RMSSubLimits`, rupees. Same source; values may be numbers, text or `NaN`. */
export interface SubLimits {
  readonly cashAvailable: number;
  readonly collateral: number;
  readonly marginUtilized: number;
  readonly netMarginAvailable: number;
}

/** @throws {AlgoError} `ALGO_REPLY_UNREADABLE` */
export function readBalance(read: XtsReader, value: unknown): SubLimits {
  const body = read.fieldsOf(value, 'the balance');
  const [first] = read.rowsOf(field(body, 'BalanceList'), 'BalanceList');
  const limitObject = read.fieldsOf(field(read.fieldsOf(first, 'a balance'), 'limitObject'), 'limitObject');
  const limits = read.fieldsOf(field(limitObject, 'RMSSubLimits'), 'RMSSubLimits');
  return {
    cashAvailable: read.amountOf(limits, 'cashAvailable'),
    collateral: read.optionalAmount(limits, 'collateral') ?? 0,
    marginUtilized: read.amountOf(limits, 'marginUtilized'),
    netMarginAvailable: read.amountOf(limits, 'netMarginAvailable'),
  };
}
