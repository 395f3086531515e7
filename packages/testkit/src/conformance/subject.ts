import type { BrokerDefinition, InstrumentId, OrderStatus, Product, RejectReason } from '@algo/core';
import type { AlgoErrorCode } from '@algo/core';
import type { FakeClock } from '../fake-clock.js';

/** A broker under test, fresh for every test, with the venue behind it. */
export interface BrokerSubject {
  readonly definition: BrokerDefinition;
  /** Fields as a user stores them, by login method. Methods that are left out are not tried. */
  readonly logins: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly venue: Venue;
  /** Plays the person at the broker's page: what the host's callback gets. Needed for methods marked `redirect`. */
  followRedirect?(url: string): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

/** What the account holds when the subject is made. */
export interface SubjectSetup {
  readonly clock: FakeClock;
  /** Shares held, by canonical instrument. */
  readonly holdings?: readonly {
    readonly instrument: InstrumentId;
    readonly quantity: number;
    readonly averagePrice: number;
  }[];
}

/** The other side of the wire, which tells what really arrived. A `Simulator` of @algo/simulator fits. */
export interface Venue {
  /** Every order that was accepted, oldest first. Prices are rupees, quantities units. */
  ledger(): readonly VenueOrder[];
  received(operation?: VenueOperation): readonly VenueRequest[];
  inject(fault: VenueFault): void;
  clearFaults(): void;
  releaseHung(): void;
  readonly exchange: {
    lastPrice(instrument: string): number;
    fill(brokerOrderId: string, quantity: number, price: number): void;
  };
}

/** An order as the exchange got it. Prices are rupees, 0 where there is none. */
export interface VenueOrder {
  readonly brokerOrderId: string;
  readonly tag: string;
  readonly side: string;
  readonly instrumentId: string;
  readonly product: string;
  readonly type: string;
  /** True when the broker made this limit order of a market order; its price is the broker's then. @default false */
  readonly wasMarket?: boolean;
  readonly validity: string;
  readonly quantity: number;
  readonly price: number;
  readonly triggerPrice: number;
}

export interface VenueRequest {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** What the suite asks a venue about and breaks, in the words of @algo/simulator. */
export type VenueOperation = 'placeOrder' | 'modifyOrder' | 'cancelOrder' | 'orderBook';

/** What can go wrong; the kinds are among those of @algo/simulator. */
export type VenueTrouble =
  /** The socket ends before the venue acted, or after; half a body comes; broken JSON; a refusal in the broker's words. */
  | { readonly kind: 'resetBefore' | 'resetAfter' | 'cutBody' | 'garbage' | 'rateLimited' | 'expiredToken' }
  | { readonly kind: 'errorBefore' | 'errorAfter'; readonly status: number }
  /** A web page in place of the answer. */
  | { readonly kind: 'html'; readonly status: number; readonly when: 'before' | 'after' }
  /** No answer until `releaseHung()`. */
  | { readonly kind: 'hang'; readonly when: 'before' | 'after' };
export type VenueFaultKind = VenueTrouble['kind'];

/** One thing that goes wrong with the next request of its kind, or with the next so many. */
export type VenueFault = VenueTrouble & {
  readonly operation: VenueOperation | '*';
  /** @default 1 */
  readonly times?: number | 'always';
};

/** An instrument by its canonical name, and as the venue names it. */
export interface SubjectInstrument {
  readonly instrument: InstrumentId;
  readonly venue: string;
}

/** A reply as the broker writes it, for what no venue can be made to say. */
export interface CannedReply {
  readonly status: number;
  readonly body: string;
}

/** One error of the broker's sheet and what it has to mean. */
export interface ErrorCase {
  readonly what: string;
  readonly reply: CannedReply;
  /** What a placed order ends as. */
  readonly command: RejectReason | 'unknown';
  /** What reading the book throws, or `none` where it means an empty book. */
  readonly read: AlgoErrorCode | 'none';
}

/** Groups that a broker may lack. Session, place, modify, cancel, outcome, book and tag may not be left out. */
export type LackableGroup =
  'trades' | 'positions' | 'holdings' | 'funds' | 'margin' | 'quotes' | 'candles' | 'redirect';

export const LACKABLE: readonly LackableGroup[] = [
  'trades',
  'positions',
  'holdings',
  'funds',
  'margin',
  'quotes',
  'candles',
  'redirect',
];

export interface ConformanceOptions {
  readonly name: string;
  readonly subject: (setup: SubjectSetup) => Promise<BrokerSubject>;
  readonly instruments: {
    /** A share that trades, and another one. */
    readonly share: SubjectInstrument;
    readonly otherShare: SubjectInstrument;
    /** Contracts whose lot is above one, and which can be ordered: their quantity unit is known. */
    readonly derivatives: readonly SubjectInstrument[];
    /** Quoted and never traded. */
    readonly index?: SubjectInstrument;
  };
  /** For orders in shares. @default 'MIS' */
  readonly product?: Product;
  /**
   * What this broker has not, by its own sheet, and why. Printed; the adapter then has to answer `ALGO_NOT_SUPPORTED`.
   * @default nothing
   */
  readonly lacks?: Readonly<Partial<Record<LackableGroup, string>>>;
  readonly samples: {
    /** Every status word of the sheet. */
    readonly statuses: readonly { readonly word: string; readonly status: OrderStatus }[];
    /** The order book with one order in it, of that status. */
    readonly book: (word: string) => CannedReply;
    /** The order book with one good row and one that cannot be read. */
    readonly bookWithBadRow: CannedReply;
    /** Every error code of the sheet. */
    readonly errors: readonly ErrorCase[];
    /** The reply to a place that the broker took. Where it repeats the tag, with that tag. */
    readonly acknowledged: (brokerOrderId: string, tag: string) => CannedReply;
    /** Each a list with one good row and one that cannot be read. Needed unless the broker lacks that list. */
    readonly tradesWithBadRow?: CannedReply;
    readonly positionsWithBadRow?: CannedReply;
    readonly holdingsWithBadRow?: CannedReply;
  };
  /** Where declared gaps are printed. */
  readonly report?: (line: string) => void;
}
