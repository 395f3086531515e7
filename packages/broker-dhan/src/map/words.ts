import type { Contract, Exchange, OrderType, Product, Side, Validity } from '@algo/core/adapter';

/**
 * Dhan's words beside ours. DhanHQ v2 docs, "Annexure", captured 2026-07-15.
 *
 * What goes out is looked up in a record that is complete by its type; what comes in, in a `Map`, since an unknown word
 * must find nothing.
 */

export const SEGMENTS = {
  NSE: 'NSE_EQ',
  BSE: 'BSE_EQ',
  NFO: 'NSE_FNO',
  BFO: 'BSE_FNO',
  CDS: 'NSE_CURRENCY',
  BCD: 'BSE_CURRENCY',
  MCX: 'MCX_COMM',
} as const satisfies Readonly<Record<Exchange, string>>;

/** Indices have a segment of their own, for quotes and candles only. */
export const INDEX_SEGMENT = 'IDX_I';

/** SL-M has no entry: a bare STOP_LOSS_MARKET was mangled or refused in 2026 (openalgo issue 1647, 2026-07-21). */
export const ORDER_TYPE_WORDS: Readonly<Record<Exclude<OrderType, 'SL-M'>, string>> = {
  MARKET: 'MARKET',
  LIMIT: 'LIMIT',
  SL: 'STOP_LOSS',
};

export const PRODUCT_WORDS: Readonly<Record<Product, string>> = {
  CNC: 'CNC',
  MIS: 'INTRADAY',
  NRML: 'MARGIN',
  MTF: 'MTF',
};

export const SIDE_OF: ReadonlyMap<string, Side> = new Map([
  ['BUY', 'BUY'],
  ['SELL', 'SELL'],
]);

export const ORDER_TYPE_OF: ReadonlyMap<string, OrderType> = new Map([
  ['MARKET', 'MARKET'],
  ['LIMIT', 'LIMIT'],
  ['STOP_LOSS', 'SL'],
  ['STOP_LOSS_MARKET', 'SL-M'],
]);

/** CO and BO are products of the past without a word of ours. */
export const PRODUCT_OF: ReadonlyMap<string, Product> = new Map([
  ['CNC', 'CNC'],
  ['INTRADAY', 'MIS'],
  ['MARGIN', 'NRML'],
  ['MTF', 'MTF'],
]);

export const VALIDITY_OF: ReadonlyMap<string, Validity> = new Map([
  ['DAY', 'DAY'],
  ['IOC', 'IOC'],
]);

/**
 * Underlyings of index derivatives, to tell FUTIDX from FUTSTK in a chart request: a listing does not carry the master's
 * own word for it. NSE and BSE contract lists as of 2026-11-20.
 */
const INDEX_UNDERLYINGS: ReadonlySet<string> = new Set([
  'NIFTY',
  'BANKNIFTY',
  'FINNIFTY',
  'MIDCPNIFTY',
  'NIFTYNXT50',
  'SENSEX',
  'BANKEX',
  'SENSEX50',
]);

/** The word of a chart request for the kind of contract. */
export function chartInstrument(contract: Contract): string {
  if (contract.kind === 'equity') return 'EQUITY';
  if (contract.kind === 'index') return 'INDEX';
  const future = contract.kind === 'future';
  switch (contract.exchange) {
    case 'MCX':
      return future ? 'FUTCOM' : 'OPTFUT';
    case 'CDS':
    case 'BCD':
      return future ? 'FUTCUR' : 'OPTCUR';
    default: {
      const kind = INDEX_UNDERLYINGS.has(contract.underlying) ? 'IDX' : 'STK';
      return `${future ? 'FUT' : 'OPT'}${kind}`;
    }
  }
}
