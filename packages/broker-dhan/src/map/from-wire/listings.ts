import { formatInstrument, isIsoDate, parsePrice } from '@algo/core/adapter';
import type { Contract, Exchange, Listing, QuantityUnit, TenThousandths } from '@algo/core/adapter';
import type { MasterRow } from '../../wire/masters.js';
import { INDEX_SEGMENT, SEGMENTS } from '../words.js';

/** In which unit Dhan takes the quantity of a derivative; the configuration's word. Equity derivatives are units at any rate. */
export type QuantityUnitOf = (exchange: Exchange, underlying: string) => QuantityUnit;

/** Contracts the exchange lists for its members' tests only. */
export const isTestRow = ({ symbol, underlying }: MasterRow): boolean =>
  symbol.includes('NSETEST') || underlying.includes('NSETEST');

/** One row of either master in our words; null when it is malformed or not an instrument this SDK knows. */
export function toListing(row: MasterRow, unitOf: QuantityUnitOf): Listing | null {
  const exchange = EXCHANGE_OF.get(row.exchange)?.get(row.segment);
  const contract = exchange === undefined ? null : contractOf(row, exchange);
  const tick = tickOf(row);
  const lots = wholeOf(row.lotSize);
  if (contract === null || tick === null || lots === null || !SECURITY_ID.test(row.securityId)) return null;

  const quantityUnit =
    contract.kind === 'equity' || contract.kind === 'index' ? UNITS : unitOf(contract.exchange, contract.underlying);
  const units = quantityUnit.kind === 'lots' ? quantityUnit.unitsPerLot : 1;
  const freeze = wholeOf(row.freezeQuantity);
  return {
    instrument: formatInstrument(contract),
    contract,
    token: row.securityId,
    segment: contract.kind === 'index' && contract.exchange !== 'MCX' ? INDEX_SEGMENT : SEGMENTS[contract.exchange],
    symbol: symbolOf(row),
    name: nameOf(row, contract),
    isin: ISIN.test(row.isin) ? row.isin : null,
    lotSize: lots * units,
    tick,
    freezeQuantity: freeze === null ? null : freeze * units,
    quantityUnit,
  };
}

const UNITS: QuantityUnit = { kind: 'units' };
const SECURITY_ID = /^\d{1,15}$/;
const ISIN = /^IN[A-Z0-9]{10}$/;

/** Our exchange for the master's two letters: DhanHQ v2 docs, "Instrument List", captured 2026-07-15. */
const EXCHANGE_OF: ReadonlyMap<string, ReadonlyMap<string, Exchange>> = new Map([
  [
    'NSE',
    new Map<string, Exchange>([
      ['E', 'NSE'],
      ['D', 'NFO'],
      ['C', 'CDS'],
      ['I', 'NSE'],
    ]),
  ],
  [
    'BSE',
    new Map<string, Exchange>([
      ['E', 'BSE'],
      ['D', 'BFO'],
      ['C', 'BCD'],
      ['I', 'BSE'],
    ]),
  ],
  [
    'MCX',
    new Map<string, Exchange>([
      ['M', 'MCX'],
      ['D', 'MCX'],
      ['I', 'MCX'],
    ]),
  ],
]);

const FUTURES: ReadonlySet<string> = new Set(['FUTIDX', 'FUTSTK', 'FUTCOM', 'FUTCUR']);
const OPTIONS: ReadonlySet<string> = new Set(['OPTIDX', 'OPTSTK', 'OPTFUT', 'OPTCUR']);

function contractOf(row: MasterRow, exchange: Exchange): Contract | null {
  const isIndexRow = row.segment === 'I';
  if (row.instrument === 'INDEX') {
    const symbol = symbolOf(row);
    return isIndexRow && isName(symbol) ? { kind: 'index', exchange, symbol } : null;
  }
  if (isIndexRow) return null;
  if (row.instrument === 'EQUITY') return row.segment === 'E' ? equityOf(row, exchange) : null;
  if (row.segment === 'E') return null;

  const expiry = expiryOf(row);
  const underlying = underlyingOf(row);
  if (expiry === null || underlying === null || !isName(underlying)) return null;
  if (FUTURES.has(row.instrument)) return { kind: 'future', exchange, underlying, expiry };
  if (!OPTIONS.has(row.instrument)) return null;

  const strike = strikeOf(row.strike);
  const right = row.optionType;
  return strike !== null && (right === 'CE' || right === 'PE')
    ? { kind: 'option', exchange, underlying, expiry, strike, right }
    : null;
}

