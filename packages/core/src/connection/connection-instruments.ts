import type { InstrumentId, Listing } from '../domain/instrument.js';
import type { InstrumentQuery } from '../domain/instrument-query.js';
import { AlgoError } from '../errors/algo-error.js';
import type { InstrumentBook, InstrumentProvenance, LoadOptions } from '../instruments/instrument-book.js';
import type { InstrumentBooks, MasterSource } from '../instruments/instrument-books.js';
import type { Clock } from '../runtime/clock.js';

/** Where the instruments come from, and how old they are. */
export interface InstrumentReport extends InstrumentProvenance {
  /** Milliseconds since they were loaded. */
  readonly ageMs: number;
}

/**
 * The instruments this broker lists. Loaded anew by the first connection of an IST day; in the background by the first
 * look-up after 08:45 IST, and by one for an instrument that is not there (at most once a minute); and by `refresh`. What
 * was loaded before serves until the new one is there. No timer runs: a bot that rests over night may call `refresh` before
 * the open.
 */
export interface ConnectionInstruments {
  /** Null when the broker does not list it, as far as is known: a newer master is asked for in the background. */
  find(instrument: InstrumentId): Listing | null;
  /** The listing with this id of the broker's own, within its segment. */
  byToken(segment: string, token: string): Listing | null;
  /**
   * The listings that fit, best first, at most 1000. A question that names an underlying or an expiry takes about a
   * millisecond; a text alone goes through every row, about 0.3 s for 200,000, in slices that stall nobody.
   */
  search(query: InstrumentQuery): Promise<readonly Listing[]>;
  /** Expiry dates of the futures and options on an underlying, `YYYY-MM-DD`, earliest first. */
  expiries(underlying: string): readonly string[];
  /** Null while none were ever loaded. */
  readonly provenance: InstrumentReport | null;
  /**
   * Loads the broker's master anew; one run however many ask.
   *
   * @throws {AlgoError} `ALGO_INSTRUMENTS_REFUSED` for one that cannot be right, among them one that lost more than a
   * fifth of its rows; what was loaded before goes on serving. `acceptShrunk` takes such a one.
   */
  refresh(options?: LoadOptions): Promise<InstrumentReport>;
}

export interface BookAccessOptions {
  readonly broker: string;
  readonly account: string;
  readonly books: InstrumentBooks;
  readonly clock: Clock;
  readonly source: MasterSource;
  /** Whether the connection is established, so that a refresh in the background needs no log-in. */
  readonly isUp: () => boolean;
  /** Somebody asked for an instrument that is not there. */
  readonly onMissed?: (() => void) | undefined;
}

/** One connection's way to its broker's book, and a way for the book to be loaded. */
export class BookAccess implements ConnectionInstruments {
  readonly #options: BookAccessOptions;
  #leave: (() => void) | null = null;

  constructor(options: BookAccessOptions) {
    this.#options = options;
  }

  get book(): InstrumentBook {
    const { books, broker } = this.#options;
    return books.of(broker);
  }

  get provenance(): InstrumentReport | null {
    const { provenance } = this.book;
    return provenance === null ? null : this.#report(provenance);
  }

  /** Makes sure that there is a book, of today where possible; from now on it may be refreshed over this connection. */
  async ready(): Promise<void> {
    const { books, broker, source, isUp } = this.#options;
    this.#leave ??= books.join(broker, { source, isUp });
    await books.ofToday(broker, source);
  }

  find(instrument: InstrumentId): Listing | null {
    if (typeof instrument !== 'string') return null;
    const { books, broker } = this.#options;
    books.used(broker);
    const listing = this.book.find(instrument);
    if (listing === null) {
      books.missed(broker, instrument);
      this.#options.onMissed?.();
    }
    return listing;
  }

  byToken(segment: string, token: string): Listing | null {
    return this.book.byToken(segment, token);
  }

  search(query: InstrumentQuery): Promise<readonly Listing[]> {
    return this.book.search(query);
  }

  expiries(underlying: string): readonly string[] {
    return this.book.expiries(underlying);
  }

  async refresh(options: LoadOptions = {}): Promise<InstrumentReport> {
    const { books, broker, source } = this.#options;
    return this.#report(await books.reload(broker, source, options));
  }

  /**
   * The listing of an instrument, now: an order does not wait for a newer master, but the next one may find it there.
   *
   * @throws {AlgoError} `ALGO_UNKNOWN_INSTRUMENT`, `ALGO_NOT_CONNECTED` while no instruments were ever loaded
   */
  listing(instrument: InstrumentId): Listing {
    const listing = this.find(instrument);
    if (listing !== null) return listing;
    const { broker, account } = this.#options;
    if (this.book.provenance === null) throw new AlgoError('ALGO_NOT_CONNECTED', { broker, account });
    const shown = typeof instrument === 'string' ? instrument.slice(0, 80) : typeof instrument;
    throw new AlgoError('ALGO_UNKNOWN_INSTRUMENT', { instrument: shown, broker });
  }

  close(): void {
    this.#leave?.();
    this.#leave = null;
  }

  #report(provenance: InstrumentProvenance): InstrumentReport {
    return { ...provenance, ageMs: Math.max(0, this.#options.clock.now() - provenance.loadedAtMs) };
  }
}
