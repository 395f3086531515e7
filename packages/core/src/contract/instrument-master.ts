import type { Contract, Listing, QuantityUnit } from '../domain/instrument.js';
import type { TenThousandths } from '../domain/price.js';
import type { Exchange } from '../domain/vocabulary.js';

/**
 * What a broker lists, in one of two forms. Core packs and indexes both in the same way. Of rows that name the same
 * contract, or the same token within a segment, the first one is kept.
 */
export type AnyMaster = InstrumentMaster | StreamedMaster;

/** The simple form, for a broker with few rows: they are read by the broker and packed by core. */
export interface InstrumentMaster {
  readonly source: string;
  /** Rows in the broker's order; a malformed one is counted in `skipped` and left out. */
  readonly listings: Iterable<Listing>;
  /** Valid after the iteration ended. */
  skipped(): number;
}

/**
 * A master of any size, never whole in memory: core cuts the files into rows, keeps the bytes of the good ones and reads
 * a row again when somebody looks it up. Made by `streamedMaster`. To be read once: as files or as listings.
 */
export interface StreamedMaster {
  /** Where it came from, for people: host and path, without a query. */
  readonly source: string;
  /**
   * Taken in turn; an async generator may fetch each file when the one before it was read. A master without files is one
   * of listings that come one by one.
   */
  readonly files?: Iterable<MasterFile> | AsyncIterable<MasterFile>;
  /** The rows that a book of this master holds, in their order, for who wants them one by one. */
  readonly listings: AsyncIterable<Listing>;
  /** Rows that are not among the listings, test contracts excepted. Valid after the iteration ended. */
  skipped(): number;
}

export interface MasterFile {
  /** The file, decompressed, in pieces of any size. Core reads each piece before it asks for the next one. */
  readonly chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  readonly layout: MasterLayout;
}

/** How a file is cut into rows, and who reads them. */
export interface MasterLayout {
  readonly rows: RowForm;
  /**
   * True where no two rows of a segment share a trading symbol: then `InstrumentLookup.bySymbol` works. @default false
   */
  readonly symbolsAreUnique?: boolean;
  /**
   * The reader for this file. `header` is its first line, null where the file has none or it is too long to be one.
   *
   * @throws {AlgoError} `ALGO_INSTRUMENTS_REFUSED` when it is not the header of a master
   */
  open(header: string | null): RowReader;
}

/**
 * - `lines`: a text file; a byte order mark, CRLF and empty lines change nothing.
 * - `json-objects`: one JSON array of objects; a row is the text of one object.
 * - `lines-in-json`: a JSON object of which one text field holds lines: `{"type":"success","result":"row\nrow"}`.
 *
 * A row longer than `longestRow` bytes is counted as skipped and not kept. @default 16384, at most 65535
 */
export type RowForm =
  | { readonly kind: 'lines'; readonly header: boolean; readonly longestRow?: number }
  | { readonly kind: 'json-objects'; readonly longestRow?: number }
  | { readonly kind: 'lines-in-json'; readonly field: string; readonly header: boolean; readonly longestRow?: number };

/** Reads the rows of one file. Pure: the same row is read again whenever it is looked up. */
export interface RowReader {
  read(row: string): RowReading;
  /**
   * The short way for a row of the usual form, by its bytes: making texts is what takes the time. It says where everything
   * stands that `read` would take from the row; `unsure` leaves the row to `read`, and both must agree. Bytes outside
   * `from` to `to` belong to other rows.
   */
  readonly mark?: (row: Uint8Array, from: number, to: number, marks: RowMarks) => RowMark;
}

export type RowReading =
  | {
      readonly kind: 'listing';
      readonly listing: Listing;
      /** True when another row of the same contract is the better one, wherever in the master it stands. */
      readonly yields: boolean;
    }
  /** Not meant for us, such as a test contract of the exchange: neither kept nor counted. */
  | { readonly kind: 'left-out' }
  | { readonly kind: 'malformed' };

export type RowMark = 'listing' | 'left-out' | 'malformed' | 'unsure';

/** A part of a row: byte positions, the end excluded. */
export interface Span {
  from: number;
  to: number;
}

/**
 * Filled in by `RowReader.mark`, which sets every field that belongs to the kind of contract. Core takes names of 1 to 64
 * printable ASCII characters without a colon and real dates from 2000 on; a row with anything else goes to `read`.
 */
export interface RowMarks {
  exchange: Exchange;
  kind: Contract['kind'];
  /** Symbol of a share or index, underlying of a derivative. */
  readonly name: Span;
  /** Of a share; empty (`from` equal to `to`) where the contract has none. */
  readonly series: Span;
  /** As a number, `20261124`. */
  expiry: number;
  /** In canonical text: no leading or trailing zeros. */
  readonly strike: Span;
  right: 'CE' | 'PE';
  segment: string;
  readonly token: Span;
  readonly symbol: Span;
  /** `Listing.name`. */
  readonly title: Span;
  /** Empty for none. */
  readonly isin: Span;
  lotSize: number;
  tick: TenThousandths;
  freezeQuantity: number | null;
  /** Null when it takes more than bytes to tell: then the row is read as text when it is looked up. */
  quantityUnit: QuantityUnit | null;
  yields: boolean;
}
