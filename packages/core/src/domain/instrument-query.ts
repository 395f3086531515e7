import type { Contract } from './instrument.js';
import type { Exchange } from './vocabulary.js';

/** What to look for among a broker's instruments. All that is given must hold; nothing given matches everything. */
export interface InstrumentQuery {
  /**
   * Words, each of which must appear in the canonical text, the trading symbol, the name or the ISIN; capitals do not
   * matter.
   */
  readonly text?: string;
  readonly exchange?: Exchange;
  readonly kind?: Contract['kind'];
  /** Of futures and options, as in the canonical text: `NIFTY`. */
  readonly underlying?: string;
  /** `YYYY-MM-DD`. */
  readonly expiry?: string;
  /** Rupees. */
  readonly strike?: number | string;
  readonly right?: 'CE' | 'PE';
  /** Most instruments to give, 1 to 1000. @default 50 */
  readonly limit?: number;
}
