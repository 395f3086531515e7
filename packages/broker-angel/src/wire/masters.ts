import { field, isFields } from './read.js';

/**
 * One row of `OpenAPIScripMaster.json`, as printed and trimmed. Empty where the row has nothing.
 *
 * @see SmartAPI docs, "Instruments", copy of 2024; rows of 2022 to 2026. They call it CSV, it is one JSON list.
 */
export interface MasterRow {
  /** Unique within `exchange`. */
  readonly token: string;
  /** The trading symbol of orders: `SBIN-EQ`, `NIFTY28JUL2623500CE`. */
  readonly symbol: string;
  /** What a derivative is on; a short name of a company. */
  readonly name: string;
  /** `28JUL2026`, in older files `04Apr2024`. */
  readonly expiry: string;
  /** A hundred times the strike in rupees; in currency ten million times. */
  readonly strike: string;
  readonly lotSize: string;
  /** Empty for a share, AMXIDX for an index, FUTIDX, OPTSTK, … */
  readonly instrumentType: string;
  readonly exchange: string;
  /** Paise. */
  readonly tickSize: string;
}

/** Reads one object of the master; null when it is broken, lacks a field or has one twice: nobody knows then which is meant. */
export function readMasterRow(text: string): MasterRow | null {
  const value = parsed(text);
  if (!isFields(value) || Object.keys(value).length !== pairsIn(text)) return null;
  const print = (name: string): string | null => printed(field(value, name));
  const [token, symbol, name, expiry] = [print('token'), print('symbol'), print('name'), print('expiry')];
  const [strike, lotSize, instrumentType] = [print('strike'), print('lotsize'), print('instrumenttype')];
  const [exchange, tickSize] = [print('exch_seg'), print('tick_size')];
  if (token === null || symbol === null || name === null || expiry === null || strike === null) return null;
  if (lotSize === null || instrumentType === null || exchange === null || tickSize === null) return null;
  return { token, symbol, name, expiry, strike, lotSize, instrumentType, exchange, tickSize };
}

/** All values are texts in every file seen; a number would mean the same. */
function printed(value: unknown): string | null {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' ? String(value) : null;
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return null;
  }
}

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** How many pairs a JSON text prints: its colons outside of strings. The parser keeps the last of two equal names in silence. */
function pairsIn(text: string): number {
  let pairs = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) inString = !inString;
    else if (inString && code === BACKSLASH) at += 1;
    else if (!inString && code === COLON) pairs += 1;
  }
  return pairs;
}

/** Indices went missing from the file and came back with the same tokens. SmartAPI forum, and files of 2022 to 2026. */
export const KNOWN_INDICES: readonly { readonly fields: MasterRow; readonly printed: string }[] = [
  knownIndex('NSE', '99926000', 'Nifty 50', 'NIFTY'),
  knownIndex('NSE', '99926009', 'Nifty Bank', 'BANKNIFTY'),
  knownIndex('NSE', '99926017', 'India VIX', 'INDIA VIX'),
  knownIndex('BSE', '99919000', 'SENSEX', 'SENSEX'),
];

function knownIndex(
  exchange: string,
  token: string,
  symbol: string,
  name: string,
): { readonly fields: MasterRow; readonly printed: string } {
  const fields = {
    token,
    symbol,
    name,
    expiry: '',
    strike: '0.000000',
    lotSize: '1',
    instrumentType: 'AMXIDX',
    exchange,
    tickSize: '0.000000',
  };
  const { lotSize: lotsize, instrumentType: instrumenttype, exchange: exch_seg, tickSize: tick_size, ...same } = fields;
  return { fields, printed: JSON.stringify({ ...same, lotsize, instrumenttype, exch_seg, tick_size }) };
}
