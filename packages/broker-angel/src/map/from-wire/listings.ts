import { formatInstrument, parsePrice } from '@algo/core/adapter';
import type { Contract, Exchange, Listing, QuantityUnit, TenThousandths } from '@algo/core/adapter';
import type { MasterRow } from '../../wire/masters.js';
import { isoDate } from '../time.js';
import { EXCHANGE_OF } from '../words.js';

/** In which unit Angel takes the quantity of a contract; the configuration's word. */
export type QuantityUnitOf = (exchange: Exchange, underlying: string) => QuantityUnit;

/** Contracts the exchange lists for its members' tests only. */
export const isTestRow = ({ symbol }: MasterRow): boolean => symbol.includes('NSETEST');

/** One row of the master in our words; null when it is malformed or not an instrument this SDK knows. */
export function toListing(row: MasterRow, unitOf: QuantityUnitOf): Listing | null {
  const exchange = EXCHANGE_OF.get(row.exchange);
  const contract = exchange === undefined ? null : contractOf(row, exchange);
  const tick = contract === null ? null : tickOf(row, contract);
  const lots = lotOf(row.lotSize);
  if (contract === null || tick === null || lots === null || !TOKEN.test(row.token)) return null;

  const isCash = contract.kind === 'equity' || contract.kind === 'index';
  const quantityUnit: QuantityUnit = isCash ? { kind: 'units' } : unitOf(contract.exchange, contract.underlying);
  return {
    instrument: formatInstrument(contract),
    contract,
    token: row.token,
    segment: row.exchange,
    symbol: row.symbol,
    name: row.name || row.symbol,
    isin: null, // the master has none
    lotSize: lots * (quantityUnit.kind === 'lots' ? quantityUnit.unitsPerLot : 1),
    tick,
    freezeQuantity: null, // nor this
    quantityUnit,
  };
}

const TOKEN = /^\d{1,15}$/;

const FUTURES: ReadonlySet<string> = new Set(['FUTIDX', 'FUTSTK', 'FUTCOM', 'FUTCUR']);
const OPTIONS: ReadonlySet<string> = new Set(['OPTIDX', 'OPTSTK', 'OPTFUT', 'OPTCUR', 'OPTCOM']);
const CASH: ReadonlySet<Exchange> = new Set(['NSE', 'BSE']);

function contractOf(row: MasterRow, exchange: Exchange): Contract | null {
  const { instrumentType } = row;
  if (instrumentType === 'AMXIDX') return indexOf(row, exchange);
  if (CASH.has(exchange)) return instrumentType === '' ? equityOf(row.symbol, exchange) : null;

  const expiry = isoDate(row.expiry);
  const underlying = row.name;
  if (expiry === null || !isName(underlying)) return null;
  if (FUTURES.has(instrumentType)) return { kind: 'future', exchange, underlying, expiry };
  if (!OPTIONS.has(instrumentType)) return null;

  const strike = strikeOf(row.strike, exchange);
  const right = row.symbol.slice(-2); // the master has no field for it
  return strike !== null && (right === 'CE' || right === 'PE')
    ? { kind: 'option', exchange, underlying, expiry, strike, right }
    : null;
}

/** NSE series in which one and the same share or ETF trades, by market segment and settlement; anything else is a paper of its own. */
const SHARE_SERIES: ReadonlySet<string> = new Set(['EQ', 'BE', 'BZ', 'SM', 'ST']);
const WITH_SERIES = /^(.+)-([A-Z0-9]{1,2})$/;

/**
 * The share a trading symbol names: `SBIN-EQ` at NSE, where every symbol ends in its series, `TITAN` at BSE, where none
 * does. Angel tells BSE's bonds and funds from its shares nowhere.
 */
export function equityOf(symbol: string, exchange: Exchange): Contract | null {
  if (exchange === 'BSE') return isName(symbol) ? { kind: 'equity', exchange, symbol, series: null } : null;
  const [, name = '', series = ''] = WITH_SERIES.exec(symbol) ?? [];
  if (exchange !== 'NSE' || !isName(name)) return null;
  return { kind: 'equity', exchange, symbol: name, series: SHARE_SERIES.has(series) ? null : series };
}

/** True where another row of the same share in series EQ would be the better one to trade. */
export const yieldsToEq = ({ contract, symbol }: Listing): boolean =>
  contract.kind === 'equity' && contract.exchange === 'NSE' && contract.series === null && !symbol.endsWith('-EQ');

/** Angel's printed names of the indices that derivatives trade on, beside the canonical symbols. The others go by their short name. */
const INDEX_SYMBOLS: ReadonlyMap<string, string> = new Map([
  ['NIFTY 50', 'NIFTY'],
  ['NIFTY BANK', 'BANKNIFTY'],
  ['NIFTY FIN SERVICE', 'FINNIFTY'],
  ['NIFTY MID SELECT', 'MIDCPNIFTY'],
  ['NIFTY MIDCAP SELECT', 'MIDCPNIFTY'],
  ['NIFTY NEXT 50', 'NIFTYNXT50'],
  ['SENSEX', 'SENSEX'],
  ['BANKEX', 'BANKEX'],
  ['SENSEX50', 'SENSEX50'],
  ['INDIA VIX', 'INDIA VIX'],
]);

function indexOf({ symbol, name }: MasterRow, exchange: Exchange): Contract | null {
  const canonical = INDEX_SYMBOLS.get(symbol.toUpperCase()) ?? (name || symbol).toUpperCase();
  return isName(canonical) ? { kind: 'index', exchange, symbol: canonical } : null;
}

/** What can stand in the canonical text without being taken for another part of it. */
const isName = (text: string): boolean => NAME.test(text) && text !== 'INDEX';

/** Printable ASCII without the colon, and no space at an end. */
const NAME = /^[!-9;-~](?:[ -9;-~]{0,62}[!-9;-~])?$/;

/** Parts of a rupee the master prints strikes in, beside ours: paise, and ten-millionths for currency. */
const STRIKE_SCALE = { paise: 100, currency: 10_000_000 } as const;

/** `2350000.000000` as `23500`; null for the -1 and 0 of what is no option. */
function strikeOf(printed: string, exchange: Exchange): string | null {
  const scale = exchange === 'CDS' ? STRIKE_SCALE.currency : STRIKE_SCALE.paise;
  const price = parsePrice(printed);
  const strike = price === null ? 0 : price / scale;
  return Number.isSafeInteger(strike) && strike > 0 ? String(strike / 10_000) : null;
}

/** An index prints 0 and takes no orders; a paisa stands for it. */
const INDEX_TICK: TenThousandths = 100;
/** No currency contract moves by more than a rupee at a time: a larger number is in another scale than paise. */
const LARGEST_CURRENCY_TICK: TenThousandths = 10_000;

/** Ticks are paise; whether those of currency are is not certain, though the 0.25 that was seen is right so. */
function tickOf({ tickSize }: MasterRow, contract: Contract): TenThousandths | null {
  const printed = parsePrice(tickSize);
  if (contract.kind === 'index' && (printed === null || printed <= 0)) return INDEX_TICK;
  const tick = printed === null ? 0 : printed / 100;
  if (!Number.isSafeInteger(tick) || tick <= 0) return null;
  return contract.exchange === 'CDS' && tick > LARGEST_CURRENCY_TICK ? null : tick;
}

/** `65` as 65; null for 0, for blank and for anything that is not a whole number. */
function lotOf(printed: string): number | null {
  const value = WHOLE.test(printed) ? Number.parseInt(printed, 10) : 0;
  return value > 0 ? value : null;
}

const WHOLE = /^\d{1,12}(\.0*)?$/;
