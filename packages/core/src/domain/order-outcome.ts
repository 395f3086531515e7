/** Why a broker said no. `brokerText` beside it is the broker's own sentence. */
export const REJECT_REASONS = [
  'margin',
  'price',
  'quantity',
  'market-closed',
  'instrument',
  'not-enabled',
  'session',
  'static-ip',
  'rate-limited',
  'broker-down',
  'order-not-open',
  'invalid-request',
  'other',
] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];

/** Why it is certain that the broker does not have the order. */
export type NotSentProof =
  /** Our own gate stopped it before the adapter was asked. */
  | { readonly by: 'gate'; readonly why: GateRefusal }
  /** Requests were made and none of their bytes was written: undici's `sendHeaders` never fired for them. */
  | { readonly by: 'send-record'; readonly requests: number; readonly cause: string }
  /** It may have been written, yet complete books of the right day, read after the window, do not have its tag. */
  | { readonly by: 'absent'; readonly books: number; readonly lookUps: number; readonly lastReadAtMs: number };

export type GateRefusal =
  | 'deadline'
  | 'rate-limited'
  | 'circuit-open'
  | 'not-connected'
  | 'login-needed'
  | 'not-reconciled'
  | 'journal-unavailable'
  | 'cancelled'
  | 'process-ended'
  | 'order-not-at-broker'
  | 'order-unreadable'
  | 'no-quote'
  /** It waited in the queue for longer than it may. */
  | 'expired'
  /** The queue of its user or connection is full. */
  | 'queue-full'
  /** Its egress address serves several clients, and the host has not accepted that. */
  | 'shared-egress'
  /** The broker takes no further modify of that order. */
  | 'modify-limit'
  /** While it waited it became an order that its broker would not take: listing, lot, tick, freeze or product changed. */
  | 'not-valid';

interface OutcomeBase {
  readonly clientOrderId: string;
}

export interface Accepted extends OutcomeBase {
  readonly kind: 'accepted';
  readonly brokerOrderId: string;
}

/** Needs the broker's own word for it. */
export interface Rejected extends OutcomeBase {
  readonly kind: 'rejected';
  readonly reason: RejectReason;
  readonly brokerText: string;
}

export interface NotSent extends OutcomeBase {
  readonly kind: 'not-sent';
  readonly proof: NotSentProof;
}

/** It may be at the broker. `settled` resolves when the look-up by tag ended: the same order is never sent again. */
export interface Unknown extends OutcomeBase {
  readonly kind: 'unknown';
  readonly tag: string;
  /** Last moment the request could have been written, epoch milliseconds. */
  readonly sentAtMs: number;
  /**
   * What the reconciler found. Another `unknown` when it could not tell (UNRESOLVED): that one's own `settled` resolves
   * if the order turns up later the same day, or when the day or the manager ends. Never rejects.
   */
  readonly settled: Promise<OrderOutcome>;
}

/** Kept in the journal, unsent, until it can go or expires. */
export interface Queued extends OutcomeBase {
  readonly kind: 'queued';
  readonly expiresAtMs: number;
}

/** What became of an order command when its deadline came. Exceptions are only for bad input and a closed manager. */
export type OrderOutcome = Accepted | Rejected | NotSent | Unknown | Queued;
