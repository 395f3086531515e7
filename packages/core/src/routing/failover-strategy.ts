import type { ConnectionRef } from '../domain/order.js';

/**
 * What is asked of a broker, by what may become of it elsewhere. An exit is an order the caller marked `reduceOnly`; an
 * entry is every other one.
 */
export type OperationKind = 'market-data' | 'account-read' | 'entry' | 'exit' | 'modify' | 'cancel';

/** What a rule does with a call that was not sent. */
export type FailoverAction = 'RETRY' | 'SWITCH' | 'QUEUE';

/**
 * When a connection is in trouble, and what then becomes of calls not yet sent. It never moves, repeats or queues the
 * order whose time-out fired it.
 *
 * What the action means depends on the call. Market data goes to another connection whatever the rule says, and account
 * reads never do. An exit stays with the broker that holds its position: SWITCH is a RETRY for it, unless its caller said
 * `mayMove`. A modify or cancel stays with its order.
 */
export type FailoverRule =
  | (RuleThen & {
      readonly on: 'TIMEOUT';
      /** Deadlines missed within 60 s. @default 3 */
      readonly misses?: number | undefined;
    })
  | (RuleThen & {
      readonly on: 'ERROR_RATE';
      /**
       * Share of failed calls, above 0 and up to 1, over 5 minutes, of at least 20 calls. A connection that is down (not
       * connected, its breaker open, or this very call proven unsent) is at 1, and so is one that refused this very
       * call for a reason of its own: broker down, session, static IP, segment not enabled. @default 0.5
       */
      readonly share?: number | undefined;
    })
  | (RuleThen & {
      /** Only while a person has moved the traffic with `handleFailover`. */
      readonly on: 'MANUAL';
    });

/** What every rule says besides its condition. */
export interface RuleThen {
  readonly then: FailoverAction;
  /** For RETRY: most tries after the first, within the call's deadline. @default 2 */
  readonly tries?: number | undefined;
  /** For QUEUE: how long an order may wait, in milliseconds; never past its segment's close. @default 60000 */
  readonly expiresMs?: number | undefined;
  /** An entry that the broker refused for lack of margin may go to the next one as well. @default false */
  readonly onMargin?: boolean | undefined;
}

/** How and when calls return to the primary. */
export interface FailoverRecovery {
  /** False: only `handleFailover` leads back. @default true */
  readonly automatic?: boolean | undefined;
  /** How long the primary must have been healthy without a break, in milliseconds; doubles after each relapse. @default 60000 */
  readonly healthyMs?: number | undefined;
}

/** Which of a user's connections serves a call that names none, and what happens when it cannot. */
export interface FailoverStrategy {
  readonly primary: ConnectionRef;
  /** In the order they are tried. */
  readonly backups: readonly ConnectionRef[];
  /** The first that matches wins. With none, reads switch and entries are refused. */
  readonly rules: readonly FailoverRule[];
  readonly recovery?: FailoverRecovery | undefined;
  /** `balance` spreads market data over every healthy connection. @default 'primary' */
  readonly reads?: 'primary' | 'balance' | undefined;
}

/** A value and where it came from. `stale`: no broker answered, and this is the last that was known. */
export interface Reading<Value> {
  readonly value: Value;
  readonly from: ConnectionRef;
  /** When the broker gave it, epoch milliseconds. */
  readonly asOfMs: number;
  readonly stale: boolean;
}
