import type { AttemptState, CommandKind } from '../contract/order-journal.js';
import type { EventPair } from '../runtime/emitter.js';
import type { BrokerOrder, ConnectionRef } from '../domain/order.js';

/** What a user's orders tell their host. Times are epoch milliseconds. */
export interface OrderEvents {
  /** A command ended, or what is known of it changed. */
  'order-changed': {
    readonly clientOrderId: string;
    readonly connection: ConnectionRef;
    readonly command: CommandKind;
    readonly state: AttemptState;
    readonly brokerOrderId: string | null;
    readonly atMs: number;
  };
  /** A place waits in the journal, unsent, until its connection can take it or it expires. */
  'order-queued': {
    readonly clientOrderId: string;
    readonly connection: ConnectionRef;
    readonly expiresAtMs: number;
    readonly atMs: number;
  };
  /** The book showed an order of ours in a new state. */
  'order-seen': { readonly clientOrderId: string; readonly connection: ConnectionRef; readonly order: BrokerOrder };
  /** The look-up ended without an answer: somebody has to check with the broker. The order is never sent again. */
  'order-unresolved': {
    readonly clientOrderId: string;
    readonly connection: ConnectionRef;
    readonly tag: string;
    readonly why: string;
  };
  /** Something that must not happen did: an order seen after it was held absent, or twice under one tag. */
  'order-incident': {
    readonly clientOrderId: string;
    readonly connection: ConnectionRef;
    readonly tag: string;
    readonly what: 'late-sighting' | 'two-orders-one-tag';
    readonly brokerOrderIds: readonly string[];
  };
  /**
   * The store came back with older data: rows of the journal are gone. No entry is placed until the book of every
   * connected account has been read; `order-books-read` follows then.
   */
  'journal-went-back': { readonly connections: readonly ConnectionRef[] };
  'order-books-read': { readonly connections: readonly ConnectionRef[] };
}

export type EmitOrderEvent = (...pair: EventPair<OrderEvents>) => void;
