import type { Segment } from '../exchange/instrument.js';
import { TRADED_SEGMENTS } from '../exchange/instrument.js';
import type { RateLimitSetting } from '../rate-limits.js';

/** Families that Kotak Neo counts calls in. */
export type KotakFamily = 'order' | 'read';

export interface KotakAccountOptions {
  readonly clientId: string;
  /** Rupees. @default 1_000_000 */
  readonly cash?: number;
  /** Segments the account may trade in. @default all */
  readonly segments?: readonly Segment[];
  /** Shares held at the start, by instrument id (`NSE_EQ:2885`) or symbol. @default none */
  readonly holdings?: readonly {
    readonly instrument: string;
    readonly quantity: number;
    readonly averagePrice: number;
  }[];
}

/** How the Kotak Neo front end behaves where documents and recordings leave a choice. */
export interface KotakOptions {
  /** The first account. @default one with 1,000,000 rupees and all segments */
  readonly account?: KotakAccountOptions;
  /** Calls per account: the sheet's limits, none, or other windows for some families. @default 'on' */
  readonly rateLimits?: RateLimitSetting<KotakFamily>;
}

const DEFAULTS = {
  account: { clientId: 'A1000001', segments: TRADED_SEGMENTS },
  rateLimits: 'on',
} as const satisfies KotakOptions;

export type ResolvedKotakOptions = Readonly<Required<KotakOptions>>;

export const resolveKotakOptions = (options: KotakOptions): ResolvedKotakOptions => ({ ...DEFAULTS, ...options });
