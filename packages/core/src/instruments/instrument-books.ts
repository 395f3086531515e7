import type { AnyMaster } from '../contract/instrument-master.js';
import type { InstrumentId } from '../domain/instrument.js';
import { createSingleFlight } from '../resilience/single-flight.js';
import type { Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';
import { silentLogger } from '../runtime/logger.js';
import { InstrumentBook } from './instrument-book.js';
import type { InstrumentProvenance, LoadOptions } from './instrument-book.js';
import { isOfToday, mayBeListed, nextRefreshMs, REFRESH_DEFAULTS } from './refresh-policy.js';
import type { RefreshPolicy } from './refresh-policy.js';

/**
 * A way to a broker's master, over one account's connection: opens it, hands it to `load` and waits until it is read,
 * since it may still be on the wire.
 */
export type MasterSource = (
  load: (master: AnyMaster) => Promise<InstrumentProvenance>,
) => Promise<InstrumentProvenance>;

/** A source that a refresh in the background may use while it is up. */
export interface JoinedSource {
  readonly source: MasterSource;
  readonly isUp: () => boolean;
}

export interface InstrumentBooksOptions {
  readonly clock: Clock;
  /** @default none */
  readonly logger?: Logger;
  /** @default REFRESH_DEFAULTS */
  readonly policy?: RefreshPolicy;
}

/** One broker's book and who can load it. */
interface Shelf {
  readonly book: InstrumentBook;
  /** Connections that can be asked for the master, the first one first. */
  readonly sources: Set<JoinedSource>;
  /** Wall time from which the next use loads it anew; null for never. */
  dueAtMs: number | null;
  /** Monotonic time of the last refresh that a miss asked for. */
  missedAtMs: number;
}

/** One book per broker, shared by every account: a master is the same whoever asks, and takes a while to load. */
export class InstrumentBooks {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #policy: RefreshPolicy;
  readonly #shelves = new Map<string, Shelf>();
  readonly #flight = createSingleFlight<InstrumentProvenance>();
  #closed = false;

  constructor({ clock, logger = silentLogger, policy = REFRESH_DEFAULTS }: InstrumentBooksOptions) {
    this.#clock = clock;
    this.#logger = logger;
    this.#policy = policy;
  }

  of(broker: string): InstrumentBook {
    return this.#shelf(broker).book;
  }

  /** From now on the book may be refreshed over this connection; returns what ends that. */
  join(broker: string, source: JoinedSource): () => void {
    const { sources } = this.#shelf(broker);
    sources.add(source);
    return () => void sources.delete(source);
  }

  /**
   * Makes sure that the broker's book is of today, loading it once however many ask. When that fails and there is a book
   * of an earlier day, that one goes on serving: a few contracts of the day are missing, which is better than no trading.
   */
  async ofToday(broker: string, source: MasterSource): Promise<InstrumentBook> {
    const { book } = this.#shelf(broker);
    const loadedAtMs = book.provenance?.loadedAtMs;
    if (loadedAtMs !== undefined && isOfToday(loadedAtMs, this.#clock.now())) return book;
    try {
      await this.reload(broker, source);
    } catch (error) {
      if (loadedAtMs === undefined) throw error;
      this.#kept(broker, error);
    }
    return book;
  }

  /** Loads the book anew. @throws {AlgoError} `ALGO_INSTRUMENTS_REFUSED`, or why the master could not be had */
  reload(broker: string, source: MasterSource, options: LoadOptions = {}): Promise<InstrumentProvenance> {
    const shelf = this.#shelf(broker);
    const flight = options.acceptShrunk === true ? `${broker} even if it shrank` : broker;
    return this.#flight.run(flight, async () => {
      const provenance = await source((master) => shelf.book.load(master, this.#clock.now(), options));
      const { rows, skipped, duplicates } = provenance;
      this.#logger.info('instruments-loaded', { broker, rows, skipped, duplicates });
      shelf.dueAtMs = nextRefreshMs(this.#clock.now(), this.#policy.refreshAt);
      return provenance;
    });
  }

  /**
   * Somebody is about to look something up: when the time of day for it has passed, a refresh begins in the background.
   * No timer does that, so that a manager that rests does nothing, and no master is fetched for nobody.
   */
  used(broker: string): void {
    const shelf = this.#shelf(broker);
    const now = this.#clock.now();
    if (shelf.dueAtMs === null || now < shelf.dueAtMs) return;
    shelf.dueAtMs = now + this.#policy.retryAfterMs; // until it has succeeded
    this.#refresh(broker, shelf);
  }

  /** Somebody looked for an instrument that the book does not hold: asks for a newer master, at most once a minute. */
  missed(broker: string, instrument: InstrumentId): void {
    const shelf = this.#shelf(broker);
    const now = this.#clock.monotonic();
    if (shelf.book.provenance === null || now - shelf.missedAtMs < this.#policy.missEveryMs) return;
    if (!mayBeListed(instrument, this.#clock.now())) return;
    shelf.missedAtMs = now;
    this.#refresh(broker, shelf);
  }

  /** From now on nothing is loaded by itself. */
  close(): void {
    this.#closed = true;
  }

  #shelf(broker: string): Shelf {
    let shelf = this.#shelves.get(broker);
    if (shelf === undefined) {
      shelf = { book: new InstrumentBook(broker), sources: new Set(), dueAtMs: null, missedAtMs: -Infinity };
      this.#shelves.set(broker, shelf);
    }
    return shelf;
  }

  /** In the background: who is told of a failure is the log. Without a connection it waits for the next one. */
  #refresh(broker: string, shelf: Shelf): void {
    const joined = [...shelf.sources].find(({ isUp }) => isUp());
    if (joined === undefined || this.#closed) return;
    this.reload(broker, joined.source).catch((error: unknown) => {
      this.#kept(broker, error);
    });
  }

  #kept(broker: string, error: unknown): void {
    const loadedAtMs = this.of(broker).provenance?.loadedAtMs ?? null;
    this.#logger.warn('instruments-not-refreshed', { broker, error: errorName(error), servingFromMs: loadedAtMs });
  }
}
