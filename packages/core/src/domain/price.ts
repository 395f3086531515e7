/**
 * Prices inside core are whole ten-thousandths of a rupee: currency derivatives tick at 0.0025, and a float compare
 * on 0.05 fails. At the border a price is a number of rupees or a decimal string.
 */
export type TenThousandths = number;

const PER_RUPEE = 10_000;
const DECIMAL = /^(-?)(\d{1,11})(?:\.(\d{1,10}))?$/;

/** Reads a border price exactly; null when it is not a finite decimal of at most four places. */
export function parsePrice(price: number | string): TenThousandths | null {
  if (typeof price === 'number') return fromNumber(price);
  const match = DECIMAL.exec(price.trim());
  if (!match) return null;
  const [, sign = '', whole = '0', fraction = ''] = match;
  if (/[1-9]/.test(fraction.slice(4))) return null;
  const units = Number(whole) * PER_RUPEE + Number(fraction.slice(0, 4).padEnd(4, '0'));
  return sign === '-' ? -units : units;
}

/** A float such as 0.1 + 0.2 is taken for the price it stands for; one that is off by more than that is refused. */
function fromNumber(price: number): TenThousandths | null {
  const scaled = price * PER_RUPEE;
  const units = Math.round(scaled);
  if (!Number.isSafeInteger(units)) return null;
  return Math.abs(scaled - units) <= Math.max(1e-6, Math.abs(scaled) * 1e-12) ? units : null;
}

/** Rupees as the nearest double; prints as written, since four places fit. */
export const toRupees = (units: TenThousandths): number => units / PER_RUPEE;

/** Whole paise, for brokers that speak them; null when the price has a fraction of a paisa. */
export const toPaise = (units: TenThousandths): number | null => (units % 100 === 0 ? units / 100 : null);

/** As a decimal string of rupees with two places, or four where the price needs them. */
export function formatPrice(units: TenThousandths): string {
  const places = units % 100 === 0 ? 2 : 4;
  return toRupees(units).toFixed(places);
}

/** The multiple of `tick` nearest to `price`, and never below one tick. */
export const nearestTick = (price: TenThousandths, tick: TenThousandths): TenThousandths =>
  Math.max(tick, Math.round(price / tick) * tick);
