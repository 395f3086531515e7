/** Where an instrument trades. `INDEX` rows are quoted and never traded. */
export type Segment =
  'NSE_EQ' | 'BSE_EQ' | 'NSE_FNO' | 'BSE_FNO' | 'NSE_CURRENCY' | 'BSE_CURRENCY' | 'MCX_COMM' | 'INDEX';

export const TRADED_SEGMENTS = [
  'NSE_EQ',
  'BSE_EQ',
  'NSE_FNO',
  'BSE_FNO',
  'NSE_CURRENCY',
  'BSE_CURRENCY',
  'MCX_COMM',
] as const satisfies readonly Segment[];

export interface Contract {
  /** Last trading day, `YYYY-MM-DD` IST. */
  readonly expiry: string;
  /** Rupees; 0 for a future. */
  readonly strike: number;
  readonly kind: 'FUT' | 'CE' | 'PE';
}

/** Something the exchange trades or quotes. Prices and tick are rupees, quantities are units. */
export interface Instrument {
  /** `segment:token`, for example `NSE_EQ:2885`. */
  readonly id: string;
  readonly segment: Segment;
  /** The exchange's own number, unique within its segment. */
  readonly token: string;
  readonly symbol: string;
  readonly name: string;
  readonly isin: string | null;
  readonly lot: number;
  readonly tick: number;
  /** Largest quantity of one order; `null` when the exchange sets none. */
  readonly maxQuantity: number | null;
  readonly contract: Contract | null;
  readonly startPrice: number;
  /** Widest move from the previous close, as a share of it; `null` for no band. */
  readonly band: number | null;
}

/** Half a ten-thousandth of a rupee: finer than the finest tick in India (0.0025) can be mistaken by. */
const EPSILON = 0.00005;

export function isMultipleOf(value: number, step: number): boolean {
  return Math.abs(value - Math.round(value / step) * step) < EPSILON;
}

/** Rupees cut to ten-thousandths, so that sums of prices do not drift. */
export function rupees(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

export function roundToTick(price: number, tick: number): number {
  return rupees(Math.max(1, Math.round(price / tick)) * tick);
}
