/** Rupees at the start of the pretend day, by symbol: invented, near enough to look right. */
const START_PRICES: Readonly<Record<string, number>> = {
  RELIANCE: 1400,
  TCS: 3100,
  HDFCBANK: 1000,
  SBIN: 900,
  IDEA: 9,
  'M&M': 3600,
  'BAJAJ-AUTO': 9000,
  GOLDBEES: 100,
  THINKINK: 0.36,
  NIFTY: 26000,
  BANKNIFTY: 58000,
  SENSEX: 85000,
  GOLDM: 125000,
  CRUDEOIL: 5400,
};

const OPTION_PRICE = 150;
const OTHER_PRICE = 100;

/** A future starts at its underlying's price: its symbol begins with the underlying's. */
export function startPriceOf(symbol: string, isOption: boolean): number {
  if (isOption) return OPTION_PRICE;
  return START_PRICES[symbol] ?? START_PRICES[symbol.replace(/-[^-]*\d{4}-FUT$/, '')] ?? OTHER_PRICE;
}
