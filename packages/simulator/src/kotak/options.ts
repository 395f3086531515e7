import type { Segment } from '../exchange/instrument.js';
import { TRADED_SEGMENTS } from '../exchange/instrument.js';
import type { RateLimitSetting } from '../rate-limits.js';

/** Families that Kotak Neo counts calls in. Reads of books and portfolio have no documented limit. */
export type KotakFamily = 'order' | 'quote' | 'candle' | 'read';

export interface KotakAccountOptions {
  /** The UCC: 4 to 10 capital letters and digits. */
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
  /** `+91` and ten digits. @default derived from the seed */
  readonly mobileNumber?: string;
  /** Six digits. @default derived from the seed */
  readonly mpin?: string;
  /** Base32. @default derived from the seed */
  readonly totpSecret?: string;
  /** The API access token, a UUID. @default derived from the seed */
  readonly accessToken?: string;
  /** Data centre that the account lives in: the base URL of its sessions ends in it. @default 'E21' */
  readonly dataCenter?: string;
}

/** How the Kotak Neo front end behaves where documents and recordings leave a choice. */
export interface KotakOptions {
  /** The first account. @default client A1000001 with 1,000,000 rupees and all segments */
  readonly account?: KotakAccountOptions;
  /** Calls per account: the sheet's limits, none, or other windows for some families. @default 'on' */
  readonly rateLimits?: RateLimitSetting<KotakFamily>;
  /** What `GuiOrdId` does with the client's tag on modify and cancel. @default 'mutates', as seen live 2025-12 */
  readonly tag?: 'mutates' | 'stable' | 'blank';
  /** Placing, modifying, cancelling from an address that is not registered (100008), or not the session's (1037). @default 'ok' */
  readonly staticIp?: 'ok' | 'unregistered' | 'session-moved';
  /** An order that cannot be paid: a rejected row, or a 1004 without an order. Both are documented. @default 'reject' */
  readonly insufficientFunds?: 'reject' | 'refuse';
  /** An order outside market hours without the after-market flag. @default 'reject' ("ADAPTER is down") */
  readonly closedMarket?: 'reject' | 'after-market';
  /** A cancel of an after-market order: must carry `am` YES and `ts` as documented, or not. @default 'strict' */
  readonly afterMarketCancel?: 'strict' | 'lenient';
  /** A TOTP that has logged in before. @default 'refuse' */
  readonly totpReuse?: 'refuse' | 'accept';
  /** HTTP status around code 100022, "invalid session token". Recordings show the body only. @default 200 */
  readonly sessionOverStatus?: 200 | 401 | 403;
  /** Holdings of an account without any. Not documented. @default 'list' */
  readonly emptyHoldings?: 'list' | 'no-data';
  /** Strikes of the scrip files: as the real files print their doubles (`2.6e+06`), or in digits. @default 'scientific' */
  readonly strikes?: 'scientific' | 'plain';
  /** Clock in which MCX expiries are the last second of their day: the sheet says IST, a copy of a real file UTC. @default 'ist' */
  readonly mcxExpiry?: 'ist' | 'utc';
}

const DEFAULTS = {
  rateLimits: 'on',
  tag: 'mutates',
  staticIp: 'ok',
  insufficientFunds: 'reject',
  closedMarket: 'reject',
  afterMarketCancel: 'strict',
  totpReuse: 'refuse',
  sessionOverStatus: 200,
  emptyHoldings: 'list',
  strikes: 'scientific',
  mcxExpiry: 'ist',
} as const satisfies Partial<KotakOptions>;

const ACCOUNT_DEFAULTS = {
  cash: 1_000_000,
  segments: TRADED_SEGMENTS,
  holdings: [],
  dataCenter: 'E21',
} as const satisfies Partial<KotakAccountOptions>;

const FIRST_ACCOUNT: KotakAccountOptions = { clientId: 'A1000001' };

export type ResolvedKotakOptions = Readonly<Required<KotakOptions>>;
export type ResolvedKotakAccount = KotakAccountOptions &
  Required<Pick<KotakAccountOptions, keyof typeof ACCOUNT_DEFAULTS>>;

export function resolveKotakOptions(options: KotakOptions): ResolvedKotakOptions {
  return { ...DEFAULTS, account: FIRST_ACCOUNT, ...options };
}

export function resolveKotakAccount(options: KotakAccountOptions): ResolvedKotakAccount {
  return { ...ACCOUNT_DEFAULTS, ...options };
}
