import type { OrderType, Product, Side, Validity } from './order.js';

/** One order the exchange accepted. Written once, never changed: what became of the order is in its book, not here. */
export interface LedgerEntry {
  /** From 1, without gaps. */
  readonly sequence: number;
  /** Epoch milliseconds of the simulator's clock. */
  readonly atMs: number;
  readonly broker: string;
  readonly clientId: string;
  readonly brokerOrderId: string;
  /** The client's own id as it came, empty when none. Repeats are kept: they are what a test looks for. */
  readonly tag: string;
  readonly side: Side;
  readonly instrumentId: string;
  readonly symbol: string;
  readonly product: Product;
  /** As the exchange got it: of a market order that the broker protected, `LIMIT`. */
  readonly type: OrderType;
  /** Whether the broker made this limit order of a market order. */
  readonly wasMarket: boolean;
  readonly validity: Validity;
  readonly quantity: number;
  /** Rupees as the exchange got it: a market order that the broker protected has its limit here, a bare one 0. */
  readonly price: number;
  /** Rupees; 0 where there is none. */
  readonly triggerPrice: number;
}

export interface Ledger {
  /** All of it, or what came after the first so many entries. */
  entries(after?: number): readonly LedgerEntry[];
  append(entry: Omit<LedgerEntry, 'sequence'>): void;
}

export function createLedger(): Ledger {
  const entries: LedgerEntry[] = [];
  return {
    entries: (after = 0) => entries.slice(after),
    append(entry) {
      entries.push(Object.freeze({ sequence: entries.length + 1, ...entry }));
    },
  };
}
