import type { RowReader } from '../contract/instrument-master.js';
import { dayOf } from '../domain/calendar-day.js';
import type { Listing } from '../domain/instrument.js';
import { BadMaster } from './bad-master.js';
import { IndexFiller } from './index-filler.js';
import type { FilledIndex } from './index-filler.js';
import type { RowsOfFile } from './instrument-index.js';
import { newMarks } from './listing-of-marks.js';
import { RowColumns } from './row-columns.js';
import type { RowSink } from './row-cutter.js';
import { hashIn, hashText, keysOfMarks, newKeys, traitsOf } from './row-hash.js';
import type { RowKeys } from './row-hash.js';
import { RowHashes } from './row-hashes.js';
import { RowStore } from './row-store.js';

/** More than any broker lists, and what a book of them costs is bearable. */
const MOST_ROWS = 1_000_000;
const MOST_BYTES = 256 * 1024 * 1024;

/** Takes the rows of a master one by one: the good ones are kept, with the hashes they will be found by. */
export class IndexBuilder implements RowSink {
  readonly #store = new RowStore();
  readonly #columns = new RowColumns();
  readonly #hashes = new RowHashes();
  readonly #files: RowsOfFile[] = [];
  readonly #marks = newMarks();
  readonly #keys = newKeys();
  /** Rows that are indexed last, since another row of the same contract would be the better one. */
  readonly #yielding = new Set<number>();
  #open: ((header: string | null) => RowReader) | null = null;
  #reader: RowReader | null = null;
  #withSymbols = false;
  #skipped = 0;

  /** Malformed rows so far, and rows too long to be one. */
  get skipped(): number {
    return this.#skipped;
  }

  /** The rows from here on are of another file. */
  beginFile(open: (header: string | null) => RowReader, hasHeader: boolean, withSymbols: boolean): void {
    this.#withSymbols = withSymbols;
    this.#open = open;
    if (!hasHeader) this.#header(null);
  }

  /** The pieces handed in so far may be overwritten. */
  endPiece(): void {
    this.#store.flush();
    if (this.#store.rows > MOST_ROWS) throw new BadMaster(`it has more than ${MOST_ROWS} rows`);
    if (this.#store.bytes > MOST_BYTES) throw new BadMaster(`its rows take more than ${MOST_BYTES} bytes`);
  }

  /** A file without so much as a header is for its layout to refuse. */
  endFile(): void {
    this.endPiece();
    if (this.#open !== null) this.#header(null);
  }

  /** The index over all rows; between two slices of it the event loop turns. */
  finish(othersTurn: () => Promise<void>): Promise<FilledIndex> {
    this.#store.trim();
    this.#columns.trim(this.#store.rows);
    const filler = new IndexFiller(this.#store, this.#columns, this.#files, this.#hashes);
    return filler.fill(this.#yielding, othersTurn);
  }

  row(bytes: Buffer, from: number, to: number): void {
    if (this.#open !== null) return this.#header(bytes.toString('utf8', from, to));
    const judged = this.#judge(bytes, from, to);
    if (judged === 'malformed') this.#skipped += 1;
    if (judged !== 'listing') return;
    const row = this.#store.add(bytes, from, to);
    this.#columns.add(row, this.#keys);
    this.#hashes.add(row, this.#keys);
    if (this.#marks.yields) this.#yielding.add(row);
  }

  tooLong(): void {
    if (this.#open === null) this.#skipped += 1;
    else this.#header(null);
  }

  #header(header: string | null): void {
    const reader = this.#open?.(header) ?? null;
    this.#open = null;
    this.#reader = reader;
    if (reader !== null) this.#files.push({ firstRow: this.#store.rows, reader });
  }

  /** Fills keys and `marks.yields` for a row that is one: by its bytes where its reader can, else by its text. */
  #judge(bytes: Buffer, from: number, to: number): 'listing' | 'left-out' | 'malformed' {
    const reader = this.#reader;
    if (reader === null) return 'malformed';
    const marks = this.#marks;
    const mark = reader.mark === undefined ? 'unsure' : reader.mark(bytes, from, to, marks);
    if (mark === 'listing' && keysOfMarks(bytes, marks, this.#withSymbols, this.#keys)) return 'listing';
    if (mark === 'left-out' || mark === 'malformed') return mark;

    const reading = reader.read(bytes.toString('utf8', from, to));
    if (reading.kind !== 'listing') return reading.kind;
    marks.yields = reading.yields;
    keysOfListing(reading.listing, this.#withSymbols, this.#keys);
    return 'listing';
  }
}

function keysOfListing(
  { contract, instrument, segment, token, symbol }: Listing,
  symbols: boolean,
  keys: RowKeys,
): void {
  const derivative = contract.kind === 'future' || contract.kind === 'option';
  keys.instrument = hashText(instrument);
  keys.token = hashIn(segment, token);
  keys.symbol = symbols ? hashIn(segment, symbol) : 0;
  keys.name = hashText(derivative ? contract.underlying : contract.symbol);
  keys.traits = traitsOf(contract.exchange, contract.kind);
  keys.expiry = derivative ? (dayOf(contract.expiry) ?? 0) : 0;
}
