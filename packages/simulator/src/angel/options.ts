import type { Segment } from '../exchange/instrument.js';
import { TRADED_SEGMENTS } from '../exchange/instrument.js';
import type { RateLimitSetting } from '../rate-limits.js';

/** Families that Angel One counts calls in: mostly one per endpoint; placing, modifying and cancelling share one. */
export type AngelFamily =
  | 'login'
  | 'refresh'
  | 'profile'
  | 'logout'
  | 'funds'
  | 'order'
  | 'order-book'
  | 'order-details'
  | 'trade-book'
  | 'positions'
  | 'holdings'
  | 'all-holdings'
  | 'search'
  | 'ltp'
  | 'quote'
  | 'margin'
  | 'charges'
  | 'candles'
  | 'open-interest';

export interface AngelAccountOptions {
  /** The client code: 4 to 12 capitals and digits. */
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
  /** Eight letters and digits. @default derived from the seed */
  readonly apiKey?: string;
  /** Four digits. @default derived from the seed */
  readonly mpin?: string;
  /** Base32. @default derived from the seed */
  readonly totpSecret?: string;
}

/** How the Angel One front end behaves where documents, recordings and users' reports leave a choice. */
export interface AngelOptions {
  /** The first account. @default client A1000001 with 1,000,000 rupees and all segments */
  readonly account?: AngelAccountOptions;
  /** Calls per account: the documented limits, none, or other windows for some families. @default 'on' */
  readonly rateLimits?: RateLimitSetting<AngelFamily>;
  /** What a new login, or a refresh, does to the account's older tokens. Sources disagree. @default 'kills' */
  readonly secondLogin?: 'kills' | 'keeps';
  /** When tokens stop being taken: at midnight IST (2026), or when the `exp` of the token says so. @default 'midnight' */
  readonly sessionEnds?: 'midnight' | 'token';
  /** Whether the same six digits log in twice. @default 'accept' */
  readonly totpReuse?: 'accept' | 'refuse';
  /** MARKET and STOPLOSS_MARKET, prohibited for algo orders since 2026: taken and then rejected, or taken. @default 'refuse' */
  readonly marketOrders?: 'refuse' | 'take';
  /** IOC, prohibited like MARKET. @default 'refuse' */
  readonly iocOrders?: 'refuse' | 'take';
  /** An order while the segment is shut: waits for the opening, or is refused. @default 'wait' */
  readonly afterHours?: 'wait' | 'refuse';
  /** `refuse` answers placing, modifying and cancelling as if from an address that is not registered. @default 'ok' */
  readonly staticIp?: 'ok' | 'refuse';
  /** Envelope of a refused token: both were seen. @default 'gateway' */
  readonly tokenErrors?: 'gateway' | 'service';
  /** How too many calls are refused: text with 403, text with 429, or AB1021 with 200. @default 'forbidden' */
  readonly rateLimitWords?: 'forbidden' | 'too-many' | 'code';
  /** Order rows with prices as numbers, like postbacks of 2023, or as the older documents print them. @default 'recorded' */
  readonly orderRows?: 'recorded' | 'documented';
  /** `uniqueorderid`: an id of its own, or sometimes the order id. @default 'own' */
  readonly uniqueOrderIds?: 'own' | 'same';
  /** How a day order ends that nobody filled: no word for expiry is known. @default 'cancelled' */
  readonly unfilledAtClose?: 'cancelled' | 'rejected';
  /** `getLtpData`: numbers as live, or texts as documented. @default 'numbers' */
  readonly ltpData?: 'numbers' | 'texts';
  /** Exchanges and products of a profile: one text that holds JSON, or lists. @default 'text' */
  readonly profileLists?: 'text' | 'list';
  /** Most characters of an `ordertag`: 20 by its error message, 15 by a later post. @default 20 */
  readonly longestTag?: number;
  /** Trading symbols that want `scripconsent: "yes"`. @default none */
  readonly cautionary?: readonly string[];
  /** Where the publisher login sends the browser back to. @default 'http://127.0.0.1/angel' */
  readonly redirectUrl?: string;
}

const DEFAULTS = {
  rateLimits: 'on',
  secondLogin: 'kills',
  sessionEnds: 'midnight',
  totpReuse: 'accept',
  marketOrders: 'refuse',
  iocOrders: 'refuse',
  afterHours: 'wait',
  staticIp: 'ok',
  tokenErrors: 'gateway',
  rateLimitWords: 'forbidden',
  orderRows: 'recorded',
  uniqueOrderIds: 'own',
  unfilledAtClose: 'cancelled',
  ltpData: 'numbers',
  profileLists: 'text',
  longestTag: 20,
  cautionary: [],
  redirectUrl: 'http://127.0.0.1/angel',
} as const satisfies Partial<AngelOptions>;

const ACCOUNT_DEFAULTS = {
  cash: 1_000_000,
  segments: TRADED_SEGMENTS,
  holdings: [],
} as const satisfies Partial<AngelAccountOptions>;

const FIRST_ACCOUNT: AngelAccountOptions = { clientId: 'A1000001' };

export type ResolvedAngelOptions = Readonly<Required<AngelOptions>>;
export type ResolvedAngelAccount = AngelAccountOptions &
  Required<Omit<AngelAccountOptions, 'apiKey' | 'mpin' | 'totpSecret'>>;

export function resolveAngelOptions(options: AngelOptions): ResolvedAngelOptions {
  return { ...DEFAULTS, account: FIRST_ACCOUNT, ...options };
}

export function resolveAngelAccount(options: AngelAccountOptions): ResolvedAngelAccount {
  return { ...ACCOUNT_DEFAULTS, ...options };
}
