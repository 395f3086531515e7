import type { AnyMaster, StreamedMaster } from '../contract/instrument-master.js';
import type { Listing } from '../domain/instrument.js';
import { InstrumentBook } from './instrument-book.js';
import { loadMaster } from './load-master.js';

/** A master of files that are cut and read by core: see `MasterFile`. */
export function streamedMaster({ broker, source, files }: MasterParts): StreamedMaster {
  let left = 0;
  const master: StreamedMaster = {
    source,
    files,
    listings: {
      async *[Symbol.asyncIterator](): AsyncGenerator<Listing> {
        const { index, skipped, duplicates } = await loadMaster(broker, master);
        left = skipped + duplicates;
        for (let row = 0; row < index.rows; row += 1) {
          const listing = index.listing(row);
          if (listing !== null) yield listing;
        }
      },
    },
    skipped: () => left,
  };
  return master;
}

export interface MasterParts extends Required<Pick<StreamedMaster, 'source' | 'files'>> {
  /** Named in the error when the master is refused. */
  readonly broker: string;
}

/**
 * Loads a master into a book as core does, for the tests and benches of a broker package.
 *
 * @throws {AlgoError} `ALGO_INSTRUMENTS_REFUSED`
 */
export async function loadInstrumentBook(broker: string, master: AnyMaster): Promise<InstrumentBook> {
  const book = new InstrumentBook(broker);
  await book.load(master, 0);
  return book;
}
