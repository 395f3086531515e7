import type { Instrument, Segment } from '../exchange/instrument.js';
import type { OrderType, Product, Rejection, Side, Validity } from '../exchange/order.js';

/** Kotak's words beside the exchange's. One table per field of the wire. */

export const KOTAK_SEGMENTS = ['nse_cm', 'bse_cm', 'nse_fo', 'bse_fo', 'mcx_fo', 'cde_fo'] as const;
export type KotakSegment = (typeof KOTAK_SEGMENTS)[number];

/** Currency is listed and quoted; whether it can be ordered is unsure, so it cannot. */
const ORDER_SEGMENTS: readonly string[] = ['nse_cm', 'bse_cm', 'nse_fo', 'bse_fo', 'mcx_fo'];

export const segmentOf = (text: string): KotakSegment | undefined => KOTAK_SEGMENTS.find((segment) => segment === text);

export const isOrderSegment = (segment: KotakSegment): boolean => ORDER_SEGMENTS.includes(segment);

/** `undefined` for what Kotak does not list. */
export function segmentWord(segment: Segment, symbol: string): KotakSegment | undefined {
  switch (segment) {
    case 'NSE_EQ':
      return 'nse_cm';
    case 'BSE_EQ':
      return 'bse_cm';
    case 'NSE_FNO':
      return 'nse_fo';
    case 'BSE_FNO':
      return 'bse_fo';
    case 'MCX_COMM':
      return 'mcx_fo';
    case 'NSE_CURRENCY':
      return 'cde_fo';
    case 'BSE_CURRENCY':
      return undefined;
    case 'INDEX':
      return symbol === 'SENSEX' ? 'bse_cm' : 'nse_cm';
  }
}

export const EXCHANGE_WORDS: Readonly<Record<KotakSegment, string>> = {
  nse_cm: 'NSE',
  bse_cm: 'BSE',
  nse_fo: 'NSE',
  bse_fo: 'BSE',
  mcx_fo: 'MCX',
  cde_fo: 'CDS',
};

export const ORDER_TYPES: Readonly<Record<string, OrderType>> = { L: 'LIMIT', MKT: 'MARKET', SL: 'SL', 'SL-M': 'SL-M' };

export const ORDER_TYPE_WORDS: Readonly<Record<OrderType, string>> = {
  LIMIT: 'L',
  MARKET: 'MKT',
  SL: 'SL',
  'SL-M': 'SL-M',
};

/** CO and BO are still in Kotak's tables but left the API on 2026-04-01. */
export const PRODUCTS: Readonly<Record<string, Product>> = { CNC: 'CNC', MIS: 'MIS', NRML: 'NRML', MTF: 'MTF' };

export const SIDES: Readonly<Record<string, Side>> = { B: 'BUY', S: 'SELL' };

export const sideWord = (side: Side): string => (side === 'BUY' ? 'B' : 'S');

export const VALIDITIES: Readonly<Record<string, Validity>> = { DAY: 'DAY', IOC: 'IOC' };

/** Reason of an order that the risk checks or the exchange threw out; the first and the last are documented, the others ours. */
export const REJECTION_WORDS: Readonly<Record<Rejection, string>> = {
  'insufficient-margin': 'RMS:Margin Exceeds, Required is more than Available for entity account',
  'insufficient-holdings': 'RMS:Rule: Check holdings including collateral, No Holdings Present for entity account',
  'above-freeze-quantity': 'EXCH:17070: The quantity is above the freeze quantity',
  'off-lot': 'EXCH:16414: The order quantity is not a multiple of the market lot',
  'off-tick': 'EXCH:16283: The price is not a multiple of the tick size',
  'outside-price-band': 'EXCH:17072: The price is beyond the current execution range',
  'order-type-not-allowed': 'Market order with Algo Id not allowed',
};

/** Reason of an order sent while its segment was shut. */
export const MARKET_CLOSED_WORDS = 'ADAPTER is down';

const INDICES: readonly string[] = ['NIFTY', 'BANKNIFTY', 'FINNIFTY', 'MIDCPNIFTY', 'SENSEX', 'BANKEX'];

/** `FUTIDX` and its like; blank in cash. */
export function instrumentTypeWord({ segment, contract }: Instrument, underlying: string): string {
  if (contract === null) return '';
  const isFuture = contract.kind === 'FUT';
  if (segment === 'MCX_COMM') return isFuture ? 'FUTCOM' : 'OPTFUT';
  if (segment === 'NSE_CURRENCY' || segment === 'BSE_CURRENCY') return isFuture ? 'FUTCUR' : 'OPTCUR';
  return `${isFuture ? 'FUT' : 'OPT'}${INDICES.includes(underlying) ? 'IDX' : 'STK'}`;
}

/** CE, PE, XX for a future, blank in cash. */
export function optionTypeWord({ contract }: Instrument): string {
  if (contract === null) return '';
  return contract.kind === 'FUT' ? 'XX' : contract.kind;
}
