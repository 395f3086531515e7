import type { BrokerOrder } from '../domain/order.js';
import type { Trade } from '../domain/portfolio.js';
import type { AccountKey } from './store.js';

export const ATTEMPT_STATES = [
  'INTENT',
  'SUBMITTING',
  'ACKNOWLEDGED',
  'REJECTED',
  'NOT_SENT',
  'AMBIGUOUS',
  'FOUND',
  'ABSENT',
  'UNRESOLVED',
] as const;
export type AttemptState = (typeof ATTEMPT_STATES)[number];

export type CommandKind = 'place' | 'modify' | 'cancel';

/** One try to get one command to one broker. The row is durable before the first byte of the command leaves. */
export interface AttemptRow extends AccountKey {
  /** Our id on the wire, unique in the store. */
  readonly tag: string;
  /** `Store.owner` of whoever made or claimed it last, and may be sending it; empty in rows older than that. */
  readonly owner: string;
  readonly kind: CommandKind;
  readonly clientOrderId: string;
  /** 1 for the first try of a place; modifies and cancels of one order count on from 1 as well. */
  readonly number: number;
  /** The command in canonical JSON: equal texts are equal commands. Holds no secret. */
  readonly request: string;
  readonly state: AttemptState;
  /** IST day of the claim, `YYYY-MM-DD`. */
  readonly tradingDay: string;
  readonly createdAtMs: number;
  /** Last moment its bytes may have been written, epoch milliseconds; null before the claim. */
  readonly sendByMs: number | null;
  readonly brokerOrderId: string | null;
  /** What explains the state, as JSON: a reject reason, a proof, why it is ambiguous. Scrubbed of secrets. */
  readonly detail: string | null;
  readonly updatedAtMs: number;
}

/** What a move writes. What is left out stays. */
export interface AttemptMove {
  readonly tag: string;
  readonly userId: string;
  /** The move happens only from this state: a compare and set. */
  readonly from: AttemptState;
  readonly to: AttemptState;
  /** Who has it from now on. */
  readonly owner?: string;
  readonly sendByMs?: number;
  readonly brokerOrderId?: string;
  readonly detail?: string;
  readonly atMs: number;
}

export type AddResult =
  | { readonly kind: 'added' }
  /** A place with this client order id is there already. */
  | { readonly kind: 'exists'; readonly row: AttemptRow };

/** The last that was seen of an order at its broker. */
export interface OrderSighting extends AccountKey {
  readonly clientOrderId: string;
  readonly order: BrokerOrder;
  readonly seenAtMs: number;
  /** Null when it was seen at the broker; else the import it came with. */
  readonly importId: string | null;
}

/** One fill. The same fill read twice is one row. */
export interface FillRecord extends AccountKey {
  /** Null for a fill of an order that is not ours. */
  readonly clientOrderId: string | null;
  /** `trade.tradeId` is unique per account. */
  readonly trade: Trade;
  /** Null when it was read at the broker; else the import it came with. */
  readonly importId: string | null;
}

/** Which orders or fills are wanted. */
export interface RecordFilter {
  readonly limit: number;
  readonly broker?: string;
  readonly account?: string;
  readonly importId?: string;
}

/** A claim on attempts that wait as INTENT. */
export interface QueueClaim {
  readonly kinds: readonly CommandKind[];
  readonly limit: number;
  readonly owner: string;
  readonly sendByMs: number;
  readonly atMs: number;
}

/**
 * The order journal. Promises resolve when what they wrote would survive a power cut; many waiting writes share one
 * flush. Reads see every write that was asked for before them.
 */
export interface OrderJournal {
  /**
   * Adds a row: INTENT, SUBMITTING when it is claimed in the same breath, or NOT_SENT when the gate refused it. Unique
   * per user, client order id, kind and number.
   */
  add(row: AttemptRow): Promise<AddResult>;
  /** False when the row was no longer in `from`: somebody else moved it, and this caller must stop. */
  move(move: AttemptMove): Promise<boolean>;
  /** All attempts of one order, oldest first. */
  attemptsOf(userId: string, clientOrderId: string): Promise<readonly AttemptRow[]>;
  byTag(userId: string, tag: string): Promise<AttemptRow | null>;
  /** Rows in one of `states` for one account, oldest first. */
  inState(key: AccountKey, states: readonly AttemptState[]): Promise<readonly AttemptRow[]>;
  /** Places of one user, newest first. */
  list(
    userId: string,
    filter: { readonly tradingDay?: string; readonly limit: number },
  ): Promise<readonly AttemptRow[]>;
  /**
   * Moves the oldest attempts that wait as INTENT to SUBMITTING, for this caller alone: of several processes that ask at
   * once each gets others, and none waits for another.
   */
  claimQueued(key: AccountKey, claim: QueueClaim): Promise<readonly AttemptRow[]>;
  saveSighting(sighting: OrderSighting): Promise<void>;
  sighting(userId: string, clientOrderId: string): Promise<OrderSighting | null>;
  /** Newest first by the time they were first stored. */
  orders(userId: string, filter: RecordFilter): Promise<readonly OrderSighting[]>;
  /** Writes those that are not there yet. @returns how many those were */
  addFills(fills: readonly FillRecord[]): Promise<number>;
  /** Newest first by the time they were stored; with `clientOrderId`, of that order alone. */
  fills(userId: string, filter: RecordFilter & { readonly clientOrderId?: string }): Promise<readonly FillRecord[]>;
  /**
   * Takes away what was seen of an order: its sighting and its fills. Its attempts stay, because a client order id is
   * used up for ever. False when there was nothing.
   */
  deleteOrder(userId: string, clientOrderId: string): Promise<boolean>;
}
