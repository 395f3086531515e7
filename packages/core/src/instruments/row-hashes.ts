import { resized } from './row-columns.js';
import type { RowKeys } from './row-hash.js';

const FIRST_ROWS = 1_024;

/** The hashes of rows until they are indexed: with all of them known the tables are made once, in their right size. */
export class RowHashes {
  #instruments = new Int32Array(FIRST_ROWS);
  #tokens = new Int32Array(FIRST_ROWS);
  #symbols = new Int32Array(FIRST_ROWS);
  #withSymbols = 0;

  /** Rows that have a symbol of their own. */
  get symbols(): number {
    return this.#withSymbols;
  }

  add(row: number, { instrument, token, symbol }: RowKeys): void {
    if (row >= this.#instruments.length) this.#grow(row);
    this.#instruments[row] = instrument;
    this.#tokens[row] = token;
    this.#symbols[row] = symbol;
    if (symbol !== 0) this.#withSymbols += 1;
  }

  instrument(row: number): number {
    return this.#instruments[row] ?? 0;
  }

  token(row: number): number {
    return this.#tokens[row] ?? 0;
  }

  symbol(row: number): number {
    return this.#symbols[row] ?? 0;
  }

  #grow(row: number): void {
    const rows = Math.max(row + 1, this.#instruments.length * 2);
    this.#instruments = resized(this.#instruments, new Int32Array(rows));
    this.#tokens = resized(this.#tokens, new Int32Array(rows));
    this.#symbols = resized(this.#symbols, new Int32Array(rows));
  }
}
