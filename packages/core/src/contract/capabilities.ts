import type { CandleInterval } from '../domain/market-data.js';
import type { Exchange, OrderType, Product, Validity } from '../domain/vocabulary.js';

/**
 * What a broker's tag makes possible (reliability.md A.3): G3 refuses a second order with the same key, G2 finds an
 * order by tag, G1 echoes the tag in the book, G0 does not echo it.
 */
export type OrderIdentityGrade = 'G0' | 'G1' | 'G2' | 'G3';

/** When a session ends by the broker's rules, and what a second log-in does to the first. */
export interface SessionRules {
  /** Longest life from log-in, in milliseconds; null when only the time of day counts. */
  readonly lastsMs: number | null;
  /** Time of day in IST at which every session ends, `00:00`; null when none does. */
  readonly endsDailyAt: string | null;
  /** `unsure` is planned for as `ends-the-first`. */
  readonly secondLogin: 'ends-the-first' | 'leaves-the-first' | 'unsure';
  /**
   * True where a session serves one process alone. Then one process at a time connects an account; elsewhere all that
   * share a store share the session. @default false
   */
  readonly oneProcess?: boolean;
}

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
  readonly session: SessionRules;
  /** Whether the broker says what an order would block. */
  readonly margin: boolean;
  readonly candleIntervals: readonly CandleInterval[];
  readonly quoteBatch: number;
  /** How many orders may be modified before the broker refuses more; null when unlimited. */
  readonly modificationsPerOrder: number | null;
}
