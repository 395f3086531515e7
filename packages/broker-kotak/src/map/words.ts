import type { Exchange, OrderStatus, OrderType, Product, Side, Validity } from '@algo/core/adapter';

/**
 * Kotak's words beside ours. Kotak Neo Trade API docs, "Trading APIs" and "Order Report APIs", as of 2026-09.
 *
 * What goes out is looked up in a record that is complete by its type; what comes in, in a `Map`, since an unknown word
 * must find nothing.
 */

/** Segments there is a master for, and our exchange for each. */
export const EXCHANGE_OF = {
  nse_cm: 'NSE',
  bse_cm: 'BSE',
  nse_fo: 'NFO',
  bse_fo: 'BFO',
  mcx_fo: 'MCX',
  cde_fo: 'CDS',
} as const satisfies Readonly<Record<string, Exchange>>;

export type Segment = keyof typeof EXCHANGE_OF;

/** In the order their files are read. */
export const SEGMENTS = [
  'nse_cm',
  'bse_cm',
  'nse_fo',
  'bse_fo',
  'mcx_fo',
  'cde_fo',
] as const satisfies readonly Segment[];

/** SL-M has no entry: Kotak answers "Market order with Algo Id not allowed" (seen 2026-07-28). */
export const ORDER_TYPE_WORDS: Readonly<Record<Exclude<OrderType, 'SL-M'>, string>> = {
  MARKET: 'MKT',
  LIMIT: 'L',
  SL: 'SL',
};

export const SIDE_WORDS: Readonly<Record<Side, string>> = { BUY: 'B', SELL: 'S' };

export const SIDE_OF: ReadonlyMap<string, Side> = new Map([
  ['B', 'BUY'],
  ['S', 'SELL'],
]);

export const ORDER_TYPE_OF: ReadonlyMap<string, OrderType> = new Map([
  ['L', 'LIMIT'],
  ['LMT', 'LIMIT'], // the stream's spelling
  ['MKT', 'MARKET'],
  ['SL', 'SL'],
  ['SL-M', 'SL-M'],
]);

/** CO and BO are gone from the API since 2026-04-01 and have no word of ours. */
export const PRODUCT_OF: ReadonlyMap<string, Product> = new Map([
  ['CNC', 'CNC'],
  ['MIS', 'MIS'],
  ['NRML', 'NRML'],
  ['MTF', 'MTF'],
]);

export const VALIDITY_OF: ReadonlyMap<string, Validity> = new Map([
  ['DAY', 'DAY'],
  ['IOC', 'IOC'],
]);

/** Kotak's words for an order's state, trimmed and in lower case. The last of each group are not in its documentation. */
export const STATUS_OF: ReadonlyMap<string, OrderStatus> = new Map([
  ['put order req received', 'PENDING'],
  ['validation pending', 'PENDING'],
  ['open pending', 'PENDING'],
  ['after market order req received', 'PENDING'],
  ['open', 'OPEN'],
  ['modified', 'OPEN'],
  ['modify pending', 'OPEN'],
  ['modify validation pending', 'OPEN'],
  ['modify after market order req received', 'OPEN'],
  ['cancel pending', 'OPEN'],
  ['trigger pending', 'TRIGGER_PENDING'],
  ['partially filled', 'PARTIALLY_FILLED'],
  ['partial', 'PARTIALLY_FILLED'],
  ['complete', 'FILLED'],
  ['traded', 'FILLED'],
  ['cancelled', 'CANCELLED'],
  ['canceled', 'CANCELLED'],
  ['cancelled after market order', 'CANCELLED'],
  ['rejected', 'REJECTED'],
  ['expired', 'EXPIRED'],
]);

/**
 * The names by which quotes know an index, and our own symbols for the same: an index has no token there, and the name
 * must be exact. Kotak Neo Trade API docs, "Quotes", as of 2026-09; ours are the exchanges' contract symbols.
 */
const INDEX_NAMES: ReadonlyMap<string, string> = new Map([
  ['NSE:NIFTY', 'Nifty 50'],
  ['NSE:BANKNIFTY', 'Nifty Bank'],
  ['NSE:FINNIFTY', 'Nifty Fin Service'],
  ['NSE:MIDCPNIFTY', 'NIFTY MID SELECT'],
  ['NSE:NIFTYNXT50', 'Nifty Next 50'],
  ['NSE:INDIA VIX', 'INDIA VIX'],
  ['BSE:SENSEX', 'SENSEX'],
  ['BSE:BANKEX', 'BANKEX'],
  ['BSE:SENSEX50', 'SNSX50'],
]);

/** What a quote of an index is asked by; null where the documentation names none for it. */
export const indexName = (exchange: Exchange, symbol: string): string | null =>
  INDEX_NAMES.get(`${exchange}:${symbol}`) ?? null;

const INDEX_SYMBOLS: ReadonlyMap<string, string> = new Map(
  Array.from(INDEX_NAMES, ([key, name]) => {
    const [exchange = '', symbol = ''] = key.split(':');
    return [`${exchange}:${name.toUpperCase()}`, symbol];
  }),
);

/** Our symbol for an index, whichever of its names the master prints; the printed one where it is not among them. */
export function indexSymbol(exchange: Exchange, printed: string): string {
  const upper = printed.toUpperCase();
  return INDEX_SYMBOLS.get(`${exchange}:${upper}`) ?? upper;
}
