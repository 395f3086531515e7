import type { RowReader } from '../contract/instrument-master.js';
import type { InstrumentId, Listing } from '../domain/instrument.js';
import { IsoTexts, listingOfMarks, newMarks } from './listing-of-marks.js';
import { RowCache } from './row-cache.js';
import type { RowColumns } from './row-columns.js';
import { hashIn, hashText } from './row-hash.js';
import type { RowStore } from './row-store.js';
import type { RowTable } from './row-table.js';

/** The rows of one file: those from `firstRow` on, up to the next file's. */
export interface RowsOfFile {
  readonly firstRow: number;
  readonly reader: RowReader;
}

export interface IndexParts {
  readonly store: RowStore;
  readonly columns: RowColumns;
  readonly files: readonly RowsOfFile[];
  readonly tables: RowTables;
}

export interface RowTables {
  readonly byInstrument: RowTable;
  readonly byToken: RowTable;
  readonly bySymbol: RowTable;
}

/**
 * One loaded master: the bytes of its rows and what finds them, with no object per row. A row is read when it is looked
 * up, which also proves that it is the one that was meant; the last few thousand are remembered.
 */
export class InstrumentIndex {
  readonly #parts: IndexParts;
  readonly #cache = new RowCache();
  readonly #marks = newMarks();
  readonly #dates = new IsoTexts();

  constructor(parts: IndexParts) {
    this.#parts = parts;
  }

  /** Rows kept, those among them that gave way included. */
  get rows(): number {
    return this.#parts.store.rows;
  }

  get columns(): RowColumns {
    return this.#parts.columns;
  }

  /** Bytes held outside the JavaScript heap. */
  get bytes(): number {
    const { store, columns } = this.#parts;
    const { byInstrument, byToken, bySymbol } = this.#parts.tables;
    return store.bytes + columns.bytes + byInstrument.bytes + byToken.bytes + bySymbol.bytes;
  }

  find(instrument: InstrumentId): Listing | null {
    const table = this.#parts.tables.byInstrument;
    const hash = hashText(instrument);
    for (let slot = table.seek(hash, table.start(hash)); slot !== -1; slot = table.seek(hash, slot + 1)) {
      const listing = this.#remembered(table.rowIn(slot));
      if (listing?.instrument === instrument) return listing;
    }
    return null;
  }

  byToken(segment: string, token: string): Listing | null {
    const table = this.#parts.tables.byToken;
    const hash = hashIn(segment, token);
    for (let slot = table.seek(hash, table.start(hash)); slot !== -1; slot = table.seek(hash, slot + 1)) {
      const listing = this.#remembered(table.rowIn(slot));
      if (listing?.token === token && listing.segment === segment) return listing;
    }
    return null;
  }

  /** Null also where several rows of the segment have this symbol, and where the master does not promise unique ones. */
  bySymbol(segment: string, symbol: string): Listing | null {
    const table = this.#parts.tables.bySymbol;
    const hash = hashIn(segment, symbol);
    for (let slot = table.seek(hash, table.start(hash)); slot !== -1; slot = table.seek(hash, slot + 1)) {
      const row = table.rowIn(slot);
      const listing = this.#remembered(row);
      if (listing?.symbol !== symbol || listing.segment !== segment) continue;
      return this.#parts.columns.sharesSymbol(row) ? null : listing;
    }
    return null;
  }

  /** The listing of a row, null for one that is not indexed. Not remembered: for scans. */
  listing(row: number): Listing | null {
    return this.#parts.columns.isOut(row) ? null : this.read(row);
  }

  /** Reads a row, indexed or not: by its bytes where its reader can. */
  read(row: number): Listing | null {
    const { store } = this.#parts;
    const reader = this.#readerOf(row);
    const text = store.text(row);
    const marks = this.#marks;
    const from = store.from(row);
    const length = store.length(row);
    // one byte a character, so that positions in the bytes are positions in the text
    if (text.length === length && reader.mark?.(store.segment(row), from, from + length, marks) === 'listing') {
      const listing = listingOfMarks(text, from, marks, this.#dates);
      if (listing !== null) return listing;
    }
    const reading = reader.read(text);
    return reading.kind === 'listing' ? reading.listing : null;
  }

  #remembered(row: number): Listing | null {
    const known = this.#cache.get(row);
    if (known !== undefined) return known;
    const listing = this.read(row);
    if (listing !== null) this.#cache.set(row, listing);
    return listing;
  }

  #readerOf(row: number): RowReader {
    const { files } = this.#parts;
    let at = files.length - 1;
    while (at > 0 && (files[at]?.firstRow ?? 0) > row) at -= 1;
    const file = files[at];
    if (file === undefined) throw new RangeError('a row of no file');
    return file.reader;
  }
}
