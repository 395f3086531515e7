/** What a broker calls one contract. The same for every user: a master is public. */
export interface SymbolToken {
  /** Canonical text of the contract, for example `NSE:RELIANCE`. */
  readonly instrument: string;
  /** The broker's own word for the exchange segment. */
  readonly segment: string;
  /** The broker's own id, unique within `segment`. */
  readonly token: string;
  /** The broker's trading symbol, as printed. */
  readonly symbol: string;
  readonly name: string;
  readonly isin: string | null;
  /** Units per lot. */
  readonly lotSize: number;
  /** Ten-thousandths of a rupee. */
  readonly tick: number;
  /** Null when the master does not say. */
  readonly freezeQuantity: number | null;
}

/** Which master is stored. */
export interface StoredMaster {
  readonly rows: number;
  /** Where it came from, for people: host and path, without a query. */
  readonly source: string;
  readonly loadedAtMs: number;
  /** The user whose connection loaded it. */
  readonly loadedBy: string;
}

/** The last good master of each broker. The user in each call is whoever asks; what is found does not depend on it. */
export interface InstrumentStore {
  /**
   * Puts these rows in the place of all the broker had, in one transaction. Of rows with the same contract, or the same
   * segment and token, the first one is kept. @returns how many are stored
   */
  replace(
    userId: string,
    broker: string,
    master: { readonly source: string; readonly loadedAtMs: number; readonly rows: Iterable<SymbolToken> },
  ): Promise<number>;
  byInstrument(userId: string, broker: string, instrument: string): Promise<SymbolToken | null>;
  byToken(userId: string, broker: string, segment: string, token: string): Promise<SymbolToken | null>;
  /** All rows of a broker, in pages, in the order they were handed in: those after `after` rows. */
  page(userId: string, broker: string, after: number, limit: number): Promise<readonly SymbolToken[]>;
  /** Null when none is stored. */
  master(userId: string, broker: string): Promise<StoredMaster | null>;
  /** @returns how many rows went */
  deleteBroker(userId: string, broker: string): Promise<number>;
}
