import type { InstrumentMaster } from '../contract/broker-adapter.js';
import { tradingDayOf } from '../domain/time.js';
import { createSingleFlight } from '../resilience/single-flight.js';
import type { Clock } from '../runtime/clock.js';
import { InstrumentBook } from './instrument-book.js';

/** One book per broker, shared by every account: a master is the same whoever asks, and takes a while to load. */
export class InstrumentBooks {
  readonly #clock: Clock;
  readonly #books = new Map<string, InstrumentBook>();
  readonly #flight = createSingleFlight<InstrumentBook>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(broker: string): InstrumentBook {
    let book = this.#books.get(broker);
    if (book === undefined) this.#books.set(broker, (book = new InstrumentBook(broker)));
    return book;
  }

  /** The broker's book of today, loaded once however many ask. */
  ofToday(broker: string, download: () => Promise<InstrumentMaster>): Promise<InstrumentBook> {
    const book = this.of(broker);
    const loadedAt = book.provenance?.loadedAtMs;
    const fresh = loadedAt !== undefined && tradingDayOf(loadedAt) === tradingDayOf(this.#clock.now());
    return fresh ? Promise.resolve(book) : this.reload(broker, download);
  }

  reload(broker: string, download: () => Promise<InstrumentMaster>): Promise<InstrumentBook> {
    return this.#flight.run(broker, async () => {
      const book = this.of(broker);
      await book.load(await download(), this.#clock.now());
      return book;
    });
  }
}
