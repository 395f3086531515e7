import { formatInstrument, parsePrice } from '@algo/core/adapter';
import type { Contract, Exchange, Listing, QuantityUnit } from '@algo/core/adapter';
import type { MasterRow } from '../../wire/masters.js';
import { SEGMENTS } from '../words.js';

/** In which unit the house takes the quantity of a derivative; the configuration's word, null where it has none. */
export type QuantityUnitOf = (exchange: Exchange, underlying: string) => QuantityUnit | null;

/** Spreads, which this SDK does not trade, and contracts the exchange lists for its members' tests only. */
export const isLeftOut = ({ kind, name, description }: MasterRow): boolean =>
  kind === 'spread' || name.includes('NSETEST') || description.includes('NSETEST');

/** One row of the master in our words; null when it is malformed or not an instrument this SDK knows. */
export function toListing(row: MasterRow, unitOf: QuantityUnitOf): Listing | null {
  const exchange = EXCHANGE_OF.get(row.segment);
  const contract = exchange === undefined ? null : contractOf(row, exchange);
  const tick = parsePrice(row.tickSize);
  const lots = wholeOf(row.lotSize);
  if (contract === null || tick === null || tick <= 0 || lots === null || !TOKEN.test(row.token)) return null;

  const quantityUnit = unitFor(row, contract, unitOf);
  const units = quantityUnit.kind === 'lots' ? quantityUnit.unitsPerLot : 1;
  const freeze = wholeOf(row.freezeQuantity);
  return {
    instrument: formatInstrument(contract),
    contract,
    token: row.token,
    segment: row.segment,
    symbol: row.description,
    name: contract.kind === 'equity' ? row.longName || row.displayName : row.displayName || row.description,
    isin: ISIN.test(row.isin) ? row.isin : null,
    lotSize: lots * units,
    tick,
    freezeQuantity: freeze === null ? null : freeze * units,
    quantityUnit,
  };
}

const UNITS: QuantityUnit = { kind: 'units' };
const UNKNOWN: QuantityUnit = { kind: 'unknown' };
const TOKEN = /^[1-9]\d{0,14}$/;
const ISIN = /^IN[A-Z0-9]{10}$/;

const EXCHANGE_OF: ReadonlyMap<string, Exchange> = new Map<string, Exchange>([
  [SEGMENTS.NSE, 'NSE'],
  [SEGMENTS.BSE, 'BSE'],
  [SEGMENTS.NFO, 'NFO'],
  [SEGMENTS.BFO, 'BFO'],
  [SEGMENTS.CDS, 'CDS'],
  [SEGMENTS.BCD, 'BCD'],
  [SEGMENTS.MCX, 'MCX'],
]);

const EQUITY_DERIVATIVES: ReadonlySet<Exchange> = new Set<Exchange>(['NFO', 'BFO']);

/**
 * Cash and equity derivatives are counted in units. A multiplier other than 1 would contradict that, and then, as in the
 * other segments, the unit is unknown until the host says it.
 */
function unitFor(row: MasterRow, contract: Contract, unitOf: QuantityUnitOf): QuantityUnit {
  if (contract.kind === 'equity' || contract.kind === 'index') return UNITS;
  const told = unitOf(contract.exchange, contract.underlying);
  if (told !== null) return told;
  return EQUITY_DERIVATIVES.has(contract.exchange) && Number(row.multiplier) === 1 ? UNITS : UNKNOWN;
}

function contractOf(row: MasterRow, exchange: Exchange): Contract | null {
  const isCash = exchange === 'NSE' || exchange === 'BSE';
  switch (row.kind) {
    case 'cash':
      return isCash ? equityOf(row, exchange) : null;
    case 'index':
      return isCash ? indexOf(row, exchange) : null;
    case 'future':
    case 'option':
      return isCash ? null : derivativeOf(row, exchange);
    case 'spread':
      return null;
  }
}

function derivativeOf(row: MasterRow, exchange: Exchange): Contract | null {
  const underlying = row.name;
  const expiry = expiryOf(row);
  if (expiry === null || !isName(underlying)) return null;
  if (row.kind === 'future') return { kind: 'future', exchange, underlying, expiry };
  const strike = strikeOf(row.strike);
  const right = rightOf(row);
  return strike === null || right === null ? null : { kind: 'option', exchange, underlying, expiry, strike, right };
}

