import { formatInstrument, parsePrice } from '@algo/core/adapter';
import type { Contract, Exchange, Listing, QuantityUnit, TenThousandths } from '@algo/core/adapter';
import type { MasterRow } from '../../wire/masters.js';
import { expiryDay } from '../time.js';
import { EXCHANGE_OF, indexSymbol } from '../words.js';
import type { Segment } from '../words.js';

/** What reading a row needs to know beside it. */
export interface MasterFacts {
  /** The file it came from. */
  readonly segment: Segment;
  /** About now, epoch milliseconds: tells the two ways of counting an expiry apart. */
  readonly nowMs: number;
  /** In which unit Kotak takes the quantity of a contract; the configuration's word. */
  quantityUnit(exchange: Exchange, underlying: string): QuantityUnit;
}

/** Contracts the exchange lists for its members' tests only. */
export const isTestRow = ({ pSymbolName, pTrdSymbol }: MasterRow): boolean =>
  pSymbolName.includes('NSETEST') || pTrdSymbol.includes('NSETEST');

/** One row of a master in our words; null when it is malformed or not an instrument this SDK knows. */
export function toListing(row: MasterRow, facts: MasterFacts): Listing | null {
  const exchange = EXCHANGE_OF[facts.segment];
  if (row.pExchSeg !== facts.segment || !TOKEN.test(row.pSymbol) || !TRADING_SYMBOL.test(row.pTrdSymbol)) return null;
  const contract = contractOf(row, exchange, facts.nowMs);
  const tick = contract === null ? null : tickOf(row, contract);
  const lots = wholeOf(row.lLotSize);
  if (contract === null || tick === null || lots === null) return null;

  const quantityUnit = isDerivative(contract) ? facts.quantityUnit(exchange, contract.underlying) : UNITS;
  return {
    instrument: formatInstrument(contract),
    contract,
    token: row.pSymbol,
    segment: facts.segment,
    symbol: row.pTrdSymbol,
    name: row.pDesc || row.pTrdSymbol,
    isin: ISIN.test(row.pISIN) ? row.pISIN : null,
    // Where the host names the lot, that counts: whether the file's own numbers are lots or units is what nobody knows.
    lotSize: quantityUnit.kind === 'lots' ? quantityUnit.unitsPerLot : lots,
    tick,
    freezeQuantity: quantityUnit.kind === 'lots' ? null : wholeOf(row.lFreezeQty),
    quantityUnit,
  };
}

const UNITS: QuantityUnit = { kind: 'units' };
const TOKEN = /^[1-9]\d{0,14}$/;
const TRADING_SYMBOL = /^[!-~](?:[ -~]{0,62}[!-~])?$/;
const ISIN = /^IN[A-Z0-9]{10}$/;

type Derivative = Extract<Contract, { kind: 'future' | 'option' }>;

const isDerivative = (contract: Contract): contract is Derivative =>
  contract.kind === 'future' || contract.kind === 'option';

function contractOf(row: MasterRow, exchange: Exchange, nowMs: number): Contract | null {
  if (exchange === 'NSE' || exchange === 'BSE') return cashOf(row, exchange);
  const expiry = expiryOf(row, exchange, nowMs);
  const underlying = row.pSymbolName;
  if (expiry === null || !isName(underlying)) return null;

  const right = row.pOptionType;
  const type = row.pInstType;
  if (right === 'CE' || right === 'PE') {
    const strike = strikeOf(row, right);
    const isOption = type.startsWith('OPT') || BSE_OPTIONS.has(type);
    return isOption && strike !== null ? { kind: 'option', exchange, underlying, expiry, strike, right } : null;
  }
  const isFuture = (right === 'XX' || right === '') && (type.startsWith('FUT') || BSE_FUTURES.has(type));
  return isFuture ? { kind: 'future', exchange, underlying, expiry } : null;
}

/** BSE's own words for index and share contracts: rows of 2026-07 say IO, others FUTIDX. */
const BSE_FUTURES: ReadonlySet<string> = new Set(['IF', 'SF']);
const BSE_OPTIONS: ReadonlySet<string> = new Set(['IO', 'SO']);

/** NSE series in which one and the same share or ETF trades, by market segment and settlement; anything else is a paper of its own. */
const NSE_SHARES: ReadonlySet<string> = new Set(['EQ', 'BE', 'BZ', 'SM', 'ST']);

