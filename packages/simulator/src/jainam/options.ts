import type { Segment } from '../exchange/instrument.js';
import { TRADED_SEGMENTS } from '../exchange/instrument.js';
import type { RateLimitSetting } from '../rate-limits.js';

/** Families that Jainam's XTS counts calls in. */
export type JainamFamily = 'order' | 'read';

export interface JainamAccountOptions {
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

/** How the Jainam's XTS front end behaves where documents and recordings leave a choice. */
export interface JainamOptions {
  /** The first account. @default one with 1,000,000 rupees and all segments */
  readonly account?: JainamAccountOptions;
  /** Calls per account: the sheet's limits, none, or other windows for some families. @default 'on' */
  readonly rateLimits?: RateLimitSetting<JainamFamily>;
}

const DEFAULTS = {
  account: { clientId: 'A1000001', segments: TRADED_SEGMENTS },
  rateLimits: 'on',
} as const satisfies JainamOptions;

export type ResolvedJainamOptions = Readonly<Required<JainamOptions>>;

export const resolveJainamOptions = (options: JainamOptions): ResolvedJainamOptions => ({ ...DEFAULTS, ...options });
