import type { Segment } from '../exchange/instrument.js';
import { TRADED_SEGMENTS } from '../exchange/instrument.js';
import type { RateLimitSetting } from '../rate-limits.js';

/** Families that Dhan counts calls in. */
export type RateFamily = 'order' | 'data' | 'quote' | 'non-trading';

export interface DhanAccountOptions {
  /** Ten digits. */
  readonly clientId: string;
  /** Rupees. @default 1_000_000 */
  readonly cash?: number;
  /** Segments the account may trade in. @default all */
  readonly segments?: readonly Segment[];
  /** Whether market data is paid for; without it data calls answer 806 and charts DH-902. @default true */
  readonly dataPlan?: boolean;
  /** Shares held at the start, by instrument id (`NSE_EQ:2885`) or symbol. @default none */
  readonly holdings?: readonly {
    readonly instrument: string;
    readonly quantity: number;
    readonly averagePrice: number;
  }[];
  /** Six digits. @default derived from the seed */
  readonly pin?: string;
  /** Base32. @default derived from the seed */
  readonly totpSecret?: string;
}

/** How the Dhan front end behaves where Dhan's documents and recordings leave a choice. */
export interface DhanOptions {
  /** The first account. @default client 1000000001 with 1,000,000 rupees and all segments */
  readonly account?: DhanAccountOptions;
  /** Calls per account: the sheet's limits, none, or other windows for some families. @default 'on' */
  readonly rateLimits?: RateLimitSetting<RateFamily>;
  /** `GET /orders/{id}` and the trades of one order: the live API's array or the documents' object. @default 'array' */
  readonly orderById?: 'array' | 'object';
  /** A correlation id that no order carries: `[]` with 200, or 400 DH-905. @default 'empty' */
  readonly unknownTag?: 'empty' | 'error';
  /** What a new token does to the account's older ones. @default 'kills' */
  readonly secondLogin?: 'kills' | 'keeps';
  /** Where the consent page sends the person's browser. @default 'https://bot.example/dhan' */
  readonly redirectUrl?: string;
  /** `refuse` answers placing, modifying and cancelling with DH-905 "Invalid IP". @default 'ok' */
  readonly staticIp?: 'ok' | 'refuse';
  /** STOP_LOSS_MARKET: thrown out after acceptance (seen live 2026-07), or taken. @default 'reject' */
  readonly stopLossMarket?: 'reject' | 'accept';
  /** How order rows show a market order: as the protected limit it became, or as sent. @default 'limit' */
  readonly marketOrderRow?: 'limit' | 'market';
  /** Serve and trade contracts of our own that are alive on the pinned day. @default true */
  readonly syntheticContracts?: boolean;
  /** Compress replies for clients that accept gzip. @default false */
  readonly gzip?: boolean;
}

const DEFAULTS = {
  rateLimits: 'on',
  orderById: 'array',
  unknownTag: 'empty',
  secondLogin: 'kills',
  redirectUrl: 'https://bot.example/dhan',
  staticIp: 'ok',
  stopLossMarket: 'reject',
  marketOrderRow: 'limit',
  syntheticContracts: true,
  gzip: false,
} as const satisfies Partial<DhanOptions>;

const ACCOUNT_DEFAULTS = {
  cash: 1_000_000,
  segments: TRADED_SEGMENTS,
  dataPlan: true,
  holdings: [],
} as const satisfies Partial<DhanAccountOptions>;

const FIRST_ACCOUNT: DhanAccountOptions = { clientId: '1000000001' };

export type ResolvedDhanOptions = Readonly<Required<DhanOptions>>;
export type ResolvedDhanAccount = DhanAccountOptions & Required<Omit<DhanAccountOptions, 'pin' | 'totpSecret'>>;

export function resolveDhanOptions(options: DhanOptions): ResolvedDhanOptions {
  return { ...DEFAULTS, account: FIRST_ACCOUNT, ...options };
}

export function resolveDhanAccount(options: DhanAccountOptions): ResolvedDhanAccount {
  return { ...ACCOUNT_DEFAULTS, ...options };
}
