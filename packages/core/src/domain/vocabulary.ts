/** The words Indian traders use. Each broker's `map/` turns them into its own; nothing else ever does. */
export const EXCHANGES = ['NSE', 'BSE', 'NFO', 'BFO', 'CDS', 'BCD', 'MCX'] as const;
export type Exchange = (typeof EXCHANGES)[number];

/** CNC is delivery, MIS intraday, NRML carried derivatives, MTF margin-funded delivery. */
export const PRODUCTS = ['CNC', 'MIS', 'NRML', 'MTF'] as const;
export type Product = (typeof PRODUCTS)[number];

/** SL is a stop that becomes a limit order, SL-M one that becomes a market order. */
export const ORDER_TYPES = ['MARKET', 'LIMIT', 'SL', 'SL-M'] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

export const VALIDITIES = ['DAY', 'IOC'] as const;
export type Validity = (typeof VALIDITIES)[number];

export const SIDES = ['BUY', 'SELL'] as const;
export type Side = (typeof SIDES)[number];

/** Which products an exchange trades: delivery words in the cash market, carry words in derivatives. */
export const PRODUCTS_OF: Readonly<Record<Exchange, readonly Product[]>> = {
  NSE: ['CNC', 'MIS', 'MTF'],
  BSE: ['CNC', 'MIS', 'MTF'],
  NFO: ['MIS', 'NRML'],
  BFO: ['MIS', 'NRML'],
  CDS: ['MIS', 'NRML'],
  BCD: ['MIS', 'NRML'],
  MCX: ['MIS', 'NRML'],
};
