import type { CandleInterval } from '../domain/market-data.js';
import type { Exchange, OrderType, Product, Validity } from '../domain/vocabulary.js';

/**
 * What a broker's tag makes possible (reliability.md A.3): G3 refuses a second order with the same key, G2 finds an
 * order by tag, G1 echoes the tag in the book, G0 does not echo it.
 */
export type OrderIdentityGrade = 'G0' | 'G1' | 'G2' | 'G3';

/** What a broker can do, as data a host may ask for. */
export interface BrokerCapabilities {
  readonly exchanges: readonly Exchange[];
  readonly products: readonly Product[];
  readonly orderTypes: readonly OrderType[];
  readonly validities: readonly Validity[];
  readonly orderIdentity: {
    readonly grade: OrderIdentityGrade;
    /** Longest tag the broker's field takes, in characters. */
    readonly tagLength: number;
    /** How long an accepted order may stay invisible, in milliseconds; never below 120000. */
    readonly visibleWithinMs: number;
  };
  readonly candleIntervals: readonly CandleInterval[];
  readonly quoteBatch: number;
  /** How many orders may be modified before the broker refuses more; null when unlimited. */
  readonly modificationsPerOrder: number | null;
}
