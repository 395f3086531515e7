import type { AlgoErrorCode, RejectReason } from '@algo/core/adapter';

export type CommandName = 'place' | 'modify' | 'cancel';

/** A broker's error as read. */
export interface Fault {
  /** What a read throws. */
  readonly code: FaultCode;
  /** Why a command was refused. */
  readonly reason: RejectReason;
  /** The commands of which it is the broker's own refusal. For any other it leaves the outcome unknown. */
  readonly refuses: readonly CommandName[];
  readonly retryAfterMs?: number;
}

export type FaultCode = Extract<
  AlgoErrorCode,
  | 'ALGO_SESSION_EXPIRED'
  | 'ALGO_NOT_ENTITLED'
  | 'ALGO_RATE_LIMITED'
  | 'ALGO_BROKER_UNAVAILABLE'
  | 'ALGO_BROKER_REFUSED'
  | 'ALGO_STATIC_IP_REFUSED'
>;

interface FaultRow extends Fault {
  /** What the sentence must contain; absent for "whatever it says". */
  readonly text?: RegExp;
}

const ALL = ['place', 'modify', 'cancel'] as const;
const CHANGES = ['modify', 'cancel'] as const;
const NEVER = [] as const;

const session = { code: 'ALGO_SESSION_EXPIRED', reason: 'session' } as const;
const notEntitled = { code: 'ALGO_NOT_ENTITLED', reason: 'not-enabled' } as const;
const refused = { code: 'ALGO_BROKER_REFUSED', reason: 'other' } as const;
const invalid = { code: 'ALGO_BROKER_REFUSED', reason: 'invalid-request' } as const;
const instrument = { code: 'ALGO_BROKER_REFUSED', reason: 'instrument' } as const;
const notOpen = { code: 'ALGO_BROKER_REFUSED', reason: 'order-not-open' } as const;
const down = { code: 'ALGO_BROKER_UNAVAILABLE', reason: 'broker-down' } as const;
const limited = { code: 'ALGO_RATE_LIMITED', reason: 'rate-limited' } as const;

/**
 * Every code known, with the first row that fits its sentence. SmartAPI docs, "Errors", copy of 2024, and posts of the
 * SmartAPI forum. A code missing here is unknown.
 *
 * `refuses` is shorter than the docs' classes: only what says that this very command was not taken is in it.
 */
export const FAULTS: ReadonlyMap<string, readonly FaultRow[]> = new Map<string, readonly FaultRow[]>([
  // The gateway's own: the order service was not asked.
  ['AG8001', [{ ...session, refuses: ALL }]],
  ['AG8002', [{ ...session, refuses: ALL }]],
  ['AG8003', [{ ...session, refuses: ALL }]],
  ['AB8050', [{ ...session, refuses: NEVER }]], // refresh token, so about no order
  ['AB8051', [{ ...session, refuses: NEVER }]],
  ['AB1010', [{ ...session, refuses: ALL }]],
  ['AB1011', [{ ...session, refuses: ALL }]],
  // What only a log-in says.
  ['AB1000', [{ ...notEntitled, refuses: NEVER }]],
  ['AB1050', [{ ...notEntitled, refuses: NEVER }]],
  ['AB1053', [{ ...notEntitled, refuses: ALL }]], // bad API key: stands in every call's header
  ['AB1005', [{ ...notEntitled, refuses: ALL }]],
  ['AB1006', [{ ...notEntitled, refuses: ALL }]], // client blocked for trading
  [
    'AB1007', // one code for many things
    [
      { text: /\border not found\b/i, ...notOpen, refuses: CHANGES },
      { text: /\binvalid (?:user|email|password|client)/i, ...notEntitled, refuses: NEVER },
      { text: /\binvalid param/i, ...invalid, refuses: ALL },
      { text: /\bamx\b/i, ...down, refuses: NEVER },
      { ...refused, refuses: NEVER },
    ],
  ],
  ['AB1004', [{ ...down, refuses: NEVER }]], // "Something Went Wrong": a place was seen to have worked
  ['AB2000', [{ ...down, refuses: NEVER }]],
  ['AB2001', [{ ...down, refuses: NEVER }]],
  ['AB1021', [{ ...limited, refuses: NEVER, retryAfterMs: 1_000 }]], // a limited place was seen to have worked
  ['AB1008', [{ ...invalid, refuses: ALL }]], // variety
  ['AB1009', [{ ...instrument, refuses: ALL }]], // symbol not found
  ['AB1012', [{ ...invalid, refuses: ALL }]], // product
  ['AB1013', [{ ...notOpen, refuses: CHANGES }]], // order not found
  // Words about trades, holdings, positions and passwords: nothing about this order.
  ['AB1014', [{ ...invalid, refuses: NEVER }]],
  ['AB1015', [{ ...invalid, refuses: NEVER }]],
  ['AB1016', [{ ...invalid, refuses: NEVER }]],
  ['AB1017', [{ ...invalid, refuses: NEVER }]],
  ['AB1018', [{ ...invalid, refuses: NEVER }]],
  ['AB1031', [{ ...invalid, refuses: NEVER }]],
  ['AB1032', [{ ...invalid, refuses: NEVER }]],
  ['AB4008', [{ ...invalid, refuses: ALL }]], // tag too long
  ['AB4018', [{ ...invalid, refuses: ALL }]], // empty token
  ['AB4036', [{ ...instrument, refuses: ALL }]], // cautionary list, wants scripconsent
  ['AB2002', [{ ...refused, reason: 'not-enabled', refuses: ALL }]], // bracket orders are blocked
  // Standing orders (GTT), which only a raw call reaches.
  ['AB9000', [{ ...down, refuses: NEVER }]],
  ['AB9001', [{ ...invalid, refuses: NEVER }]],
  ['AB9003', [{ ...invalid, refuses: NEVER }]],
  ['AB9005', [{ ...session, refuses: NEVER }]],
  ['AB9006', [{ ...invalid, reason: 'quantity', refuses: NEVER }]],
  ['AB9008', [{ ...invalid, reason: 'price', refuses: NEVER }]],
  ['AB9009', [{ ...invalid, reason: 'price', refuses: NEVER }]],
  ['AB9011', [{ ...instrument, refuses: NEVER }]],
  ['AB9013', [{ ...invalid, refuses: NEVER }]],
]);

/** What is said without a code. None of these says what became of a command. */
export interface TextRow {
  readonly text: RegExp;
  readonly code: FaultCode;
  readonly reason: RejectReason;
  readonly retryAfterMs?: number;
  /** Whether a web page may say it; pages speak of addresses and tokens for reasons of their own. */
  readonly inPages: boolean;
}

const FIREWALL_RETRY_MS = 5 * 60_000;

export const GATEWAY_TEXTS: readonly TextRow[] = [
  { text: /\baccess rate\b|\brate limit|\btoo many requests\b/i, ...limited, retryAfterMs: 1_000, inPages: true },
  // The firewall's page. It goes on blocking whoever goes on asking.
  { text: /\brequest rejected\b/i, ...limited, retryAfterMs: FIREWALL_RETRY_MS, inPages: true },
  // Neither the code nor the words are certain; it is matched loosely and proves nothing about an order.
  {
    text: /\bip(?: address(?:es)?)?\b/i,
    code: 'ALGO_STATIC_IP_REFUSED',
    reason: 'static-ip',
    inPages: false,
  },
  // The sentences of the codes that end a session, and nothing around them: instruments have tokens too.
  {
    text: /^\s*(?:invalid token|token expired|token missing|amx session expired|client not log(?:ged )?in)\s*[.!]?\s*$/i,
    ...session,
    inPages: false,
  },
];
