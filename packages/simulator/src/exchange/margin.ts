import type { Instrument } from './instrument.js';
import type { Product, Side } from './order.js';

/** Shares of the traded value. Round numbers of the right size, not any exchange's own: SPAN is not pretended. */
const INTRADAY_SHARE = 0.2;
const FUNDED_SHARE = 0.4;
const FUTURE_SHARE = 0.15;
const SHORT_OPTION_SHARE = 0.12;

/** Rupees held back for one unit that opens exposure. */
export function unitMargin(instrument: Instrument, product: Product, side: Side, price: number): number {
  const { contract } = instrument;
  if (contract !== null) {
    if (contract.kind === 'FUT') return price * FUTURE_SHARE;
    return side === 'BUY' ? price : contract.strike * SHORT_OPTION_SHARE;
  }
  switch (product) {
    case 'CNC':
    case 'NRML':
      return side === 'BUY' ? price : 0; // a delivery sale needs the shares instead
    case 'MTF':
      return side === 'BUY' ? price * FUNDED_SHARE : 0;
    case 'MIS':
      return price * INTRADAY_SHARE;
  }
}
