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
  received(operation?: string): readonly VenueRequest[];
  inject(fault: VenueFault): void;
  clearFaults(): void;
  releaseHung(): void;
  readonly exchange: {
    lastPrice(instrument: string): number;
    setLastPrice(instrument: string, price: number): void;
    fill(brokerOrderId: string, quantity: number, price: number): void;
  };
}

export interface VenueOrder {
  readonly brokerOrderId: string;
  readonly tag: string;
  readonly side: string;
  readonly instrumentId: string;
  readonly quantity: number;
  readonly price: number;
}

export interface VenueRequest {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** One thing that goes wrong; the kinds are those of @algo/simulator. */
export interface VenueFault {
  readonly operation: string;
  readonly kind: string;
  readonly times?: number | 'always';
  readonly status?: number;
  readonly when?: 'before' | 'after';
}

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
export const LACKABLE = [
  'trades',
  'positions',
  'holdings',
  'funds',
  'margin',
  'quotes',
  'candles',
  'redirect',
] as const;
export type LackableGroup = (typeof LACKABLE)[number];

export interface ConformanceOptions {
  readonly name: string;
  readonly subject: (setup: SubjectSetup) => Promise<BrokerSubject>;
  readonly instruments: {
    /** A share that trades, and another one. */
    readonly share: SubjectInstrument;
    readonly otherShare: SubjectInstrument;
    /** Contracts whose lot is above one. */
    readonly derivatives: readonly SubjectInstrument[];
    /** Quoted and never traded. */
    readonly index?: SubjectInstrument;
  };
  /** For orders in shares. @default 'MIS' */
  readonly product?: Product;
  /** What this broker has not, by its own sheet, and why. Printed. @default nothing */
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
  };
  /** Where declared gaps are printed. */
  readonly report?: (line: string) => void;
}
