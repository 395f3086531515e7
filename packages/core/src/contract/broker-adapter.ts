import type { Candle, CandleRequest, Quote, QuoteDetail } from '../domain/market-data.js';
import type { Listing } from '../domain/instrument.js';
import type { BrokerOrder } from '../domain/order.js';
import type { RejectReason } from '../domain/order-outcome.js';
import type { AccountProfile, Funds, Holding, Margin, Position, Trade } from '../domain/portfolio.js';
import type { TenThousandths } from '../domain/price.js';
import type { OrderType, Product, Side, Validity } from '../domain/vocabulary.js';
import type { BrokerCall } from './call.js';
import type { AnyMaster } from './instrument-master.js';
import type { RedirectLogin } from './redirect-login.js';
import type { BrokerSession, Credentials } from './session.js';

/** An order that passed every check of core. Quantity is units; `listing` says how this broker names the contract. */
export interface PlaceCommand {
  /** Our id on the wire, made of `A-Z2-7`; the adapter sends it whole. */
  readonly tag: string;
  readonly listing: Listing;
  readonly side: Side;
  readonly quantity: number;
  readonly type: OrderType;
  readonly price: TenThousandths | null;
  readonly triggerPrice: TenThousandths | null;
  readonly product: Product;
  readonly validity: Validity;
}

/** What our journal knows of an order at the broker. Some brokers want it repeated with every change. */
export interface WorkingOrder {
  /** The tag it was placed with. */
  readonly tag: string;
  readonly listing: Listing;
  readonly side: Side;
  readonly type: OrderType;
  readonly product: Product;
}

/** The whole new state of a working order: absolute values, so that sending it twice changes nothing more. */
export interface ModifyCommand {
  readonly brokerOrderId: string;
  readonly tag: string;
  /** As it is before the change. */
  readonly order: WorkingOrder;
  /** New total, the filled part included. */
  readonly quantity: number;
  readonly type: OrderType;
  readonly price: TenThousandths | null;
  readonly triggerPrice: TenThousandths | null;
  readonly validity: Validity;
}

export interface CancelCommand {
  readonly brokerOrderId: string;
  readonly tag: string;
  /** Null when the journal cannot be read: a cancel goes all the same. */
  readonly order: WorkingOrder | null;
}

/** An order that is only asked about. */
export type MarginRequest = Omit<PlaceCommand, 'tag' | 'validity'>;

/**
 * What the broker's reply to a command says. `rejected` needs the broker's own word from the adapter's table; whatever
 * is not surely one of the first two is `unknown`, and so is everything the adapter throws after bytes were written.
 */
export type CommandReply =
  | { readonly kind: 'acknowledged'; readonly brokerOrderId: string }
  | {
      readonly kind: 'rejected';
      readonly reason: RejectReason;
      readonly brokerCode: string | null;
      readonly brokerText: string;
    }
  | { readonly kind: 'unknown'; readonly why: string };

/** A reading of the day's whole order book. */
export interface OrderBookReading {
  readonly orders: readonly BrokerOrder[];
  /** False when a page is missing or a row could not be read: such a book proves the presence of an order, never its absence. */
  readonly complete: boolean;
}

/** The escape hatch to an endpoint this SDK does not know. `purpose` has no default: see `BrokerRequest.purpose`. */
export interface RawRequest {
  readonly purpose: 'command' | 'read';
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the broker's API root, for example `/killswitch`. */
  readonly path: string;
  readonly body?: unknown;
}

/** From where the broker takes this account's orders. */
export interface BrokerEgress {
  /** Addresses registered with it; empty when there are none, or it does not say. */
  readonly registered: readonly string[];
  /** The address it sees this call come from; null when it does not say. */
  readonly seen: string | null;
}

export interface RawReply {
  readonly status: number;
  readonly body: unknown;
}

/**
 * One account at one broker. Every method maps to the wire, sends, and maps back; nothing is retried and nothing is
 * remembered here. A failure is thrown as an `AlgoError` from the adapter's fault table.
 */
export interface BrokerAdapter {
  /** @throws {AlgoError} `ALGO_LOGIN_REFUSED` when the broker says no. */
  logIn(credentials: Credentials, call: BrokerCall): Promise<BrokerSession>;
  /** Extends a renewable session; null where this one cannot be renewed. */
  renew(call: BrokerCall): Promise<BrokerSession | null>;
  /** Ends the session at the broker; false where the broker has no log-out. */
  logOut(call: BrokerCall): Promise<boolean>;
  /** For the methods of the credential template that are marked `redirect`. */
  readonly redirectLogin?: RedirectLogin;
  /** A cheap authenticated read that shows whose account it is. */
  profile(call: BrokerCall): Promise<AccountProfile>;
  /** For brokers that tell which addresses may send orders. */
  egress?(call: BrokerCall): Promise<BrokerEgress>;

  placeOrder(command: PlaceCommand, call: BrokerCall): Promise<CommandReply>;
  modifyOrder(command: ModifyCommand, call: BrokerCall): Promise<CommandReply>;
  cancelOrder(command: CancelCommand, call: BrokerCall): Promise<CommandReply>;

  orderBook(call: BrokerCall): Promise<OrderBookReading>;
  /** Null when the broker has no such order. */
  order(brokerOrderId: string, call: BrokerCall): Promise<BrokerOrder | null>;
  /** All orders carrying the tag; null where the broker cannot look one up. */
  ordersByTag(tag: string, call: BrokerCall): Promise<readonly BrokerOrder[] | null>;
  trades(call: BrokerCall): Promise<readonly Trade[]>;
  tradesOf(brokerOrderId: string, call: BrokerCall): Promise<readonly Trade[]>;

  positions(call: BrokerCall): Promise<readonly Position[]>;
  holdings(call: BrokerCall): Promise<readonly Holding[]>;
  funds(call: BrokerCall): Promise<Funds>;
  /** What an order would block. @throws {AlgoError} `ALGO_NOT_SUPPORTED` where `capabilities.margin` is false. */
  margin(order: MarginRequest, call: BrokerCall): Promise<Margin>;

  /** In the order asked; an instrument the broker does not answer for is left out. */
  quotes(listings: readonly Listing[], detail: QuoteDetail, call: BrokerCall): Promise<readonly Quote[]>;
  /** Oldest first. */
  candles(listing: Listing, request: CandleRequest, call: BrokerCall): Promise<readonly Candle[]>;

  /** The master, read by core while the call lasts: a streamed one may still be on the wire when this returns. */
  instruments(call: BrokerCall): Promise<AnyMaster>;
  raw(request: RawRequest, call: BrokerCall): Promise<RawReply>;
}