/** 3 is CE and 4 is PE. A call taken for a put is expensive, so the exchange's spelling must not say otherwise. */
function rightOf({ optionType, description }: MasterRow): 'CE' | 'PE' | null {
  const right = optionType === '3' ? 'CE' : optionType === '4' ? 'PE' : null;
  const spelt = description.slice(-2).toUpperCase();
  const contradicts = (spelt === 'CE' || spelt === 'PE') && spelt !== right;
  return contradicts ? null : right;
}

/** NSE series in which one and the same share or ETF trades; anything else is a paper of its own. */
const NSE_SHARES: ReadonlySet<string> = new Set(['EQ', 'BE', 'BZ', 'SM', 'ST']);

/** BSE groups of shares and ETFs; F, G and the like are debt. BSE's list of groups as of 2026-11. */
const BSE_SHARES: ReadonlySet<string> = new Set('A B E T P R Z ZP X XC XD XT M MS MT SS ST TS'.split(' '));

function equityOf({ name: symbol, series }: MasterRow, exchange: Exchange): Contract | null {
  if (!isName(symbol)) return null;
  const isShare = (exchange === 'NSE' ? NSE_SHARES : BSE_SHARES).has(series);
  if (isShare) return { kind: 'equity', exchange, symbol, series: null };
  return isName(series) ? { kind: 'equity', exchange, symbol, series } : null;
}

/** True where another row of the same share in series EQ would be the better one to trade. */
export const yieldsToEq = ({ segment, kind, series }: MasterRow): boolean =>
  segment === SEGMENTS.NSE && kind === 'cash' && series !== 'EQ' && NSE_SHARES.has(series);

/** Indices whose derivatives trade, in the canonical spelling all brokers share; the rest are named as printed. */
const INDEX_NAMES: ReadonlyMap<string, string> = new Map([
  ['NIFTY 50', 'NIFTY'],
  ['NIFTY BANK', 'BANKNIFTY'],
  ['NIFTY FIN SERVICE', 'FINNIFTY'],
  ['NIFTY FINANCIAL SERVICES', 'FINNIFTY'],
  ['NIFTY MID SELECT', 'MIDCPNIFTY'],
  ['NIFTY MIDCAP SELECT', 'MIDCPNIFTY'],
  ['NIFTY NEXT 50', 'NIFTYNXT50'],
  ['S&P BSE SENSEX', 'SENSEX'],
  ['BSE SENSEX', 'SENSEX'],
  ['S&P BSE BANKEX', 'BANKEX'],
  ['BSE BANKEX', 'BANKEX'],
  ['S&P BSE SENSEX 50', 'SENSEX50'],
  ['SENSEX 50', 'SENSEX50'],
]);

function indexOf({ name }: MasterRow, exchange: Exchange): Contract | null {
  const printed = name.replaceAll(/\s+/g, ' ').toUpperCase();
  const symbol = INDEX_NAMES.get(printed) ?? printed;
  return isName(symbol) ? { kind: 'index', exchange, symbol } : null;
}

/** What can stand in the canonical text without being taken for another part of it. */
const isName = (text: string): boolean => NAME.test(text) && text !== 'INDEX';

/** Printable ASCII without the colon. */
const NAME = /^[ -9;-~]{1,64}$/;

/** The date alone: the time beside it is not the market's close. */
function expiryOf({ expiry }: MasterRow): string | null {
  const date = expiry.slice(0, 10);
  if (!ISO_DATE.test(date) || date < '2000') return null;
  const read = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(date) ? date : null;
}

const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;

/** `25700` and `102.7500` as plain decimals; null for 0 and less. */
function strikeOf(printed: string): string | null {
  const strike = parsePrice(printed);
  return strike !== null && strike > 0 ? String(strike / 10_000) : null;
}

/** `65` and `65.0` as 65; null for 0, for blank and for anything that is not a whole number. */
function wholeOf(printed: string): number | null {
  const value = WHOLE.test(printed) ? Number.parseInt(printed, 10) : 0;
  return value > 0 ? value : null;
}

const WHOLE = /^\d{1,12}(\.0*)?$/;
