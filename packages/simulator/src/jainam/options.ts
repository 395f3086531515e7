import type { Segment } from '../exchange/instrument.js';
import { TRADED_SEGMENTS } from '../exchange/instrument.js';
import type { RateLimitSetting } from '../rate-limits.js';

/** Families that calls are counted in. `other` is every call without a limit of its own. */
export type JainamFamily = 'order' | 'order-book' | 'trades' | 'positions' | 'quote' | 'other';

export interface JainamAccountOptions {
  /** The user id that a log-in answers; of an investor also the client code. */
  readonly clientId: string;
  /** A dealer or prop log-in: every call names a client, and the books have paths of their own. @default false */
  readonly dealer?: boolean;
  /** The clients of a dealer, each with the cash, segments and holdings below. @default one, `<clientId>C1` */
  readonly clientCodes?: readonly string[];
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

/** How Jainam's XTS front end behaves where documents and recordings leave a choice. */
export interface JainamOptions {
  /** The first account. @default investor A1000001 with 1,000,000 rupees and all segments */
  readonly account?: JainamAccountOptions;
  /** Calls per log-in: what public adapters keep to, none, or other windows for some families. @default 'on' */
  readonly rateLimits?: RateLimitSetting<JainamFamily>;
  /** HTTP status of a refusal for too many calls: both were seen. @default 400 */
  readonly rateLimitStatus?: 400 | 429;
  /** Whether a place over the limit is refused before anything happens, or taken and refused in words only. @default 'refused' */
  readonly rateLimitedPlace?: 'refused' | 'taken';
  /** HTTP status of a token that is wrong, over or taken over: both were seen. @default 400 */
  readonly invalidTokenStatus?: 400 | 401;
  /**
   * Whether an order that has ended still shows its OrderUniqueIdentifier: a real filled row does, and the sheet's
   * "terminal orders have none" can be read of ended orders as well as of the trading terminal's. @default 'keeps'
   */
  readonly endedOrderTag?: 'keeps' | 'loses';
  /** How long an order reads PendingNew before its rows show what became of it, in milliseconds. @default 0 */
  readonly pendingNewMs?: number;
  /** Words and dates of order rows: as in the recording of 2020, or upper case and `Jun 18 2026 09:20:15`. @default 'recorded' */
  readonly orderRows?: 'recorded' | 'newer';
  /** OrderStatus as a word, or as the number of its FIX letter, which third parties report of some gateways. @default 'words' */
  readonly orderStatus?: 'words' | 'numbers';
  /** AppOrderID as a number, or as text: both were seen. @default 'number' */
  readonly appOrderId?: 'number' | 'text';
  /** Names in position rows: the present ones, or those of the older model (`NetPosition`, `BuyValue`). @default 'present' */
  readonly positionRows?: 'present' | 'older';
  /** Holdings as an object by ISIN, or inside a list as older servers send it. @default 'object' */
  readonly holdingRows?: 'object' | 'list';
  /** Quotes 1501: the values inside `Touchline`, or beside the instrument. @default 'nested' */
  readonly touchline?: 'nested' | 'flat';
  /** Derivative quotes outside trading hours: as ever, an empty text, or left out (both were seen). @default 'usual' */
  readonly closedQuotes?: 'usual' | 'empty' | 'absent';
  /** The margin call: most deployments have none and answer an HTML page with 404. @default 'absent' */
  readonly margin?: 'absent' | 'served';
  /** Host look-up: not there, there if wanted, or log-ins need its key. @default 'optional' */
  readonly hostLookup?: 'absent' | 'optional' | 'required';
  /** Spelling of its answer: `type: true` with `uniqueKey`, or `"success"` with `UniqueKey`. @default 'boolean' */
  readonly hostLookupReply?: 'boolean' | 'text';
  /** MARKET and STOPMARKET: taken, or thrown out after acceptance as the rules of 2026 allow. @default 'accept' */
  readonly marketOrders?: 'accept' | 'reject';
  /** Product MTF: no source says whether it is served. @default 'refuse' */
  readonly mtf?: 'refuse' | 'accept';
  /** `refuse` answers placing, modifying and cancelling as from an address that is not registered. @default 'ok' */
  readonly staticIp?: 'ok' | 'refuse';
  /** Subscriptions of one market data log-in; the developer server of 2025 gave 50. @default 50 */
  readonly subscriptionLimit?: number;
}

const DEFAULTS = {
  account: { clientId: 'A1000001' },
  rateLimits: 'on',
  rateLimitStatus: 400,
  rateLimitedPlace: 'refused',
  invalidTokenStatus: 400,
  endedOrderTag: 'keeps',
  pendingNewMs: 0,
  orderRows: 'recorded',
  orderStatus: 'words',
  appOrderId: 'number',
  positionRows: 'present',
  holdingRows: 'object',
  touchline: 'nested',
  closedQuotes: 'usual',
  margin: 'absent',
  hostLookup: 'optional',
  hostLookupReply: 'boolean',
  marketOrders: 'accept',
  mtf: 'refuse',
  staticIp: 'ok',
  subscriptionLimit: 50,
} as const satisfies JainamOptions;

const ACCOUNT_DEFAULTS = {
  dealer: false,
  cash: 1_000_000,
  segments: TRADED_SEGMENTS,
  holdings: [],
} as const satisfies Partial<JainamAccountOptions>;

export type ResolvedJainamOptions = Readonly<Required<JainamOptions>>;
export type ResolvedJainamAccount = Readonly<Required<JainamAccountOptions>>;

export const resolveJainamOptions = (options: JainamOptions): ResolvedJainamOptions => ({ ...DEFAULTS, ...options });

export function resolveJainamAccount(options: JainamAccountOptions): ResolvedJainamAccount {
  const own = options.dealer === true ? `${options.clientId}C1` : options.clientId;
  return { ...ACCOUNT_DEFAULTS, clientCodes: [own], ...options };
}