/** NSE series in which one and the same share or ETF trades, by market segment and settlement; anything else is a paper of its own. */
const SHARE_SERIES: ReadonlySet<string> = new Set(['EQ', 'BE', 'BZ', 'SM', 'ST']);
/** BSE groups say nothing about the paper, the instrument type does. */
const SHARE_TYPES: ReadonlySet<string> = new Set(['ES', 'ETF']);

function equityOf(row: MasterRow, exchange: Exchange): Contract | null {
  const symbol = symbolOf(row);
  if (!isName(symbol)) return null;
  const isShare = exchange === 'NSE' ? SHARE_SERIES.has(row.series) : SHARE_TYPES.has(row.instrumentType);
  if (isShare) return { kind: 'equity', exchange, symbol, series: null };
  const hasSeries = isName(row.series) && row.series !== 'NA';
  return hasSeries ? { kind: 'equity', exchange, symbol, series: row.series } : null;
}

/** What can stand in the canonical text without being taken for another part of it. */
const isName = (text: string): boolean => NAME.test(text) && text !== 'INDEX';

/** Printable ASCII without the colon. */
const NAME = /^[ -9;-~]{1,64}$/;

/** True where another row of the same share in series EQ would be the better one to trade. */
export const yieldsToEq = (row: MasterRow): boolean =>
  row.exchange === 'NSE' && row.segment === 'E' && row.series !== 'EQ' && SHARE_SERIES.has(row.series);

/** The detailed master prints the company's name where the compact one prints the trading symbol of shares and indices. */
function symbolOf(row: MasterRow): string {
  const printsCompany = row.instrument === 'EQUITY' || row.instrument === 'INDEX';
  return printsCompany && row.underlying !== '' ? row.underlying : row.symbol;
}

function nameOf(row: MasterRow, contract: Contract): string {
  const preferred = contract.kind === 'equity' ? row.companyName : row.displayName;
  return preferred || row.displayName || row.symbol;
}

/**
 * What a derivative is on. The compact master has no column for it, so its trading symbol is read from the right:
 * `BAJAJ-AUTO-Jul2026-FUT`, `GOLDM-05Nov2026-FUT`, `EURINR-Aug2025-102.75-CE`. Underlyings may hold hyphens.
 */
function underlyingOf({ underlying, symbol }: MasterRow): string | null {
  if (underlying !== '') return underlying;
  const future = FUTURE_SYMBOL.exec(symbol);
  if (future) return future[1] ?? null;
  return OPTION_SYMBOL.exec(symbol)?.[1] ?? null;
}

const FUTURE_SYMBOL = /^(.+)-(?:\d{2})?[A-Z][a-z]{2}\d{4}-FUT$/;
const OPTION_SYMBOL = /^(.+)-(?:\d{2})?[A-Z][a-z]{2}\d{4}-\d+(?:\.\d+)?-(?:CE|PE)$/;

/** The date alone: the time beside it in the compact master is not the market's close. */
function expiryOf({ expiry }: MasterRow): string | null {
  const date = expiry.slice(0, 10);
  return isIsoDate(date) ? date : null;
}

/** `27650.00000` as `27650`, `102.75000` as `102.75`; null for the -0.01 and 0 of a future. */
function strikeOf(printed: string): string | null {
  const strike = parsePrice(printed);
  return strike !== null && strike > 0 ? String(strike / 10_000) : null;
}

/** Ticks are paise, except those of index rows, which are rupees (seen in both masters, 2026). */
function tickOf({ tickSize, instrument }: MasterRow): TenThousandths | null {
  const printed = parsePrice(tickSize);
  if (printed === null || printed <= 0) return null;
  if (instrument === 'INDEX') return printed;
  return printed % 100 === 0 ? printed / 100 : null;
}

/** `65.0` as 65; null for 0, for blank and for anything that is not a whole number. */
function wholeOf(printed: string): number | null {
  const value = WHOLE.test(printed) ? Number.parseInt(printed, 10) : 0;
  return value > 0 ? value : null;
}

const WHOLE = /^\d{1,12}(\.0*)?$/;
