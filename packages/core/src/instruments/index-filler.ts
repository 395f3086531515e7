import type { Listing } from '../domain/instrument.js';
import { BadMaster } from './bad-master.js';
import { InstrumentIndex } from './instrument-index.js';
import type { RowsOfFile, RowTables } from './instrument-index.js';
import type { RowColumns } from './row-columns.js';
import type { RowHashes } from './row-hashes.js';
import type { RowStore } from './row-store.js';
import { RowTable } from './row-table.js';

export interface FilledIndex {
  readonly index: InstrumentIndex;
  /** Rows indexed. */
  readonly rows: number;
  /** Rows left out, of a contract or with a token that another row has. */
  readonly duplicates: number;
}

/** What one slice of the work may cost; a row that has to be compared with another one costs as much as `COMPARING` plain ones. */
const SLICE = 4_096;
const COMPARING = 50;

/**
 * Indexes the rows of a master: of two that name the same contract, or have the same token within a segment, the first one
 * is found; rows that yield come after all others.
 */
export class IndexFiller {
  readonly #index: InstrumentIndex;
  readonly #columns: RowColumns;
  readonly #hashes: RowHashes;
  readonly #tables: RowTables;
  readonly #count: number;
  #adding = 0;
  #rows = 0;
  #duplicates = 0;
  #spent = 0;

  constructor(store: RowStore, columns: RowColumns, files: readonly RowsOfFile[], hashes: RowHashes) {
    this.#count = store.rows;
    this.#columns = columns;
    this.#hashes = hashes;
    this.#tables = {
      byInstrument: new RowTable(store.rows),
      byToken: new RowTable(store.rows),
      bySymbol: new RowTable(hashes.symbols),
    };
    this.#index = new InstrumentIndex({ store, columns, files, tables: this.#tables });
  }

  async fill(yielding: ReadonlySet<number>, othersTurn: () => Promise<void>): Promise<FilledIndex> {
    for (let row = 0; row < this.#count; row += 1) {
      if (yielding.size === 0 || !yielding.has(row)) this.#add(row);
      if (this.#sliceIsOver()) await othersTurn();
    }
    for (const row of yielding) {
      this.#add(row);
      if (this.#sliceIsOver()) await othersTurn();
    }
    return { index: this.#index, rows: this.#rows, duplicates: this.#duplicates };
  }

  #sliceIsOver(): boolean {
    this.#spent += 1;
    if (this.#spent < SLICE) return false;
    this.#spent = 0;
    return true;
  }

  #add(row: number): void {
    const { byInstrument, byToken, bySymbol } = this.#tables;
    this.#adding = row;
    const instrument = byInstrument.addNew(this.#hashes.instrument(row), row, this.#hasInstrument);
    if (instrument === null) throw crowded();
    if (instrument !== -1) return this.#leaveOut(row);
    const token = byToken.addNew(this.#hashes.token(row), row, this.#hasToken);
    if (token === null) throw crowded();
    if (token !== -1) {
      byInstrument.takeBack();
      return this.#leaveOut(row);
    }
    this.#rows += 1;
    const hash = this.#hashes.symbol(row);
    if (hash === 0) return;
    const symbol = bySymbol.addNew(hash, row, this.#hasSymbol);
    if (symbol === null) throw crowded();
    if (symbol !== -1) this.#columns.shareSymbol(symbol);
  }

  #leaveOut(row: number): void {
    this.#columns.takeOut(row);
    this.#duplicates += 1;
  }

  // A row that has the same hash as the one being added is read, to see whether they mean the same.
  readonly #hasInstrument = (other: number): boolean => this.#agree(other, sameInstrument);
  readonly #hasToken = (other: number): boolean => this.#agree(other, sameToken);
  readonly #hasSymbol = (other: number): boolean => this.#agree(other, sameSymbol);

  #agree(other: number, same: (one: Listing, two: Listing) => boolean): boolean {
    this.#spent += COMPARING;
    const one = this.#index.read(this.#adding);
    const two = this.#index.read(other);
    return one !== null && two !== null && same(one, two);
  }
}

const sameInstrument = (one: Listing, two: Listing): boolean => one.instrument === two.instrument;
const sameToken = (one: Listing, two: Listing): boolean => one.segment === two.segment && one.token === two.token;
const sameSymbol = (one: Listing, two: Listing): boolean => one.segment === two.segment && one.symbol === two.symbol;

const crowded = (): BadMaster => new BadMaster('its names were made to collide');