/** BSE's groups of shares and ETFs as far as they are known; bonds, government paper and rights have others. */
const BSE_SHARES: ReadonlySet<string> = new Set(['A', 'B', 'E', 'M', 'MS', 'MT', 'T', 'TS', 'X', 'XT', 'Z', 'ZP']);

function cashOf(row: MasterRow, exchange: 'NSE' | 'BSE'): Contract | null {
  const { pGroup: series, pSymbolName: symbol } = row;
  if (row.pInstType !== '' || row.pOptionType !== '' || !isName(symbol)) return null;
  // An index stands among the shares, with no series and no tick.
  if (series === '') {
    return NONE.test(row.dTickSize) ? { kind: 'index', exchange, symbol: indexSymbol(exchange, symbol) } : null;
  }
  const shares = exchange === 'NSE' ? NSE_SHARES : BSE_SHARES;
  if (shares.has(series)) return { kind: 'equity', exchange, symbol, series: null };
  return isName(series) ? { kind: 'equity', exchange, symbol, series } : null;
}

const NONE = /^-1(?:\.0+)?$/;

/** What can stand in the canonical text without being taken for another part of it. */
const isName = (text: string): boolean => NAME.test(text) && text !== 'INDEX';

/** Printable ASCII without the colon, and no space at the ends. */
const NAME = /^[!-9;-~](?:[ -9;-~]{0,62}[!-9;-~])?$/;

/** True where another row of the same share in series EQ would be the better one to trade. */
export const yieldsToEq = ({ pExchSeg, pGroup }: MasterRow): boolean =>
  pExchSeg === 'nse_cm' && pGroup !== 'EQ' && NSE_SHARES.has(pGroup);

function expiryOf({ lExpiryDate }: MasterRow, exchange: Exchange, nowMs: number): string | null {
  if (!SECONDS.test(lExpiryDate)) return null;
  const since = exchange === 'NFO' || exchange === 'CDS' ? 1980 : 1970;
  return expiryDay(Number(lExpiryDate), since, nowMs);
}

const SECONDS = /^\d{1,12}$/;

/**
 * `2600000` or `2.6e+06` paise as `26000`; null for -1 and 0. The short form has six digits at most and may have been
 * rounded, so that the strike must stand at the end of one of the row's names as well.
 */
function strikeOf({ dStrikePrice, pTrdSymbol, pScripRefKey }: MasterRow, right: 'CE' | 'PE'): string | null {
  const written = writtenOut(dStrikePrice);
  const units = inRupees(written);
  if (units === null || units <= 0) return null;
  const strike = String(units / 10_000);
  if (written === dStrikePrice) return strike;
  const ends = [`${strike}${right}`, `${(units / 10_000).toFixed(2)}${right}`];
  return [pTrdSymbol, pScripRefKey].some((name) => ends.some((end) => name.endsWith(end))) ? strike : null;
}

/** `2.1e+06` as `2100000`; any other text as it is. */
function writtenOut(printed: string): string {
  const [, first, rest = '', exponent] = SHORT.exec(printed) ?? [];
  if (first === undefined || Number(exponent) < rest.length) return printed;
  return first + rest.padEnd(Number(exponent), '0');
}

const SHORT = /^([1-9])(?:\.(\d{1,5}))?e\+(0\d|10)$/;

/** An index has none and is never ordered: a paisa stands for it. */
function tickOf({ dTickSize }: MasterRow, contract: Contract): TenThousandths | null {
  if (contract.kind === 'index') return 100;
  const tick = inRupees(dTickSize);
  if (tick === null || tick <= 0) return null;
  // Currency prices come with a divider of their own elsewhere at Kotak. A tick of more than a paisa shows that the row is
  // not in paise, and its strike would be none either.
  return contract.exchange === 'CDS' && tick > 100 ? null : tick;
}

/** Paise as ten-thousandths of a rupee; null for what is no number or finer than that. */
function inRupees(paise: string): TenThousandths | null {
  const parsed = parsePrice(paise);
  return parsed !== null && parsed % 100 === 0 ? parsed / 100 : null;
}

/** `65` or `65.0` as 65; null for 0, for -1, for blank and for anything that is not a whole number. */
function wholeOf(printed: string): number | null {
  const value = WHOLE.test(printed) ? Number.parseInt(printed, 10) : 0;
  return value > 0 ? value : null;
}

const WHOLE = /^\d{1,12}(?:\.0*)?$/;
