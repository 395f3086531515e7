import { EXCHANGES } from './vocabulary.js';
import type { Exchange } from './vocabulary.js';
import type { TenThousandths } from './price.js';

/**
 * An instrument is the contract, not a broker's spelling of it. Its text form is canonical, stored, and never changes:
 *
 * - `NSE:RELIANCE` for shares and ETFs in any equity series, `NSE:SBIN:N5` for every other series
 * - `NSE:INDEX:NIFTY`
 * - `NFO:NIFTY:2026-11-24:FUT`, `NFO:NIFTY:2026-11-24:26000:CE`
 */
export type InstrumentId = string;

export type Contract =
  | { readonly kind: 'equity'; readonly exchange: Exchange; readonly symbol: string; readonly series: string | null }
  | { readonly kind: 'index'; readonly exchange: Exchange; readonly symbol: string }
  | { readonly kind: 'future'; readonly exchange: Exchange; readonly underlying: string; readonly expiry: string }
  | {
      readonly kind: 'option';
      readonly exchange: Exchange;
      readonly underlying: string;
      readonly expiry: string;
      /** Decimal rupees without trailing zeros, `26000` or `102.75`. */
      readonly strike: string;
      readonly right: 'CE' | 'PE';
    };

/** Whether one unit of our quantity is one unit at this broker. A guess is never a default: see DESIGN section 4. */
export type QuantityUnit =
  { readonly kind: 'units' } | { readonly kind: 'lots'; readonly unitsPerLot: number } | { readonly kind: 'unknown' };

/** One row of a broker's master, in our words. */
export interface Listing {
  readonly instrument: InstrumentId;
  readonly contract: Contract;
  /** The broker's own id, unique within `segment`. */
  readonly token: string;
  /** The broker's own word for the exchange segment. */
  readonly segment: string;
  /** The broker's trading symbol, as printed. */
  readonly symbol: string;
  readonly name: string;
  readonly isin: string | null;
  /** Units per lot; orders are a multiple of it. */
  readonly lotSize: number;
  readonly tick: TenThousandths;
  /** As the master prints it; null when it is 0 or blank, which means unknown and is not checked. */
  readonly freezeQuantity: number | null;
  readonly quantityUnit: QuantityUnit;
}

/** The canonical text of a contract. */
export function formatInstrument(contract: Contract): InstrumentId {
  switch (contract.kind) {
    case 'equity':
      return `${contract.exchange}:${contract.symbol}${contract.series === null ? '' : `:${contract.series}`}`;
    case 'index':
      return `${contract.exchange}:INDEX:${contract.symbol}`;
    case 'future':
      return `${contract.exchange}:${contract.underlying}:${contract.expiry}:FUT`;
    case 'option':
      return `${contract.exchange}:${contract.underlying}:${contract.expiry}:${contract.strike}:${contract.right}`;
  }
}

/** Reads the canonical text back; null when it is not one. */
export function parseInstrument(text: string): Contract | null {
  const [exchangeText, ...parts] = text.split(':');
  const exchange = EXCHANGES.find((known) => known === exchangeText);
  if (exchange === undefined || parts.length === 0 || parts.some((part) => part === '')) return null;
  const [first = '', second, third, fourth] = parts;

  if (first === 'INDEX')
    return parts.length === 2 && second !== undefined ? { kind: 'index', exchange, symbol: second } : null;
  if (parts.length === 1) return { kind: 'equity', exchange, symbol: first, series: null };
  if (parts.length === 2 && second !== undefined) return { kind: 'equity', exchange, symbol: first, series: second };
  if (second === undefined || !ISO_DATE.test(second)) return null;
  if (parts.length === 3 && third === 'FUT') return { kind: 'future', exchange, underlying: first, expiry: second };
  if (parts.length === 4 && third !== undefined && STRIKE.test(third) && (fourth === 'CE' || fourth === 'PE')) {
    return { kind: 'option', exchange, underlying: first, expiry: second, strike: third, right: fourth };
  }
  return null;
}

const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;
const STRIKE = /^\d+(\.\d*[1-9])?$/;

/**
 * The most one order may carry, or null when unknown. NSE's masters print the first quantity that is frozen, BSE's the
 * last one allowed (market-rules section 3, 2026-11-20); for the others the stricter reading is taken.
 */
export function largestQuantity({ contract, freezeQuantity, lotSize }: Listing): number | null {
  if (freezeQuantity === null) return null;
  const lastAllowed = contract.exchange === 'BSE' || contract.exchange === 'BFO' ? freezeQuantity : freezeQuantity - 1;
  return Math.floor(lastAllowed / lotSize) * lotSize;
}
